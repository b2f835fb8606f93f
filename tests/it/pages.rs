//! What the pages in `src/docs` say of the tests is so.

use std::fs;
use std::path::{Path, PathBuf};

const OMNI: &str = include_str!("../../src/docs/omni.md");

/// The rows of the page's table, as cells.
fn rows() -> impl Iterator<Item = Vec<&'static str>> {
    let rows = OMNI.lines().filter(|line| line.starts_with("| ")).skip(1);
    rows.map(|row| row.trim_matches('|').split(" | ").map(str::trim).collect())
}

/// The files that a test's place may mean.
fn files_of(place: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let parts: Vec<&str> = place.split("::").collect();
    let path = parts.join("/");
    let (adapter, rest) = path.split_once('/').unwrap_or((&path, ""));
    [
        format!("tests/it/{path}.rs"),
        format!("src/{path}.rs"),
        format!("adapters/{adapter}/src/{rest}.rs"),
        format!("adapters/{adapter}/tests/{rest}.rs"),
    ]
    .map(|file| root.join(file))
    .to_vec()
}

#[test]
fn the_page_of_the_door_has_a_row_for_each_trap() {
    let numbers: Vec<u32> = rows().map(|cells| cells[0].parse().unwrap()).collect();
    assert_eq!(numbers, (1..=33).collect::<Vec<u32>>());
}

#[test]
fn the_tests_that_the_page_of_the_door_names_are_there() {
    for cells in rows() {
        for name in cells.get(3).into_iter().flat_map(|cell| cell.split('`').skip(1).step_by(2)) {
            let (place, function) = name.rsplit_once("::").unwrap();
            let is_there = |file: &PathBuf| {
                let text = fs::read_to_string(file).unwrap_or_default();
                text.contains(&format!("fn {function}("))
            };
            assert!(files_of(place).iter().any(is_there), "trap {}: {name}", cells[0]);
        }
    }
}
