//! The mapping files and their cases: those of the folder, else those inside the binary.

use std::io;
use std::path::Path;

use include_dir::{Dir, include_dir};

use crate::cases::CaseFile;
use crate::mapping::MappingFile;

/// Cases of an adapter stand in the folder of its name and this.
pub const CASES: &str = ".cases";

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

/// The cases beside the mapping files of this folder; the shipped ones where there is no such folder.
///
/// # Errors
/// When a folder or file cannot be read.
pub fn case_files(folder: &Path) -> io::Result<Vec<CaseFile>> {
    let mut cases = Vec::new();
    if !folder.exists() {
        for dir in SHIPPED.dirs() {
            let Some(adapter) = adapter_of(dir.path()) else { continue };
            let files = dir.files().filter(|file| is_json(file.path()));
            cases.extend(files.filter_map(|file| {
                let path = format!("shipped/{}", file.path().display());
                let text = file.contents_utf8()?.to_owned();
                Some(CaseFile { adapter: adapter.as_str().into(), path, text })
            }));
        }
    } else {
        for entry in std::fs::read_dir(folder)? {
            let dir = entry?.path();
            let Some(adapter) = adapter_of(&dir).filter(|_| dir.is_dir()) else { continue };
            for entry in std::fs::read_dir(&dir)? {
                let path = entry?.path();
                if is_json(&path) {
                    let text = std::fs::read_to_string(&path)?;
                    let path = path.display().to_string();
                    cases.push(CaseFile { adapter: adapter.as_str().into(), path, text });
                }
            }
        }
    }
    cases.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(cases)
}

/// The adapter that a folder of cases is for.
fn adapter_of(folder: &Path) -> Option<String> {
    Some(folder.file_name()?.to_str()?.strip_suffix(CASES)?.to_owned())
}

fn is_json(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "json")
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
