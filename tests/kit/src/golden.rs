//! Golden requests: `fixtures/<system>/….request`, each the bytes that left for one call.
//!
//! What a listener on the loopback got from the adapter: request line, headers in their order, body, byte
//! for byte, line ends too. Secrets in it are the tests' own. Two things would differ from run to run and
//! from release to release, and stand as words: who was called, as `{host}`, and the program's version, as
//! `{version}`. Nothing else is made alike; no adapter sends a body of many parts, so there is no boundary.
//!
//! `UPDATE_FIXTURES=1 cargo test …` writes the files anew; what changed in them is what systems will see
//! changed, and is to be read against their documents.

use std::fs;
use std::path::{Path, PathBuf};

use crate::scripted::Seen;

/// The version that every package of the workspace has.
const VERSION: &str = concat!("omnihub/", env!("CARGO_PKG_VERSION"));

/// Compares a call with the file of this name, without its ending, below `fixtures/`.
#[track_caller]
pub fn check_request(name: &str, seen: &Seen) {
    let file = fixtures().join(format!("{name}.request"));
    let sent = lasting(seen);
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        fs::write(&file, &sent).unwrap();
    }
    let Ok(expected) = fs::read(&file) else {
        panic!("there is no {}: UPDATE_FIXTURES=1 writes it", file.display());
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    // As texts first, since they can be read; then to the byte.
    assert_eq!(text(&sent), text(&expected), "{name}.request");
    assert!(sent == expected, "{name}.request differs in bytes that are no text");
}

/// The call without what differs from run to run.
fn lasting(seen: &Seen) -> Vec<u8> {
    let host = format!("host: {}\r\n", seen.header("host").unwrap_or_default());
    let head = String::from_utf8(seen.head.clone()).unwrap();
    let head =
        head.replacen(&host, "host: {host}\r\n", 1).replacen(VERSION, "omnihub/{version}", 1);
    [head.as_bytes(), &seen.body].concat()
}

/// Where fixtures are.
pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}
