//! Conversations: lists that grow for as long as the ticket lives, of which what is new has to be told apart
//! from all that was read before. Pure.
//!
//! A message is known by its id. So that few ids have to be kept, the link says until when the conversation
//! was heard: what is older is no news, whether its id is kept or not. What was said before the ticket was
//! made is never news.
//!
//! A customer's message may be told twice: by a callback, which gives it no id, and by the conversation, which
//! does. Each has a [`Twin`] that waits for the other, bounded as all that a link knows: of more than some
//! thirty that callbacks tell while the conversation cannot be asked for, the oldest may be told twice.

use jiff::{SignedDuration, Timestamp};
use omnihub_contract::AdapterName;

use crate::mapping::InboundComment;
use crate::store::Link;
use crate::store::link::{fingerprint, words_mark};
use crate::store::outbox::{Phase, TicketState};

/// How much older than the newest a message may be that is shown late.
const SHOWN_WITHIN: SignedDuration = SignedDuration::from_mins(10);

/// Ids that are relied on: fewer than a link keeps, since some are shown late.
const RELIED_ON: usize = 24;

/// The same words of a customer that may wait for their twin at once.
const SAME_WORDS_MAX: u8 = 4;

/// Until when a conversation says nothing of a ticket that was made then. Systems tell times in whole
/// milliseconds: what was said in the same one may have been said after.
pub(super) fn beginning(made_at: Timestamp) -> Timestamp {
    let before = Timestamp::from_millisecond(made_at.as_millisecond().saturating_sub(1));
    before.unwrap_or(made_at)
}

/// Until when a conversation was heard, and what is read of it now, in the order of its times.
pub(super) struct Horizon {
    until: Timestamp,
    heard: Vec<Timestamp>,
    /// The first that is left for later.
    left: Option<Timestamp>,
}

impl Horizon {
    /// Where it stands now.
    pub(super) fn new(until: Timestamp) -> Self {
        Self { until, heard: Vec::new(), left: None }
    }

    /// The time of a message that may be news. One without an id or a time cannot be told from old ones.
    pub(super) fn time(&self, message: &InboundComment) -> Option<Timestamp> {
        message.at.filter(|at| message.id.is_some() && *at > self.until)
    }

    /// It is known from now on.
    pub(super) fn hear(&mut self, at: Timestamp) {
        self.heard.push(at);
    }

    /// It is looked at another time.
    pub(super) fn leave(&mut self, at: Timestamp) {
        self.left.get_or_insert(at);
    }

    /// Until when it is heard after that. One message from a clock that is fast hides nothing.
    pub(super) fn next(&self, now: Timestamp) -> Timestamp {
        let newest = self.heard.last().copied().unwrap_or(self.until).min(now);
        let late = newest.saturating_sub(SHOWN_WITHIN).unwrap_or(self.until);
        let relied_on = self.heard.iter().rev().nth(RELIED_ON).copied();
        let next = late.max(relied_on.unwrap_or(self.until));
        let before = |left: Timestamp| left.saturating_sub(SignedDuration::from_millis(1)).ok();
        self.left.and_then(before).map_or(next, |before| next.min(before)).max(self.until)
    }
}

/// Whether what the system shows of support's words may be ours, and nobody knows yet: something is just
/// being told to it, or was and is to be looked up.
pub(super) fn is_unsettled(state: &TicketState, adapter: &AdapterName) -> bool {
    state.deliveries.iter().any(|delivery| {
        let is_asked = delivery.unknown && !delivery.phase.is_final();
        let is_sent = delivery.phase == Phase::InFlight || is_asked;
        delivery.adapter == *adapter && delivery.tells.is_none() && is_sent
    })
}

/// Turns the pages of a conversation, whose order no system promises: from the newest message back to what
/// was heard, or from the oldest on, where the pages before are not asked for again.
pub(super) struct Pages {
    until: Timestamp,
    first: u16,
    page: u16,
    /// Pages at the beginning that hold nothing but what was heard, and have others behind them.
    passed: u16,
    is_past: bool,
}

