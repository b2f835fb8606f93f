//! Every code has a page, and every page a code.

use std::collections::BTreeSet;
use std::fs;

use super::source::sources;

/// Pages of `src/docs/codes.md`, by code.
fn pages() -> Vec<(String, String)> {
    let text = fs::read_to_string(super::root().join("src/docs/codes.md")).unwrap();
    let pages = text.split("\n## ").skip(1);
    pages.map(|page| (page.split(' ').next().unwrap().to_owned(), page.to_owned())).collect()
}

/// Every `H0nnn` in a text.
fn codes_in(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let is_code = |word: &&str| {
        let digits = word.strip_prefix("H0").unwrap_or_default();
        digits.len() == 3 && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    words.filter(is_code).map(str::to_owned).collect()
}

#[test]
fn every_code_has_a_page_and_every_page_a_code() {
    let mut used = BTreeSet::new();
    for folder in ["src", "adapters"] {
        for source in sources(folder) {
            used.extend(codes_in(&source.code_and_texts));
        }
    }
    let paged: BTreeSet<String> = pages().into_iter().map(|(code, _)| code).collect();
    assert_eq!(used, paged);
    let of_mappings = omnihub::mapping::codes::ALL.iter().map(|(code, _)| (*code).to_owned());
    assert!(of_mappings.collect::<BTreeSet<_>>().is_subset(&paged));
}

#[test]
fn a_page_says_what_its_code_means_and_what_to_do() {
    let pages = pages();
    for (code, page) in &pages {
        let lines: Vec<&str> = page.trim().lines().collect();
        assert_eq!(lines.len(), 3, "{code}");
        assert!(lines[0].len() > 10, "{code} has no title");
        assert!(lines[1].starts_with("**What it means.** "), "{code}");
        assert!(lines[2].starts_with("**What to do.** "), "{code}");
        // Codes that a page sends its reader to are there too.
        for other in codes_in(page) {
            assert!(pages.iter().any(|(code, _)| *code == other), "{code} speaks of {other}");
        }
    }
    assert!(pages.is_sorted_by_key(|(code, _)| code.clone()));
}
