//! `src/docs/adding-an-adapter.md` is true: what it shows is built, and small.

use std::fs;
use std::path::Path;

use omnihub::mapping::{Catalog, CompileOptions, MappingFile, compile};
use omnihub_contract::AdapterName;

/// Most lines of Rust that a simple system may cost.
const LINES_MAX: usize = 150;

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// Blocks of the document that are said to stand in a file: the file, and the block.
fn blocks(document: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let parts: Vec<&str> = document.split("```").collect();
    for pair in parts.chunks_exact(2) {
        let [before, block] = pair else { continue };
        let last = before.trim_end().rsplit('\n').next().unwrap_or_default();
        let file = last.strip_prefix('`').and_then(|rest| rest.strip_suffix("`:"));
        let (_, block) = block.split_once('\n').unwrap_or_default();
        found.extend(file.map(|file| (file, block)));
    }
    found
}

#[test]
fn every_block_of_the_document_stands_in_the_file_that_it_names() {
    let document = read("src/docs/adding-an-adapter.md");
    let blocks = blocks(&document);
    assert!(blocks.len() >= 10, "{blocks:?}");
    for (file, block) in blocks {
        assert!(!block.is_empty() && read(file).contains(block), "{file} has not:\n{block}");
    }
}

#[test]
fn a_simple_system_costs_few_lines() {
    let lines = read("tests/notify/src/lib.rs").lines().count();
    assert!(lines < LINES_MAX, "{lines}");
}

#[test]
fn its_mapping_is_good() {
    let adapter = AdapterName::from(omnihub_notify::NAME);
    let catalog = Catalog {
        adapter: adapter.clone(),
        operations: omnihub_notify::OPERATIONS,
        incoming: omnihub_notify::INCOMING,
        settings: serde_json::Map::new(),
    };
    let text = read("tests/notify/mappings/notify.toml");
    let file = MappingFile { adapter, path: "notify.toml".to_owned(), text };
    let compiled = compile(&[file], &[catalog], CompileOptions::default());
    let findings =
        compiled.map(|mappings| mappings.warnings().clone()).unwrap_or_else(|found| found);
    assert_eq!((findings.errors(), findings.warnings()), (0, 0), "{findings}");
}
