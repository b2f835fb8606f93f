//! The OMNI documents' examples (`fixtures/omni`) inside the binary: what the demo posts and the API's
//! description shows. Which of them are whole and taken, tests say.

use include_dir::{Dir, include_dir};
use serde_json::Value;

static OMNI: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/fixtures/omni");

/// One example.
pub(crate) struct Fixture {
    /// Its file's name without `.json`.
    pub(crate) name: String,
    /// Which document shows it, and where.
    pub(crate) from: String,
    /// The body, as printed or mended.
    pub(crate) body: Value,
}

/// Every example of a folder, by name.
pub(crate) fn of(folder: &str) -> Vec<Fixture> {
    let files = OMNI.get_dir(folder).map(|dir| dir.files()).into_iter().flatten();
    let mut fixtures: Vec<Fixture> = files.filter_map(read).collect();
    fixtures.sort_by(|a, b| a.name.cmp(&b.name));
    fixtures
}

/// One example.
pub(crate) fn named(folder: &str, name: &str) -> Option<Fixture> {
    read(OMNI.get_file(format!("{folder}/{name}.json"))?)
}

fn read(file: &include_dir::File<'_>) -> Option<Fixture> {
    let name = file.path().file_stem()?.to_str()?.to_owned();
    let mut value: Value = serde_json::from_slice(file.contents()).ok()?;
    let from = value.get("from")?.as_str()?.to_owned();
    Some(Fixture { name, from, body: value.get_mut("body")?.take() })
}
