//! A lane: one track of one adapter, the first of its ready deliveries in memory.
//!
//! What is ready stands on disk in one of two indexes: in a group (all that one commit made ready,
//! in one value) or at its time (one key each, for retries). A lane reads on from both as it has
//! room. It does not know tickets: the engine checks every entry against the ticket's state.
//!
//! Invariants:
//! - An entry's index key is removed by the transaction that settles it, never before.
//! - At most [`LANE_MAX`] entries and one group more are in memory.

use std::collections::{HashMap, VecDeque};

use omnihub_contract::{AdapterName, DeliveryId};

use super::disk::{Disk, Writes};
use super::{StoreError, Track, layout};

/// Ready deliveries of one adapter that are kept in memory: enough for every concurrency that makes
/// sense between two commits, little enough that all adapters' fit in a few megabytes.
pub const LANE_MAX: usize = 1024;

/// Entries read from an index at once.
const SCAN_MAX: usize = 256;

pub(crate) struct Lane {
    pub(crate) adapter: AdapterName,
    pub(crate) track: Track,
    groups_prefix: Vec<u8>,
    timed_prefix: Vec<u8>,
    ready: VecDeque<DeliveryId>,
    loaded: HashMap<DeliveryId, Origin>,
    /// Entries of each loaded group that are not settled.
    open: HashMap<u64, usize>,
    /// The last group read; groups after it are on disk only.
    group_cursor: Vec<u8>,
    backlog: bool,
    /// The last timed entry read.
    timed_cursor: Vec<u8>,
    /// When the first timed entry that is not loaded is due, in epoch milliseconds.
    next_due: Option<u64>,
    ahead: Ahead,
    /// Somebody waits for what stands here.
    pub(crate) is_wanted: bool,
}

/// What is due later than anything ever is: it was put there by a clock that has been set back since.
enum Ahead {
    /// There is none.
    None,
    /// From the end up to this key it is not loaded.
    From(Vec<u8>),
    /// All of it is loaded.
    Loaded,
}

/// The index that a loaded entry stands in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Origin {
    Group(u64),
    Timed(u64),
}

impl Lane {
    /// A lane over what is on disk.
    pub(crate) fn open(
        adapter: AdapterName,
        track: Track,
        disk: &impl Disk,
    ) -> Result<Self, StoreError> {
        let groups_prefix = layout::groups(&adapter, &track);
        let timed_prefix = layout::timed(&adapter, &track);
        let backlog = !disk.scan(&groups_prefix, &groups_prefix, 1)?.is_empty();
        let mut lane = Self {
            adapter,
            track,
            group_cursor: groups_prefix.clone(),
            timed_cursor: timed_prefix.clone(),
            groups_prefix,
            timed_prefix,
            ready: VecDeque::new(),
            loaded: HashMap::new(),
            open: HashMap::new(),
            backlog,
            next_due: None,
            ahead: Ahead::None,
            is_wanted: false,
        };
        lane.next_due = lane.first_timed(disk)?;
        Ok(lane)
    }

    /// Takes the first ready entry.
    pub(crate) fn pop(&mut self) -> Option<DeliveryId> {
        self.ready.pop_front()
    }

    /// When this lane has something to do, in epoch milliseconds; none while nobody asks.
    pub(crate) fn wake_at(&self) -> Option<u64> {
        if !self.is_wanted {
            return None;
        }
        let is_more = self.backlog || matches!(self.ahead, Ahead::From(_));
        if is_more && self.has_room() { Some(0) } else { self.next_due }
    }

    /// Whether nothing stands here, waits for its time, or is in flight from here.
    pub(crate) fn is_empty(&self) -> bool {
        self.loaded.is_empty() && !self.backlog && self.next_due.is_none()
    }

    /// The index that an entry was loaded from, while it is ready or in flight.
    pub(crate) fn origin(&self, id: DeliveryId) -> Option<Origin> {
        self.loaded.get(&id).copied()
    }

    /// Writes a new group; true when its entries are to be admitted at once, false when they are read
    /// from disk later.
    pub(crate) fn add_group(
        &mut self,
        group: u64,
        (ids, made_at_ms): (&[DeliveryId], u64),
        writes: &mut Writes,
    ) -> bool {
        let key = layout::group(&self.groups_prefix, group);
        writes.put(key.clone(), layout::group_value(ids, made_at_ms));
        if self.backlog || !self.has_room() {
            self.backlog = true;
            return false;
        }
        self.open.insert(group, ids.len());
        self.group_cursor = key;
        true
    }

    /// Notes an entry that goes at its time.
    pub(crate) fn add_timed(&mut self, id: DeliveryId, due_ms: u64, writes: &mut Writes) {
        let key = layout::timed_entry(&self.timed_prefix, due_ms, id);
        if key <= self.timed_cursor {
            self.timed_cursor = layout::timed_entry(&self.timed_prefix, due_ms, FIRST);
        }
        self.next_due = Some(self.next_due.map_or(due_ms, |next| next.min(due_ms)));
        writes.put(key, Vec::new());
    }

    /// Puts an entry among the ready ones.
    pub(crate) fn admit(&mut self, id: DeliveryId, origin: Origin) {
        self.loaded.insert(id, origin);
        self.ready.push_back(id);
    }

    /// Keeps an entry that a dispatcher has, until it is settled.
    pub(crate) fn hold(&mut self, id: DeliveryId, origin: Origin) {
        self.loaded.insert(id, origin);
    }

