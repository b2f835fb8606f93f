//! The documented bodies of successful answers: the union of what both documents show.
//!
//! Every answer to a create is made from the ticket alone, so that a replay gives the same bytes.

use jiff::Timestamp;
use omnihub_contract::{Event, Kind, ReceiptName, StatusWord, Ticket, TicketId};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::catalogue::{Catalogue, Names};
use super::{findings, regulatory};
use crate::store::Record;
use crate::store::outbox::TicketState;
use crate::sync::regulatory::Calendar;

/// The answer to a create (contract §1.2, §1.3). It carries the hub's own number, and says so.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Created<'a> {
    success: bool,
    ticket_number: &'a str,
    ticket_id: TicketId,
    status: &'static str,
    estimated_resolution: Timestamp,
    tracking_url: String,
    message: &'static str,
    #[serde(skip_serializing_if = "CreatedMetadata::is_empty")]
    metadata: CreatedMetadata<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CreatedMetadata<'a> {
    #[serde(flatten)]
    of_ticket: Option<TicketMetadata<'a>>,
    /// The number is the hub's own: the helpdesk has not given one.
    #[serde(skip_serializing_if = "Option::is_none")]
    provisional: Option<bool>,
}

impl CreatedMetadata<'_> {
    fn is_empty(&self) -> bool {
        self.of_ticket.is_none() && self.provisional.is_none()
    }
}

/// Only `POST /tickets` documents it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TicketMetadata<'a> {
    created_at: Timestamp,
    assigned_to: &'a str,
    support_group: &'a str,
    sla_hours: u32,
}

impl<'a> Created<'a> {
    /// Of a ticket that has this number and these names.
    pub(crate) fn of(
        ticket: &Ticket,
        number: &'a str,
        tracking_url: &str,
        names: &Names<'a>,
    ) -> Self {
        let of_ticket = (ticket.kind == Kind::Ticket).then_some(TicketMetadata {
            created_at: ticket.created_at,
            assigned_to: names.assigned_to,
            support_group: names.support_group,
            sla_hours: ticket.sla.hours,
        });
        Self {
            success: true,
            ticket_number: number,
            ticket_id: ticket.id,
            status: "OPEN",
            estimated_resolution: ticket.sla.resolution_due,
            tracking_url: tracking_url.replace("{number}", number),
            message: match ticket.kind {
                Kind::Claim => "KLAIM-OMNI ticket created successfully",
                Kind::Ticket => "Ticket created successfully",
            },
            metadata: CreatedMetadata {
                of_ticket,
                provisional: (number == ticket.number.to_string()).then_some(true),
            },
        }
    }
}

/// The answer to a GET (contract §1.4, §1.5).
pub(crate) fn detail(
    record: &Record,
    timeline: &[Event],
    numbering: &ReceiptName,
    catalogue: &Catalogue,
    (calendar, now): (&Calendar, Timestamp),
) -> Value {
    let (ticket, state) = (&record.ticket, &record.state);
    let names = catalogue.names(ticket);
    let comments: Vec<Value> = timeline.iter().filter_map(comment).collect();
    json!({
        "success": true,
        "ticketNumber": public_number(record),
        "ticketId": ticket.id,
        "channelReferenceId": ticket.channel_reference_id,
        "status": state.status.canonical,
        "priority": ticket.priority,
        "createdAt": ticket.created_at,
        "updatedAt": state.updated_at,
        "resolvedAt": became(state, timeline, &StatusWord::Resolved),
        "closedAt": became(state, timeline, &StatusWord::Closed),
        "currentAssignee": state.assignee,
        "service": {
            "name": names.service,
            "supportGroup": names.support_group,
        },
        "branch": {
            "name": names.branch,
            "code": ticket.customer.branch_code,
        },
        "lastComment": comments.last(),
        "comments": comments,
        "attachments": attachments(ticket, timeline),
        "sla": {
            "responseDeadline": ticket.sla.response_due,
            "resolutionDeadline": ticket.sla.resolution_due,
            "isBreached": state.sla.is_breached() || (state.sla.ended_at.is_none() && now > ticket.sla.resolution_due),
            "regulatory": regulatory::block(record, calendar, now),
        },
        "metadata": metadata(record, numbering),
        "timestamp": now,
    })
}

