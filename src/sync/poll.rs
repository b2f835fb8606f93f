//! Polls: tickets are asked for in the systems that do not tell of them by themselves.
//!
//! Each ticket has a place in the store's plan: one that moved is polled again after the adapter's
//! interval, one that did not ever more rarely, up to [`REST_MAX`]. One that is closed has a long interval
//! of its own, since it may be opened again. Who is asked for (by a GET) is polled at once. It knows no
//! vendor: what is asked is a row of the adapter's, and how often is for its `may_ask`.
//!
//! Invariants:
//! - A round costs the same however many tickets there are: it reads the first places of the plan.
//! - What ended [`ENDED_FOR`] ago is polled no more.
//! - A system that cannot be asked now loses no ticket's place.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use jiff::Timestamp;
use omnihub_contract::{Adapter, AdapterName, Arguments, Failure, Fault, Pages, Poll};
use omnihub_contract::{StatusWord, TicketNumber};
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::conversation::{self, Turned};
use super::{Ears, Saying};
use crate::metrics::Polled;
use crate::store::outbox::TicketState;
use crate::store::plan::IDLE_MAX;
use crate::store::{Heard, PlannedPoll, PollMove, Record, StoreError};

/// Longest time between two polls of a ticket that does not move, where the interval is not longer.
pub const REST_MAX: Duration = Duration::from_secs(3600);

/// How long a resolved, cancelled or closed ticket is still polled: it may be opened again.
pub const ENDED_FOR: Duration = Duration::from_secs(7 * 24 * 3600);

/// Between two looks at the plan.
const ROUND: Duration = Duration::from_secs(1);

/// Polls in one round: they share a commit.
const ROUND_MAX: usize = 20;

/// Polls under way at once: a system has others to answer.
const AT_ONCE: usize = 4;

/// Messages of a conversation in one answer: as many as are read of one.
const PAGE: usize = 100;

/// Pages of a conversation that are asked for in one poll.
const PAGES_MAX: usize = 5;

/// Tickets that are asked for and wait for a round. More are polled when it is their turn.
const ASKED_MAX: usize = 1000;

/// Longest that a system which is asked too often is left alone.
const THROTTLED_MAX: Duration = Duration::from_secs(300);

/// Whether one question may be asked now; taken where it may.
pub type MayAsk = Box<dyn Fn() -> bool + Send + Sync>;

/// Told how each question went.
pub type Learn = Box<dyn Fn(Option<&Failure>) + Send + Sync>;

/// What polls one system.
pub struct Poller {
    /// What hears the answers.
    pub ears: Ears,
    /// Its name.
    pub name: AdapterName,
    /// How to reach it.
    pub adapter: Arc<dyn Adapter>,
    /// What is asked.
    pub polls: &'static [Poll],
    /// How often.
    pub rhythm: Rhythm,
    /// Whether one question may be asked now.
    pub may_ask: MayAsk,
    /// Told how each question went.
    pub learn: Learn,
    /// Tickets that somebody asks for.
    pub asked: Arc<Asked>,
}

/// How often tickets are polled.
#[derive(Clone, Copy, Debug)]
pub struct Rhythm {
    /// Between two polls of a ticket that moves.
    pub interval: Duration,
    /// Between two of one that is closed; zero: it is polled no more.
    pub closed: Duration,
}

impl Rhythm {
    /// Longest that a poll is ever planned ahead.
    fn longest(self) -> Duration {
        REST_MAX.max(self.interval).max(self.closed)
    }
}

/// Tickets that somebody asks for, to be polled before all others. Bounded.
#[derive(Debug, Default)]
pub struct Asked {
    waiting: Mutex<BTreeSet<TicketNumber>>,
    wake: Notify,
}

