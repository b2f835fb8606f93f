//! Refusals: every text that a request may be refused with, one row each, and the answers of the
//! document made from them.
//!
//! Texts that say where or how much stand here with an example of it. Tests hold the rows against what
//! the door answers, and against its code.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::operations::Operation;
use super::{Facts, examples, headers};
use crate::access::Permission;
use crate::intake::schema;

/// One text.
struct Refusal {
    status: u16,
    /// The example's name, different within a status.
    name: &'static str,
    /// `message`.
    text: &'static str,
    of: Of,
    /// The documents' own example of it, under `fixtures/omni/answers`.
    fixture: Option<&'static str>,
}

/// Which operations it may come from.
enum Of {
    All,
    /// POST and PATCH.
    WithBody,
    Needing(Permission),
    These(&'static [&'static str]),
}

const fn row(status: u16, name: &'static str, text: &'static str, of: Of) -> Refusal {
    Refusal { status, name, text, of, fixture: None }
}

/// A text that the documents show.
const fn documented(
    status: u16,
    name: &'static str,
    text: &'static str,
    of: Of,
    fixture: &'static str,
) -> Refusal {
    Refusal { status, name, text, of, fixture: Some(fixture) }
}

const CREATE: Of = Of::Needing(Permission::Create);
const FIND: Of = Of::These(&["findTickets"]);
const UPDATE: Of = Of::Needing(Permission::Update);
const FILES: Of = Of::These(&["createTicket", "updateTicket"]);
const NAMING: Of = Of::These(&["findTickets", "showTicket", "updateTicket"]);

const REFUSALS: &[Refusal] = &[
    documented(
        400,
        "claimFields",
        "Validation failed",
        Of::These(&["createClaim"]),
        "claim_not_valid",
    ),
    documented(
        400,
        "ticketFields",
        "Validation failed",
        Of::These(&["createTicket"]),
        "ticket_not_valid",
    ),
    documented(400, "updateFields", "Invalid update data", UPDATE, "update_not_valid"),
    documented(400, "final", "Cannot update closed or resolved tickets", UPDATE, "ticket_is_final"),
    row(400, "full", "The ticket takes no more updates", UPDATE),
    documented(
        400,
        "nothingAsked",
        "Either ticketNumber or channelReferenceId is required",
        FIND,
        "no_parameter",
    ),
    row(400, "tooMany", "At most 100 tickets can be asked for at once", FIND),
    row(
        400,
        "differentTickets",
        "ticketNumber and channelReferenceId name different tickets",
        FIND,
    ),
    row(400, "notJson", "the body is not JSON: expected value at line 1, column 1", Of::WithBody),
    row(400, "notAnObject", "the body is not a JSON object", Of::WithBody),
    row(
        400,
        "twoKeys",
        "integration.requestId and the Idempotency-Key header differ",
        Of::WithBody,
    ),
    row(400, "keyNotText", "The Idempotency-Key header is not plain text", Of::WithBody),
    row(400, "cut", "The request body was cut", Of::WithBody),
    row(400, "notGzip", "The request body is not the gzip that its header says", Of::WithBody),
    documented(401, "unknownKey", "Unauthorized", Of::All, "unknown_key"),
    documented(
        403,
        "noPermission",
        "Insufficient permissions to create omnichannel tickets",
        CREATE,
        "no_permission",
    ),
    row(
        403,
        "noPermission",
        "Insufficient permissions to read tickets",
        Of::Needing(Permission::Read),
    ),
    row(403, "noPermission", "Insufficient permissions to update tickets", UPDATE),
    row(403, "address", "This key may not be used from this address", Of::All),
    documented(404, "unknown", "Ticket not found", NAMING, "ticket_not_found"),
    row(408, "slow", "The request body took too long", Of::WithBody),
    row(413, "large", "The request body is larger than 1000000 bytes", Of::WithBody),
    row(415, "coding", "This Content-Encoding is not supported: send gzip, or none", Of::WithBody),
    row(422, "otherRequest", "This request id was used for another request", Of::WithBody),
    row(429, "limit", "Rate limit exceeded", Of::All),
    row(429, "stranger", "Too many failed authentications", Of::All),
    documented(500, "notCreated", "Failed to create ticket", CREATE, "create_failed"),
    row(500, "ours", "Internal Server Error", Of::All),
    row(503, "busy", "Too busy: try again shortly", Of::All),
    row(503, "large", "Too many large requests at once: try again shortly", Of::WithBody),
    row(503, "store", "Nothing can be kept now: try again", Of::All),
    row(503, "attachments", "The attachments cannot be kept now: try again later", FILES),
];

