//! `POST /bank-sulut/update-status`: the bank tells Sociomile a ticket's status.

use axum::extract::{RawQuery, State};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};

use super::fields::{self, Fault};
use super::{Desk, SociomileTicket, knows_secret};
use crate::answer::Answer;
use crate::ring::lock;

/// Exact, in this spelling (contract trap 49).
const WORDS: &[&str] = &["Open", "InProgress", "Pending", "Pending Approval", "On Hold", "Close"];

pub(super) async fn update_status(
    State(sociomile): Desk,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    if !knows_secret(query.as_deref()) {
        return sociomile.unauthorized();
    }
    let (members, encoding) = fields::decode(&headers, &body);
    if let Err(Fault { text, index }) = fields::check(fields::UPDATE, &members, encoding, false) {
        return sociomile.refuse(&text, 424 + 4 * index, false);
    }
    let text = |name: &str| members.get(name).and_then(Value::as_str).unwrap_or_default();
    if !WORDS.contains(&text("status")) {
        return sociomile.refuse("status invalid", 436, false);
    }
    let mut book = lock(&sociomile.book);
    let Some(ticket) = book.find_mut(text("sociomile_ticket_id")) else {
        return sociomile.refuse("Ticket not found", 440, false);
    };
    text("status").clone_into(&mut ticket.status);
    ticket.bsg_ticket_id = Some(text("bsg_ticket_id").to_owned());
    let shown = json!({"data": shown(ticket), "is_escalation": true});
    let body = json!({"status": true, "ticket": shown, "success": true});
    Answer::json(StatusCode::OK, &body)
}

/// The ticket in the sample's words, with its spaces and misspellings (contract trap 47).
fn shown(ticket: &SociomileTicket) -> Map<String, Value> {
    let field = |names: &[&str]| {
        let found = names.iter().find_map(|name| ticket.fields.get(*name));
        match found {
            Some(Value::String(text)) => text.as_str().into(),
            Some(other) => other.to_string().into(),
            None => Value::from(""),
        }
    };
    let created = ticket.created_at.strftime("%Y-%m-%d %H:%M:%S").to_string();
    let rows = [
        ("Nomor Hanphone ", field(&["customer_hp"])),
        ("Customer Name", field(&["customer_name", "namaNasabah"])),
        ("Customer Email", field(&["customer_email", "email"])),
        ("TicketId Masking", field(&["ticketId_masking"])),
        ("Ticket Id", field(&["ticket_id", "nomorTicketHelpdesk"])),
        ("Content", field(&["content"])),
        ("Subject", field(&["subject"])),
        ("Date Created", created.into()),
        ("Date Close", field(&["date_close"])),
        ("Handling Time", field(&["handlingTime"])),
        ("Main Category", field(&["mainCategory"])),
        ("Category Name", field(&["category_name"])),
        ("Category Id", field(&["category_id"])),
        ("Cub Category", field(&["subCategory"])),
        ("Status", ticket.status.as_str().into()),
        ("Detail Sub Category", field(&["detailSubCategory"])),
        ("Detail Sub Category 2", field(&["detailSubCategory2"])),
        ("Created By Name", field(&["created_by_name"])),
        ("Created By id", field(&["created_by_id"])),
    ];
    rows.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