/// When the ticket last became that, if it is or has been closed since: a ticket that was reopened is
/// neither.
fn became(state: &TicketState, timeline: &[Event], word: &StatusWord) -> Option<Timestamp> {
    let is_it =
        matches!(state.status.canonical, StatusWord::Closed) || state.status.canonical == *word;
    let changes = timeline.iter().rev().filter(|_| is_it);
    let changes = changes.filter_map(|event| Some((event.at, event.change.as_ref()?)));
    // Back to the last word that is none of the two.
    changes
        .take_while(|(_, change)| {
            matches!(change.to.canonical, StatusWord::Closed | StatusWord::Resolved)
        })
        .find(|(_, change)| change.to.canonical == *word)
        .map(|(at, _)| at)
}

/// The answer to a PATCH (contract §1.6).
pub(crate) fn updated(record: &Record, event: &Event) -> Value {
    let (action, result) = match (&event.comment, &event.change) {
        (Some(comment), _) => (
            "ADD_COMMENT",
            json!({ "comment": {
                "id": comment.id,
                // As the helpdesk stores it (contract trap 23).
                "content": format!("[Via Omnichannel] {}", comment.content.reveal()),
                "author": comment.author,
                "timestamp": comment.at,
            }}),
        ),
        (None, Some(change)) => ("UPDATE_STATUS", json!({ "status": change.to.canonical })),
        (None, None) => (
            "ADD_ATTACHMENT",
            json!({ "attachments": event.attachments.iter().map(|attachment| json!({
                "filename": attachment.filename,
                "size": attachment.size,
            })).collect::<Vec<_>>() }),
        ),
    };
    json!({
        "success": true,
        "ticketNumber": public_number(record),
        "action": action,
        "result": result,
        "message": "Ticket updated successfully",
    })
}

/// The number that the ticket's client knows it by.
fn public_number(record: &Record) -> String {
    match record.state.receipts.public_number() {
        Some(fixed) => fixed.to_owned(),
        None => record.ticket.number.to_string(),
    }
}

fn comment(event: &Event) -> Option<Value> {
    let comment = event.comment.as_ref()?;
    Some(json!({
        "content": comment.content,
        "author": comment.author,
        "timestamp": comment.at,
        "isFromSupport": comment.is_from_support,
    }))
}

fn attachments(ticket: &Ticket, timeline: &[Event]) -> Vec<Value> {
    let first = ticket.attachments.iter().map(|attachment| (attachment, ticket.created_at));
    let later = timeline
        .iter()
        .flat_map(|event| event.attachments.iter().map(|attachment| (attachment, event.at)));
    let each = first.chain(later).map(|(attachment, at)| {
        json!({ "filename": attachment.filename, "size": attachment.size, "uploadedAt": at })
    });
    each.collect()
}

/// 001 shows the keys as sent, 003 shows them under `omnichannelData` (contract trap 14).
fn metadata(record: &Record, numbering: &ReceiptName) -> Map<String, Value> {
    let ticket = &record.ticket;
    let mut metadata = ticket.metadata.clone();
    metadata.insert("omnichannelType".into(), json!(ticket.service_type));
    metadata.insert("omnichannelData".into(), Value::Object(ticket.metadata.clone()));
    let helpdesk = record.state.receipts.find(numbering.adapter.as_str(), &numbering.name);
    metadata.insert("numbers".into(), json!({ "hub": ticket.number, "helpdesk": helpdesk }));
    let findings = findings::of(record, &numbering.adapter);
    if !findings.is_empty() {
        metadata.insert("findings".into(), json!(findings));
    }
    metadata
}
