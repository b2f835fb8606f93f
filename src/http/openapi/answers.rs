//! Schemas of what is answered with success.

use omnihub_contract::{Priority, StatusWord};
use serde_json::{Map, Value, json};

use crate::intake::schema;

/// By name.
pub(super) fn schemas() -> Map<String, Value> {
    let schemas = [
        ("ClaimCreated", claim_created()),
        ("TicketCreated", ticket_created()),
        ("TicketDetail", detail()),
        ("TicketList", list()),
        ("TicketUpdated", updated()),
        ("Comment", comment()),
    ];
    schemas.map(|(name, schema)| (name.to_owned(), schema)).into_iter().collect()
}

/// The schema of an object of these members, which are all there but for some.
pub(super) fn object(about: &str, members: Value, but: &[&str]) -> Value {
    let names = members.as_object().into_iter().flat_map(Map::keys);
    let required: Vec<&String> = names.filter(|name| !but.contains(&name.as_str())).collect();
    let object = json!({ "type": "object", "description": about, "required": required });
    with(object, "properties", members)
}

/// The value with one member more.
pub(super) fn with(mut value: Value, name: &str, member: Value) -> Value {
    if let Value::Object(value) = &mut value {
        value.insert(name.to_owned(), member);
    }
    value
}

fn text(about: &str) -> Value {
    json!({ "type": "string", "description": about })
}

fn text_or_null(about: &str) -> Value {
    json!({ "type": ["string", "null"], "description": about })
}

fn time(about: &str) -> Value {
    json!({ "type": "string", "format": "date-time", "description": about })
}

fn time_or_null(about: &str) -> Value {
    json!({ "type": ["string", "null"], "format": "date-time", "description": about })
}

pub(super) fn literal(value: impl Into<Value>) -> Value {
    json!({ "const": value.into() })
}

fn created(message: &str, metadata: Value) -> Value {
    let members = json!({
        "success": literal(true),
        "ticketNumber": text("The helpdesk's number if it came in time, else the hub's own."),
        "ticketId": text("The hub's id of the ticket."),
        "status": literal(StatusWord::Open.as_str()),
        "estimatedResolution": time("When it is due."),
        "trackingUrl": text("Where people can look it up."),
        "message": literal(message),
    });
    with(members, "metadata", metadata)
}

fn provisional() -> Value {
    json!({
        "const": true,
        "description": "The number is the hub's own: the helpdesk has not given one. It finds the \
                        ticket for ever.",
    })
}

fn claim_created() -> Value {
    let metadata =
        object("Only where something is to be said.", json!({ "provisional": provisional() }), &[]);
    let members = created("KLAIM-OMNI ticket created successfully", metadata);
    object("The answer to a claim.", members, &["metadata"])
}

fn ticket_created() -> Value {
    let metadata = json!({
        "createdAt": time("When it came."),
        "assignedTo": text("Who has it."),
        "supportGroup": text("Who sees to it."),
        "slaHours": { "type": "integer", "minimum": 0, "description": "Hours until it is due." },
        "provisional": provisional(),
    });
    let metadata = object("What else is known of it.", metadata, &["provisional"]);
    object("The answer to a ticket.", created("Ticket created successfully", metadata), &[])
}

fn detail() -> Value {
    let mut members = json!({
        "success": literal(true),
        "ticketNumber": text("The number that its create was answered with."),
        "ticketId": text("The hub's id of the ticket."),
        "channelReferenceId": text_or_null("The channel's own name for the conversation."),
        "status": {
            "type": "string",
            "description": "A word of the list; one that a system made up is shown as it is.",
            "examples": StatusWord::WORDS,
        },
        "priority": { "type": "string", "enum": Priority::WORDS, "description": "How urgent it is." },
        "createdAt": time("When it came."),
        "updatedAt": time("When it last changed."),
        "resolvedAt": time_or_null("When it was resolved."),
        "closedAt": time_or_null("When it was closed."),
        "currentAssignee": text_or_null("Who has it."),
        "lastComment": { "anyOf": [schema::named("Comment"), { "type": "null" }] },
        "comments": { "type": "array", "items": schema::named("Comment") },
        "timestamp": time("When this was answered."),
    });
    if let Value::Object(members) = &mut members {
        members.extend(blocks());
    }
    object("A ticket, with every member that any of the documents shows.", members, &[])
}

