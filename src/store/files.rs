//! Contents as files of a folder: the [`Shelf`] of the embedded store.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::contents::{INCOMING, Shelf};

/// Bytes that are written at once.
const PIECE_BYTES: usize = 64 << 10;

/// A folder that holds nothing but contents.
pub(crate) struct Files(PathBuf);

impl Files {
    /// The files in this folder, which is made where there is none.
    pub(crate) fn open(folder: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(folder.join(INCOMING))?;
        sync(&folder)?;
        Ok(Self(folder))
    }
}

impl Shelf for Files {
    fn write(&self, path: &str, content: &mut dyn Read) -> io::Result<()> {
        let mut file = File::options().write(true).create_new(true).open(self.0.join(path))?;
        let mut piece = vec![0; PIECE_BYTES];
        loop {
            match content.read(&mut piece)? {
                0 => return file.sync_all(),
                count => file.write_all(piece.get(..count).unwrap_or_default())?,
            }
        }
    }

    fn sync(&self, folder: &str) -> io::Result<()> {
        sync(&self.0.join(folder))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let (from, to) = (self.0.join(from), self.0.join(to));
        match fs::rename(&from, &to) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if let Some(folder) = to.parent() {
                    fs::create_dir_all(folder)?;
                }
                // A new folder's own name has to last as well as what is put into it.
                sync(&self.0)?;
                fs::rename(from, to)
            }
            done => done,
        }
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        match fs::remove_file(self.0.join(path)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            done => done,
        }
    }

    fn open(&self, path: &str) -> io::Result<Box<dyn Read>> {
        Ok(Box::new(File::open(self.0.join(path))?))
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let entries = fs::read_dir(self.0.join(folder))?;
        entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
    }
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
