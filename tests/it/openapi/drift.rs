//! The description cannot part from the code: what is read, refused, routed and said is described, and
//! what is described is so.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use omnihub::intake::{
    Attached, Document, Door, PartnerDefaults, Policy, UpdateDoor, claim, ticket, update,
};
use omnihub_contract::{PartnerId, Personal, TicketNumber};
use serde_json::{Value, json};

use super::conforms::{DOCUMENT, complaints, head};
use crate::hub::samples::{claim as least_claim, fixtures, ticket as least_ticket};

/// Values that no member, or nearly none, may have.
fn odd_values() -> Vec<Value> {
    let texts =
        ["", "   ", "x", "A\nB", "A\u{0}B", " HIGH", "500000", "2024-12-19", "\u{7f}", "IDR"];
    let numbers = [json!(0), json!(-1), json!(1.5), json!(7), json!(2e9), json!(1e300)];
    let others = [Value::Null, json!(true), json!([]), json!({}), json!([{}]), json!([7])];
    let long = [256, 301, 2001, 10_001].map(|length| json!("x".repeat(length)));
    let padded = [json!(" ".repeat(10_001)), json!("x".to_owned() + &" ".repeat(10_000))];
    texts
        .into_iter()
        .map(Value::from)
        .chain(numbers)
        .chain(others)
        .chain(long)
        .chain(padded)
        .collect()
}

/// The pointer of every member and item of a value.
fn places(value: &Value, before: &str) -> Vec<String> {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(members) => members.iter().map(|(n, v)| (n.clone(), v)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(n, v)| (n.to_string(), v)).collect(),
        _ => Vec::new(),
    };
    let all = inner.into_iter().flat_map(|(name, value)| {
        let place = format!("{before}/{name}");
        let below = places(value, &place);
        std::iter::once(place).chain(below)
    });
    all.collect()
}

/// The value without what is at this place.
fn without(mut value: Value, place: &str) -> Value {
    let (outer, name) = place.rsplit_once('/').unwrap();
    match value.pointer_mut(outer).unwrap() {
        Value::Object(members) => drop(members.remove(name)),
        Value::Array(items) => drop(items.remove(name.parse().unwrap())),
        _ => unreachable!("only those have places"),
    }
    value
}

/// The body, and each body that differs from it in one place.
fn variations(body: &Value) -> Vec<Value> {
    let mut variations = vec![body.clone()];
    for place in places(body, "") {
        variations.push(without(body.clone(), &place));
        for odd in odd_values() {
            let mut body = body.clone();
            *body.pointer_mut(&place).unwrap() = odd;
            variations.push(body);
        }
    }
    variations
}

/// Whether the intake takes it.
fn is_taken(schema: &str, body: &Value) -> bool {
    let Ok(mut document) = Document::parse(body.to_string().as_bytes()) else { return false };
    let (policy, defaults) = (Policy::default(), PartnerDefaults::default());
    let now = "2024-12-19T10:30:00Z".parse().unwrap();
    let door = Door {
        now,
        id: serde_json::from_value(json!("0193df2a-8a80-7000-8000-000000000001")).unwrap(),
        number: TicketNumber(9_000_000_001),
        partner: &PartnerId::from("wa-bot"),
        partner_defaults: &defaults,
        policy: &policy,
        request_id: None,
    };
    match schema {
        "ClaimBody" => claim(&document, &door).is_ok(),
        "TicketBody" => ticket(&mut document, &door).is_ok(),
        _ => {
            let (author, attached) = (Personal::from("Jane Smith"), Attached::default());
            let (id, author, policy) = ("1".to_owned(), &author, &policy);
            update(&mut document, &UpdateDoor { now, id, author, attached, policy }).is_ok()
        }
    }
}

/// Checks every variation of these bodies; gives how many the description refused, and how many more
/// only the intake did.
#[track_caller]
fn check_variations(schema: &str, bodies: impl IntoIterator<Item = Value>) -> (usize, usize) {
    let place = format!("/components/schemas/{schema}");
    let (mut refused, mut beyond) = (0, 0);
    for body in bodies.into_iter().flat_map(|body| variations(&body)) {
        let wrong = complaints(&DOCUMENT, &place, &body);
        match (wrong.is_empty(), is_taken(schema, &body)) {
            (false, true) => panic!("taken, but by the description {wrong:?}: {body}"),
            (false, false) => refused += 1,
            (true, false) => beyond += 1,
            (true, true) => {}
        }
    }
    (refused, beyond)
}

