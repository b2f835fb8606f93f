//! Plans: which ticket is looked at next, and when: by the SLA clock, and by polls.
//!
//! They decide nothing, and cost each ticket the same however many there are: entries stand in the order
//! of their times. A poll's place is kept with the ticket too, so that it can be left.

use std::time::Duration;

use jiff::Timestamp;
use omnihub_contract::{AdapterName, BoxFuture, Ticket, TicketNumber};

use super::disk::{Disk, Writes};
use super::judgement::Judgement;
use super::layout::{self, epoch_ms};
use super::outbox::TicketState;
use super::{Heard, StoreError};

/// Kinds of idleness that polls are planned by; see [`PlannedPoll::idle`].
pub const IDLE_MAX: u8 = 7;

/// When a ticket is polled in one system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedPoll {
    /// Which ticket.
    pub number: TicketNumber,
    /// How many polls in a row changed nothing, at most [`IDLE_MAX`]. Zero is hottest.
    pub idle: u8,
    /// When it is due.
    pub due: Timestamp,
}

/// What becomes of a ticket's place in a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PollMove {
    /// Which ticket.
    pub number: TicketNumber,
    /// Where it was met, which it leaves even where that is not its own place.
    pub seen: Option<PlannedPoll>,
    /// How idle it is now, and when it is polled next; absent where it is not polled any more.
    pub next: Option<(u8, Timestamp)>,
}

/// What is decided when a ticket's SLA is due: what is written, and when it is due next.
pub type Turn = Box<dyn FnOnce(&Ticket, &TicketState) -> (Judgement, Option<Timestamp>) + Send>;

/// What a [`Store`](super::Store) does for whoever works by the clock.
pub trait Plans {
    /// Tickets whose SLA is due by now, each with its time, the earliest first, at most `at_most`.
    fn due_slas(&self, at_most: usize) -> Result<Vec<(Timestamp, TicketNumber)>, StoreError>;

    /// Takes the turn of a ticket whose SLA is due, in one durable transaction: what is decided on the
    /// ticket as it stands, and when it is due again.
    fn turn(
        &self,
        planned: (Timestamp, TicketNumber),
        judge: Turn,
    ) -> BoxFuture<'_, Result<Heard, StoreError>>;

    /// Tickets that are to be polled in this adapter by now, the hottest first, at most `at_most`. None is
    /// ever planned further ahead than `longest`: one that is was planned by a clock that has been set back
    /// since, and is due too.
    fn due_polls(
        &self,
        adapter: &AdapterName,
        at_most: usize,
        longest: Duration,
    ) -> Result<Vec<PlannedPoll>, StoreError>;

    /// Moves tickets in the plan of an adapter's polls, in one durable transaction.
    fn plan_polls(
        &self,
        adapter: AdapterName,
        moves: Vec<PollMove>,
    ) -> BoxFuture<'_, Result<(), StoreError>>;
}

/// Polls of an adapter that are due: the hottest first, and last the one that is due longest among the
/// coldest, so that nobody waits for ever. At most `at_most`.
pub(crate) fn due_polls(
    disk: &impl Disk,
    adapter: &AdapterName,
    (now, latest): (Timestamp, Timestamp),
    at_most: usize,
) -> Result<Vec<PlannedPoll>, StoreError> {
    let mut by_idleness = Vec::new();
    for idle in 0..=IDLE_MAX {
        let prefix = layout::polls(adapter, idle);
        let entries = disk.scan(&prefix, &prefix, at_most)?;
        let polls = entries.iter().filter_map(|(key, _)| planned(&prefix, idle, key));
        let mut polls: Vec<_> = polls.take_while(|poll| poll.due <= now).collect();
        let after_latest = layout::poll(adapter, idle, (epoch_ms(latest) + 1, TicketNumber(0)));
        let ahead = disk.scan_back(&after_latest, &layout::after_polls(&prefix), at_most)?;
        polls.extend(ahead.iter().filter_map(|(key, _)| planned(&prefix, idle, key)));
        by_idleness.push(polls);
    }
    let coldest = by_idleness.iter().rev().find_map(|polls| polls.first()).copied();
    let mut polls: Vec<PlannedPoll> = by_idleness.into_iter().flatten().collect();
    polls.truncate(at_most);
    if let (Some(coldest), Some(last)) = (coldest, polls.last_mut()) {
        *last = coldest;
    }
    Ok(polls)
}

