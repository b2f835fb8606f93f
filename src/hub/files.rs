//! The mapping files: those of the folder, else those inside the binary.

use std::io;
use std::path::Path;

use include_dir::{Dir, include_dir};

use crate::mapping::MappingFile;

static SHIPPED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/mappings");

/// The mapping files of this folder; the shipped ones where there is no such folder.
///
/// # Errors
/// When the folder cannot be read.
pub fn mapping_files(folder: &Path) -> io::Result<Vec<MappingFile>> {
    if !folder.exists() {
        let shipped = SHIPPED.files().filter_map(|file| {
            let path = file.path();
            file_of(path, format!("shipped/{}", path.display()), file.contents_utf8()?.to_owned())
        });
        return Ok(sorted(shipped.collect()));
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let text = std::fs::read_to_string(&path)?;
            files.extend(file_of(&path, path.display().to_string(), text));
        }
    }
    Ok(sorted(files))
}

fn file_of(path: &Path, shown: String, text: String) -> Option<MappingFile> {
    let stem = path.file_stem()?.to_str()?;
    let is_toml = path.extension().is_some_and(|extension| extension == "toml");
    is_toml.then(|| MappingFile { adapter: stem.into(), path: shown, text })
}

/// By name, so that messages and digests do not depend on the folder's order.
fn sorted(mut files: Vec<MappingFile>) -> Vec<MappingFile> {
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}
