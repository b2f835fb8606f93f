//! The pairs of a folder's file, for tests of formats.

use std::path::Path;

use super::SledDisk;
use crate::store::disk::{Disk, Pair, Writes};

pub(crate) struct Raw(SledDisk);

impl Raw {
    pub(crate) fn open(folder: &Path) -> Self {
        Self(SledDisk::open(folder).unwrap())
    }

    pub(crate) fn pairs(&self) -> Vec<Pair> {
        self.0.scan(b"", b"", usize::MAX).unwrap()
    }

    pub(crate) fn commit(&self, writes: Writes) {
        self.0.commit(writes).unwrap();
    }
}
