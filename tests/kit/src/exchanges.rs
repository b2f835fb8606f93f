//! Golden exchanges: `fixtures/<system>/<operation>/<case>.exchange.json`.
//!
//! Each file says which mapped fields go in, which call leaves, what is answered and what comes of it;
//! adding a file adds a test. `{base}` in a payload stands for the upstream's address. What the adapter
//! drafts is what it sends.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use omnihub_contract::{Delivery, Draft, Failure, Operation, Receipt};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::conformance::Subject;
use crate::deliveries::delivery;
use crate::scripted::{Reply, ScriptedUpstream, Seen, Step};

const TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exchange {
    /// Which document the case is from.
    #[serde(rename = "from")]
    _from: String,
    payload: Value,
    call: ExpectedCall,
    answer: ScriptedAnswer,
    outcome: Value,
    /// What the query of this name finds, where it is one.
    found: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedCall {
    method: String,
    target: String,
    #[serde(default)]
    headers: Map<String, Value>,
    /// A text is compared byte by byte, anything else as JSON. Absent: there is no body.
    body: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScriptedAnswer {
    status: u16,
    /// A text is sent as it is, anything else as JSON.
    body: Value,
}

/// Runs every exchange in `fixtures/<system>`. Each operation must have one at least.
pub async fn check_exchanges(system: &str, subject: &Subject, operations: &'static [Operation]) {
    for operation in operations {
        let cases = cases_in(&fixtures().join(system).join(operation.name));
        assert!(!cases.is_empty(), "{system} has no exchange of {}", operation.name);
        for case in cases {
            check_exchange(&case, subject, operations, operation.name).await;
        }
    }
}

async fn check_exchange(
    case: &Path,
    subject: &Subject,
    operations: &'static [Operation],
    name: &str,
) {
    let text = fs::read_to_string(case).unwrap();
    let exchange: Exchange =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", case.display()));
    let step = Step::Answer(reply(&exchange.answer));
    let upstream = ScriptedUpstream::start_with_aside(subject.aside.clone(), [step]).await;
    let payload = exchange.payload.to_string().replace("{base}", &upstream.base_url());
    let delivery = delivery(operations, name, serde_json::from_str(&payload).unwrap());
    let adapter = (subject.build)(&upstream.base_url(), TIMEOUT).adapter;
    let outcome = shown(adapter.deliver(&delivery).await);
    check_call(case, &exchange.call, &upstream.last());
    assert_eq!(outcome, exchange.outcome, "{}", case.display());
    check_draft(case, subject, adapter.draft(&delivery), &upstream);
    if let Some(found) = &exchange.found {
        check_query(case, subject, (&delivery, &exchange), found).await;
    }
}

/// The draft has nothing that the call has not, and no secret.
#[track_caller]
fn check_draft(
    case: &Path,
    subject: &Subject,
    draft: Result<Draft, Failure>,
    upstream: &ScriptedUpstream,
) {
    let (case, seen) = (case.display(), upstream.last());
    let draft = draft.unwrap_or_else(|failure| panic!("{case}: no draft: {failure}"));
    assert_eq!(draft.method, seen.method, "{case}");
    let target = draft.address.strip_prefix(&upstream.base_url()).unwrap_or_default();
    assert_eq!(target, subject.without_secrets(&seen.target), "{case}");
    for name in &draft.headers {
        assert!(seen.header(name).is_some(), "{case}: {name} is drafted and not sent");
    }
    assert_eq!(draft.body.unwrap_or_default(), seen.text(), "{case}");
}

/// The same operation as a query, with the same fields as arguments.
async fn check_query(
    case: &Path,
    subject: &Subject,
    (delivery, exchange): (&Delivery, &Exchange),
    found: &Value,
) {
    let step = Step::Answer(reply(&exchange.answer));
    let upstream = ScriptedUpstream::start_with_aside(subject.aside.clone(), [step]).await;
    let adapter = (subject.build)(&upstream.base_url(), TIMEOUT).adapter;
    let argument = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let arguments = delivery.payload.iter();
    let arguments = arguments.map(|(name, value)| (name.clone(), argument(value))).collect();
    let outcome = adapter.query(delivery.operation.name, &arguments).await;
    check_call(case, &exchange.call, &upstream.last());
    assert_eq!(outcome.as_ref(), Ok(found), "{}", case.display());
}

#[track_caller]
fn check_call(case: &Path, expected: &ExpectedCall, seen: &Seen) {
    let case = case.display();
    assert_eq!((&seen.method, &seen.target), (&expected.method, &expected.target), "{case}");
    for (name, value) in &expected.headers {
        assert_eq!(seen.header(name), value.as_str(), "{case}: header {name}");
    }
    match &expected.body {
        None => assert_eq!(seen.text(), "", "{case}"),
        Some(Value::String(text)) => assert_eq!(&seen.text(), text, "{case}"),
        Some(body) => assert_eq!(&seen.json(), body, "{case}"),
    }
}

fn reply(answer: &ScriptedAnswer) -> Reply {
    match &answer.body {
        Value::String(text) => Reply::text(answer.status, text),
        body => Reply::json(answer.status, body.clone()),
    }
}

fn shown(outcome: Result<Receipt, Failure>) -> Value {
    match outcome {
        Ok(Receipt { values, warning: None, .. }) => json!({"receipt": values}),
        Ok(Receipt { values, warning, .. }) => json!({"receipt": values, "warning": warning}),
        Err(failure) => json!({"fault": failure.fault.as_str(), "message": failure.message}),
    }
}

fn cases_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut cases: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(".exchange.json"))
        .collect();
    cases.sort();
    cases
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}