impl Asked {
    /// Somebody asks for this ticket.
    pub fn add(&self, number: TicketNumber) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < ASKED_MAX && waiting.insert(number) {
            self.wake.notify_one();
        }
    }

    /// It is still waiting. Nobody is woken: it was not to be polled just now.
    fn put_back(&self, number: TicketNumber) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(number);
    }

    fn take(&self) -> BTreeSet<TicketNumber> {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// How a poll went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Went {
    /// It changed something.
    Moved,
    /// It changed nothing, or the system does not say anything of this ticket.
    Still,
    /// It changed nothing, and the ticket is closed.
    Closed,
    /// The system could not be asked.
    Unasked,
    /// It is not to be asked now: the ticket keeps its place.
    Left,
    /// The ticket is not to be polled any more.
    Over,
}

/// How idle a ticket is after a poll, and how long it rests. Pure.
pub fn rest(idle: u8, went: Went, rhythm: Rhythm) -> Option<(u8, Duration)> {
    let Rhythm { interval, closed } = rhythm;
    let idle = match went {
        Went::Moved => 0,
        Went::Still => idle.saturating_add(1).min(IDLE_MAX),
        Went::Unasked | Went::Left => idle,
        Went::Closed => return Some((IDLE_MAX, closed)),
        Went::Over => return None,
    };
    let longest = REST_MAX.max(interval);
    let rest = interval.checked_mul(1 << idle).unwrap_or(longest).min(longest);
    Some((idle, rest))
}

/// Whether a ticket in this state is polled no more. Pure.
pub fn is_over(state: &TicketState, now: Timestamp, rhythm: Rhythm) -> bool {
    match state.status.canonical {
        StatusWord::Closed if rhythm.closed.is_zero() => true,
        StatusWord::Resolved | StatusWord::Cancelled | StatusWord::Closed => {
            now.duration_since(state.updated_at).unsigned_abs() > ENDED_FOR
        }
        _ => false,
    }
}

