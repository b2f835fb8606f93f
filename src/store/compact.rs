//! Rewriting a store's file, so that it holds what is live and no more. No hub may run meanwhile.
//!
//! sled's file does not shrink. All pairs are copied, a page at a time, into a new file in a folder of
//! its own below the data folder (which may be a volume that nothing can be renamed out of), and that
//! file takes the place of the old one by one rename. Contents of attachments stay where they are.
//!
//! Invariant: at any moment the folder is one good store. Before the rename it is the old one: sled
//! reads its file without the snapshots beside it, which would not fit the new one and go first. After
//! it, it is the new one. What is left of either is removed by the next compaction.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use super::StoreError;
use super::disk::{Disk, Writes};

/// Where the new file is written.
const ASIDE: &str = "compacting";

/// sled's file, and its settings.
const FILE: &str = "db";
const SETTINGS: &str = "conf";

/// What the names of sled's snapshots begin with.
const SNAPSHOT: &str = "snap.";

/// Pairs that are copied at once: with values of 64 KB some 16 MB.
const PAGE: usize = 256;

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compacted {
    /// Pairs that were copied.
    pub pairs: u64,
    /// Bytes of the file before.
    pub before: u64,
    /// Bytes of the file after.
    pub after: u64,
}

/// Copies every pair; says how many.
pub(super) fn copy(from: &impl Disk, to: &impl Disk) -> Result<u64, StoreError> {
    let mut after = Vec::new();
    let mut count = 0;
    loop {
        let pairs = from.scan(b"", &after, PAGE)?;
        let Some((last, _)) = pairs.last() else { return Ok(count) };
        after.clone_from(last);
        count += u64::try_from(pairs.len()).unwrap_or(u64::MAX);
        let mut writes = Writes::default();
        pairs.into_iter().for_each(|(key, value)| writes.put(key, value));
        to.commit(writes)?;
    }
}

/// An empty folder for the new file, without what an earlier compaction left.
pub(super) fn aside(folder: &Path) -> io::Result<std::path::PathBuf> {
    let aside = folder.join(ASIDE);
    remove(&aside)?;
    fs::create_dir(&aside)?;
    Ok(aside)
}

/// Lets the new file take the place of the old one, whose store is open, so that nobody else opens it,
/// and is written to no more. Does the first `until` steps only, to show what a crash there leaves.
pub(super) fn swap(folder: &Path, until: usize) -> io::Result<()> {
    let aside = folder.join(ASIDE);
    let steps: [&dyn Fn() -> io::Result<()>; 5] = [
        &|| same(&folder.join(SETTINGS), &aside.join(SETTINGS)),
        &|| sync(&aside),
        &|| remove_snapshots(folder).and_then(|()| sync(folder)),
        &|| fs::rename(aside.join(FILE), folder.join(FILE)).and_then(|()| sync(folder)),
        &|| remove(&aside).and_then(|()| sync(folder)),
    ];
    steps.iter().take(until).try_for_each(|step| step())
}

/// Removes what an earlier compaction left. Only who has the store open may do it.
pub(super) fn tidy(folder: &Path) -> io::Result<()> {
    remove(&folder.join(ASIDE))
}

/// Bytes of the file in a folder.
pub(super) fn bytes(folder: &Path) -> u64 {
    fs::metadata(folder.join(FILE)).map_or(0, |file| file.len())
}

fn same(old: &Path, new: &Path) -> io::Result<()> {
    match fs::read(old)? == fs::read(new)? {
        true => Ok(()),
        false => Err(io::Error::other("the folder was made with other settings of sled")),
    }
}

fn remove_snapshots(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(SNAPSHOT) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
