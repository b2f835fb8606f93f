//! How much room the disk of a folder has, measured now and then.
//!
//! A disk that is known to be almost full is left alone in time: a store that meets its end has to be
//! opened anew.

use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How old a measurement may be: what a hub can write meanwhile is less than the shipped bound.
const FRESH: Duration = Duration::from_millis(250);

/// The last measurement.
#[derive(Default)]
pub(super) struct Room(Mutex<Option<(Instant, u64)>>);

impl Room {
    /// Bytes that are free for us; none where the machine does not say.
    pub(super) fn free(&self, folder: &Path) -> Option<u64> {
        let mut last = self.0.lock().ok()?;
        if let Some((at, free)) = *last
            && at.elapsed() < FRESH
        {
            return Some(free);
        }
        let disk = rustix::fs::statvfs(folder).ok()?;
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        *last = Some((Instant::now(), free));
        Some(free)
    }
}