    /// Forgets a settled entry, and its index key.
    pub(crate) fn forget(&mut self, id: DeliveryId, writes: &mut Writes) -> bool {
        match self.loaded.remove(&id) {
            Some(origin) => {
                self.drop_key(id, origin, writes);
                true
            }
            None => false,
        }
    }

    /// Removes what an index says of an entry: its own key, or its group's when it is the last.
    pub(crate) fn drop_key(&mut self, id: DeliveryId, origin: Origin, writes: &mut Writes) {
        match origin {
            Origin::Timed(due) => {
                writes.remove(layout::timed_entry(&self.timed_prefix, due, id));
            }
            Origin::Group(group) => {
                let left = self.open.get_mut(&group).map(|open| {
                    *open = open.saturating_sub(1);
                    *open
                });
                if left == Some(0) {
                    self.open.remove(&group);
                    writes.remove(layout::group(&self.groups_prefix, group));
                }
            }
        }
    }

    /// Looks whether anything is due after this time, which nothing ever is while clocks go forward.
    pub(crate) fn look_ahead(
        &mut self,
        disk: &impl Disk,
        latest_ms: u64,
    ) -> Result<(), StoreError> {
        let last = disk.last(&self.timed_prefix)?;
        let due = last.and_then(|key| layout::timed_entry_of(&self.timed_prefix, &key));
        if due.is_some_and(|(due, _)| latest_ms < due) {
            self.ahead = Ahead::From(layout::after_timed(&self.timed_prefix));
        }
        Ok(())
    }

    /// Reads entries from the indexes while there is room: what is due by its time first, since it
    /// has waited longest.
    pub(crate) fn read_on(
        &mut self,
        disk: &impl Disk,
        (now_ms, latest_ms): (u64, u64),
    ) -> Result<Vec<(DeliveryId, Origin)>, StoreError> {
        let mut entries = Vec::new();
        if !self.is_wanted || !self.has_room() {
            return Ok(entries);
        }
        self.read_ahead(disk, latest_ms, &mut entries)?;
        if self.next_due.is_some_and(|due| due <= now_ms) {
            self.read_timed(disk, now_ms, &mut entries)?;
        }
        while self.backlog && self.ready.len() + entries.len() < LANE_MAX {
            self.read_group(disk, &mut entries)?;
        }
        Ok(entries)
    }

    fn has_room(&self) -> bool {
        self.ready.len() < LANE_MAX
    }

    fn read_timed(
        &mut self,
        disk: &impl Disk,
        now_ms: u64,
        entries: &mut Vec<(DeliveryId, Origin)>,
    ) -> Result<(), StoreError> {
        for (key, _) in disk.scan(&self.timed_prefix, &self.timed_cursor, SCAN_MAX)? {
            let Some((due, id)) = layout::timed_entry_of(&self.timed_prefix, &key) else {
                continue;
            };
            if due > now_ms {
                break;
            }
            entries.push((id, Origin::Timed(due)));
            self.timed_cursor = key;
        }
        self.next_due = self.first_timed(disk)?;
        Ok(())
    }

    fn read_ahead(
        &mut self,
        disk: &impl Disk,
        latest_ms: u64,
        entries: &mut Vec<(DeliveryId, Origin)>,
    ) -> Result<(), StoreError> {
        match &self.ahead {
            Ahead::None => {}
            Ahead::Loaded if !self.loaded.is_empty() => {}
            // What was next there is gone.
            Ahead::Loaded => {
                self.next_due = self.first_timed(disk)?;
                self.ahead = Ahead::None;
            }
            Ahead::From(before) => {
                let from = layout::timed_entry(&self.timed_prefix, latest_ms, FIRST);
                let found = disk.scan_back(&from, before, SCAN_MAX)?;
                let is_all = found.len() < SCAN_MAX;
                let due = |key: &[u8]| layout::timed_entry_of(&self.timed_prefix, key);
                let due = found.iter().filter_map(|(key, _)| due(key));
                entries.extend(due.map(|(due, id)| (id, Origin::Timed(due))));
                let last = found.into_iter().next_back().map(|(key, _)| key);
                self.ahead = last.filter(|_| !is_all).map_or(Ahead::Loaded, Ahead::From);
            }
        }
        Ok(())
    }

    fn first_timed(&self, disk: &impl Disk) -> Result<Option<u64>, StoreError> {
        let next = disk.scan(&self.timed_prefix, &self.timed_cursor, 1)?;
        let first =
            next.first().and_then(|(key, _)| layout::timed_entry_of(&self.timed_prefix, key));
        Ok(first.map(|(due, _)| due))
    }

    fn read_group(
        &mut self,
        disk: &impl Disk,
        entries: &mut Vec<(DeliveryId, Origin)>,
    ) -> Result<(), StoreError> {
        let mut next = disk.scan(&self.groups_prefix, &self.group_cursor, 1)?;
        let Some((key, value)) = next.pop() else {
            self.backlog = false;
            return Ok(());
        };
        if let Some(group) = layout::group_of(&key) {
            let ids: Vec<DeliveryId> = layout::grouped(&value).collect();
            self.open.insert(group, ids.len());
            entries.extend(ids.into_iter().map(|id| (id, Origin::Group(group))));
        }
        self.group_cursor = key;
        Ok(())
    }
}

/// Sorts before every delivery id that is given out.
const FIRST: DeliveryId = DeliveryId { ticket: omnihub_contract::TicketNumber(0), ordinal: 0 };
