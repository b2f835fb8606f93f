//! Bodies that clients post.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// A claim with no more than is required.
pub(crate) fn claim() -> Value {
    json!({ "namaNasabah": "Ahmad Suryanto", "mediaTransaksi": "QRIS", "nominal": 150_000 })
}

/// A ticket with no more than is required.
pub(crate) fn ticket() -> Value {
    json!({
        "channel": "EMAIL",
        "serviceType": "INQUIRY",
        "customer": { "name": "Jane Smith" },
        "ticket": { "description": "Wants to know about account balance" }
    })
}

/// The body with the member at a dotted path replaced; objects on the way are made.
pub(crate) fn with(mut body: Value, path: &str, value: impl Into<Value>) -> Value {
    let member = path.split('.').fold(&mut body, |body, name| &mut body[name]);
    *member = value.into();
    body
}

/// A documented request or answer under `fixtures/omni`.
pub(crate) struct Fixture {
    pub(crate) name: String,
    /// `bearer`, `x-api-key` or `bare`.
    pub(crate) auth: String,
    pub(crate) body: Value,
}

/// Every fixture of a folder, by name.
pub(crate) fn fixtures(of: &str) -> Vec<Fixture> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder(of)).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| read(file)).collect()
}

/// One fixture.
pub(crate) fn fixture(of: &str, name: &str) -> Fixture {
    read(&folder(of).join(format!("{name}.json")))
}

fn folder(of: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/omni").join(of)
}

fn read(file: &Path) -> Fixture {
    let mut fixture: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    Fixture {
        name: file.file_stem().unwrap().to_str().unwrap().to_owned(),
        auth: fixture["headers"]["auth"].as_str().unwrap_or_default().to_owned(),
        body: fixture["body"].take(),
    }
}
