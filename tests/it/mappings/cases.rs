//! The shipped cases come out as they say, and a case that does not is told so that it can be mended.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use omnihub::adapters::{self, Needs};
use omnihub::cases::{Bench, Case, CaseFile, Failing, Passed};
use omnihub::config;
use omnihub::hub::{case_files, catalogs, mapping_files};
use omnihub::mapping::{Catalog, CompileOptions, MappingFile, compile};
use omnihub_contract::{PartnerId, Secret, SigningSecrets};
use serde_json::{Value, json};

struct NoSecrets;

impl SigningSecrets for NoSecrets {
    fn newest_first(&self, _: &PartnerId) -> Vec<Secret> {
        Vec::new()
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings")
}

fn shipped() -> (Vec<MappingFile>, Vec<Catalog>) {
    let config = config::read(Path::new("config.toml"), config::SHIPPED).unwrap();
    let listed = adapters::all(&config, &Needs { secrets: Arc::new(NoSecrets) }).unwrap();
    (mapping_files(&folder()).unwrap(), catalogs(&listed))
}

fn passed(bench: &mut Bench<'_>, file: &CaseFile) -> Passed {
    bench.run(file).unwrap_or_else(|failing| panic!("{failing}"))
}

#[test]
fn every_shipped_rule_has_a_case_and_every_case_comes_out() {
    let (files, catalogs) = shipped();
    let mut bench = Bench::new(&files, &catalogs);
    let tried: BTreeSet<String> = case_files(&folder())
        .unwrap()
        .iter()
        .map(|file| passed(&mut bench, file))
        .filter_map(|passed| Some(format!("{}: {}", passed.adapter, passed.rule?)))
        .collect();
    let mappings = compile(&files, &catalogs, CompileOptions::default()).unwrap();
    let rules: BTreeSet<String> =
        mappings.rules().map(|rule| format!("{}: {}", rule.adapter, rule.name)).collect();
    assert_eq!(tried, rules);
}

/// Whoever changes settings must not find that a shipped case fails.
#[test]
fn the_shipped_cases_name_every_setting_that_they_read() {
    let (files, mut catalogs) = shipped();
    for catalog in &mut catalogs {
        for (name, value) in &mut catalog.settings {
            *value = match value {
                _ if name == "timezone" => json!("America/Caracas"),
                Value::String(_) => json!("other"),
                Value::Array(_) => json!(["SMS"]),
                _ => json!(7),
            };
        }
    }
    let mut bench = Bench::new(&files, &catalogs);
    for file in case_files(&folder()).unwrap() {
        passed(&mut bench, &file);
    }
}

#[test]
fn the_program_has_the_cases_of_the_folder_inside() {
    let named = |folder: &Path| -> Vec<(String, String)> {
        let files = case_files(folder).unwrap().into_iter();
        files.map(|file| (file.path.rsplit('/').next().unwrap().to_owned(), file.text)).collect()
    };
    let (inside, outside) = (named(Path::new("/nowhere")), named(&folder()));
    assert_eq!(inside, outside);
    assert!(outside.len() > 30);
}

fn claim() -> Value {
    json!({
        "about": "a claim",
        "given": { "omni": { "claim": { "namaNasabah": "Budi Contoh", "mediaTransaksi": "QRIS", "nominal": 5 } } },
        "rule": "claim",
        "payload": {
            "namaNasabah": "Budi", "mediaTransaksi": "QRIS", "nominal": 5, "atmId": "A",
        },
    })
}

fn failing(adapter: &str, case: &str) -> Failing {
    let (files, catalogs) = shipped();
    let path = format!("mappings/{adapter}.cases/a.json");
    let file = CaseFile { adapter: adapter.into(), path, text: case.to_owned() };
    *Bench::new(&files, &catalogs).run(&file).unwrap_err()
}

/// The case with members changed; `null` takes one out.
fn with(mut case: Value, members: &[(&str, Value)]) -> String {
    for (pointer, value) in members {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let parent = case.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        match value {
            Value::Null => drop(parent.remove(name)),
            value => drop(parent.insert(name.to_owned(), value.clone())),
        }
    }
    case.to_string()
}

#[test]
fn a_payload_that_differs_is_told_field_by_field() {
    let told = failing("helpdesk", &with(claim(), &[])).to_string();
    let line =
        |line: &str| assert!(told.lines().any(|told| told == line), "no {line:?} in\n{told}");
    line(" --> mappings/helpdesk.cases/a.json");
    line("  - atmId        \"A\"");
    line("  +              (nothing)");
    line("  - namaNasabah  \"Budi\"");
    line("  +              \"Budi Contoh\"");
    line("  - description  (nothing)");
    assert!(told.starts_with("error H0280: the payload is not as the case says: rule `claim` ("));
    assert!(!told.contains("nominal"), "{told}");
}

#[track_caller]
fn check(adapter: &str, case: &str, code: &str, words: &[&str]) {
    let failing = failing(adapter, case);
    assert_eq!(failing.code, code, "{failing}");
    let told = failing.to_string();
    for word in words {
        assert!(told.contains(word), "no {word:?} in\n{told}");
    }
}

#[test]
fn what_happens_instead_is_told() {
    let no_delivery = [("/payload", Value::Null), ("/instead", json!("no delivery"))];
    let words = ["the case says `no delivery`, but there is a payload: rule `claim`"];
    check("helpdesk", &with(claim(), &no_delivery), "H0280", &words);
    let sociomile = [("/rule", json!("disputed transaction to the complaint desk"))];
    let words = ["the case says `a payload`, but the delivery waits for helpdesk.ticketNumber"];
    check("sociomile", &with(claim(), &sociomile), "H0280", &words);
    let words =
        ["no rule makes one", "`phone call`: ticket.kind should be ticket, and is \"claim\""];
    check("sociomile", &with(claim(), &[("/rule", json!("phone call"))]), "H0280", &words);
}

#[test]
fn a_case_that_cannot_be_read_is_told_with_what_is_wrong() {
    check("helpdesk", "{", "H0281", &["cannot be read", "line 1 column 1"]);
    let unknown = with(claim(), &[("/given/recipts", json!({}))]);
    check("helpdesk", &unknown, "H0281", &["unknown field `recipts`", "`receipts`"]);
    let both = with(claim(), &[("/instead", json!("no delivery"))]);
    check("helpdesk", &both, "H0281", &["one of `payload` and `instead`"]);
    let neither = with(claim(), &[("/payload", Value::Null)]);
    check("helpdesk", &neither, "H0281", &["one of `payload` and `instead`"]);
    let other = with(claim(), &[("/payload", Value::Null), ("/instead", json!("nothing"))]);
    check("helpdesk", &other, "H0281", &["no delivery", "waits for <receipt>"]);
    let rule = with(claim(), &[("/rule", json!("klaim"))]);
    check("helpdesk", &rule, "H0281", &["has no rule `klaim`", "`claim`, `ticket`"]);
    let body = with(claim(), &[("/given/omni/claim/nominal", json!("5"))]);
    check("helpdesk", &body, "H0281", &["the door would not take the body: nominal: "]);
    let setting = with(claim(), &[("/given/settings", json!({ "email": 7 }))]);
    check("helpdesk", &setting, "H0281", &["with the settings of the case", "H0212"]);
    let nothing = with(claim(), &[("/given/omni", Value::Null)]);
    check("helpdesk", &nothing, "H0281", &["one of `omni` and `ticket`"]);
    let inbound = with(claim(), &[("/inbound", json!("ticket"))]);
    check("helpdesk", &inbound, "H0281", &["`given.said`"]);
}

#[test]
fn the_cases_in_the_readme_are_cases() {
    let readme = std::fs::read_to_string(folder().join("README.md")).unwrap();
    let examples: Vec<&str> = readme
        .split("```json\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .filter(|example| example.contains("\"given\""))
        .collect();
    assert_eq!(examples.len(), 2);
    for example in examples {
        serde_json::from_str::<Case>(example).unwrap_or_else(|error| panic!("{error}: {example}"));
    }
}
