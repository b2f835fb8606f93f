//! A store in memory, for simulations and tests: the same engine over a map.
//!
//! It keeps nothing beyond the process; but a [`Platter`] outlives the stores over it, as a disk does.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read};
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use tokio::sync::watch;

use super::committer::Committed;
use super::contents::Shelf;
use super::disk::{Disk, Pair, Writes};
use super::on_task::on_task;
use super::slot::Home;
use super::{Store, StoreError, StoreSettings};
use crate::clock::Clock;

/// Opens an empty store in memory.
///
/// # Errors
/// When no thread can be started.
pub fn open(settings: &StoreSettings, clock: Arc<dyn Clock>) -> Result<Arc<dyn Store>, StoreError> {
    let shelf = Arc::new(MemoryShelf::default());
    Ok(Arc::new(Committed::start(MemoryDisk::default(), shelf, settings, clock)?))
}

/// What stores in memory are over, one after the other: it keeps what they committed, and may fail.
#[derive(Clone, Default)]
pub struct Platter {
    disk: MemoryDisk,
    shelf: Arc<MemoryShelf>,
}

/// How a platter fails: each of these once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Before anything of a commit is kept.
    Before,
    /// When all of it is kept, but nobody is told.
    After,
}

impl Platter {
    /// Opens a store over it, whose committer is a task of this runtime. The one before must be gone.
    ///
    /// # Errors
    /// When what is kept cannot be read.
    pub fn open(
        &self,
        settings: &StoreSettings,
        clock: Arc<dyn Clock>,
    ) -> Result<Arc<dyn Store>, StoreError> {
        self.disk.failing.send_replace(Failing::default());
        let (disk, shelf) = (self.disk.clone(), Arc::<MemoryShelf>::clone(&self.shelf));
        Ok(Arc::new(Committed::start_by(on_task, disk, shelf, settings, clock)?))
    }

    /// Lets the commit fail that comes after so many others; from then on all do, until it is opened
    /// anew.
    pub fn fail_after(&self, commits: u32, cut: Cut) {
        self.disk.failing.send_replace(Failing { after: Some((commits, cut)), was: None });
    }

    /// Waits until it has failed; says how.
    pub async fn failed(&self) -> Cut {
        let mut failing = self.disk.failing.subscribe();
        let failed = failing.wait_for(|failing| failing.was.is_some()).await;
        // The sender is in `self`.
        failed.ok().and_then(|failing| failing.was).unwrap_or(Cut::Before)
    }
}

/// A map that may fail.
#[derive(Clone, Default)]
pub(crate) struct MemoryDisk {
    map: Arc<RwLock<BTreeMap<Vec<u8>, Vec<u8>>>>,
    failing: Arc<watch::Sender<Failing>>,
}

/// When a disk fails, and whether it has.
#[derive(Clone, Copy, Debug, Default)]
struct Failing {
    after: Option<(u32, Cut)>,
    was: Option<Cut>,
}

impl Failing {
    /// Counts a commit; says how it fails, if it does.
    fn count(&mut self) -> Option<Cut> {
        match &mut self.after {
            _ if self.was.is_some() => Some(Cut::Before),
            Some((0, cut)) => {
                self.was = Some(*cut);
                Some(*cut)
            }
            Some((left, _)) => {
                *left -= 1;
                None
            }
            None => None,
        }
    }
}

impl MemoryDisk {
    fn keep(&self, writes: Writes) {
        let mut map = self.map.write().unwrap_or_else(PoisonError::into_inner);
        for (key, value) in writes.0 {
            match value {
                Some(value) => map.insert(key, value),
                None => map.remove(&key),
            };
        }
    }
}

