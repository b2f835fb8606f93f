//! Broken files and the full text of what is said of them: `golden/<case>.toml` and `.txt`.
//!
//! `UPDATE_FIXTURES=1` rewrites the texts; a new case is a new `.toml`. A file is for the adapter
//! that its first line names, and is checked beside the other shipped files.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::Index;

use super::catalogs::{compiled, file, shipped};
use crate::mapping::codes;

fn said_of(text: &str) -> String {
    let head = text.lines().next().unwrap_or_default();
    let adapter = head.trim_start_matches("# ").split(':').next().unwrap_or_default();
    let files: Vec<_> = shipped()
        .into_iter()
        .map(|shipped| match shipped.adapter.as_str() == adapter {
            true => file(adapter, text),
            false => shipped,
        })
        .collect();
    match compiled(&files, false) {
        Ok(mappings) => mappings.warnings().iter().map(|warning| format!("{warning}\n")).collect(),
        Err(findings) => format!("{findings}\n"),
    }
}

#[test]
fn every_broken_file_is_told_what_where_why_and_what_was_meant() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/mapping/golden");
    let mut cases = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let source = entry.unwrap().path();
        if source.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        cases += 1;
        let said = said_of(&fs::read_to_string(&source).unwrap());
        let golden = source.with_extension("txt");
        if std::env::var_os("UPDATE_FIXTURES").is_some() {
            fs::write(&golden, &said).unwrap();
        }
        let expected = fs::read_to_string(&golden).unwrap_or_default();
        assert_eq!(said, expected, "{}", source.display());
    }
    assert!(cases >= 50, "{cases} cases");
}

#[test]
fn every_finding_code_has_a_broken_file() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/mapping/golden");
    let said: String = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    for (code, _) in codes::ALL.iter().filter(|(code, _)| code.starts_with("H02")) {
        assert!(said.contains(&format!(" {code}: ")), "no broken file shows {code}");
    }
}

proptest! {
    #[test]
    fn a_torn_file_is_told_where_it_is_torn(at in 0..4usize, from in any::<Index>(), cut in 0..60usize) {
        let mut files = shipped();
        let letters: Vec<char> = files[at].text.chars().collect();
        let from = from.index(letters.len());
        files[at].text = letters.iter().take(from).chain(letters.iter().skip(from + cut)).collect();
        if let Err(findings) = compiled(&files, true) {
            let lines = |path: &str| {
                files.iter().find(|file| file.path == path).map(|file| file.text.lines().count())
            };
            for finding in &findings {
                prop_assert!(Some(finding.line) <= lines(&finding.file).map(|count| count + 1));
                prop_assert!(finding.column <= finding.source.chars().count() + 1);
            }
        }
    }
}
