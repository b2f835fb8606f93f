//! The shapes of the helpdesk's successes (contract 1.2 to 1.6).

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::book::{Comment, HelpdeskTicket};

/// The detail of a ticket shows no more comments than this, the newest first (domain 2.9).
const COMMENTS_SHOWN: usize = 5;

/// The answer to a create; its number is put in when the ticket has one.
pub(super) fn created(ticket: &HelpdeskTicket, text: &str) -> Value {
    json!({
        "success": true,
        "ticketNumber": Value::Null,
        "ticketId": ticket.id,
        "status": ticket.status,
        "estimatedResolution": iso(due(ticket, 100)),
        "trackingUrl": Value::Null,
        "message": text,
    })
}

/// The answer to a create of a full ticket, which says more.
pub(super) fn created_with_metadata(ticket: &HelpdeskTicket, text: &str) -> Value {
    let mut answer = created(ticket, text);
    if let Value::Object(members) = &mut answer {
        let metadata = json!({
            "createdAt": iso(ticket.created_at),
            "assignedTo": "Support Team",
            "supportGroup": support_group(ticket),
            "slaHours": ticket.sla_hours,
        });
        members.insert("metadata".to_owned(), metadata);
    }
    answer
}

pub(super) fn put_number(answer: &mut Value, number: &str) {
    if let Value::Object(members) = answer {
        members.insert("ticketNumber".to_owned(), number.into());
        members.insert("trackingUrl".to_owned(), format!("/tickets/{number}").into());
    }
}

/// The answer to a look-up by query.
pub(super) fn summary(ticket: &HelpdeskTicket, now: Timestamp) -> Value {
    json!({
        "ticketNumber": ticket.number,
        "status": ticket.status,
        "priority": ticket.priority,
        "createdAt": iso(ticket.created_at),
        "updatedAt": iso(ticket.updated_at),
        "resolvedAt": ticket.resolved_at.map(iso),
        "closedAt": ticket.closed_at.map(iso),
        "currentAssignee": "Support Team",
        "lastComment": ticket.comments.last().map(last_comment),
        "sla": {
            "responseDeadline": iso(due(ticket, 25)),
            "resolutionDeadline": iso(due(ticket, 100)),
            "isBreached": ticket.resolved_at.unwrap_or(now) > due(ticket, 100),
        },
    })
}

/// The answer to a look-up by path: the summary's members and more.
pub(super) fn detail(ticket: &HelpdeskTicket, now: Timestamp) -> Value {
    let newest_first = ticket.comments.iter().rev().take(COMMENTS_SHOWN);
    let comments: Vec<_> = newest_first.map(shown_comment).collect();
    let filed = |file: &super::Filed| json!({"filename": file.filename, "size": file.size, "uploadedAt": iso(file.uploaded_at)});
    let more = json!({
        "service": {
            "name": ticket.service_type.as_deref().unwrap_or("KLAIM - OMNI"),
            "supportGroup": support_group(ticket),
        },
        "branch": {
            "name": ticket.branch_code.as_deref().unwrap_or("Kantor Pusat"),
            "code": ticket.branch_code,
        },
        "comments": comments,
        "attachments": ticket.attachments.iter().map(filed).collect::<Vec<_>>(),
        "metadata": {
            "omnichannelType": ticket.service_type.as_deref().unwrap_or("CLAIM"),
            "omnichannelData": ticket.metadata,
        },
    });
    let mut detail = summary(ticket, now);
    if let (Value::Object(members), Value::Object(more)) = (&mut detail, more) {
        members.extend(more);
    }
    detail
}

/// A comment as the answer to the PATCH that wrote it shows it.
pub(super) fn written(comment: &Comment) -> Value {
    let Comment { id, content, author, timestamp, .. } = comment;
    json!({"id": id, "content": content, "author": author, "timestamp": iso(*timestamp)})
}

fn shown_comment(comment: &Comment) -> Value {
    let Comment { content, author, timestamp, is_from_support, .. } = comment;
    json!({
        "content": content,
        "author": author,
        "timestamp": iso(*timestamp),
        "isFromSupport": is_from_support,
    })
}

fn last_comment(comment: &Comment) -> Value {
    let Comment { content, author, timestamp, .. } = comment;
    json!({"content": content, "author": author, "timestamp": iso(*timestamp)})
}

fn support_group(ticket: &HelpdeskTicket) -> &'static str {
    match ticket.service_type.as_deref() {
        None | Some("CLAIM" | "REIMBURSEMENT" | "DISPUTE") => "Transaction Claims Support",
        Some(_) => "Technical Support",
    }
}

/// The instant at so many hundredths of the SLA.
fn due(ticket: &HelpdeskTicket, percent: i64) -> Timestamp {
    let minutes = ticket.sla_hours.saturating_mul(60).saturating_mul(percent) / 100;
    let due = ticket.created_at.checked_add(SignedDuration::from_mins(minutes));
    due.unwrap_or(Timestamp::MAX)
}

/// As JavaScript prints it: UTC with three digits of milliseconds.
pub(super) fn iso(at: Timestamp) -> String {
    format!("{at:.3}")
}