/// Tickets whose SLA is due, in the order of their times, at most `at_most`.
pub(crate) fn due_slas(
    disk: &impl Disk,
    now: Timestamp,
    at_most: usize,
) -> Result<Vec<(Timestamp, TicketNumber)>, StoreError> {
    let entries = disk.scan(layout::SLAS, layout::SLAS, at_most)?;
    let dues = entries.iter().filter_map(|(key, _)| layout::planned(layout::SLAS, key));
    Ok(dues.take_while(|(due, _)| *due <= now).collect())
}

/// Gives a ticket another place in an adapter's plan, or none.
pub(crate) fn plan(
    disk: &impl Disk,
    adapter: &AdapterName,
    step: PollMove,
    writes: &mut Writes,
) -> Result<(), StoreError> {
    let PollMove { number, seen, next } = step;
    let own = layout::own_poll(number, adapter);
    let known = disk.read(&own)?.as_deref().and_then(place);
    let seen = seen.map(|poll| (poll.idle, epoch_ms(poll.due)));
    for (idle, due_ms) in [known, seen].into_iter().flatten() {
        writes.remove(layout::poll(adapter, idle, (due_ms, number)));
    }
    match next {
        Some((idle, due)) => {
            let due_ms = epoch_ms(due);
            writes.put(own, [&[idle][..], &due_ms.to_be_bytes()].concat());
            writes.put(layout::poll(adapter, idle, (due_ms, number)), Vec::new());
        }
        None => writes.remove(own),
    }
    Ok(())
}

fn place(bytes: &[u8]) -> Option<(u8, u64)> {
    let (idle, due) = bytes.split_first()?;
    Some((*idle, u64::from_be_bytes(due.try_into().ok()?)))
}

fn planned(prefix: &[u8], idle: u8, key: &[u8]) -> Option<PlannedPoll> {
    let (due, number) = layout::planned(prefix, key)?;
    Some(PlannedPoll { number, idle, due })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::memory::MemoryDisk;

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn a_poll_that_a_wrong_clock_planned_far_ahead_is_due_and_others_wait_for_their_time() {
        let (disk, adapter) = (MemoryDisk::default(), AdapterName::from("desk"));
        let now: Timestamp = "2026-01-05T00:00:00Z".parse().unwrap();
        let mut writes = Writes::default();
        for (number, idle, hours) in [(1, 0, -1), (2, 0, 1), (3, 0, 2), (4, 3, 24 * 365)] {
            let due = now + jiff::SignedDuration::from_hours(hours);
            let next =
                PollMove { number: TicketNumber(number), seen: None, next: Some((idle, due)) };
            plan(&disk, &adapter, next, &mut writes).unwrap();
        }
        disk.commit(writes).unwrap();
        let due = |longest: Duration| -> Vec<u64> {
            let polls = due_polls(&disk, &adapter, (now, now + longest), 10).unwrap();
            polls.iter().map(|poll| poll.number.0).collect()
        };
        assert_eq!(due(HOUR * 2), [1, 4]);
        assert_eq!(due(HOUR * 24 * 366), [1]);
        // It is given another place, and is due no more.
        let seen = due_polls(&disk, &adapter, (now, now + HOUR * 2), 10).unwrap().pop();
        let next = PollMove { number: TicketNumber(4), seen, next: Some((4, now + HOUR)) };
        let mut writes = Writes::default();
        plan(&disk, &adapter, next, &mut writes).unwrap();
        disk.commit(writes).unwrap();
        assert_eq!(due(HOUR * 2), [1]);
    }
}
