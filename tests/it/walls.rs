//! The walls between the parts, held against the code: who may use whom is the table under "Walls" in
//! `src/docs/architecture.md`; what of the outside a part must not know stands here.

mod codes;
mod lexer;
mod source;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use omnihub::adapters::KNOWN;
use source::{Source, sources};

/// Things of the outside by which a part would know HTTP.
const HTTP: &[&str] = &["http", "axum", "hyper", "hyper_util", "reqwest"];
/// By which it would do anything else but compute.
const EFFECTS: &[&str] = &[
    "tokio",
    "sled",
    "std::fs",
    "std::net",
    "std::env",
    "std::thread",
    "std::process",
    "std::time::SystemTime",
    "std::time::Instant",
    "getrandom",
];
/// Stands for the crates of all adapters that the hub knows.
const VENDORS: &[&str] = &["omnihub_<adapter>"];
/// Vendors' names that are no other words, as they must not occur in generic code, not even in a text.
const VENDORS_NAMES: &[&str] = &["helpdesk", "sociomile", "dolphin"];

/// Modules and what of the outside they must not name.
const FORBIDDEN: &[(&[&str], &[&[&str]])] = &[
    (&["mapping", "intake", "cases"], &[HTTP, EFFECTS, VENDORS]),
    (&["store", "sync", "dispatch", "access", "clock", "config", "metrics"], &[HTTP, VENDORS]),
    (&["http", "operate", "logging", "cli", "stand_ins"], &[VENDORS]),
];

/// What only some files may name.
const ONLY: &[(&str, &[&str])] = &[
    ("sled", &["src/store/embedded.rs"]),
    ("backoff", &["src/dispatch/retry.rs"]),
    ("figment", &["src/config.rs", "src/config/"]),
    ("governor", &["src/http/limits.rs", "src/access/strangers.rs", "src/dispatch/budget.rs"]),
    ("omnihub_sandbox", &["src/stand_ins.rs", "src/cli/"]),
    ("mimalloc", &["src/main.rs"]),
    ("prometheus_client", &["src/metrics.rs", "src/metrics/", "src/operate/metrics.rs"]),
];

#[track_caller]
fn check_nothing(found: &[String]) {
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Each part in the table of the architecture's "Walls", and the parts that it may use; all for `None`.
fn table() -> BTreeMap<String, Option<Vec<String>>> {
    let text = fs::read_to_string(root().join("src/docs/architecture.md")).unwrap();
    let walls = text.split("# Walls").nth(1).unwrap();
    let rows = walls.lines().skip_while(|line| !line.starts_with("|---")).skip(1);
    let words =
        |cell: &str| cell.replace('`', "").split(", ").map(str::to_owned).collect::<Vec<_>>();
    let mut table = BTreeMap::new();
    for row in rows.take_while(|line| line.starts_with('|')) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let may_use = (cells[2] != "all").then(|| words(cells[2]));
        table.extend(words(cells[1]).into_iter().map(|part| (part, may_use.clone())));
    }
    table
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn every_module_uses_only_those_that_the_architecture_lets_it_use() {
    let table = table();
    let mut found = Vec::new();
    for source in sources("src").iter().filter(|source| !source.is_outermost()) {
        let module = source.module();
        let Some(may_use) = table.get(module) else {
            found.push(format!("{}: `{module}` is not in the table", source.path));
            continue;
        };
        let Some(may_use) = may_use else { continue };
        for path in source.paths() {
            let used = path.strip_prefix("crate::").and_then(|path| path.split("::").next());
            if let Some(used) = used.filter(|used| *used != module)
                && !may_use.iter().any(|name| name == used)
            {
                found.push(format!("{}: `{module}` must not use `{used}`", source.path));
            }
        }
    }
    check_nothing(&found);
    assert!(table.len() > 12, "{table:?}");
}

fn adapters() -> impl Iterator<Item = &'static str> {
    KNOWN.iter().map(|known| known.name)
}

/// The names that one stands for.
fn meant(name: &str) -> Vec<String> {
    match VENDORS.contains(&name) {
        true => adapters().map(|adapter| name.replace("<adapter>", adapter)).collect(),
        false => vec![name.to_owned()],
    }
}

