//! The store in one folder, on sled 0.34: the only file that names sled. Contents of attachments are
//! files in `contents/` below it.
//!
//! sled is used against its documentation's word, because that word does not hold at a power cut:
//! - its `flush` ends in `sync_file_range` on Linux, not fsync (spacejam/sled#1351, #1452). We keep a
//!   second handle on its `db` file and fdatasync that after the flush, before anybody is answered;
//! - a leaf above a quarter of the segment becomes a file of its own that is never synced. Segments
//!   are 8 MB (fixed at creation) and values at most 64 KB, so that none is made; `blobs/` is checked
//!   to be empty on opening;
//! - it moves what is live out of mostly dead parts of its file in the thread that flushes by the clock, and
//!   hardly anywhere else: that runs too, although nobody relies on its flushes. Without it a folder takes a
//!   half more, and grows for ever where a little of everything stays;
//! - some of its failures are panics (#1387, #1533): opening and committing are under `catch_unwind`;
//! - its cache is 1 GiB by default, and that decides resident memory.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::committer::Committed;
use super::disk::{Disk, Pair, Writes};
use super::files::Files;
use super::on_task::on_task;
use super::room::Room;
use super::slot::Home;
use super::upgrade::upgrade;
use super::{Compacted, Space, Store, StoreError, StoreSettings, compact, layout};
use crate::clock::Clock;

/// Bytes of a segment of sled's file. Fixed when the folder is created.
const SEGMENT_BYTES: usize = 8 << 20;

/// Bytes of sled's page cache: the live part of the outbox, not the archive.
const CACHE_BYTES: u64 = 8 << 20;

/// Between two rounds of sled's cleaning, which takes at most half of that time, and ends with a sync: of what
/// nobody wrote it is cheap.
const CLEAN_EVERY_MS: u64 = 100;

/// Longest wait for the lock of a store that was let go of: sled's own threads, which still have it for a
/// moment, do not say when they are done. Who really has another hub running is told this much later.
const LOCK_WAIT: Duration = Duration::from_secs(2);

/// Between two looks at the lock.
const LOCK_LOOK: Duration = Duration::from_millis(20);

/// Opens the store in this folder, creating it where there is none.
///
/// # Errors
/// When the folder cannot be written, belongs to a running hub, is damaged, or was written by a
/// newer version.
pub fn open(
    folder: &Path,
    settings: &StoreSettings,
    clock: Arc<dyn Clock>,
) -> Result<Arc<dyn Store>, StoreError> {
    let (home, files) = parts(folder, settings, &*clock)?;
    Ok(Arc::new(Committed::start(home, files, settings, clock)?))
}

/// The same with a committer that is a task of this runtime, for simulations.
///
/// # Errors
/// The same.
pub fn open_on_task(
    folder: &Path,
    settings: &StoreSettings,
    clock: Arc<dyn Clock>,
) -> Result<Arc<dyn Store>, StoreError> {
    let (home, files) = parts(folder, settings, &*clock)?;
    Ok(Arc::new(Committed::start_by(on_task, home, files, settings, clock)?))
}

/// Rewrites the store in this folder, so that its file holds what is live and no more.
///
/// # Errors
/// When there is no store, it belongs to a running hub or is damaged, or the disk has no room for a
/// second file. The store is then as it was.
pub fn compact(folder: &Path) -> Result<Compacted, StoreError> {
    if compact::bytes(folder) == 0 {
        return Err(refuse(folder, &"there is no store"));
    }
    let old = SledDisk::open(folder)?;
    // Whatever format it has, it keeps.
    old.format(folder)?;
    let before = compact::bytes(folder);
    let pairs = write_aside(&old, folder).and_then(|pairs| {
        compact::swap(folder, usize::MAX).map_err(|error| refuse(folder, &error))?;
        Ok(pairs)
    });
    compact::tidy(folder).map_err(|error| refuse(folder, &error))?;
    // Until here nobody else could open it.
    drop(old);
    Ok(Compacted { pairs: pairs?, before, after: compact::bytes(folder) })
}

/// Writes and closes the new file.
fn write_aside(old: &SledDisk, folder: &Path) -> Result<u64, StoreError> {
    let aside = compact::aside(folder).map_err(|error| refuse(folder, &error))?;
    let new = SledDisk::open(&aside)?;
    let pairs = compact::copy(old, &new)?;
    new.sync_folder(&aside)?;
    Ok(pairs)
}