impl Disk for MemoryDisk {
    fn read(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.map.read().unwrap_or_else(PoisonError::into_inner).get(key).cloned())
    }

    fn scan(&self, prefix: &[u8], after: &[u8], limit: usize) -> Result<Vec<Pair>, StoreError> {
        let map = self.map.read().unwrap_or_else(PoisonError::into_inner);
        let range = map.range::<[u8], _>((Bound::Excluded(after), Bound::Unbounded));
        let within = range.take_while(|(key, _)| key.starts_with(prefix));
        Ok(within.take(limit).map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    fn scan_back(&self, from: &[u8], before: &[u8], limit: usize) -> Result<Vec<Pair>, StoreError> {
        let map = self.map.read().unwrap_or_else(PoisonError::into_inner);
        let range = map.range::<[u8], _>((Bound::Included(from), Bound::Excluded(before)));
        Ok(range.rev().take(limit).map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    fn last(&self, prefix: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let map = self.map.read().unwrap_or_else(PoisonError::into_inner);
        let range = map.range::<[u8], _>((Bound::Included(prefix), Bound::Unbounded));
        Ok(range.take_while(|(key, _)| key.starts_with(prefix)).last().map(|(key, _)| key.clone()))
    }

    fn commit(&self, writes: Writes) -> Result<(), StoreError> {
        let mut cut = None;
        self.failing.send_if_modified(|failing| {
            cut = failing.count();
            failing.was.is_some()
        });
        if cut != Some(Cut::Before) {
            self.keep(writes);
        }
        match cut {
            None => Ok(()),
            Some(_) => Err(StoreError::Disk("it was cut".into())),
        }
    }
}

/// What failed once fails until a [`Platter`] is opened anew.
impl Home for MemoryDisk {
    type Disk = Self;

    fn open(&self) -> Result<Self, StoreError> {
        Ok(self.clone())
    }
}

/// Contents by their paths.
#[derive(Default)]
pub(crate) struct MemoryShelf(Mutex<BTreeMap<String, Arc<[u8]>>>);

impl MemoryShelf {
    fn contents(&self) -> MutexGuard<'_, BTreeMap<String, Arc<[u8]>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shelf for MemoryShelf {
    fn write(&self, path: &str, content: &mut dyn Read) -> io::Result<()> {
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes)?;
        self.contents().insert(path.to_owned(), bytes.into());
        Ok(())
    }

    fn sync(&self, _: &str) -> io::Result<()> {
        Ok(())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut contents = self.contents();
        let content = contents.remove(from).ok_or(io::ErrorKind::NotFound)?;
        contents.insert(to.to_owned(), content);
        Ok(())
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        self.contents().remove(path);
        Ok(())
    }

    fn open(&self, path: &str) -> io::Result<Box<dyn Read>> {
        let content = self.contents().get(path).cloned().ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(Cursor::new(content)))
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let contents = self.contents();
        let names = contents.keys().filter_map(|path| path.strip_prefix(folder));
        Ok(names.map(str::to_owned).collect())
    }
}

#[cfg(test)]
mod tests {
    use omnihub_contract::{Event, EventKind, Source, Ticket};

    use super::*;
    use crate::clock::SystemClock;
    use crate::store::recent::Likeness;
    use crate::store::{Acceptance, Accepted, NewRequest, layout};

    fn acceptance(store: &dyn Store) -> Acceptance {
        let now = "2024-12-19T10:30:00Z";
        let ticket: Ticket = serde_json::from_value(serde_json::json!({
            "id": uuid::Uuid::nil(), "number": store.reserve_number(), "kind": "ticket",
            "partner": "wa-bot", "service_type": "INQUIRY", "channel": "EMAIL", "priority": "LOW",
            "title": "Balance", "description": "A question", "customer": { "name": "Jane Smith" },
            "sla": { "hours": 72, "response_due": now, "resolution_due": now }, "created_at": now,
        }))
        .unwrap();
        Acceptance {
            event: Event::new(EventKind::TicketCreated, ticket.created_at, Source::Client),
            ticket: Arc::new(ticket),
            due: Vec::new(),
            contents: Vec::new(),
            request: None,
            likeness: None,
            public_number: None,
        }
    }

    /// What is remembered of requests, and of claims without one.
    fn remembered(disk: &MemoryDisk) -> usize {
        let of = |prefix: &[u8]| disk.scan(prefix, prefix, usize::MAX).unwrap().len();
        of(b"i") + of(layout::FORGETTABLE) + of(layout::RECENT)
    }

    #[tokio::test]
    async fn what_is_remembered_of_requests_counts_until_its_time_and_is_then_forgotten() {
        let disk = MemoryDisk::default();
        let numbering = "desk.number".parse().unwrap();
        let settings = StoreSettings::of(9_000_000_000, numbering);
        let shelf = Arc::new(MemoryShelf::default());
        let store =
            Committed::start(disk.clone(), shelf, &settings, SystemClock::shared()).unwrap();
        let long_ago = "2020-01-01T00:00:00Z".parse().unwrap();
        let long_hence = "2999-01-01T00:00:00Z".parse().unwrap();
        for until in [long_ago, long_hence] {
            for round in 0..200_u8 {
                let request =
                    NewRequest { key: [round; 32], fingerprint: [1; 32], status: 201, until };
                let likeness = Likeness { whole: [round; 16], subject: [round; 16], until };
                let named = Acceptance { request: Some(request), ..acceptance(&store) };
                assert_eq!(store.accept(named).await.unwrap(), Accepted::Kept, "its time is over");
                let unnamed = Acceptance { likeness: Some(likeness), ..acceptance(&store) };
                assert_eq!(store.accept(unnamed).await.unwrap(), Accepted::Kept);
            }
            while store.forget().await.unwrap() {}
            let expected = if until == long_ago { 0 } else { 600 };
            assert_eq!(remembered(&disk), expected);
        }
    }
}
