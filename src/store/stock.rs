//! What a store owes, since when, and how much room it has: for whoever looks every few seconds.
//!
//! A look is a few reads for each adapter, and two for each destination that something stands aside for,
//! however much waits.

use std::collections::BTreeMap;

use jiff::Timestamp;
use omnihub_contract::AdapterName;

use super::disk::Disk;
use super::layout::{self, epoch_ms};
use super::reading::asides;
use super::tally::Tally;
use super::{StoreError, Track, envelope};

/// Destinations that are looked at for one adapter: as many as may have a track of their own.
const ASIDES_MAX: usize = 256;

/// What there is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stock {
    /// How much is owed.
    pub owed: Tally,
    /// Since when the delivery waits that could have gone first, or is under way since, by adapter.
    pub oldest: BTreeMap<AdapterName, Timestamp>,
    /// The room that it has; none where it has no disk.
    pub space: Option<Space>,
}

/// Room on a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// Bytes of the store's own file.
    pub used_bytes: u64,
    /// Bytes that are free for it.
    pub free_bytes: u64,
}

/// What is owed, and since when.
pub(crate) fn stock(disk: &impl Disk, now: Timestamp) -> Result<Stock, StoreError> {
    let owed = tally(disk)?;
    let mut oldest = BTreeMap::new();
    let due = owed.0.iter().filter(|(_, owed)| owed.due > 0);
    for adapter in due.map(|(adapter, _)| adapter) {
        if let Some(since) = due_since(disk, adapter, epoch_ms(now))? {
            oldest.insert(adapter.clone(), since);
        }
    }
    Ok(Stock { owed, oldest, space: None })
}

/// What is kept of it.
pub(crate) fn tally(disk: &impl Disk) -> Result<Tally, StoreError> {
    let bytes = disk.read(&layout::tally())?;
    Ok(bytes.map(|bytes| envelope::open("the tally", &bytes)).transpose()?.unwrap_or_default())
}

fn due_since(
    disk: &impl Disk,
    adapter: &AdapterName,
    now_ms: u64,
) -> Result<Option<Timestamp>, StoreError> {
    let aside = asides(disk, adapter, ASIDES_MAX)?.into_iter().map(Track::Aside);
    let mut first = None;
    for track in [Track::Changes, Track::Creates].into_iter().chain(aside) {
        let groups = layout::groups(adapter, &track);
        let group = disk.scan(&groups, &groups, 1)?.pop();
        let timed = layout::timed(adapter, &track);
        let timed_one = disk.scan(&timed, &timed, 1)?.pop();
        let due = timed_one.and_then(|(key, _)| layout::timed_entry_of(&timed, &key));
        let due = due.map(|(due, _)| due).filter(|due| *due <= now_ms);
        let made = group.and_then(|(_, value)| layout::group_made_at(&value));
        first = [first, due, made].into_iter().flatten().min();
    }
    Ok(first.and_then(|ms| Timestamp::from_millisecond(i64::try_from(ms).ok()?).ok()))
}