fn parts(
    folder: &Path,
    settings: &StoreSettings,
    clock: &dyn Clock,
) -> Result<(SledHome, Arc<Files>), StoreError> {
    let began = Instant::now();
    let disk = SledDisk::open(folder)?;
    // Its share of a start: it grows with what is stored, and nothing else does.
    let opened_us = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    tracing::info!(opened_us, "the store's file is open");
    let format = disk.format(folder)?;
    if format < layout::FORMAT {
        tracing::info!(from = format, to = layout::FORMAT, "the store is brought up to date");
        upgrade(&disk, settings, clock.now())?;
    }
    compact::tidy(folder).map_err(|error| refuse(folder, &error))?;
    let files = Files::open(folder.join("contents"));
    let files = files.map_err(|error| refuse(folder, &error))?;
    let home = SledHome {
        folder: folder.to_owned(),
        first: Mutex::new(Some(disk)),
        free_bytes_min: settings.free_bytes_min,
        room: Room::default(),
    };
    Ok((home, Arc::new(files)))
}

/// Where the folder is.
struct SledHome {
    folder: PathBuf,
    /// What was opened at the start.
    first: Mutex<Option<SledDisk>>,
    free_bytes_min: u64,
    room: Room,
}

impl Home for SledHome {
    type Disk = SledDisk;

    fn open(&self) -> Result<SledDisk, StoreError> {
        if let Some(disk) = self.first.lock().ok().and_then(|mut first| first.take()) {
            return Ok(disk);
        }
        forget_cached(&self.folder)?;
        let disk = SledDisk::open(&self.folder)?;
        disk.format(&self.folder)?;
        Ok(disk)
    }

    fn space(&self) -> Option<Space> {
        let free_bytes = self.room.free(&self.folder)?;
        Some(Space { used_bytes: compact::bytes(&self.folder), free_bytes })
    }

    fn has_room(&self) -> Result<(), StoreError> {
        match self.room.free(&self.folder) {
            Some(free) if free < self.free_bytes_min => {
                Err(StoreError::Full { free, wanted: self.free_bytes_min })
            }
            _ => Ok(()),
        }
    }
}

/// After a sync that failed Linux holds what was not written for clean, and shows it to who reads:
/// what is opened then has to come from the disk itself.
fn forget_cached(folder: &Path) -> Result<(), StoreError> {
    let file = File::open(folder.join("db")).map_err(|error| failed(&error))?;
    rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed)
        .map_err(|error| failed(&error))
}

struct SledDisk {
    tree: sled::Db,
    /// A second handle on sled's file: what makes a flush durable.
    file: File,
}

impl SledDisk {
    fn open(folder: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(folder).map_err(|error| refuse(folder, &error))?;
        let (config, began) = (config(folder), Instant::now());
        let tree = catch_unwind(AssertUnwindSafe(|| locked(&config, || rest(began))))
            .map_err(|_| refuse(folder, &"its files are damaged; restore them from a copy"))?
            .map_err(|error| explain(folder, &error))?;
        let file = File::open(folder.join("db")).map_err(|error| refuse(folder, &error))?;
        let disk = Self { tree, file };
        disk.sync_folder(folder)?;
        Ok(disk)
    }

    /// Makes the folder's own entries durable, once: a file that is synced in a folder that is not
    /// may be gone after a power cut.
    fn sync_folder(&self, folder: &Path) -> Result<(), StoreError> {
        let blobs = std::fs::read_dir(folder.join("blobs")).map(|files| files.count()).unwrap_or(0);
        if blobs > 0 {
            tracing::error!(blobs, "the store has values in files that are not synced");
        }
        self.sync()?;
        let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty());
        for folder in [Some(folder), parent].into_iter().flatten() {
            let synced = File::open(folder).and_then(|folder| folder.sync_all());
            synced.map_err(|error| refuse(folder, &error))?;
        }
        Ok(())
    }

    /// The format that it is written in, which this program reads; an empty one gets the newest.
    fn format(&self, folder: &Path) -> Result<u32, StoreError> {
        let key = layout::format();
        let Some(bytes) = self.read(&key)? else {
            if !self.tree.is_empty() {
                return Err(refuse(folder, &"it is a sled folder, but not one of omnihub's"));
            }
            let mut writes = Writes::default();
            writes.put(key, layout::FORMAT.to_be_bytes().to_vec());
            self.commit(writes)?;
            return Ok(layout::FORMAT);
        };
        match bytes.try_into().map(u32::from_be_bytes) {
            Ok(format) if format <= layout::FORMAT => Ok(format),
            Ok(format) => Err(StoreError::Newer { folder: folder.display().to_string(), format }),
            Err(_) => Err(refuse(folder, &"what says its format cannot be read")),
        }
    }

    fn sync(&self) -> Result<(), StoreError> {
        self.tree.flush().map_err(|error| failed(&error))?;
        self.file.sync_data().map_err(|error| failed(&error))
    }
}

