//! The operations of the door: one row each, and the paths of the document made from them.

use serde_json::{Map, Value, json};

use super::{Facts, callbacks, examples, headers, public, refusals};
use crate::access::Permission;
use crate::intake::schema;

/// One method of one path.
pub(super) struct Operation {
    pub(super) path: &'static str,
    pub(super) method: &'static str,
    /// Its `operationId`.
    pub(super) id: &'static str,
    pub(super) permission: Permission,
    summary: &'static str,
    about: &'static str,
    /// The schema of its body, and the folder of its examples.
    body: Option<(&'static str, &'static str)>,
    answers: &'static [Answer],
}

impl Operation {
    pub(super) fn has_body(&self) -> bool {
        self.body.is_some()
    }
}

/// An answer of success.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) about: &'static str,
    /// The schemas that it may have.
    pub(super) schemas: &'static [&'static str],
    /// Its examples among `fixtures/omni/answers`.
    pub(super) examples: &'static [&'static str],
}

/// `channelReferenceId` of the example `technical_support`.
const REFERENCE: &str = "wa_msg_123456";

pub(super) const CLAIMS: &str = "/api/omnichannel/claims";
pub(super) const TICKETS: &str = "/api/omnichannel/tickets";
pub(super) const TICKET: &str = "/api/omnichannel/tickets/{ticketNumber}";

/// Every operation that needs a key.
pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        path: CLAIMS,
        method: "post",
        id: "createClaim",
        permission: Permission::Create,
        summary: "Post a claim",
        about: "A claim about a transaction (OMNI API 1.0, \"Create Simplified Claim\").",
        body: Some(("ClaimBody", "create_claim")),
        answers: &[Answer {
            status: 201,
            about: "The claim is kept.",
            schemas: &["ClaimCreated"],
            examples: &["claim_created"],
        }],
    },
    Operation {
        path: TICKETS,
        method: "post",
        id: "createTicket",
        permission: Permission::Create,
        summary: "Post a ticket",
        about: "A ticket of any service type (OMNI API 1.0, \"Create Full Ticket\"; Omnichannel \
                payloads 1.0.0, \"Create Ticket\").",
        body: Some(("TicketBody", "create_ticket")),
        answers: &[
            Answer {
                status: 200,
                about: "The ticket is kept; to a client that presents its key as `X-API-Key` only, \
                        as the document that says 200 has it.",
                schemas: &["TicketCreated"],
                examples: &["ticket_created_200"],
            },
            Answer {
                status: 201,
                about: "The ticket is kept; to a client that presents its key as `Authorization`, as \
                        the document that says 201 has it.",
                schemas: &["TicketCreated"],
                examples: &["ticket_created_201"],
            },
        ],
    },
    Operation {
        path: TICKETS,
        method: "get",
        id: "findTickets",
        permission: Permission::Read,
        summary: "Find tickets by number or reference",
        about: "One of the two parameters is needed; both must name one ticket. Several numbers, at \
                most 100, get a list of what was found and what was not.",
        body: None,
        answers: &[Answer {
            status: 200,
            about: "The ticket, or a list where several numbers were asked for.",
            schemas: &["TicketDetail", "TicketList"],
            examples: &["ticket_details", "ticket_details_with_omnichannel_data"],
        }],
    },
    Operation {
        path: TICKET,
        method: "get",
        id: "showTicket",
        permission: Permission::Read,
        summary: "Show a ticket",
        about: "The path's value is tried as a ticket number, then as a channel reference, of which \
                the newest ticket is meant.",
        body: None,
        answers: &[Answer {
            status: 200,
            about: "The ticket.",
            schemas: &["TicketDetail"],
            examples: &["ticket_details", "ticket_details_with_omnichannel_data"],
        }],
    },
    Operation {
        path: TICKET,
        method: "patch",
        id: "updateTicket",
        permission: Permission::Update,
        summary: "Comment, cancel, park, attach",
        about: "The path's value is read as it is for showing a ticket.",
        body: Some(("UpdateBody", "update_ticket")),
        answers: &[Answer {
            status: 200,
            about: "The change is kept.",
            schemas: &["TicketUpdated"],
            examples: &["comment_added", "status_updated", "attachments_added"],
        }],
    },
];

