//! Golden exchanges: `fixtures/<system>/<operation>/<case>.exchange.json`.
//!
//! Each file says which mapped fields go in, which call the document wants, what is answered and what
//! comes of it; `<case>.request` beside it is the call as it leaves, byte for byte ([`golden`](crate::golden)).
//! Adding a file adds a test. `{base}` in a payload stands for the upstream's address. What the adapter
//! drafts is what it sends.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use omnihub_contract::{Delivery, Draft, Failure, Operation, Receipt};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::conformance::Subject;
use crate::deliveries::delivery;
use crate::golden::{check_request, fixtures};
use crate::scripted::{Reply, ScriptedUpstream, Seen, Step};

const TIMEOUT: Duration = Duration::from_secs(30);

/// The folder of a system that has examples of answers, for the stand-ins' tests.
const ANSWERS: &str = "answers";

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

/// Runs every exchange in `fixtures/<system>`. Each operation that the adapter has must have one at least,
/// and nothing else may stand there but `login.request`, the call that is answered aside.
pub async fn check_exchanges(system: &str, subject: &Subject) {
    let operations = operations(subject);
    check_folders(system, operations);
    for operation in operations {
        for case in cases(system, operation.name) {
            check_exchange(&case, subject, operations).await;
        }
    }
    if let (Some((path, _)), Some(operation)) = (subject.aside.first(), operations.first()) {
        let first = cases(system, operation.name).remove(0);
        let (upstream, ..) = deliver(&first, subject, operations).await;
        let seen = upstream.seen();
        let login = seen.iter().find(|seen| seen.target == *path);
        let login = login.unwrap_or_else(|| panic!("{system} does not log in at {path}"));
        check_request(&format!("{system}/login"), login);
    }
}

/// Sends the first case of every operation with other settings, and compares only what leaves: with
/// `<case>.<variant>.request`.
pub async fn check_requests(system: &str, variant: &str, subject: &Subject) {
    let operations = operations(subject);
    for operation in operations {
        let all = cases(system, operation.name);
        let documented = all.iter().find(|case| case.name.ends_with("/documented"));
        let case = documented.or(all.first()).unwrap();
        let (upstream, _, _) = deliver(case, subject, operations).await;
        check_request(&format!("{}.{variant}", case.name), &upstream.last());
    }
}

/// One file.
struct ExchangeFile {
    /// `<system>/<operation>/<case>`.
    name: String,
    operation: &'static str,
    exchange: Exchange,
}

async fn check_exchange(case: &ExchangeFile, subject: &Subject, operations: &'static [Operation]) {
    let ExchangeFile { name, exchange, .. } = case;
    let (upstream, delivery, outcome) = deliver(case, subject, operations).await;
    check_call(name, &exchange.call, &upstream.last());
    check_request(name, &upstream.last());
    assert_eq!(shown(outcome), exchange.outcome, "{name}");
    let adapter = (subject.build)(&upstream.base_url(), TIMEOUT).adapter;
    check_draft(name, subject, adapter.draft(&delivery), &upstream);
    if let Some(found) = &exchange.found {
        check_query(case, subject, &delivery, found).await;
    }
}

/// Delivers it to an upstream that answers as the case says.
async fn deliver(
    ExchangeFile { operation, exchange, .. }: &ExchangeFile,
    subject: &Subject,
    operations: &'static [Operation],
) -> (ScriptedUpstream, Delivery, Result<Receipt, Failure>) {
    let step = Step::Answer(reply(&exchange.answer));
    let upstream = ScriptedUpstream::start_with_aside(subject.aside.clone(), [step]).await;
    let payload = exchange.payload.to_string().replace("{base}", &upstream.base_url());
    let delivery = delivery(operations, operation, serde_json::from_str(&payload).unwrap());
    let adapter = (subject.build)(&upstream.base_url(), TIMEOUT).adapter;
    let outcome = adapter.deliver(&delivery).await;
    (upstream, delivery, outcome)
}

/// The draft has nothing that the call has not, and no secret.
#[track_caller]
fn check_draft(
    case: &str,
    subject: &Subject,
    draft: Result<Draft, Failure>,
    upstream: &ScriptedUpstream,
) {
    let seen = upstream.last();
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
    ExchangeFile { name, exchange, .. }: &ExchangeFile,
    subject: &Subject,
    delivery: &Delivery,
    found: &Value,
) {
    let step = Step::Answer(reply(&exchange.answer));
    let upstream = ScriptedUpstream::start_with_aside(subject.aside.clone(), [step]).await;
    let adapter = (subject.build)(&upstream.base_url(), TIMEOUT).adapter;
    let argument = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let arguments = delivery.payload.iter();
    let arguments = arguments.map(|(name, value)| (name.clone(), argument(value))).collect();
    let outcome = adapter.query(delivery.operation.name, &arguments).await;
    check_request(name, &upstream.last());
    assert_eq!(outcome.as_ref(), Ok(found), "{name}");
}

#[track_caller]
fn check_call(case: &str, expected: &ExpectedCall, seen: &Seen) {
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

/// What the adapter itself says that it can be asked to do.
fn operations(subject: &Subject) -> &'static [Operation] {
    (subject.build)("http://127.0.0.1", TIMEOUT).adapter.operations()
}

/// The cases of an operation, by name.
fn cases(system: &str, operation: &'static str) -> Vec<ExchangeFile> {
    let read = |path: &PathBuf| {
        let name = path.file_name()?.to_str()?.strip_suffix(".exchange.json")?;
        let name = format!("{system}/{operation}/{name}");
        let text = fs::read_to_string(path).unwrap();
        let exchange =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        Some(ExchangeFile { name, operation, exchange })
    };
    let cases: Vec<_> =
        entries(&fixtures().join(system).join(operation)).iter().filter_map(read).collect();
    assert!(!cases.is_empty(), "{system} has no exchange of {operation}");
    cases
}

/// Nothing is kept of an operation or a case that is no more.
#[track_caller]
fn check_folders(system: &str, operations: &[Operation]) {
    for folder in entries(&fixtures().join(system)).iter().filter(|path| path.is_dir()) {
        let name = last(folder);
        if name == ANSWERS {
            continue;
        }
        assert!(operations.iter().any(|known| known.name == name), "{system} has no {name}");
        for request in entries(folder).iter().filter(|path| last(path).ends_with(".request")) {
            let case = last(request).split('.').next().unwrap_or_default();
            let exchange = folder.join(format!("{case}.exchange.json"));
            assert!(exchange.exists(), "{} is of no exchange", request.display());
        }
    }
}

fn last(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

/// What is in a folder, by name.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut entries: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries
}
