//! The table, row by row, and what holds for every word of every system.

use jiff::Timestamp;
use omnihub_contract::StatusWord;
use proptest::prelude::*;

use super::*;

const COARSE: &[(&str, &str)] = &[
    ("OPEN", "Open"),
    ("IN_PROGRESS", "InProgress"),
    ("PENDING", "Pending"),
    ("ON_HOLD", "On Hold"),
    ("RESOLVED", "Close"),
    ("CLOSED", "Close"),
    ("CANCELLED", "Close"),
];

/// One that knows no word for what is resolved or cancelled.
const CHAT: &[(&str, &str)] = &[
    ("OPEN", "Unassigned"),
    ("IN_PROGRESS", "Open"),
    ("PENDING", "Pending"),
    ("CLOSED", "Closed"),
];

/// One that calls everything as the hub does.
const FINE: &[(&str, &str)] = &[
    ("OPEN", "OPEN"),
    ("IN_PROGRESS", "IN_PROGRESS"),
    ("PENDING", "PENDING"),
    ("ON_HOLD", "ON_HOLD"),
    ("RESOLVED", "RESOLVED"),
    ("CLOSED", "CLOSED"),
    ("CANCELLED", "CANCELLED"),
];

/// A system and what it knows.
#[derive(Clone, Debug)]
struct System {
    words: &'static [(&'static str, &'static str)],
    link: Link,
    is_authority: bool,
    close_is_final: bool,
    is_being_told: bool,
}

impl System {
    fn other(words: &'static [(&'static str, &'static str)]) -> Self {
        let link = Link::new("other".into(), Timestamp::UNIX_EPOCH);
        Self { words, link, is_authority: false, close_is_final: true, is_being_told: false }
    }

    fn authority() -> Self {
        Self { is_authority: true, ..Self::other(FINE) }
    }

    fn that_was_told(mut self, status: &str) -> Self {
        self.link.was_told(status.into(), Timestamp::UNIX_EPOCH);
        self
    }

    fn that_said(mut self, raw: &str) -> Self {
        self.link.says(raw.into(), self.means(raw), Timestamp::UNIX_EPOCH);
        self
    }

    fn call(&self, status: &StatusWord) -> Option<&'static str> {
        let found = self.words.iter().find(|(word, _)| *word == status.as_str());
        found.map(|(_, raw)| *raw)
    }

    /// As a mapping reads it: the row that is no lossy one.
    fn means(&self, raw: &str) -> Option<StatusWord> {
        match raw {
            "Close" => Some(StatusWord::Closed),
            "Pending Approval" => Some(StatusWord::Pending),
            _ => self.words.iter().find(|(_, word)| *word == raw).map(|(word, _)| (*word).into()),
        }
    }

    fn rule(&self, status: &StatusWord, raw: &str) -> Ruling {
        let means = self.means(raw);
        let standing = Standing {
            status,
            called: self.call(status),
            link: &self.link,
            told: self.link.told.as_ref().and_then(|told| self.call(told)),
            is_being_told: self.is_being_told,
            is_authority: self.is_authority,
            close_is_final: self.close_is_final,
        };
        rule(Saying { raw, means: means.as_ref() }, &standing)
    }
}

#[track_caller]
fn check(system: &System, status: &str, raw: &str, expected: Ruling) {
    assert_eq!(system.rule(&status.into(), raw), expected, "{status} and then {raw}");
}

#[test]
fn a_lossy_close_changes_nothing_after_what_is_more_precise_and_closes_anything_else() {
    let system = System::other(COARSE);
    for status in ["RESOLVED", "CANCELLED", "CLOSED"] {
        check(&system, status, "Close", Ruling::Noted);
    }
    for status in ["OPEN", "IN_PROGRESS", "PENDING", "ON_HOLD"] {
        check(&system, status, "Close", Ruling::Counts);
    }
}

#[test]
fn closed_by_a_system_that_knows_no_resolved_closes_what_is_resolved() {
    check(&System::other(CHAT), "RESOLVED", "Closed", Ruling::Counts);
    check(&System::other(CHAT), "CANCELLED", "Closed", Ruling::Noted);
}

#[test]
fn only_the_authority_reopens_what_is_final() {
    for status in ["RESOLVED", "CLOSED", "CANCELLED"] {
        check(&System::other(COARSE), status, "InProgress", Ruling::Reopens);
        check(&System::authority(), status, "IN_PROGRESS", Ruling::Counts);
    }
}