impl Poller {
    /// Polls until it is to stop.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let mut polled = BTreeMap::new();
        let wait = ROUND.min(self.rhythm.interval / 2).max(Duration::from_millis(10));
        tokio::pin!(stop);
        loop {
            let quiet = match self.round(&mut polled).await {
                Ok(quiet) => quiet.max(wait),
                Err(error) => {
                    tracing::warn!(adapter = %self.name, %error, "a round of polls was lost");
                    wait
                }
            };
            tokio::select! {
                () = tokio::time::sleep(quiet) => {}
                () = self.asked.wake.notified(), if quiet == wait => {}
                () = &mut stop => return,
            }
        }
    }

    /// One round; gives how long the system wants to be left alone. `polled` has who was polled within
    /// the interval.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub async fn round(
        &self,
        polled: &mut BTreeMap<TicketNumber, Timestamp>,
    ) -> Result<Duration, StoreError> {
        let now = self.ears.clock.now();
        polled.retain(|_, at| now.duration_since(*at).unsigned_abs() < self.rhythm.interval);
        let turns = self.turns(polled)?;
        let results: Vec<_> = stream::iter(turns)
            .map(|turn| async move { (turn, self.one(turn.number).await) })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        let (now, mut quiet) = (self.ears.clock.now(), Duration::ZERO);
        let mut moves = Vec::new();
        for (turn, (went, wait)) in results {
            quiet = quiet.max(wait);
            let is_asked = turn.seen.is_none();
            match went {
                Went::Left if is_asked => self.asked.put_back(turn.number),
                Went::Left => {}
                Went::Over if is_asked => {}
                went => {
                    polled.insert(turn.number, now);
                    moves.push(self.moved(turn, went, now));
                }
            }
        }
        if !moves.is_empty() {
            self.ears.store.plan_polls(self.name.clone(), moves).await?;
        }
        Ok(quiet.min(THROTTLED_MAX))
    }

    fn moved(&self, Turn { number, seen }: Turn, went: Went, now: Timestamp) -> PollMove {
        let next = rest(seen.map_or(0, |poll| poll.idle), went, self.rhythm);
        let next = next.map(|(idle, rest)| (idle, now.checked_add(rest).unwrap_or(now)));
        PollMove { number, seen, next }
    }

    /// Whose turn it is: who is asked for, then who is due.
    fn turns(&self, polled: &BTreeMap<TicketNumber, Timestamp>) -> Result<Vec<Turn>, StoreError> {
        let asked = self.asked.take().into_iter().filter(|number| !polled.contains_key(number));
        let mut turns: Vec<Turn> = asked.map(|number| Turn { number, seen: None }).collect();
        let longest = self.rhythm.longest();
        let due = self.ears.store.due_polls(&self.name, ROUND_MAX, longest)?;
        turns.extend(due.into_iter().map(|poll| Turn { number: poll.number, seen: Some(poll) }));
        let mut chosen = BTreeSet::new();
        turns.retain(|turn| chosen.insert(turn.number));
        let left = turns.split_off(turns.len().min(ROUND_MAX));
        let left = left.iter().filter(|turn| turn.seen.is_none());
        left.for_each(|turn| self.asked.put_back(turn.number));
        Ok(turns)
    }

    /// Asks for one ticket, and puts what is said on it.
    async fn one(&self, number: TicketNumber) -> (Went, Duration) {
        let now = self.ears.clock.now();
        match self.ears.store.find(&number.to_string()) {
            Ok(Some(record)) if !is_over(&record.state, now, self.rhythm) => {
                let is_closed = record.state.status.canonical == StatusWord::Closed;
                let mut went = if is_closed { Went::Closed } else { Went::Still };
                let mut is_unasked = false;
                for poll in self.read_polls() {
                    match self.ask(&record, poll).await {
                        Ok(true) => went = Went::Moved,
                        Ok(false) | Err((Went::Still, _)) => {}
                        // Another question may be answered all the same.
                        Err((Went::Unasked, Duration::ZERO)) => is_unasked = true,
                        Err(unasked) => return unasked,
                    }
                }
                let is_lost = is_unasked && went != Went::Moved;
                (if is_lost { Went::Unasked } else { went }, Duration::ZERO)
            }
            Ok(_) => (Went::Over, Duration::ZERO),
            Err(error) => {
                tracing::warn!(ticket = %number, %error, "a ticket cannot be polled");
                (Went::Unasked, Duration::ZERO)
            }
        }
    }

    fn count(&self, polled: Polled) {
        if let Some(system) = self.ears.systems.get(&self.name) {
            system.counts.polled(polled);
        }
    }

    /// What a mapping reads of what could be asked.
    fn read_polls(&self) -> Vec<&'static Poll> {
        let mappings = (self.ears.mappings)();
        self.polls.iter().filter(|poll| mappings.reads(&self.name, poll.query)).collect()
    }

    /// One question; true where its answer changed something.
    async fn ask(&self, record: &Record, poll: &Poll) -> Result<bool, (Went, Duration)> {
        let receipt = record.state.receipts.find(self.name.as_str(), poll.receipt);
        let value = receipt.ok_or((Went::Over, Duration::ZERO))?;
        let arguments = Arguments::from([(poll.argument.to_owned(), value.to_owned())]);
        let (said, conversation) = match &poll.pages {
            None => (vec![self.answer(poll, &arguments).await?], None),
            Some(pages) => self.pages(record, (poll, pages), arguments).await?,
        };
        let number = record.ticket.number;
        let saying = Saying::new(&self.name, poll.query, &Value::Null);
        let saying = Saying { said: &said, conversation, ..saying };
        let heard = self.ears.apply(number, saying).await;
        let has_moved = matches!(heard, Ok(Heard::Kept { .. }));
        self.count(if has_moved { Polled::Moved } else { Polled::Still });
        match heard {
            Ok(Heard::Kept { .. }) => Ok(true),
            Ok(Heard::Nothing | Heard::NoTicket) => Ok(false),
            Err(error) => {
                tracing::warn!(ticket = %number, %error, "what a poll told could not be kept");
                Err((Went::Unasked, Duration::ZERO))
            }
        }
    }

    async fn answer(&self, poll: &Poll, arguments: &Arguments) -> Result<Value, (Went, Duration)> {
        if !(self.may_ask)() {
            return Err((Went::Left, Duration::ZERO));
        }
        let answer = self.adapter.query(poll.query, arguments).await;
        (self.learn)(answer.as_ref().err());
        answer.map_err(|failure| {
            self.count(Polled::Failed);
            unasked(&failure)
        })
    }

    /// A conversation as far as it may have news, and how many pages of it were left out.
    async fn pages(
        &self,
        record: &Record,
        (poll, by): (&Poll, &Pages),
        mut arguments: Arguments,
    ) -> Result<(Vec<Value>, Option<u16>), (Went, Duration)> {
        let link = record.state.link(&self.name);
        let until = link
            .and_then(|link| link.heard_until)
            .unwrap_or_else(|| conversation::beginning(record.ticket.created_at));
        let mut pages = conversation::Pages::new(link.map_or(0, |link| link.heard_pages), until);
        arguments.insert(by.count.to_owned(), PAGE.to_string());
        let mut said = Vec::new();
        for _ in 0..PAGES_MAX {
            let start = usize::from(pages.page()) * PAGE;
            arguments.insert(by.start.to_owned(), start.to_string());
            let list = self.answer(poll, &arguments).await?;
            let is_full = list.as_array().is_some_and(|list| list.len() >= PAGE);
            let piece = json!({ by.list: list });
            let read = (self.ears.mappings)().inbound(&self.name, poll.query, &piece);
            let turned = pages.turn(&read.comments, is_full);
            if turned != Turned::Back {
                said.push(piece);
            }
            if turned == Turned::End {
                break;
            }
        }
        Ok((said, Some(pages.passed())))
    }
}

