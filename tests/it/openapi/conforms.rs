//! Holds an answer, and the request that it answers, against the description of the door: every answer
//! that any test gets through [`Client`](crate::hub::Client) comes by here.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use http::Method;
use jsonschema::Validator;
use omnihub::config::{self, SHIPPED};
use omnihub::http::openapi;
use omnihub::hub;
use serde_json::{Map, Value, json};

use crate::hub::Answer;

/// The description of a hub with the shipped settings.
pub(crate) static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    let config = config::read("config.toml".as_ref(), SHIPPED).unwrap();
    openapi::document(&hub::facts(&config))
});

/// The same, where an object may have no member that is not described.
static STRICT: LazyLock<Value> = LazyLock::new(|| strict(&DOCUMENT));

fn strict(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let each = members.iter().map(|(name, member)| (name.clone(), strict(member)));
            let mut object: Map<String, Value> = each.collect();
            if members.contains_key("properties") {
                object.entry("additionalProperties").or_insert(json!(false));
            }
            Value::Object(object)
        }
        Value::Array(items) => items.iter().map(strict).collect(),
        other => other.clone(),
    }
}

/// Every complaint about a value by the schema at this place in the document.
pub(crate) fn complaints(of: &'static Value, place: &str, value: &Value) -> Vec<String> {
    type Validators = Mutex<HashMap<(bool, String), Arc<Validator>>>;
    static VALIDATORS: LazyLock<Validators> = LazyLock::new(Mutex::default);
    let key = (std::ptr::eq(of, &*STRICT), place.to_owned());
    let known = VALIDATORS.lock().unwrap().get(&key).cloned();
    let validator = known.unwrap_or_else(|| {
        let mut schema = of.clone();
        // Braces may stand in a JSON pointer, and not in the fragment of an address.
        let fragment = place.replace('{', "%7B").replace('}', "%7D");
        schema["$ref"] = json!(format!("#{fragment}"));
        let made = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
        let made = Arc::new(made);
        VALIDATORS.lock().unwrap().insert(key, Arc::clone(&made));
        made
    });
    validator.iter_errors(value).map(|e| format!("{}: {e}", e.instance_path())).collect()
}

/// A part of a JSON pointer.
pub(crate) fn escaped(part: &str) -> String {
    part.replace('~', "~0").replace('/', "~1")
}

/// Where the operation is described that answers this; nothing where there is none.
fn operation(method: &Method, path: &str) -> Option<String> {
    let path = path.split('?').next().unwrap();
    let described = DOCUMENT["paths"].as_object().unwrap();
    let is_it = |template: &&String| {
        let (parts, asked) = (template.split('/'), path.split('/'));
        parts.clone().count() == asked.clone().count()
            && parts.zip(asked).all(|(part, asked)| part == asked || part.starts_with('{'))
    };
    let template = described.keys().find(is_it)?;
    let method = if method == Method::HEAD { Method::GET } else { method.clone() };
    let method = method.as_str().to_lowercase();
    DOCUMENT["paths"][template][&method].is_object().then_some(())?;
    Some(format!("/paths/{}/{method}", escaped(template)))
}

/// Checks that the description has this answer, and that it has what was sent if that was taken.
#[track_caller]
pub(crate) fn check(method: &Method, path: &str, sent: Option<&[u8]>, answer: &Answer) {
    let status = answer.status;
    let what = format!("{method} {path}: {status}");
    let place = match operation(method, path) {
        Some(operation) => format!("{operation}/responses/{status}"),
        None if status == 405 => "/components/responses/NoSuchMethod".to_owned(),
        None => "/components/responses/NoSuchPath".to_owned(),
    };
    let described = DOCUMENT.pointer(&place).unwrap_or_else(|| panic!("{what} is not described"));
    check_headers(&what, described, answer);
    let content = answer.header("content-type").unwrap_or_default();
    let content = content.split(';').next().unwrap();
    assert!(described["content"][content].is_object(), "{what}: {content} is not described");
    if content != "application/json" || method == Method::HEAD {
        return;
    }
    let body = answer.json();
    let schema = format!("{place}/content/application~1json/schema");
    let wrong = complaints(&STRICT, &schema, &body);
    assert!(wrong.is_empty(), "{what}: {wrong:?}: {body}");
    if status >= 400 {
        check_text(&what, &described["content"][content], &body);
    } else if let Some(sent) = sent {
        let schema = place.replace(
            &format!("/responses/{status}"),
            "/requestBody/content/application~1json/schema",
        );
        let sent: Value = serde_json::from_slice(sent).unwrap();
        let wrong = complaints(&DOCUMENT, &schema, &sent);
        assert!(wrong.is_empty(), "{what}, but by the description {wrong:?}: {sent}");
    }
}

/// Every header that must come has come, as described, and no other that is described at all.
#[track_caller]
fn check_headers(what: &str, described: &Value, answer: &Answer) {
    let all = DOCUMENT["components"]["headers"].as_object().unwrap();
    for (name, anywhere) in all {
        let here = &described["headers"][name];
        let value = answer.header(&name.to_lowercase());
        let here = if here["$ref"].is_string() { anywhere } else { here };
        match value {
            Some(_) if here.is_null() => panic!("{what}: {name} is not described"),
            None => assert_ne!(here["required"], true, "{what}: {name} is missing"),
            Some(text) => {
                let is_number = here["schema"]["type"] == "integer";
                let value =
                    if is_number { json!(text.parse::<u64>().unwrap()) } else { json!(text) };
                let place = format!("/components/headers/{}/schema", escaped(name));
                let wrong = complaints(&DOCUMENT, &place, &value);
                assert!(wrong.is_empty(), "{what}: {name}: {wrong:?}");
            }
        }
    }
}

/// The text of a refusal is one of those that are described. Where and how much may differ.
#[track_caller]
fn check_text(what: &str, content: &Value, body: &Value) {
    let examples = content["examples"].as_object().map(|examples| examples.values());
    let Some(mut examples) = examples else { return };
    let text = body["message"].as_str().unwrap();
    let known = examples.any(|example| {
        head(example["value"]["message"].as_str().unwrap()) == head(text)
            && example["value"]["status"] == body["status"]
    });
    assert!(known, "{what}: {text:?} is not described");
}

/// What is the same in every text of a kind: before a colon, and without numbers.
pub(crate) fn head(text: &str) -> String {
    let before = text.split(": ").next().unwrap();
    before
        .split(|c: char| c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("#")
}