impl Disk for SledDisk {
    fn read(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let value = self.tree.get(key).map_err(|error| failed(&error))?;
        Ok(value.map(|value| value.to_vec()))
    }

    fn scan(&self, prefix: &[u8], after: &[u8], limit: usize) -> Result<Vec<Pair>, StoreError> {
        let mut pairs = Vec::new();
        let from = (std::ops::Bound::Excluded(after), std::ops::Bound::Unbounded);
        for pair in self.tree.range::<&[u8], _>(from).take(limit) {
            let (key, value) = pair.map_err(|error| failed(&error))?;
            if !key.starts_with(prefix) {
                break;
            }
            pairs.push((key.to_vec(), value.to_vec()));
        }
        Ok(pairs)
    }

    fn scan_back(&self, from: &[u8], before: &[u8], limit: usize) -> Result<Vec<Pair>, StoreError> {
        let pairs = self.tree.range::<&[u8], _>(from..before).rev().take(limit);
        let pairs = pairs.map(|pair| pair.map(|(key, value)| (key.to_vec(), value.to_vec())));
        pairs.collect::<Result<_, _>>().map_err(|error: sled::Error| failed(&error))
    }

    fn last(&self, prefix: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let last = self.tree.scan_prefix(prefix).next_back();
        let last = last.transpose().map_err(|error| failed(&error))?;
        Ok(last.map(|(key, _)| key.to_vec()))
    }

    fn commit(&self, writes: Writes) -> Result<(), StoreError> {
        let mut batch = sled::Batch::default();
        for (key, value) in writes.0 {
            match value {
                Some(value) => batch.insert(key, value),
                None => batch.remove(key),
            }
        }
        // Where sled meets an error it may panic: that is one more failed commit.
        let committed = catch_unwind(AssertUnwindSafe(|| {
            self.tree.apply_batch(batch).map_err(|error| failed(&error))?;
            self.sync()
        }));
        committed.unwrap_or_else(|_| Err(failed(&"sled panicked; see the log")))
    }
}

fn config(folder: &Path) -> sled::Config {
    sled::Config::new()
        .path(folder)
        .segment_size(SEGMENT_BYTES)
        .cache_capacity(CACHE_BYTES)
        .flush_every_ms(Some(CLEAN_EVERY_MS))
}

/// Opens it once nobody has its lock, as long as `again` says to look again.
fn locked(config: &sled::Config, mut again: impl FnMut() -> bool) -> sled::Result<sled::Db> {
    loop {
        match config.open() {
            Err(error) if is_locked(&error) && again() => {}
            opened => return opened,
        }
    }
}

/// Rests between two looks at a lock; false when that was long enough.
#[expect(clippy::disallowed_methods, reason = "nothing tells when the lock is free")]
fn rest(since: Instant) -> bool {
    std::thread::sleep(LOCK_LOOK);
    since.elapsed() < LOCK_WAIT
}

/// sled says this in words only.
fn is_locked(error: &sled::Error) -> bool {
    error.to_string().contains("could not acquire lock")
}

fn failed(error: &dyn std::fmt::Display) -> StoreError {
    StoreError::Disk(error.to_string().into())
}

fn refuse(folder: &Path, why: &dyn std::fmt::Display) -> StoreError {
    StoreError::Open { folder: folder.display().to_string(), why: why.to_string() }
}

fn explain(folder: &Path, error: &sled::Error) -> StoreError {
    match is_locked(error) {
        true => refuse(
            folder,
            &"another omnihub has it open; stop that one, or ask it by the same command while it runs",
        ),
        false => refuse(folder, error),
    }
}

#[cfg(test)]
pub(crate) mod raw;
#[cfg(test)]
mod tests;
