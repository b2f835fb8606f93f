//! The routes of 3Dolphins that change a ticket.
//!
//! Where the page leaves a body unspecified (contract trap 59), `ticketNumber` is what it must have.

use axum::Extension;
use axum::extract::{Path, State};
use bytes::Bytes;
use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::book::{DolphinsMessage, DolphinsTicket};
use super::document::{self, ticket_with_contact, with};
use super::{BAD_BODY, Bearer, Desk, Dolphins, envelope, unknown_ticket};
use crate::answer::Answer;
use crate::ring::lock;

const STATUSES: &[&str] = &["Unassigned", "Assigned", "Open", "Pending", "Closed"];
const SEVERITIES: &[&str] = &["Not Set", "Low", "Medium", "High"];

/// Changes the ticket that the body names, and shows what came of it.
fn command(
    dolphins: &Dolphins,
    body: &Bytes,
    change: impl FnOnce(&mut DolphinsTicket, &Value, Timestamp) -> Value,
) -> Answer {
    let Ok(body) = serde_json::from_slice::<Value>(body) else {
        return Answer::html(StatusCode::BAD_REQUEST, BAD_BODY).because("refused: no JSON");
    };
    let Some(number) = text(&body, "ticketNumber") else {
        return lacks("ticketNumber");
    };
    change_ticket(dolphins, number, |ticket, now| change(ticket, &body, now))
}

fn change_ticket(
    dolphins: &Dolphins,
    number: &str,
    change: impl FnOnce(&mut DolphinsTicket, Timestamp) -> Value,
) -> Answer {
    let now = (dolphins.clock)();
    let mut book = lock(&dolphins.book);
    let Some(ticket) = book.see(number, &dolphins.ids, now) else {
        return unknown_ticket(number);
    };
    ticket.modified_at = now;
    envelope(change(ticket, now))
}

/// No document shows an error; the envelope's `status` says that it is none of success.
fn lacks(name: &str) -> Answer {
    let text = format!("{name} is required");
    let body = json!({"status": "error", "data": "[]", "message": text});
    Answer::json(StatusCode::OK, &body).because(format!("refused: {text}"))
}

fn text<'a>(body: &'a Value, name: &str) -> Option<&'a str> {
    body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

fn owned(body: &Value, name: &str) -> Option<String> {
    text(body, name).map(str::to_owned)
}

pub(super) async fn send_message(State(dolphins): Desk, body: Bytes) -> Answer {
    let parsed: Value = serde_json::from_slice(&body).unwrap_or_default();
    if text(&parsed, "ticketNumber").is_some() && text(&parsed, "message").is_none() {
        return lacks("message");
    }
    let id = dolphins.ids.hex32();
    command(&dolphins, &body, |ticket, body, at| {
        let text = owned(body, "message").unwrap_or_default();
        let reply_agent = owned(body, "replyAgent");
        ticket.say(DolphinsMessage { id, text, answer: true, reply_agent, at });
        // A list with one ticket (D5).
        Value::Array(vec![with_delivery(ticket, document::ticket(ticket))])
    })
}

/// A success may say that the customer will not see the message now (contract trap 68).
fn with_delivery(ticket: &DolphinsTicket, shown: Value) -> Value {
    if !ticket.is_offline() {
        return shown;
    }
    let text = "User is no longer online we\u{2019}ll keep this message to his/her inbox";
    let shown = with(shown, "errorCode", "WC-Driver Exception");
    with(with(shown, "errorMessage", text), "errorShown", false)
}

pub(super) async fn update_by_number(
    State(dolphins): Desk,
    Path(number): Path<String>,
    body: Bytes,
) -> Answer {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    change_ticket(&dolphins, &number, |ticket, _| {
        set_members(ticket, &body);
        with(ticket_with_contact(ticket), "partial", true)
    })
}