#[test]
fn whatever_the_description_refuses_is_refused() {
    let bodies = |folder: &str| fixtures(folder).into_iter().map(|fixture| fixture.body);
    for (schema, folder, least) in [
        ("ClaimBody", "create_claim", Some(least_claim())),
        ("TicketBody", "create_ticket", Some(least_ticket())),
        ("UpdateBody", "update_ticket", None),
    ] {
        let (refused, beyond) = check_variations(schema, bodies(folder).chain(least));
        assert!(refused > 100, "{schema}: {refused}");
        // Dates, web addresses and base64 have finer rules than a pattern.
        assert!(beyond * 20 < refused, "{schema}: {beyond} of {refused}");
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Path and text of every source file under a folder.
fn sources(folder: &Path) -> Vec<(String, String)> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let sources = entries.flat_map(|path| match path.is_dir() {
        true => sources(&path),
        false => vec![(path.display().to_string(), fs::read_to_string(&path).unwrap())],
    });
    sources.collect()
}

/// Every text that follows one of these words in these sources, up to the closing quote.
fn quoted_after<'a>(text: &'a str, words: &[&str]) -> Vec<&'a str> {
    let after = words.iter().flat_map(|word| text.split(*word).skip(1));
    after.filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next()).collect()
}

#[test]
fn every_member_that_the_intake_reads_is_described() {
    let constructors = ["Field::line(", "Field::prose(", "Field::word(", "Field::member("];
    let described = DOCUMENT["components"]["schemas"].to_string();
    let mut read = BTreeSet::new();
    for (_, text) in sources(&root().join("src/intake")) {
        for path in quoted_after(&text, &constructors) {
            let name = path.rsplit('.').next().unwrap().to_owned();
            read.insert(name);
        }
    }
    // A header.
    assert!(read.remove("Idempotency-Key"));
    assert!(read.len() > 35, "the search does not work: {read:?}");
    let missing: Vec<&String> =
        read.iter().filter(|name| !described.contains(&format!("\"{name}\":{{"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_route_is_described() {
    let code = fs::read_to_string(root().join("src/http.rs")).unwrap();
    let mut routed = BTreeSet::new();
    for route in code.split(".route(").skip(1) {
        let path = route.trim_start().strip_prefix('"').unwrap().split('"').next().unwrap();
        let methods = route.split(".fallback").next().unwrap();
        for method in ["get", "post", "patch", "put", "delete"] {
            if methods.contains(&format!("{method}(")) {
                routed.insert((path.replace("{number}", "{ticketNumber}"), method.to_owned()));
            }
        }
    }
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let described = paths.iter().flat_map(|(path, item)| {
        item.as_object().unwrap().keys().map(move |method| (path.clone(), method.clone()))
    });
    assert_eq!(routed, described.collect());
}

#[test]
fn every_text_of_a_refusal_is_one_that_the_code_says() {
    let parts = ["src/http", "src/intake"].map(|folder| root().join(folder));
    let inside = parts.iter().flat_map(|part| sources(part));
    let inside = inside.filter(|(path, _)| !path.contains("openapi")).map(|(_, text)| text);
    let outer = parts.iter().map(|part| fs::read_to_string(part.with_extension("rs")).unwrap());
    let code = head_of_code(&inside.chain(outer).collect::<String>());
    let mut texts = BTreeSet::new();
    collect_texts(&DOCUMENT, &mut texts);
    assert!(texts.len() > 25, "{texts:?}");
    let made_up: Vec<&String> =
        texts.iter().filter(|text| !code.contains(head(text).as_str())).collect();
    assert!(made_up.is_empty(), "{made_up:?}");
}

/// The code with what is put into texts in place of numbers.
fn head_of_code(code: &str) -> String {
    code.replace("{BATCH_MAX}", "#").replace("{bytes_max}", "#")
}

/// The message of every example of a refusal.
fn collect_texts(value: &Value, texts: &mut BTreeSet<String>) {
    if let (Some(text), Some(false)) = (value["message"].as_str(), value["success"].as_bool()) {
        texts.insert(text.to_owned());
    }
    match value {
        Value::Object(members) => members.values().for_each(|value| collect_texts(value, texts)),
        Value::Array(items) => items.iter().for_each(|value| collect_texts(value, texts)),
        _ => {}
    }
}