fn blocks() -> Map<String, Value> {
    let service =
        json!({ "name": text("What it is about."), "supportGroup": text("Who sees to it.") });
    let branch = json!({ "name": text_or_null("Its name."), "code": text_or_null("Its code.") });
    let file = json!({
        "filename": text("Its name."),
        "size": { "type": "integer", "minimum": 0, "description": "Its size, as it was sent." },
        "uploadedAt": time("When it came."),
    });
    let sla = json!({
        "responseDeadline": time("When a first answer is due."),
        "resolutionDeadline": time("When it is due."),
        "isBreached": { "type": "boolean", "description": "Whether that is over." },
        "regulatory": { "anyOf": [regulatory(), { "type": "null" }] },
    });
    let numbers = json!({
        "hub": text("The hub's own."),
        "helpdesk": text_or_null("The helpdesk's."),
    });
    let finding = json!({
        "code": text("What kind it is; `omnihub explain` has a page on each."),
        "message": text("What it is."),
        "timestamp": time("Since when."),
    });
    let metadata = json!({
        "findings": { "type": "array", "items": object("What a person should look at.", finding, &[]) },
        "omnichannelType": text("The service type."),
        "omnichannelData": { "type": "object", "description": "The client's metadata as sent." },
        "numbers": object("Every number that it has.", numbers, &[]),
    });
    let blocks = [
        ("service", object("The bank's own name of its service.", service, &[])),
        ("branch", object("The customer's branch.", branch, &[])),
        ("attachments", json!({ "type": "array", "items": object("A file.", file, &[]) })),
        // No document knows of the regulator.
        ("sla", object("How long it may take.", sla, &["regulatory"])),
        (
            "metadata",
            with(
                object("The client's metadata as sent, and these.", metadata, &["findings"]),
                "additionalProperties",
                json!(true),
            ),
        ),
    ];
    blocks.map(|(name, schema)| (name.to_owned(), schema)).into_iter().collect()
}

fn regulatory() -> Value {
    let members = json!({
        "form": {
            "type": "string",
            "enum": ["ORAL", "WRITTEN"],
            "description": "How the complaint was made: by voice, or in writing.",
        },
        "receivedAt": time("When it was received: its day is day 0."),
        "workingDays": {
            "type": "integer",
            "minimum": 1,
            "description": "Working days that it has, without an extension.",
        },
        "deadline": time_or_null("The end of the last of them; none while the clock is stopped."),
        "isBreached": { "type": "boolean", "description": "Whether that is over, or was missed." },
        "extendedUntil": time_or_null("The same, where it was extended."),
        "clockStoppedSince": time_or_null("Since when no day counts, as while documents of the customer are awaited."),
        "unknownHolidays": {
            "type": ["integer", "null"],
            "description": "A year up to the deadline whose holidays the hub does not know: the deadline may be too early.",
        },
    });
    object(
        "By when the regulator wants a complaint answered, in working days of the bank's calendar; null where it is no complaint.",
        members,
        &[],
    )
}

fn comment() -> Value {
    let members = json!({
        "content": text("Its words."),
        "author": text("Whose they are."),
        "timestamp": time("When it came."),
        "isFromSupport": { "type": "boolean", "description": "Whether support wrote it." },
    });
    // One of the documents leaves it out of `lastComment`; the hub never does.
    object("A comment.", members, &["isFromSupport"])
}

fn list() -> Value {
    let members = json!({
        "success": literal(true),
        "tickets": { "type": "array", "items": schema::named("TicketDetail") },
        "notFound": { "type": "array", "items": { "type": "string" } },
        "timestamp": time("When this was answered."),
    });
    object("Several tickets, in the order of their numbers.", members, &[])
}

fn updated() -> Value {
    let comment = json!({
        "id": text("Its id."),
        "content": text("Its words, after `[Via Omnichannel] `, as the helpdesk keeps them."),
        "author": text("Whose they are."),
        "timestamp": time("When it came."),
    });
    let file = json!({
        "filename": text("Its name."),
        "size": { "type": "integer", "minimum": 0, "description": "Its size, as it was sent." },
    });
    let results = [
        ("ADD_COMMENT", json!({ "comment": object("The comment.", comment, &[]) })),
        ("UPDATE_STATUS", json!({ "status": text("The new status.") })),
        (
            "ADD_ATTACHMENT",
            json!({ "attachments": { "type": "array", "items": object("A file.", file, &[]) } }),
        ),
    ];
    let one_of = results.map(|(action, result)| {
        let members = json!({
            "success": literal(true),
            "ticketNumber": text("The number that its create was answered with."),
            "action": literal(action),
            "result": object("What was kept.", result, &[]),
            "message": literal("Ticket updated successfully"),
        });
        object(action, members, &[])
    });
    json!({ "description": "The answer to a change.", "oneOf": one_of })
}
