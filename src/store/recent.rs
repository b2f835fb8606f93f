//! Recent claims that came without a request id: which of them a new one equals, or resembles
//! (contract trap 19).
//!
//! The newest 32,768 are in memory, and each commit keeps its own in one value, so that a
//! claim costs no key of its own and a restart forgets none. Whether two claims are alike is decided by
//! who makes a [`Likeness`]; here hashes are compared.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};

use jiff::Timestamp;
use omnihub_contract::TicketNumber;

use super::disk::Disk;
use super::layout::epoch_ms;
use super::{StoreError, layout};

/// Claims that are remembered at most, about 5 MB: what 32 keys with the shipped limits can post in
/// the ten minutes for which the shipped settings remember them. Beyond it the oldest are forgotten.
pub(crate) const RECENT_MAX: usize = 32_768;

/// Claims about one subject that are remembered beside the newest: a client that goes on and on makes
/// no other wait.
const OLDER_MAX: usize = 64;

/// Bytes of one claim in a group's value.
const ENTRY_BYTES: usize = 48;

/// Values that are read at once while opening.
const PAGE: usize = 256;

/// Half a SHA-256: by accident no two claims share it.
pub type Half = [u8; 16];

/// The first half of a SHA-256.
pub fn half(whole: [u8; 32]) -> Half {
    whole.first_chunk().copied().unwrap_or_default()
}

/// What a claim is told by that has no request id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Likeness {
    /// The whole of it, in its partner's eyes: who has the same is the same claim.
    pub whole: Half,
    /// The transaction that it is about, in its partner's eyes: who has the same resembles it.
    pub subject: Half,
    /// Until when that counts.
    pub until: Timestamp,
}

/// What an earlier claim is to a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Earlier {
    Same(TicketNumber),
    Similar(TicketNumber),
}

/// The claims that are remembered.
#[derive(Default)]
pub(crate) struct Recent {
    by_subject: HashMap<Half, Known, BuildHasherDefault<FirstBytes>>,
    /// In the order of their coming.
    all: VecDeque<(Likeness, TicketNumber)>,
}

/// What is known about one subject: mostly one claim.
struct Known {
    newest: (Half, TicketNumber),
    older: Vec<(Half, TicketNumber)>,
}

/// Half a SHA-256 needs no hashing.
#[derive(Default)]
struct FirstBytes(u64);

impl Hasher for FirstBytes {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        if let Some(first) = bytes.first_chunk() {
            self.0 = u64::from_ne_bytes(*first);
        }
    }
}

impl Recent {
    /// What the store kept of claims that still count.
    pub(crate) fn open(disk: &impl Disk, now: Timestamp) -> Result<Self, StoreError> {
        let from = layout::recent(epoch_ms(now), 0);
        let mut before = layout::AFTER_RECENT.to_vec();
        let mut newest_first = Vec::new();
        while newest_first.len() < RECENT_MAX {
            let page = disk.scan_back(&from, &before, PAGE)?;
            for (_, value) in &page {
                newest_first.extend(value.chunks_exact(ENTRY_BYTES).rev().filter_map(unpack));
            }
            match page.into_iter().next_back() {
                Some((key, _)) => before = key,
                None => break,
            }
        }
        let mut recent = Self::default();
        newest_first.truncate(RECENT_MAX);
        for (likeness, number) in newest_first.into_iter().rev() {
            recent.add(likeness, number, now);
        }
        Ok(recent)
    }

    /// The earlier claim that this one equals, or else resembles.
    pub(crate) fn earlier(&mut self, likeness: &Likeness, now: Timestamp) -> Option<Earlier> {
        self.forget(now);
        let known = self.by_subject.get(&likeness.subject)?;
        let mut all = std::iter::once(&known.newest).chain(&known.older);
        let same = all.find(|(whole, _)| *whole == likeness.whole);
        Some(match same {
            Some((_, number)) => Earlier::Same(*number),
            None => Earlier::Similar(known.newest.1),
        })
    }