#[test]
fn no_module_knows_what_it_must_not_know_of_the_outside() {
    let mut found = Vec::new();
    for source in sources("src") {
        let rules = FORBIDDEN.iter().filter(|(modules, _)| modules.contains(&source.module()));
        let forbidden = rules.flat_map(|(_, lists)| lists.iter().copied().flatten());
        for forbidden in forbidden.flat_map(|name| meant(name)) {
            if source.names(&forbidden) {
                found.push(format!("{} names {forbidden}", source.path));
            }
        }
    }
    check_nothing(&found);
}

#[test]
fn what_is_for_few_files_is_named_there_only() {
    let sources = sources("src");
    let mut found = Vec::new();
    for (name, files) in ONLY {
        let is_elsewhere =
            |source: &&Source| !files.iter().any(|file| source.path.starts_with(file));
        let named: Vec<&Source> = sources.iter().filter(|source| source.names(name)).collect();
        assert!(!named.is_empty(), "nobody names {name}: the search does not work");
        let elsewhere = named.into_iter().filter(is_elsewhere);
        found.extend(elsewhere.map(|source| format!("{} names {name}", source.path)));
    }
    check_nothing(&found);
}

#[test]
fn generic_code_has_no_vendors_name_in_it() {
    let says = |source: &Source| -> Vec<String> {
        let text = source.code_and_texts.to_lowercase();
        let names = VENDORS_NAMES.iter().filter(|name| text.contains(**name));
        names.map(|name| format!("{} says {name}", source.path)).collect()
    };
    let sources = sources("src");
    let is_generic = |source: &&Source| {
        ["dispatch", "store", "sync", "mapping", "intake", "cases"].contains(&source.module())
    };
    let found: Vec<String> = sources.iter().filter(is_generic).flat_map(says).collect();
    check_nothing(&found);
    let list = sources.iter().find(|source| source.module() == "adapters").unwrap();
    assert_eq!(says(list).len(), 3, "the search does not work");
}

/// The names under `[dependencies]` of a package.
fn dependencies(package: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join(package).join("Cargo.toml")).unwrap();
    let manifest: toml::Table = text.parse().unwrap();
    manifest["dependencies"].as_table().unwrap().keys().cloned().collect()
}

#[track_caller]
fn check_dependencies(package: &str, of_workspace: &[&str], forbidden: &[&str]) {
    let (own, others): (Vec<String>, Vec<String>) =
        dependencies(package).into_iter().partition(|name| name.starts_with("omnihub"));
    assert_eq!(own, of_workspace, "{package}");
    let found: Vec<String> =
        others.into_iter().filter(|name| forbidden.contains(&&**name)).collect();
    check_nothing(&found);
}

#[test]
fn packages_depend_on_nothing_behind_a_wall() {
    let client = ["reqwest", "hyper", "axum", "sled", "tokio"];
    for adapter in adapters() {
        let own = ["omnihub-contract", "omnihub-upstream"];
        check_dependencies(&format!("adapters/{adapter}"), &own, &client);
    }
    check_dependencies("adapters/upstream", &["omnihub-contract"], &["axum", "sled"]);
    check_dependencies("adapters/contract", &[], &[&client[..], &["http", "tracing"]].concat());
    // What tests the adapters shares nothing with them.
    check_dependencies("adapters/sandbox", &[], &["reqwest", "sled"]);
}

#[test]
fn the_contract_has_no_vendors_word_in_it() {
    let words = ["namaNasabah", "nomorRekening", "nomorKartu", "bsg_ticket_id", "sociomile"];
    let mut found = Vec::new();
    for source in sources("adapters/contract/src") {
        let said = words.iter().filter(|word| source.code_and_texts.contains(**word));
        found.extend(said.map(|word| format!("{} says {word}", source.path)));
    }
    check_nothing(&found);
}

/// Longer files have more than one subject.
const LINES_MAX: usize = 450;

#[test]
fn no_file_is_too_long_and_none_is_unfinished() {
    let unfinished = [["TO", "DO"].concat(), ["FIX", "ME"].concat()];
    let mut found = Vec::new();
    for (path, text) in source::everything() {
        let lines = text.lines().count();
        if path.ends_with(".rs") && path.contains("src/") && LINES_MAX < lines {
            found.push(format!("{path} has {lines} lines"));
        }
        let marks = unfinished.iter().filter(|mark| source::has_word(&text, mark));
        found.extend(marks.map(|mark| format!("{path} has a {mark}")));
    }
    check_nothing(&found);
}
