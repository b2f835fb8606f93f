//! What the engine needs of a disk: ordered keys, ranges, and a durable batch.
//!
//! Implemented by sled (`embedded`) and by a map in memory (`memory`).

use super::StoreError;

/// An ordered map of bytes that can be read by many and is written by one.
pub(crate) trait Disk: Send + Sync + 'static {
    /// One value.
    fn read(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// Keys and values with this prefix that come after `after`, in order, at most `limit`.
    fn scan(&self, prefix: &[u8], after: &[u8], limit: usize) -> Result<Vec<Pair>, StoreError>;

    /// Keys and values from `from` on that come before `before`, the last first, at most `limit`.
    fn scan_back(&self, from: &[u8], before: &[u8], limit: usize) -> Result<Vec<Pair>, StoreError>;

    /// The last key with this prefix.
    fn last(&self, prefix: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// Applies all of it and returns when it is on disk.
    fn commit(&self, writes: Writes) -> Result<(), StoreError>;
}

/// A key and its value.
pub(crate) type Pair = (Vec<u8>, Vec<u8>);

/// What one group of transactions writes: a value to keep, or none to remove.
#[derive(Default)]
pub(crate) struct Writes(pub(crate) Vec<(Vec<u8>, Option<Vec<u8>>)>);

impl Writes {
    pub(crate) fn put(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.0.push((key, Some(value)));
    }

    pub(crate) fn remove(&mut self, key: Vec<u8>) {
        self.0.push((key, None));
    }
}
