//! A disk whose power can be cut: an image file with a file system, in a file system that freezes.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// Size of the hub's disk; sparse, and several times what a round writes.
const DISK_MB: &str = "1024M";

/// Size of the file system around it.
const AROUND_MB: &str = "1200M";

/// The hub's disk, in use.
pub(crate) struct Disk {
    // Dropped in this order: what is mounted inside goes first.
    inner: Mounted,
    outer: Mounted,
    folder: TempDir,
}

impl Disk {
    /// A new one.
    ///
    /// # Errors
    /// What could not be done: mostly, this is not root, or there are no loop devices.
    pub(crate) fn new() -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let outer = Mounted::image(&folder.path().join("around"), AROUND_MB)?;
        let inner = Mounted::image(&outer.point.join("disk"), DISK_MB)?;
        // Only to know at once whether it can be.
        outer.freeze()?;
        outer.thaw()?;
        Ok(Self { inner, outer, folder })
    }

    /// Where it is mounted.
    pub(crate) fn path(&self) -> &Path {
        &self.inner.point
    }

    /// Cuts the power: what is on the disk now is copied aside, and nothing more gets onto it until
    /// [`restore`](Self::restore), for which everything that syncs waits in the meantime.
    pub(crate) fn cut(&self) -> PathBuf {
        self.outer.freeze().unwrap();
        let copy = self.folder.path().join("copy.image");
        let from = self.inner.image.to_string_lossy().into_owned();
        run("cp", &["--sparse=always", &from, &copy.to_string_lossy()]).unwrap();
        copy
    }

    /// Lets whoever still waits for the disk go on, so that it can end.
    pub(crate) fn restore(&self) {
        self.outer.thaw().unwrap();
    }
}

/// A mounted image; dropping it unmounts it.
pub(crate) struct Mounted {
    /// Where.
    pub(crate) point: PathBuf,
    image: PathBuf,
}

impl Mounted {
    /// Mounts an image that has a file system.
    pub(crate) fn open(image: &Path) -> Result<Self, String> {
        let point = image.with_extension("mounted");
        std::fs::create_dir(&point).map_err(|error| error.to_string())?;
        run("mount", &["-o", "loop", &image.to_string_lossy(), &point.to_string_lossy()])?;
        Ok(Self { point, image: image.to_owned() })
    }

    /// Makes an image with an empty file system and mounts it.
    pub(crate) fn image(name: &Path, size: &str) -> Result<Self, String> {
        let image = name.with_extension("image");
        let path = image.to_string_lossy();
        run("truncate", &["--size", size, &path])?;
        run("mkfs.ext4", &["-q", "-F", "-m", "0", &path])?;
        Self::open(&image)
    }

    fn freeze(&self) -> Result<(), String> {
        run("fsfreeze", &["--freeze", &self.point.to_string_lossy()])
    }

    fn thaw(&self) -> Result<(), String> {
        run("fsfreeze", &["--unfreeze", &self.point.to_string_lossy()])
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // After a failure it may be frozen still; mostly it is not, and this says so in vain.
        drop(self.thaw());
        let point = self.point.to_string_lossy().into_owned();
        if run("umount", &[&point]).is_err() {
            // Somebody still has it open: it goes when they end.
            drop(run("umount", &["--lazy", &point]));
        }
    }
}

fn run(program: &str, arguments: &[&str]) -> Result<(), String> {
    let fail = |why: String| Err(format!("{program} {}: {why}", arguments.join(" ")));
    match Command::new(program).args(arguments).output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => fail(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
        Err(error) => fail(error.to_string()),
    }
}