/// What becomes of a page.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Turned {
    /// It is read, and another follows.
    On,
    /// It is read, and is the last.
    End,
    /// It is not where it was: the conversation is read from its beginning.
    Back,
}

impl Pages {
    /// At the first page that may have news.
    pub(super) fn new(passed: u16, until: Timestamp) -> Self {
        Self { until, first: passed, page: passed, passed, is_past: false }
    }

    /// The page that is asked for.
    pub(super) fn page(&self) -> u16 {
        self.page
    }

    /// Pages that need not be asked for again.
    pub(super) fn passed(&self) -> u16 {
        self.passed
    }

    /// Reads the page, which may be full.
    pub(super) fn turn(&mut self, messages: &[InboundComment], is_full: bool) -> Turned {
        let time = |message: Option<&InboundComment>| message.and_then(|message| message.at);
        let ends = time(messages.first()).zip(time(messages.last()));
        let is_rising = ends.is_some_and(|(first, last)| first <= last);
        if self.page == self.first && self.first > 0 && !is_rising {
            *self = Self::new(0, self.until);
            return Turned::Back;
        }
        if self.is_past && is_rising {
            self.passed = self.page;
        }
        let is_old = ends.is_some_and(|(first, last)| first.min(last) <= self.until);
        if !is_full || (!is_rising && is_old) {
            return Turned::End;
        }
        self.is_past = is_rising && ends.is_some_and(|(_, last)| last <= self.until);
        self.page = self.page.saturating_add(1);
        Turned::On
    }
}

/// By what a customer's message that came in one way is known when it comes in the other.
#[derive(Clone, Copy)]
pub(super) enum Twin {
    /// It was told without an id.
    Unnamed,
    /// It was told with its id.
    Named,
}

impl Twin {
    fn mark(self, message: &InboundComment, nth: u8) -> u64 {
        let way = match self {
            Self::Unnamed => "unnamed",
            Self::Named => "named",
        };
        let words = words_mark(message.content.reveal()).to_string();
        fingerprint(&[way, &words, &nth.to_string()])
    }

    /// The way in which a message came.
    pub(super) fn of(message: &InboundComment) -> Self {
        if message.id.is_some() { Self::Named } else { Self::Unnamed }
    }

    /// The way in which the same message may have come.
    pub(super) fn other(self) -> Self {
        match self {
            Self::Unnamed => Self::Named,
            Self::Named => Self::Unnamed,
        }
    }

    /// Takes the one that waits, where one does.
    pub(super) fn take(self, message: &InboundComment, link: &mut Link) -> bool {
        let mut marks = (0..SAME_WORDS_MAX).rev().map(|nth| self.mark(message, nth));
        let waiting = marks.find(|mark| link.knows(*mark));
        waiting.is_some_and(|mark| link.forget(mark))
    }

