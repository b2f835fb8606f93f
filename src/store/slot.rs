//! The disk as everybody sees it: taken away after it failed, and put back once it is opened anew.
//!
//! It does not decide when: that is the committer's. Invariant: whoever reads while there is no disk
//! gets [`StoreError::Away`], and never waits.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;

use super::disk::{Disk, Pair, Writes};
use super::{Space, StoreError};

/// Where a disk is, so that it can be opened again after it failed.
pub(crate) trait Home: Send + Sync + 'static {
    /// What is there.
    type Disk: Disk;

    /// Opens it, with nothing in between it and what the machine really kept.
    fn open(&self) -> Result<Self::Disk, StoreError>;

    /// How long to wait between two tries to open it: soon enough that nobody mends a disk and waits,
    /// and seldom enough that trying is no work.
    fn reopen_after(&self) -> Duration {
        Duration::from_secs(1)
    }

    /// How much room there is, where it has a disk.
    fn space(&self) -> Option<Space> {
        None
    }

    /// Whether there is so little room left that nothing new is taken in; the error says so.
    fn has_room(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

/// The disk of now.
pub(crate) struct Slot<D>(Arc<ArcSwapOption<D>>);

impl<D> Clone for Slot<D> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<D: Disk> Slot<D> {
    /// With this disk.
    pub(crate) fn with(disk: D) -> Self {
        Self(Arc::new(ArcSwapOption::from_pointee(disk)))
    }

    /// Puts this one in its place, or none. The old one goes when its last reader does.
    pub(crate) fn put(&self, disk: Option<D>) {
        self.0.store(disk.map(Arc::new));
    }

    fn now<T>(&self, ask: impl FnOnce(&D) -> Result<T, StoreError>) -> Result<T, StoreError> {
        match &*self.0.load() {
            Some(disk) => ask(disk),
            None => Err(StoreError::Away),
        }
    }
}

impl<D: Disk> Disk for Slot<D> {
    fn read(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.now(|disk| disk.read(key))
    }

    fn scan(&self, prefix: &[u8], after: &[u8], limit: usize) -> Result<Vec<Pair>, StoreError> {
        self.now(|disk| disk.scan(prefix, after, limit))
    }

    fn scan_back(&self, from: &[u8], before: &[u8], limit: usize) -> Result<Vec<Pair>, StoreError> {
        self.now(|disk| disk.scan_back(from, before, limit))
    }

    fn last(&self, prefix: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.now(|disk| disk.last(prefix))
    }

    fn commit(&self, writes: Writes) -> Result<(), StoreError> {
        self.now(|disk| disk.commit(writes))
    }
}
