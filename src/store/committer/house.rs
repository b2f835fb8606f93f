//! Housekeeping: what is forgotten, purged and removed, a bounded part at a time.

use std::time::Duration;

use jiff::Timestamp;
use omnihub_contract::Checksum;

use super::Committed;
use crate::store::disk::Disk;
use crate::store::engine::purge::Ends;
use crate::store::transaction::Request;
use crate::store::{StoreError, layout};

/// Purged tickets whose files are removed at a time: as many as one step purges.
const UNWANTED_MAX: usize = 32;

impl<D: Disk> Committed<D> {
    /// Does a part of it; true when there is more.
    pub(super) async fn keep_house(&self) -> Result<bool, StoreError> {
        self.keeper.end_rest(&self.disk);
        let now = self.clock.now();
        let until = |keep: Duration| {
            (!keep.is_zero()).then(|| now.checked_sub(keep).unwrap_or(Timestamp::MIN))
        };
        let ends = Ends { texts: until(self.keep), numbers: until(self.keep_numbers) };
        let more = self.ask(|reply| Request::Forget { ends, reply }).await?;
        self.remove_unwanted().await?;
        Ok(more)
    }

    /// Removes files of purged tickets. Their names are forgotten only then, so none is left by a crash.
    async fn remove_unwanted(&self) -> Result<(), StoreError> {
        for (key, files) in self.disk.scan(layout::UNWANTED, layout::UNWANTED, UNWANTED_MAX)? {
            let Some(number) = layout::number_of(&key) else { continue };
            let files = files.chunks_exact(32).filter_map(|sha256| sha256.try_into().ok());
            for sha256 in files {
                self.keeper.remove(number, Checksum(sha256))?;
            }
            self.ask(|reply| Request::Put { key, value: None, reply }).await?;
        }
        Ok(())
    }
}