#[test]
fn a_closing_that_is_not_final_closes_nothing() {
    let system = System { close_is_final: false, ..System::other(COARSE) };
    check(&system, "OPEN", "Close", Ruling::Closes);
    check(&system, "RESOLVED", "Close", Ruling::Noted);
    let chat = System { close_is_final: false, ..System::other(CHAT) };
    check(&chat, "RESOLVED", "Closed", Ruling::Noted);
}

#[test]
fn the_first_word_of_a_system_says_nothing_if_it_is_how_every_ticket_begins() {
    check(&System::authority(), "IN_PROGRESS", "OPEN", Ruling::Noted);
    check(&System::other(CHAT), "PENDING", "Unassigned", Ruling::Noted);
    check(&System::authority().that_said("PENDING"), "IN_PROGRESS", "OPEN", Ruling::Counts);
    check(&System::other(COARSE).that_was_told("ON_HOLD"), "ON_HOLD", "Open", Ruling::Counts);
}

#[test]
fn a_word_that_nobody_knows_is_kept_and_found() {
    check(&System::other(COARSE), "OPEN", "Escalated", Ruling::Unknown);
    check(&System::other(COARSE).that_said("Escalated"), "OPEN", "Escalated", Ruling::Ignored);
}

#[test]
fn what_is_on_its_way_to_a_system_counts_more_than_what_it_shows() {
    let system = System { is_being_told: true, ..System::authority() };
    for (_, raw) in FINE {
        check(&system, "CANCELLED", raw, Ruling::Ignored);
    }
}

#[test]
fn another_word_for_the_same_status_is_no_change() {
    check(&System::other(COARSE), "PENDING", "Pending Approval", Ruling::Noted);
}

fn status() -> impl Strategy<Value = StatusWord> {
    prop::sample::select(StatusWord::WORDS).prop_map(StatusWord::from)
}

fn system() -> impl Strategy<Value = System> {
    let words = prop::sample::select(vec![COARSE, CHAT, FINE]);
    let heard = || prop::option::of(status());
    (words, heard(), heard(), any::<[bool; 3]>()).prop_map(|(words, said, told, flags)| {
        let mut system = System::other(words);
        [system.is_authority, system.close_is_final, system.is_being_told] = flags;
        if let Some(raw) = said.and_then(|said| system.call(&said)) {
            system = system.that_said(raw);
        }
        if let Some(told) = told.filter(|told| system.call(told).is_some()) {
            system = system.that_was_told(told.as_str());
        }
        system
    })
}

proptest! {
    /// The hub tells, the system shows what it was told: no echo, whatever was there before.
    #[test]
    fn what_a_system_was_told_never_comes_back(system in system(), status in status()) {
        prop_assume!(system.call(&status).is_some());
        let raw = system.call(&status).unwrap_or_default();
        let told = system.that_was_told(status.as_str());
        prop_assert_eq!(told.rule(&status, raw), Ruling::Ignored);
    }

    #[test]
    fn the_same_word_twice_counts_once(system in system(), status in status(), said in status()) {
        let raw = system.call(&said).unwrap_or("Close");
        let means = system.means(raw);
        if system.rule(&status, raw) == Ruling::Counts {
            let after = system.that_said(raw);
            prop_assert_eq!(after.rule(&means.unwrap_or(StatusWord::Open), raw), Ruling::Ignored);
        }
    }

    #[test]
    fn what_counts_is_a_change_and_no_less_precise(system in system(), status in status(), said in status()) {
        let raw = system.call(&said).unwrap_or("Close");
        if system.rule(&status, raw) == Ruling::Counts {
            prop_assert_ne!(system.means(raw), Some(status.clone()));
            prop_assert_ne!(system.call(&status), Some(raw));
        }
    }

    #[test]
    fn what_is_final_is_left_only_by_the_authority_or_from_resolved_to_closed(
        system in system(), status in prop::sample::select(vec!["RESOLVED", "CLOSED", "CANCELLED"]),
        said in status()
    ) {
        let system = System { is_authority: false, ..system };
        let status = StatusWord::from(status);
        if let Some(raw) = system.call(&said)
            && system.rule(&status, raw) == Ruling::Counts
        {
            let change = (status, system.means(raw));
            prop_assert_eq!(change, (StatusWord::Resolved, Some(StatusWord::Closed)));
        }
    }
}