/// Members that are known and of the right type are set, others are ignored.
fn set_members(ticket: &mut DolphinsTicket, body: &Value) {
    let word = |name, words: &[&str]| text(body, name).filter(|word| words.contains(word));
    if let Some(status) = word("status", STATUSES) {
        status.clone_into(&mut ticket.status);
    }
    if let Some(severity) = word("severity", SEVERITIES) {
        severity.clone_into(&mut ticket.severity);
    }
    if let Some(subject) = text(body, "subject") {
        subject.clone_into(&mut ticket.subject);
    }
    if let Some(remark) = text(body, "remark") {
        remark.clone_into(&mut ticket.remark);
    }
    if let Some(priority) = body.get("priority").and_then(Value::as_bool) {
        ticket.priority = priority;
    }
}

/// By the id of a message's document, though the page's placeholder says ticket number (trap 60).
pub(super) async fn update_by_id(State(dolphins): Desk, Path(id): Path<String>) -> Answer {
    let book = lock(&dolphins.book);
    let found = book.iter().rev().find_map(|ticket| {
        let message = ticket.messages.iter().find(|message| message.id == id);
        message.map(|message| document::message(ticket, message))
    });
    match found {
        Some(message) => envelope(with(message, "partial", true)),
        None => unknown_ticket(&id),
    }
}

pub(super) async fn update(State(dolphins): Desk, body: Bytes) -> Answer {
    command(&dolphins, &body, |ticket, body, _| {
        if let Some(agent) = owned(body, "replyAgent") {
            ticket.assigned_agent = Some(agent);
        }
        set_members(ticket, body);
        with_delivery(ticket, ticket_with_contact(ticket))
    })
}

pub(super) async fn reassign(State(dolphins): Desk, body: Bytes) -> Answer {
    command(&dolphins, &body, |ticket, body, now| {
        let agent = body.pointer("/teamMember/id").and_then(Value::as_str);
        assign(ticket, agent.map(str::to_owned), now);
        ticket_with_contact(ticket)
    })
}

pub(super) async fn transfer(State(dolphins): Desk, body: Bytes) -> Answer {
    command(&dolphins, &body, |ticket, body, _| {
        unassign(ticket);
        ticket.group = owned(body, "group").or_else(|| ticket.group.take());
        ticket_with_contact(ticket)
    })
}

pub(super) async fn escalate(State(dolphins): Desk, body: Bytes) -> Answer {
    command(&dolphins, &body, |ticket, body, now| {
        let agent = ticket.assigned_agent.take();
        assign(ticket, agent, now);
        ticket.supervisor = owned(body, "supervisorId");
        ticket.escalated_at = Some(now);
        ticket_with_contact(ticket)
    })
}

pub(super) async fn to_agent(State(dolphins): Desk, body: Bytes) -> Answer {
    command(&dolphins, &body, |ticket, _, _| {
        unassign(ticket);
        ticket.group = Some("Bot".to_owned());
        with(document::ticket(ticket), "reassigned", true)
    })
}

pub(super) async fn close(State(dolphins): Desk, body: Bytes) -> Answer {
    command(&dolphins, &body, |ticket, _, now| {
        "Closed".clone_into(&mut ticket.status);
        ticket.closed_at = Some(now);
        document::ticket(ticket)
    })
}

fn assign(ticket: &mut DolphinsTicket, agent: Option<String>, now: Timestamp) {
    "Assigned".clone_into(&mut ticket.status);
    ticket.assigned_agent = agent;
    ticket.assigned_at = Some(now);
}

fn unassign(ticket: &mut DolphinsTicket) {
    "Unassigned".clone_into(&mut ticket.status);
    ticket.assigned_agent = None;
    ticket.transferred = true;
}

/// The caller's own token comes back in a link (contract trap 69).
pub(super) async fn files(Extension(Bearer(token)): Extension<Bearer>) -> Answer {
    envelope(format!("null?access_token=Bearer {token}"))
}

pub(super) async fn transform() -> Answer {
    Answer::json(StatusCode::OK, &document::transformed())
}