    /// It waits for its twin.
    pub(super) fn wait(self, message: &InboundComment, link: &mut Link) {
        let mut marks = (0..SAME_WORDS_MAX).map(|nth| self.mark(message, nth));
        if let Some(mark) = marks.find(|mark| !link.knows(*mark)) {
            link.learn(mark);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn message(second: i64, words: &str) -> InboundComment {
        InboundComment {
            id: Some(second.to_string()),
            content: words.into(),
            author: None,
            at: Some(at(second)),
            is_from_support: Some(false),
        }
    }

    #[test]
    fn what_was_said_in_the_millisecond_in_which_the_ticket_was_made_is_news() {
        let made_at: Timestamp = "2026-01-05T00:00:00.519345Z".parse().unwrap();
        let is_news = |at: &str| {
            let at = at.parse().unwrap();
            let said = InboundComment { at: Some(at), ..message(0, "Halo") };
            Horizon::new(beginning(made_at)).time(&said) == Some(at)
        };
        assert!(is_news("2026-01-05T00:00:00.519Z"));
        assert!(!is_news("2026-01-05T00:00:00.518Z"));
    }

    #[test]
    fn what_is_heard_stays_known_for_as_long_as_it_may_be_shown_late() {
        let mut horizon = Horizon::new(at(1000));
        for second in [1100, 1200, 2000] {
            horizon.hear(at(second));
        }
        assert_eq!(horizon.next(at(3000)), at(1400));
        assert_eq!(horizon.next(at(1700)), at(1100), "a clock that is fast hides nothing");
        assert_eq!(horizon.time(&message(1000, "old")), None);
        assert_eq!(horizon.time(&message(1001, "new")), Some(at(1001)));
        let unplaced = InboundComment { id: None, ..message(1001, "no id") };
        assert_eq!(horizon.time(&unplaced), None);
    }

    #[test]
    fn no_more_ids_are_relied_on_than_are_kept() {
        let mut horizon = Horizon::new(at(0));
        (1..=100).for_each(|second| horizon.hear(at(second)));
        assert_eq!(horizon.next(at(100)), at(76));
    }

    #[test]
    fn what_is_left_for_later_stays_ahead() {
        let mut horizon = Horizon::new(at(0));
        horizon.hear(at(1000));
        horizon.leave(at(1200));
        horizon.hear(at(5000));
        assert_eq!(horizon.next(at(5000)), at(1200) - SignedDuration::from_millis(1));
        assert_eq!(Horizon::new(at(7)).next(at(9)), at(7));
    }

    fn page(seconds: [i64; 2]) -> [InboundComment; 2] {
        seconds.map(|second| message(second, "x"))
    }

    #[test]
    fn pages_that_go_back_in_time_end_at_what_was_heard() {
        let mut pages = Pages::new(0, at(3));
        assert_eq!(pages.turn(&page([9, 4]), true), Turned::On, "older ones are news");
        assert_eq!((pages.page(), pages.turn(&page([4, 3]), true)), (1, Turned::End));
        assert_eq!(pages.passed(), 0);
    }

    #[test]
    fn pages_that_go_on_in_time_are_asked_for_once_when_they_were_heard_and_others_follow() {
        let mut pages = Pages::new(0, at(5));
        assert_eq!(pages.turn(&page([1, 2]), true), Turned::On);
        assert_eq!(pages.turn(&page([3, 5]), true), Turned::On);
        assert_eq!((pages.turn(&[], false), pages.passed()), (Turned::End, 1), "none follows");
        let mut pages = Pages::new(1, at(6));
        assert_eq!((pages.page(), pages.turn(&page([3, 5]), true)), (1, Turned::On));
        assert_eq!((pages.turn(&page([6, 7]), false), pages.passed()), (Turned::End, 2));
    }

    #[test]
    fn a_conversation_that_is_not_as_it_was_is_read_from_its_beginning() {
        for is_not_as_it_was in [&page([9, 8])[..], &[]] {
            let mut pages = Pages::new(2, at(5));
            assert_eq!(pages.turn(is_not_as_it_was, true), Turned::Back);
            assert_eq!((pages.page(), pages.passed()), (0, 0));
            assert_eq!(pages.turn(&page([9, 5]), true), Turned::End);
        }
    }

    #[test]
    fn the_same_words_said_twice_have_a_twin_each() {
        let mut link = Link::new("desk".into(), at(0));
        let ok = message(1, "ok");
        Twin::Unnamed.wait(&ok, &mut link);
        Twin::Unnamed.wait(&ok, &mut link);
        assert!(!Twin::Named.take(&ok, &mut link));
        assert!(!Twin::Unnamed.take(&message(1, "no"), &mut link));
        let taken = [(); 3].map(|()| Twin::Unnamed.take(&ok, &mut link));
        assert_eq!(taken, [true, true, false]);
    }
}
