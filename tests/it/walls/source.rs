//! Source files as far as the walls need them: without comments and tests, and which paths they name.

use std::fs;
use std::path::{Path, PathBuf};

use super::lexer::{blanked, is_name, path, tokens, tree, without_tests};

/// One file of the program, without its tests.
pub(super) struct Source {
    /// Its path in the repository.
    pub(super) path: String,
    /// Its code, with comments and texts blanked out.
    code: String,
    /// Its code and the texts in it, without comments.
    pub(super) code_and_texts: String,
}

impl Source {
    fn read(file: &Path) -> Self {
        let text = without_tests(&fs::read_to_string(file).unwrap());
        Self {
            path: shown(file),
            code: blanked(&text, true),
            code_and_texts: blanked(&text, false),
        }
    }

    /// The outermost module that it is in or is: `store` of `src/store/lane.rs`.
    pub(super) fn module(&self) -> &str {
        let inside = self.path.split_once("src/").unwrap().1;
        inside.split(['/', '.']).next().unwrap()
    }

    /// Whether it is the crate's root, or the program.
    pub(super) fn is_outermost(&self) -> bool {
        ["lib", "main"].contains(&self.module())
    }

    /// Whether it names a crate, or something in one (`std::fs`).
    pub(super) fn names(&self, path: &str) -> bool {
        let inside = format!("{path}::");
        self.paths().iter().any(|named| named == path || named.starts_with(&inside))
    }

    /// Every path of more than one part in it, and every tree of `use` written out, from `crate` or an
    /// outside crate on.
    pub(super) fn paths(&self) -> Vec<String> {
        let tokens = tokens(&self.code);
        let mut paths = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            // What follows in `impl Trait + use<'a>` is no tree.
            if tokens[at] == "use" && tokens.get(at + 1).is_none_or(|next| *next != "<") {
                at = tree(&tokens, at + 1, "", &mut paths);
            } else if is_name(&tokens[at]) && (at == 0 || tokens[at - 1] != "::") {
                at = path(&tokens, at, &mut paths);
            } else {
                at += 1;
            }
        }
        paths.iter().map(|path| self.resolved(path)).collect()
    }

    /// `super::…` as a path from `crate` on.
    fn resolved(&self, path: &str) -> String {
        let inside = self.path.split_once("src/").unwrap().1.trim_end_matches(".rs");
        let mut module: Vec<&str> = inside.split('/').collect();
        let mut rest = path;
        while let Some(after) = rest.strip_prefix("super::") {
            module.pop();
            rest = after;
        }
        if rest == path {
            return path.to_owned();
        }
        let from: Vec<&str> = ["crate"].into_iter().chain(module).chain([rest]).collect();
        from.join("::")
    }
}

/// Every source file under a folder that is not itself a test.
pub(super) fn sources(folder: &str) -> Vec<Source> {
    let is_test = |file: &PathBuf| {
        let path = shown(file);
        path.contains("/tests/") || path.ends_with("/tests.rs")
    };
    let files = files(&root().join(folder)).into_iter().filter(|file| {
        file.extension().is_some_and(|extension| extension == "rs") && !is_test(file)
    });
    files.map(|file| Source::read(&file)).collect()
}

/// Path and text of everything that people write here.
pub(super) fn everything() -> Vec<(String, String)> {
    let folders = ["src", "adapters", "tests", "mappings", "benches"];
    let files = folders.iter().flat_map(|folder| files(&root().join(folder)));
    let texts = files.filter_map(|file| Some((shown(&file), fs::read_to_string(file).ok()?)));
    texts.collect()
}

/// Whether a text has this word, with no letter or digit beside it.
pub(super) fn has_word(text: &str, word: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric()).any(|found| found == word)
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn shown(file: &Path) -> String {
    file.strip_prefix(root()).unwrap().to_str().unwrap().to_owned()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn a_tree_of_use_and_a_path_in_code_are_read_alike() {
    let source = Source {
        path: "src/store/lane.rs".to_owned(),
        code: blanked(
            "use std::{fs, time::{Duration, SystemTime as T}};\nuse super::disk::Disk;\n\
             pub use super::super::http::Door; // sled::open()\n\
             fn f<'a>(x: &'a str) -> std::io::Result<()> { h as impl Fn() + use<'a>; crate::hub::f('\"', \"tokio::spawn\", r#\"axum::x\"#); g::<u8>() }",
            true,
        ),
        code_and_texts: String::new(),
    };
    let paths = source.paths();
    let expected = [
        "std::fs",
        "std::time::Duration",
        "std::time::SystemTime",
        "crate::store::disk::Disk",
        "crate::http::Door",
        "std::io::Result",
        "crate::hub::f",
    ];
    assert_eq!(paths, expected);
    assert!(source.names("std::fs") && source.names("std") && !source.names("sled"));
    assert!(!source.names("tokio") && !source.names("axum") && !source.names("st"));
}
