//! A disk that shows what a commit writes before the commit is on it, as the embedded one does.

use std::sync::mpsc::{Receiver, Sender, channel};

use futures_util::FutureExt;

use super::*;

/// Says how a commit ends.
type End = Sender<Result<(), StoreError>>;

#[derive(Clone)]
struct Ahead {
    disk: MemoryDisk,
    /// Told when a commit shows; it is on disk once that is answered.
    shows: Sender<End>,
}

impl Ahead {
    fn store() -> (Arc<Committed<Self>>, Receiver<End>) {
        let (shows, shown) = channel();
        let settings = StoreSettings::of(9_000_000_000, "desk.number".parse().unwrap());
        let (disk, shelf) = (MemoryDisk::default(), Arc::new(MemoryShelf::default()));
        let store = Committed::start(Self { disk, shows }, shelf, &settings, SystemClock::shared());
        (Arc::new(store.unwrap()), shown)
    }
}

impl Disk for Ahead {
    fn read(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.disk.read(key)
    }

    fn scan(&self, prefix: &[u8], after: &[u8], limit: usize) -> Result<Vec<Pair>, StoreError> {
        self.disk.scan(prefix, after, limit)
    }

    fn scan_back(&self, from: &[u8], before: &[u8], limit: usize) -> Result<Vec<Pair>, StoreError> {
        self.disk.scan_back(from, before, limit)
    }

    fn last(&self, prefix: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.disk.last(prefix)
    }

    fn commit(&self, writes: Writes) -> Result<(), StoreError> {
        self.disk.commit(writes)?;
        let (sync, synced) = channel();
        self.shows.send(sync).unwrap();
        synced.recv().unwrap()
    }
}

impl Home for Ahead {
    type Disk = Self;

    fn open(&self) -> Result<Self, StoreError> {
        Ok(self.clone())
    }
}

/// What `synced` says of a ticket that is read while its commit is under way, which then ends like this;
/// it says nothing before.
async fn synced_after(end: Result<(), StoreError>) -> Result<(), StoreError> {
    let (store, shown) = Ahead::store();
    let accepting = Arc::clone(&store);
    tokio::spawn(async move { accepting.accept(acceptance(&*accepting, 7, true)).await });
    let sync = tokio::task::spawn_blocking(move || shown.recv().unwrap()).await.unwrap();
    assert!(store.find_request(&[7; 32]).unwrap().is_some(), "it shows");
    let mut synced = store.synced();
    assert!((&mut synced).now_or_never().is_none(), "it is not on disk yet");
    sync.send(end).unwrap();
    synced.await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_before_it_is_on_disk_is_waited_for() {
    synced_after(Ok(())).await.unwrap();
    let full = StoreError::Disk("no space left on device".into());
    assert!(synced_after(Err(full)).await.unwrap_err().passes());
}