/// A ticket that is polled now.
#[derive(Clone, Copy, Debug)]
struct Turn {
    number: TicketNumber,
    /// Where it stood in the plan, if that is why.
    seen: Option<PlannedPoll>,
}

fn unasked(failure: &Failure) -> (Went, Duration) {
    match failure.fault {
        // It knows nothing of this one, and may never.
        Fault::Refused | Fault::Inapplicable => (Went::Still, Duration::ZERO),
        Fault::Throttled => (Went::Unasked, failure.retry_after.unwrap_or(ROUND)),
        _ => (Went::Unasked, Duration::ZERO),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);
    const RHYTHM: Rhythm = Rhythm { interval: MINUTE, closed: Duration::from_secs(24 * 3600) };

    #[test]
    fn a_ticket_that_does_not_move_is_polled_ever_more_rarely_up_to_an_hour() {
        let mut idle = 0;
        let mut rests = Vec::new();
        for _ in 0..9 {
            let (next, rested) = rest(idle, Went::Still, RHYTHM).unwrap();
            idle = next;
            rests.push(rested.as_secs() / 60);
        }
        assert_eq!(rests, [2, 4, 8, 16, 32, 60, 60, 60, 60]);
        assert_eq!(idle, IDLE_MAX);
        assert_eq!(rest(idle, Went::Moved, RHYTHM), Some((0, MINUTE)));
        assert_eq!(rest(3, Went::Unasked, RHYTHM), Some((3, 8 * MINUTE)));
        assert_eq!(rest(0, Went::Closed, RHYTHM), Some((IDLE_MAX, RHYTHM.closed)));
        assert_eq!(rest(3, Went::Over, RHYTHM), None);
    }

    #[test]
    fn an_interval_longer_than_an_hour_is_kept() {
        let rhythm = Rhythm { interval: 90 * MINUTE, ..RHYTHM };
        assert_eq!(rest(7, Went::Still, rhythm), Some((7, rhythm.interval)));
    }
}
