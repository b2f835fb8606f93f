//! How a folder of mapping files looks from outside: enough to see that something changed, at the cost
//! of asking after a handful of files.

use std::ffi::OsString;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// The looks of a folder. Two that are the same hold the same files, unless one was written twice
/// within one tick of the file system's clock and kept its size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stamp {
    /// There is no such folder.
    None,
    /// The mapping files in it, by name.
    Files(Vec<Look>),
    /// It cannot be read.
    Unreadable(String),
}

/// The looks of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Look {
    name: OsString,
    bytes: u64,
    inode: u64,
    /// Seconds and nanoseconds of the last change of the contents, and of anything about it.
    changed: [(i64, i64); 2],
}

impl Stamp {
    /// Looks at a folder.
    pub(super) fn of(folder: &Path) -> Self {
        if !folder.exists() {
            return Self::None;
        }
        match looks(folder) {
            Ok(mut looks) => {
                looks.sort();
                Self::Files(looks)
            }
            Err(error) => Self::Unreadable(error.to_string()),
        }
    }
}

fn looks(folder: &Path) -> std::io::Result<Vec<Look>> {
    let mut looks = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            // What a link leads to counts, not the link.
            let metadata = std::fs::metadata(&path)?;
            looks.push(look(path.file_name().unwrap_or_default().to_owned(), &metadata));
        }
    }
    Ok(looks)
}

fn look(name: OsString, metadata: &Metadata) -> Look {
    let changed =
        [(metadata.mtime(), metadata.mtime_nsec()), (metadata.ctime(), metadata.ctime_nsec())];
    Look { name, bytes: metadata.size(), inode: metadata.ino(), changed }
}
