//! Examples, all from `fixtures/omni`. The documents' answers leave out what others of them show: such
//! an example is completed with those members.

use serde_json::{Map, Value, json};

use super::operations::Answer;
use crate::fixtures::{self, Fixture};

/// Every example of a folder, as bodies of requests.
pub(super) fn requests(folder: &str) -> Map<String, Value> {
    fixtures::of(folder).into_iter().map(|fixture| shown(fixture, |body| body)).collect()
}

/// The examples of an answer of success.
pub(super) fn answers(answer: &Answer) -> Map<String, Value> {
    let fixtures = answer.examples.iter().filter_map(|name| fixtures::named("answers", name));
    let is_detail = answer.schemas.contains(&"TicketDetail");
    let mut examples: Map<String, Value> = fixtures
        .map(|fixture| shown(fixture, |body| if is_detail { completed(body) } else { body }))
        .collect();
    if answer.schemas.contains(&"TicketList") {
        let tickets: Vec<Value> =
            examples.values().filter_map(|example| example.get("value").cloned()).collect();
        let list = json!({
            "success": true,
            "tickets": tickets,
            "notFound": ["12399"],
            "timestamp": NOW,
        });
        examples
            .insert("several".to_owned(), json!({ "summary": "Several numbers", "value": list }));
    }
    examples
}

/// A refusal, as one of the documents shows it where a fixture is named.
pub(super) fn problem(status: u16, message: &str, error: &str, fixture: Option<&str>) -> Value {
    let fixture = fixture.and_then(|name| fixtures::named("answers", name));
    let mut body = json!({
        "success": false,
        "message": message,
        "error": error,
        "timestamp": NOW,
        "status": status,
        "requestId": "5f3a9c10-42",
    });
    let Some(Fixture { from, body: documented, .. }) = fixture else {
        return json!({ "summary": message, "value": body });
    };
    for member in ["errors", "timestamp"] {
        if let (Value::Object(body), Some(value)) = (&mut body, documented.get(member)) {
            body.insert(member.to_owned(), value.clone());
        }
    }
    json!({ "summary": message, "description": from, "value": body })
}

/// When the examples that have no time of their own are from.
const NOW: &str = "2024-12-19T15:00:00Z";

fn shown(fixture: Fixture, made: impl Fn(Value) -> Value) -> (String, Value) {
    let Fixture { name, from, body } = fixture;
    let summary = name.replace('_', " ");
    (name, json!({ "summary": summary, "description": from, "value": made(body) }))
}

/// A documented ticket with the members that the hub shows beside it.
fn completed(documented: Value) -> Value {
    let mut ticket = json!({
        "success": true,
        "ticketId": "0193de4f-2a40-7000-8000-000000000001",
        "channelReferenceId": "wa_msg_123456",
        "lastComment": documented.pointer("/comments/1").or(documented.pointer("/comments/0")),
        "timestamp": NOW,
    });
    let number = documented.get("ticketNumber").cloned();
    let mut metadata = json!({ "omnichannelType": "TECHNICAL_SUPPORT" });
    if let (Value::Object(ticket), Value::Object(documented)) = (&mut ticket, documented) {
        let flat = documented.get("metadata").cloned().unwrap_or_default();
        if let (Value::Object(metadata), Value::Object(flat)) = (&mut metadata, flat) {
            metadata.insert("omnichannelData".to_owned(), Value::Object(flat.clone()));
            metadata.extend(flat);
            metadata
                .insert("numbers".to_owned(), json!({ "hub": "9000000042", "helpdesk": number }));
        }
        ticket.extend(documented);
        ticket.insert("metadata".to_owned(), metadata);
    }
    ticket
}
