//! Attempts: what is kept of each, for people who ask what was tried and what came of it.
//!
//! It keeps nothing that may be personal or secret: who makes the record has masked it. Of many
//! attempts of one delivery the first and the newest stay, each in a place of its own, so that a
//! settle writes one value and reads none.

use jiff::Timestamp;
use omnihub_contract::Receipt;
use serde::{Deserialize, Serialize};

use super::outbox::Phase;
use super::{Note, Outcome};

/// Newest attempts that are kept of one delivery, beside its first.
const NEWEST_MAX: u32 = 9;

/// Attempts that are kept of one delivery.
pub const ATTEMPTS_MAX: usize = 10;

/// One attempt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// When it began.
    pub at: Timestamp,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// What it came to.
    pub end: AttemptEnd,
    /// The first characters of the digest of the mappings that it went by.
    pub mapping: Box<str>,
    /// What was mapped, masked and cut; absent where the mapping refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<String>,
    /// What was answered, in outline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// The fault in a word, where it failed at the upstream.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Box<str>>,
    /// What went wrong, or what there is to say of a success.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Note>,
    /// Stands for the words by which the upstream shows it from now on; kept with the ticket, not here.
    #[serde(skip)]
    pub echo: Option<u64>,
}

impl Attempt {
    /// The phase in which it left its delivery for good, if it did.
    pub fn ended(&self) -> Option<Phase> {
        match self.end {
            AttemptEnd::Delivered => Some(Phase::Delivered),
            AttemptEnd::Held => Some(Phase::Held),
            AttemptEnd::Dead => Some(Phase::Dead),
            AttemptEnd::Discarded => Some(Phase::Discarded),
            AttemptEnd::Again | AttemptEnd::Waits => None,
        }
    }
}

/// What an attempt came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptEnd {
    /// The upstream has it.
    Delivered,
    /// It is tried again.
    Again,
    /// Its outcome is unknown; a person decides.
    Held,
    /// It cannot be delivered; a person decides.
    Dead,
    /// There is nothing to deliver it to.
    Discarded,
    /// It waits for a receipt.
    Waits,
}

impl AttemptEnd {
    /// The word that people read.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Again => "to be tried again",
            Self::Held => "held",
            Self::Dead => "dead",
            Self::Discarded => "discarded",
            Self::Waits => "waits",
        }
    }
}

impl Outcome {
    /// The same in a word, and what there is to say of it.
    pub fn end(&self) -> (AttemptEnd, Option<Note>) {
        match self {
            Self::Delivered(receipt) => (AttemptEnd::Delivered, warning(receipt)),
            Self::Retry { note, .. } => (AttemptEnd::Again, Some(note.clone())),
            Self::Held(note) => (AttemptEnd::Held, Some(note.clone())),
            Self::Dead(note) => (AttemptEnd::Dead, Some(note.clone())),
            Self::Discarded(note) => (AttemptEnd::Discarded, Some(note.clone())),
            Self::WaitsFor(_) | Self::Aside(_) => (AttemptEnd::Waits, None),
        }
    }
}

/// What a success says that a person should know.
pub(super) fn warning(receipt: &Receipt) -> Option<Note> {
    receipt.warning.as_ref().map(|words| Note { code: "H0410".into(), words: words.clone() })
}

/// The place of a delivery's nth attempt, counted from 0: the first has its own, the others take turns.
pub(crate) fn place(nth: u32) -> u8 {
    match nth.checked_sub(1) {
        None => 0,
        Some(later) => u8::try_from(1 + later % NEWEST_MAX).unwrap_or(u8::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_attempt_keeps_its_place_and_the_newest_take_turns() {
        let places: Vec<u8> = (0..21).map(place).collect();
        assert_eq!(places[..11], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1]);
        assert_eq!(places[18..], [9, 1, 2]);
        let all: std::collections::BTreeSet<u8> = places.into_iter().collect();
        assert_eq!(all.len(), ATTEMPTS_MAX);
    }
}