/// What a status means, and which headers come with it.
fn meaning(status: u16) -> (&'static str, &'static [&'static str]) {
    match status {
        400 => ("Something about the request is wrong; `errors` says what, by dotted path.", &[]),
        401 => ("No key, a wrong one, or two that differ.", &["WWW-Authenticate"]),
        403 => ("The key may not do this.", &[]),
        404 => ("There is no such ticket, or it is another partner's.", &[]),
        405 => ("The path has no such method.", &["Allow"]),
        408 => ("The body did not come in time.", &[]),
        413 => ("The body is too large.", &[]),
        415 => ("The body is packed in a way that is not understood.", &["Accept-Encoding"]),
        422 => ("The idempotency key was used for another body.", &[]),
        429 => (
            "Too many requests of this key, or too many wrong keys from this address.",
            &["Retry-After"],
        ),
        500 => ("Something is wrong with the hub; its log says what, under `requestId`.", &[]),
        503 => ("The hub cannot take it now; nothing was kept.", &["Retry-After"]),
        _ => ("Refused.", &[]),
    }
}

/// What stands in `error`: one of the documents has other words for a 401 (contract trap 5).
fn error(refusal: &Refusal) -> &'static str {
    if refusal.status == 401 { "Invalid API key" } else { refusal.text }
}

/// The refusals of an operation, by status.
pub(super) fn responses(operation: &Operation, facts: &Facts) -> BTreeMap<String, Value> {
    let mut by_status: BTreeMap<u16, Vec<&Refusal>> = BTreeMap::new();
    for refusal in REFUSALS.iter().filter(|refusal| is_of(&refusal.of, operation)) {
        by_status.entry(refusal.status).or_default().push(refusal);
    }
    let answer = |(status, refusals): (u16, Vec<&Refusal>)| {
        let mut headers = standing(status, facts);
        headers.extend(headers::named(meaning(status).1));
        (status.to_string(), response(status, &refusals, headers))
    };
    by_status.into_iter().map(answer).collect()
}

fn is_of(of: &Of, operation: &Operation) -> bool {
    match of {
        Of::All => true,
        Of::WithBody => operation.has_body(),
        Of::Needing(permission) => *permission == operation.permission,
        Of::These(ids) => ids.contains(&operation.id),
    }
}

/// Where the key stands. A request that failed before its key was known says nothing of it.
fn standing(status: u16, facts: &Facts) -> Map<String, Value> {
    let names = ["RateLimit-Policy", "RateLimit"];
    match status {
        401 => Map::new(),
        429 | 500 | 503 => headers::optional(&names, facts),
        _ => headers::named(&names),
    }
}

fn response(status: u16, refusals: &[&Refusal], mut headers: Map<String, Value>) -> Value {
    headers.extend(headers::named(&["X-Request-Id"]));
    let examples = refusals.iter().map(|refusal| {
        let (text, error) = (refusal.text, error(refusal));
        (refusal.name.to_owned(), examples::problem(status, text, error, refusal.fixture))
    });
    json!({
        "description": meaning(status).0,
        "headers": headers,
        "content": { "application/json": {
            "schema": schema::named("Problem"),
            "examples": examples.collect::<Map<String, Value>>(),
        }},
    })
}

/// Answers to what is no operation.
pub(super) fn of_no_operation() -> Value {
    let path = row(404, "path", "Not found", Of::All);
    let method = row(405, "method", "Method not allowed", Of::All);
    let mut not_found = response(404, &[&path], Map::new());
    if let Value::Object(not_found) = &mut not_found {
        not_found.insert("description".to_owned(), json!("There is no such path."));
    }
    json!({
        "NoSuchPath": not_found,
        "NoSuchMethod": response(405, &[&method], headers::named(meaning(405).1)),
    })
}

/// The body of every refusal: the members of both documents (contract trap 3).
pub(super) fn schema() -> Value {
    let text = |about: &str| json!({ "type": "string", "description": about });
    json!({
        "type": "object",
        "description": "A refusal.",
        "required": ["success", "message", "error", "timestamp", "status", "requestId"],
        "properties": {
            "success": { "const": false },
            "message": text("What is wrong."),
            "error": text("The same; 401 says `Unauthorized` above and `Invalid API key` here."),
            "errors": {
                "type": "object",
                "description": "What is wrong with each member, by its dotted path, such as \
                                `customer.email` or `attachments[0].content`.",
                "additionalProperties": { "type": "string" },
            },
            "timestamp": { "type": "string", "format": "date-time", "description": "When." },
            "status": { "type": "integer", "minimum": 400, "maximum": 599, "description": "The HTTP status." },
            "requestId": text("The name of this request, as in `X-Request-Id`."),
        },
    })
}
