//! Links: what is known of a ticket in one system, beside its receipts.
//!
//! It decides nothing: what a word means for the ticket is `sync`'s to say. It is small, since every
//! change of a ticket writes it.

use jiff::Timestamp;
use omnihub_contract::{AdapterName, StatusWord};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Fingerprints that one link keeps: several times what one answer shows (domain 2.9 has five comments).
const KNOWN_MAX: usize = 64;

/// Those that it keeps of its conversation beside them: more than are relied on.
const HEARD_MAX: usize = 40;

/// A ticket in one system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Which system.
    pub adapter: AdapterName,
    /// The word for the status that it said last, as it came; absent once it was told another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_raw: Option<String>,
    /// What that means; absent where nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<StatusWord>,
    /// The status that it was told last, and took; absent once it said one itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<StatusWord>,
    /// When either last changed.
    pub synced_at: Timestamp,
    /// Fingerprints of what is known of it already: comments, callbacks, and ids that it gave to what it
    /// was told. The oldest go first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known: Vec<u64>,
    /// Until when its conversation was heard: what is older is no news.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard_until: Option<Timestamp>,
    /// Fingerprints of what was heard in it since then, apart from the others, which callbacks may drive out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub heard: Vec<u64>,
    /// Pages at its beginning that hold nothing else.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub heard_pages: u16,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_zero(number: &u16) -> bool {
    *number == 0
}

impl Link {
    /// A link of which nothing is known yet.
    pub fn new(adapter: AdapterName, at: Timestamp) -> Self {
        Self {
            adapter,
            status_raw: None,
            status: None,
            told: None,
            synced_at: at,
            known: Vec::new(),
            heard_until: None,
            heard: Vec::new(),
            heard_pages: 0,
        }
    }

    /// Whether nothing was heard of its status, nor told.
    pub fn is_silent(&self) -> bool {
        self.status_raw.is_none() && self.told.is_none()
    }

    /// Whether that is known already.
    pub fn knows(&self, fingerprint: u64) -> bool {
        self.known.contains(&fingerprint)
    }

    /// From now on that is known.
    pub fn learn(&mut self, fingerprint: u64) {
        if !self.knows(fingerprint) {
            push(&mut self.known, fingerprint, KNOWN_MAX);
        }
    }

    /// From now on that is known of its conversation.
    pub fn hear(&mut self, fingerprint: u64) {
        push(&mut self.heard, fingerprint, HEARD_MAX);
    }

    /// From now on that is not known; false where it was not.
    pub fn forget(&mut self, fingerprint: u64) -> bool {
        let before = self.known.len();
        self.known.retain(|known| *known != fingerprint);
        self.known.len() < before
    }

    /// It took this status.
    pub fn was_told(&mut self, status: StatusWord, at: Timestamp) {
        (self.status_raw, self.status, self.told) = (None, None, Some(status));
        self.synced_at = at;
    }

    /// It says this of the status.
    pub fn says(&mut self, raw: String, status: Option<StatusWord>, at: Timestamp) {
        (self.status_raw, self.status, self.told) = (Some(raw), status, None);
        self.synced_at = at;
    }
}

fn push(kept: &mut Vec<u64>, fingerprint: u64, max: usize) {
    if kept.len() >= max {
        kept.remove(0);
    }
    kept.push(fingerprint);
}

/// What stands for these texts, in their order. The same for ever, since it is stored.
pub fn fingerprint(texts: &[&str]) -> u64 {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update(text.len().to_be_bytes());
        hash.update(text.as_bytes());
    }
    let digest: [u8; 32] = hash.finalize().into();
    digest.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

/// What stands for words as a system shows them, whatever the white space in them.
pub fn words_mark(words: &str) -> u64 {
    let words: Vec<&str> = words.split_whitespace().collect();
    fingerprint(&["words", &words.join(" ")])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_knows_the_newest_things_and_no_more_than_it_keeps() {
        let mut link = Link::new("desk".into(), Timestamp::UNIX_EPOCH);
        for at in 0..100 {
            link.learn(at);
            link.learn(at);
        }
        assert_eq!(link.known.len(), KNOWN_MAX);
        assert!(link.knows(99) && link.knows(36) && !link.knows(35));
    }

    #[test]
    fn a_fingerprint_tells_where_one_text_ends_and_stays_the_same() {
        assert_ne!(fingerprint(&["ab", "c"]), fingerprint(&["a", "bc"]));
        assert_eq!(fingerprint(&["cm-1"]), 0x1a72_999f_cd2c_dd2b);
    }
}
