//! Makes tickets of claims and of ticket bodies.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::book::{Door, Filed, HelpdeskTicket};
use super::{Flat, Helpdesk, Refusal, answers, rules};
use crate::answer::Answer;
use crate::ring::lock;

/// Claims have 72 hours (domain 2.13).
const CLAIM_HOURS: i64 = 72;
/// From this amount a claim's priority is HIGH (domain 2.7).
const HIGH_CLAIM: f64 = 10e6;

pub(super) fn claim(desk: &Helpdesk, body: &Value) -> Result<Answer, Refusal> {
    rules::claim(body).map_err(|fields| Refusal::invalid("Validation failed", fields))?;
    let ticket = claim_ticket(desk, body);
    let mut answer = answers::created(&ticket, "KLAIM-OMNI ticket created successfully");
    let number = lock(&desk.book).add(ticket);
    answers::put_number(&mut answer, &number);
    Ok(desk.wrap(answer, Flat::Bare))
}

pub(super) fn ticket(desk: &Helpdesk, body: &Value) -> Result<Answer, Refusal> {
    rules::ticket(body).map_err(|fields| Refusal::invalid("Validation failed", fields))?;
    let ticket = full_ticket(desk, body);
    let mut book = lock(&desk.book);
    // Looked up in all tickets, whatever the key and the rest of the body (domain 2.5).
    let first = ticket.request_id.as_deref().and_then(|request| book.by_request(request));
    if let Some(first) = first {
        let text = "Ticket already exists (duplicate request)";
        let mut answer = answers::created_with_metadata(first, text);
        answers::put_number(&mut answer, &first.number);
        return Ok(desk.wrap(answer, Flat::Bare).because("duplicate of a requestId"));
    }
    let mut answer = answers::created_with_metadata(&ticket, "Ticket created successfully");
    let twin = (ticket.service_type.as_deref() == Some("CLAIM"))
        .then(|| twin(desk, &ticket, &book.next_number()));
    let number = book.add(ticket);
    if let Some(twin) = twin {
        book.add(twin);
    }
    answers::put_number(&mut answer, &number);
    Ok(desk.wrap(answer, Flat::Bare))
}

fn blank(desk: &Helpdesk, door: Door, at: Timestamp) -> HelpdeskTicket {
    HelpdeskTicket {
        number: String::new(),
        id: desk.ids.cuid(at),
        door,
        title: String::new(),
        description: String::new(),
        status: "OPEN".to_owned(),
        priority: "MEDIUM",
        sla_hours: CLAIM_HOURS,
        service_type: None,
        channel: None,
        channel_reference_id: None,
        request_id: None,
        branch_code: None,
        customer_name: String::new(),
        metadata: Value::Null,
        created_at: at,
        updated_at: at,
        resolved_at: None,
        closed_at: None,
        comments: Vec::new(),
        attachments: Vec::new(),
    }
}

fn claim_ticket(desk: &Helpdesk, body: &Value) -> HelpdeskTicket {
    let text = |name| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let amount = body.get("nominal").and_then(Value::as_f64).unwrap_or_default();
    let (media, kind) = (text("mediaTransaksi"), text("jenisTransaksi"));
    HelpdeskTicket {
        title: format!("KLAIM - OMNI - {media} - {kind}"),
        description: format!("{}\n{}", text("claimReason"), text("description")).trim().to_owned(),
        priority: if amount >= HIGH_CLAIM { "HIGH" } else { "MEDIUM" },
        branch_code: Some("OMNI".to_owned()),
        customer_name: text("namaNasabah").to_owned(),
        metadata: known_claim_members(body),
        ..blank(desk, Door::Claims, desk.now())
    }
}

/// Unknown members are dropped without a word (domain 2.4).
fn known_claim_members(body: &Value) -> Value {
    const KNOWN: &[&str] = &[
        "namaNasabah",
        "mediaTransaksi",
        "jenisTransaksi",
        "nominal",
        "nomorRekening",
        "nomorKartu",
        "claimReason",
        "claimDate",
        "transactionId",
        "referenceNumber",
        "atmId",
        "description",
    ];
    let kept = |name: &&str| Some(((*name).to_owned(), body.get(*name)?.clone()));
    Value::Object(KNOWN.iter().filter_map(kept).collect())
}

fn full_ticket(desk: &Helpdesk, body: &Value) -> HelpdeskTicket {
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let at = desk.now();
    let service_type = text("/serviceType").unwrap_or_default();
    let customer_name = text("/customer/name").unwrap_or_default();
    let priority = rules::priority(body);
    let is_claim = service_type == "CLAIM";
    HelpdeskTicket {
        title: text("/ticket/title").unwrap_or_else(|| format!("{service_type} - {customer_name}")),
        description: text("/ticket/description").unwrap_or_default(),
        priority,
        sla_hours: if is_claim { CLAIM_HOURS } else { rules::sla_hours(priority) },
        service_type: Some(service_type),
        channel: text("/channel"),
        channel_reference_id: text("/channelReferenceId"),
        request_id: text("/integration/requestId"),
        branch_code: text("/customer/branchCode"),
        customer_name,
        metadata: body.pointer("/ticket/metadata").cloned().unwrap_or_else(|| json!({})),
        attachments: body.get("attachments").map(|files| filed(files, at)).unwrap_or_default(),
        ..blank(desk, Door::Tickets, at)
    }
}

/// The second ticket of a ticket of type CLAIM, which no answer mentions (domain 2.7).
fn twin(desk: &Helpdesk, ticket: &HelpdeskTicket, number: &str) -> HelpdeskTicket {
    let empty = Map::new();
    let metadata = ticket.metadata.as_object().unwrap_or(&empty);
    let text = |name: &str| metadata.get(name).and_then(Value::as_str);
    let media = text("mediaTransaksi").unwrap_or("ATM");
    let kind = text("jenisTransaksi").or_else(|| text("claimType")).unwrap_or_default();
    let reference = ticket.channel_reference_id.as_deref().unwrap_or(number);
    HelpdeskTicket {
        title: format!("KLAIM - OMNI - {media} - {kind}"),
        channel_reference_id: Some(format!("KLAIM-{reference}")),
        request_id: None,
        attachments: Vec::new(),
        ..HelpdeskTicket {
            id: desk.ids.cuid(ticket.created_at),
            door: Door::Twin,
            ..ticket.clone()
        }
    }
}

/// Attachments as they are kept: names and declared sizes.
pub(super) fn filed(files: &Value, at: Timestamp) -> Vec<Filed> {
    let file = |file: &Value| Filed {
        filename: file.get("filename").and_then(Value::as_str).unwrap_or_default().to_owned(),
        size: file.get("size").and_then(Value::as_u64).unwrap_or_default(),
        uploaded_at: at,
    };
    files.as_array().map(|files| files.iter().map(file).collect()).unwrap_or_default()
}
