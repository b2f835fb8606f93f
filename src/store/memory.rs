//! A store in memory, for simulations and tests: the same engine over a map.
//!
//! It keeps nothing beyond the process.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, PoisonError, RwLock};

use super::committer::Committed;
use super::disk::{Disk, Pair, Writes};
use super::{Store, StoreError, StoreSettings};
use crate::clock::Clock;

/// Opens an empty store in memory.
///
/// # Errors
/// When no thread can be started.
pub fn open(settings: &StoreSettings, clock: Arc<dyn Clock>) -> Result<Arc<dyn Store>, StoreError> {
    Ok(Arc::new(Committed::start(MemoryDisk::default(), settings, clock)?))
}

#[derive(Clone, Default)]
pub(crate) struct MemoryDisk(Arc<RwLock<BTreeMap<Vec<u8>, Vec<u8>>>>);

impl Disk for MemoryDisk {
    fn read(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.read().unwrap_or_else(PoisonError::into_inner).get(key).cloned())
    }

    fn scan(&self, prefix: &[u8], after: &[u8], limit: usize) -> Result<Vec<Pair>, StoreError> {
        let map = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let range = map.range::<[u8], _>((Bound::Excluded(after), Bound::Unbounded));
        let within = range.take_while(|(key, _)| key.starts_with(prefix));
        Ok(within.take(limit).map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    fn scan_back(&self, from: &[u8], before: &[u8], limit: usize) -> Result<Vec<Pair>, StoreError> {
        let map = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let range = map.range::<[u8], _>((Bound::Included(from), Bound::Excluded(before)));
        Ok(range.rev().take(limit).map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    fn last(&self, prefix: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let map = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let range = map.range::<[u8], _>((Bound::Included(prefix), Bound::Unbounded));
        Ok(range.take_while(|(key, _)| key.starts_with(prefix)).last().map(|(key, _)| key.clone()))
    }

    fn commit(&self, writes: Writes) -> Result<(), StoreError> {
        let mut map = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for (key, value) in writes.0 {
            match value {
                Some(value) => map.insert(key, value),
                None => map.remove(&key),
            };
        }
        Ok(())
    }
}