/// Groups of operations.
pub(super) fn tags() -> Value {
    json!([
        { "name": "omnichannel", "description": "Claims and tickets." },
        { "name": "callbacks", "description": "For the systems that the hub tells." },
        { "name": "health", "description": "For whoever starts, stops and balances the hub." },
        { "name": "about", "description": "What is said here." },
    ])
}

/// Every path, with its operations.
pub(super) fn paths(facts: &Facts) -> Map<String, Value> {
    let mut paths = public::paths();
    paths.extend(callbacks::paths());
    for operation in OPERATIONS {
        let item = paths.entry(operation.path).or_insert_with(|| json!({}));
        if let Value::Object(item) = item {
            item.insert(operation.method.to_owned(), described(operation, facts));
        }
    }
    paths
}

fn described(operation: &Operation, facts: &Facts) -> Value {
    let permission = format!("omnichannel:{}", operation.permission.as_str());
    let mut described = json!({
        "operationId": operation.id,
        "tags": ["omnichannel"],
        "summary": operation.summary,
        "description": format!("{} Needs `{permission}`.", operation.about),
        "security": headers::security(&[&permission]),
        "parameters": parameters(operation),
        "responses": responses(operation, facts),
    });
    if let (Value::Object(described), Some(body)) = (&mut described, operation.body) {
        described.insert("requestBody".to_owned(), request_body(operation, body, facts));
    }
    described
}

fn request_body(operation: &Operation, (schema, folder): (&str, &str), facts: &Facts) -> Value {
    let bytes = match operation.path {
        CLAIMS => facts.body_bytes_max,
        _ => facts.attachment_body_bytes_max,
    };
    json!({
        "description": format!("At most {bytes} bytes, counted after unpacking."),
        "required": true,
        "content": { "application/json": {
            "schema": schema::named(schema),
            "examples": examples::requests(folder),
        }},
    })
}

fn parameters(operation: &Operation) -> Vec<Value> {
    let mut parameters = Vec::new();
    if operation.path == TICKET {
        parameters.push(json!({
            "name": "ticketNumber",
            "in": "path",
            "required": true,
            "description": "A number that the ticket has or had, or its channel's reference.",
            "schema": { "type": "string", "minLength": 1 },
            // The reference of an example, so that who posts the examples finds a ticket by it.
            "example": REFERENCE,
        }));
    }
    if operation.id == "findTickets" {
        parameters.extend(by_query());
    }
    if operation.has_body() {
        parameters.push(headers::idempotency_key());
    }
    parameters.push(headers::request_id());
    parameters
}

fn by_query() -> [Value; 2] {
    [
        json!({
            "name": "ticketNumber",
            "in": "query",
            "description": "A number that the ticket has or had. Repeated, or several with commas \
                            between them: all of these; each counts once, blank ones do not count.",
            "style": "form",
            "explode": true,
            "schema": { "type": "array", "items": { "type": "string" } },
        }),
        json!({
            "name": "channelReferenceId",
            "in": "query",
            "description": "The channel's own name for the conversation; the newest ticket of it.",
            "schema": { "type": "string" },
            "example": REFERENCE,
        }),
    ]
}

fn responses(operation: &Operation, facts: &Facts) -> Map<String, Value> {
    let answers = operation
        .answers
        .iter()
        .map(|answer| (answer.status.to_string(), success(operation, answer)));
    answers.chain(refusals::responses(operation, facts)).collect()
}

fn success(operation: &Operation, answer: &Answer) -> Value {
    let schema = match answer.schemas {
        [one] => schema::named(one),
        several => {
            json!({ "anyOf": several.iter().map(|name| schema::named(name)).collect::<Vec<_>>() })
        }
    };
    let mut success = json!({
        "description": answer.about,
        "headers": headers::of_success(operation.has_body()),
        "content": { "application/json": {
            "schema": schema,
            "examples": examples::answers(answer),
        }},
    });
    if let (Value::Object(success), Permission::Create) = (&mut success, operation.permission) {
        success.insert("links".to_owned(), links());
    }
    success
}

/// What can be done with a new ticket's number.
fn links() -> Value {
    let by_number = json!({ "ticketNumber": "$response.body#/ticketNumber" });
    json!({
        "show": { "operationId": "showTicket", "parameters": by_number },
        "update": { "operationId": "updateTicket", "parameters": by_number },
    })
}
