//! What a ticket costs, counted in what is asked of the disk: the same, however many wait.

use std::sync::atomic::AtomicUsize;

use super::*;

/// Deliveries that wait.
const WAITING: usize = 20_000;

/// Tickets that are measured.
const MEASURED: u8 = 50;

#[derive(Clone, Default)]
struct Counting {
    disk: MemoryDisk,
    /// Reads and scans, pairs that they gave, and pairs that were written.
    asked: Arc<AtomicUsize>,
    given: Arc<AtomicUsize>,
    written: Arc<AtomicUsize>,
}

impl Counting {
    fn count(&self, given: usize) {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.given.fetch_add(given, Ordering::Relaxed);
    }

    /// What was counted since the last time.
    fn take(&self) -> [usize; 3] {
        [&self.asked, &self.given, &self.written].map(|count| count.swap(0, Ordering::Relaxed))
    }

    fn store(&self) -> Committed<Self> {
        let settings = StoreSettings::of(9_000_000_000, "desk.number".parse().unwrap());
        let shelf = Arc::new(MemoryShelf::default());
        Committed::start(self.clone(), shelf, &settings, SystemClock::shared()).unwrap()
    }
}

impl Disk for Counting {
    fn read(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.count(1);
        self.disk.read(key)
    }

    fn scan(&self, prefix: &[u8], after: &[u8], limit: usize) -> Result<Vec<Pair>, StoreError> {
        let pairs = self.disk.scan(prefix, after, limit)?;
        self.count(pairs.len());
        Ok(pairs)
    }

    fn scan_back(&self, from: &[u8], before: &[u8], limit: usize) -> Result<Vec<Pair>, StoreError> {
        let pairs = self.disk.scan_back(from, before, limit)?;
        self.count(pairs.len());
        Ok(pairs)
    }

    fn last(&self, prefix: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.count(1);
        self.disk.last(prefix)
    }

    fn commit(&self, writes: Writes) -> Result<(), StoreError> {
        self.written.fetch_add(writes.0.len(), Ordering::Relaxed);
        self.disk.commit(writes)
    }
}

impl Home for Counting {
    type Disk = Self;

    fn open(&self) -> Result<Self, StoreError> {
        Ok(self.clone())
    }
}

/// What opening costs, and then some tickets' ways through accept, lease and settle, while so many
/// deliveries of another adapter wait.
async fn costs(waiting: usize) -> [[usize; 3]; 2] {
    let disk = Counting::default();
    let store = disk.store();
    for _ in 0..waiting {
        let mut acceptance = acceptance(&store, 0, true);
        acceptance.request = None;
        acceptance.due[0].adapter = "away".into();
        store.accept(acceptance).await.unwrap();
    }
    store.close().await;
    disk.take();
    let store = disk.store();
    let opening = disk.take();
    for request in 0..MEASURED {
        store.accept(acceptance(&store, request, true)).await.unwrap();
        let lease = store.lease("desk".into(), 1).await.unwrap().remove(0);
        store.settle(lease.id, delivered()).await.unwrap();
    }
    store.close().await;
    [opening, disk.take()]
}

#[tokio::test]
async fn a_ticket_and_a_start_cost_the_same_however_many_deliveries_wait() {
    let (none, many) = (costs(0).await, costs(WAITING).await);
    // The last ticket's number is found at the start where there is one.
    assert_eq!(none, many, "asked, given and written, at the start and for {MEASURED} tickets");
}