    /// Remembers a claim.
    pub(crate) fn add(&mut self, likeness: Likeness, number: TicketNumber, now: Timestamp) {
        if self.all.len() >= RECENT_MAX {
            self.drop_oldest();
        }
        self.forget(now);
        let claim = (likeness.whole, number);
        match self.by_subject.entry(likeness.subject) {
            Entry::Vacant(entry) => drop(entry.insert(Known { newest: claim, older: Vec::new() })),
            Entry::Occupied(mut entry) => {
                let known = entry.get_mut();
                if known.older.len() >= OLDER_MAX {
                    known.older.remove(0);
                }
                known.older.push(std::mem::replace(&mut known.newest, claim));
            }
        }
        self.all.push_back((likeness, number));
    }

    fn forget(&mut self, now: Timestamp) {
        while self.all.front().is_some_and(|(likeness, _)| likeness.until < now) {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        let Some((likeness, number)) = self.all.pop_front() else { return };
        let Entry::Occupied(mut entry) = self.by_subject.entry(likeness.subject) else { return };
        let known = entry.get_mut();
        known.older.retain(|(_, older)| *older != number);
        if known.newest.1 == number && known.older.is_empty() {
            entry.remove();
        }
    }
}

/// A group's claims as one value.
pub(crate) fn pack(claims: &[(Likeness, TicketNumber)]) -> Vec<u8> {
    let entries = claims.iter().map(|(likeness, number)| {
        let (until, number) = (epoch_ms(likeness.until).to_be_bytes(), number.0.to_be_bytes());
        [&likeness.whole[..], &likeness.subject[..], &until[..], &number[..]].concat()
    });
    entries.collect::<Vec<_>>().concat()
}

fn unpack(entry: &[u8]) -> Option<(Likeness, TicketNumber)> {
    let (whole, rest) = entry.split_first_chunk()?;
    let (subject, rest) = rest.split_first_chunk()?;
    let (until, rest) = rest.split_first_chunk()?;
    let until = i64::try_from(u64::from_be_bytes(*until)).ok()?;
    let until = Timestamp::from_millisecond(until).ok()?;
    let number = TicketNumber(u64::from_be_bytes(*rest.first_chunk()?));
    Some((Likeness { whole: *whole, subject: *subject, until }, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn likeness(whole: u8, subject: u8, until: i64) -> Likeness {
        Likeness { whole: [whole; 16], subject: [subject; 16], until: at(until) }
    }

    #[test]
    fn the_same_claim_is_told_from_one_about_the_same_transaction() {
        let mut recent = Recent::default();
        recent.add(likeness(1, 9, 600), TicketNumber(1), at(0));
        recent.add(likeness(2, 9, 610), TicketNumber(2), at(10));
        let mut earlier =
            |whole, subject, now| recent.earlier(&likeness(whole, subject, 0), at(now));
        assert_eq!(earlier(1, 9, 20), Some(Earlier::Same(TicketNumber(1))));
        assert_eq!(earlier(3, 9, 20), Some(Earlier::Similar(TicketNumber(2))), "the newest");
        assert_eq!(earlier(3, 8, 20), None);
        assert_eq!(earlier(1, 9, 605), Some(Earlier::Similar(TicketNumber(2))), "1 is too old");
        assert_eq!(earlier(2, 9, 611), None);
    }

    #[test]
    fn no_more_are_remembered_than_there_is_room_for() {
        let mut recent = Recent::default();
        for number in 0..=u64::try_from(RECENT_MAX).unwrap() {
            let mut whole = [0; 16];
            whole[..8].copy_from_slice(&number.to_be_bytes());
            let likeness = Likeness { whole, subject: whole, until: at(600) };
            recent.add(likeness, TicketNumber(number), at(0));
        }
        assert_eq!([recent.all.len(), recent.by_subject.len()], [RECENT_MAX; 2]);
        assert_eq!(recent.earlier(&likeness(0, 0, 600), at(1)), None, "the oldest went");
    }

    #[test]
    fn what_is_packed_is_unpacked() {
        let claims = [(likeness(1, 2, 3), TicketNumber(4)), (likeness(5, 6, 7), TicketNumber(8))];
        let packed = pack(&claims);
        assert_eq!(packed.len(), 2 * ENTRY_BYTES);
        let unpacked: Vec<_> = packed.chunks_exact(ENTRY_BYTES).filter_map(unpack).collect();
        assert_eq!(unpacked, claims);
    }
}
