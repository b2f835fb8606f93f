//! `mappings/README.md`: its examples compile, and nothing that files can say is missing.

use super::catalogs::{compiled, file, shipped};
use crate::mapping::{path, transform};

const README: &str = include_str!("../../../mappings/README.md");

#[test]
fn the_whole_files_in_it_compile() {
    let examples: Vec<&str> = README
        .split("```toml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .filter(|example| example.starts_with("adapter = "))
        .collect();
    assert!(!examples.is_empty());
    for example in examples {
        let adapter = example.split('"').nth(1).unwrap();
        let mut files = shipped();
        files.retain(|shipped| shipped.adapter.as_str() != adapter);
        files.push(file(adapter, example));
        let mappings = compiled(&files, false).unwrap_or_else(|findings| panic!("{findings}"));
        assert_eq!(mappings.warnings().as_slice(), []);
    }
}

#[test]
fn it_names_every_path_and_every_transform() {
    for path in path::names() {
        let (group, member) = path.rsplit_once('.').unwrap();
        let is_named = README.contains(path)
            || (README.contains(&format!("`{group}.…`"))
                && README.contains(&format!("`{member}`")));
        assert!(is_named, "{path}");
    }
    for transform in transform::names() {
        assert!(README.contains(&format!("| `{transform}")), "{transform}");
    }
}
