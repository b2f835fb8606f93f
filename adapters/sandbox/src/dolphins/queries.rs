//! The reading routes of 3Dolphins.

use std::collections::HashMap;

use axum::extract::{Path, Query, State};
use bytes::Bytes;
use serde_json::Value;

use super::book::{Book, DolphinsTicket};
use super::{Desk, Dolphins, document, envelope, nothing, unknown_ticket};
use crate::answer::Answer;
use crate::ring::lock;

/// A page without a `count` has so many.
const PAGE: usize = 100;

type Parameters = Query<HashMap<String, String>>;

/// Works on the ticket with this number, if it is known.
fn on_ticket(
    dolphins: &Dolphins,
    number: &str,
    show: impl FnOnce(&mut DolphinsTicket) -> Answer,
) -> Answer {
    let mut book = lock(&dolphins.book);
    match book.see(number, &dolphins.ids, (dolphins.clock)()) {
        Some(ticket) => show(ticket),
        None => unknown_ticket(number),
    }
}

pub(super) async fn by_number(State(dolphins): Desk, Path(number): Path<String>) -> Answer {
    let show = |ticket: &mut DolphinsTicket| envelope(document::ticket_with_contact(ticket));
    on_ticket(&dolphins, &number, show)
}

pub(super) async fn by_field(
    State(dolphins): Desk,
    Path((number, field, keyword)): Path<(String, String, String)>,
) -> Answer {
    on_ticket(&dolphins, &number, |ticket| {
        let document = document::ticket_with_contact(ticket);
        let text = document.get(&field).map(|value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        if text.as_deref() == Some(keyword.as_str()) { envelope(document) } else { nothing() }
    })
}

/// Reads with POST (contract trap 58).
pub(super) async fn by_filter(
    State(dolphins): Desk,
    Path(number): Path<String>,
    Query(parameters): Parameters,
    body: Bytes,
) -> Answer {
    let filter: Value = serde_json::from_slice(&body).unwrap_or_default();
    let channel_type = filter.get("channel_type").and_then(Value::as_str).map(str::to_owned);
    on_ticket(&dolphins, &number, |ticket| {
        if channel_type.is_some_and(|wanted| wanted != ticket.channel_type) {
            return nothing();
        }
        page(messages(ticket), &parameters)
    })
}

pub(super) async fn list(State(dolphins): Desk, Query(parameters): Parameters) -> Answer {
    let book = lock(&dolphins.book);
    page(book.iter().map(document::ticket), &parameters)
}

pub(super) async fn assignment(State(dolphins): Desk, Query(parameters): Parameters) -> Answer {
    // The query has the words in lower case (contract trap 73).
    let wanted = parameters.get("status").map(|status| status.to_lowercase());
    let is_wanted = |ticket: &&DolphinsTicket| {
        ticket.assigned_agent.is_some()
            && wanted.as_ref().is_none_or(|wanted| *wanted == ticket.status.to_lowercase())
    };
    let book = lock(&dolphins.book);
    page(book.iter().filter(is_wanted).map(document::ticket), &parameters)
}

pub(super) async fn priority(State(dolphins): Desk, Query(parameters): Parameters) -> Answer {
    let book = lock(&dolphins.book);
    page(book.iter().filter(|ticket| ticket.priority).map(document::ticket), &parameters)
}

pub(super) async fn queue() -> Answer {
    envelope(0)
}

pub(super) async fn conversation(
    State(dolphins): Desk,
    Path(number): Path<String>,
    Query(parameters): Parameters,
) -> Answer {
    on_ticket(&dolphins, &number, |ticket| page(messages(ticket), &parameters))
}

pub(super) async fn by_social_id(
    State(dolphins): Desk,
    Path((_, social)): Path<(String, String)>,
    Query(parameters): Parameters,
) -> Answer {
    history(&lock(&dolphins.book), &social, &parameters)
}

pub(super) async fn by_channel(
    State(dolphins): Desk,
    Path((_, social)): Path<(String, String)>,
    Query(parameters): Parameters,
) -> Answer {
    history(&lock(&dolphins.book), &social, &parameters)
}

pub(super) async fn by_key(
    State(dolphins): Desk,
    Path((_, _, social)): Path<(String, String, String)>,
    Query(parameters): Parameters,
) -> Answer {
    history(&lock(&dolphins.book), &social, &parameters)
}

pub(super) async fn by_channel_id(
    State(dolphins): Desk,
    Path((_, social)): Path<(String, String)>,
    Query(parameters): Parameters,
) -> Answer {
    history(&lock(&dolphins.book), &social, &parameters)
}

/// The messages of one customer; there is one channel, so its name is not looked at.
fn history(book: &Book, social: &str, parameters: &HashMap<String, String>) -> Answer {
    let of_customer = book.iter().filter(|ticket| ticket.account_id() == social);
    page(of_customer.flat_map(messages), parameters)
}

fn messages(ticket: &DolphinsTicket) -> impl Iterator<Item = Value> {
    ticket.messages.iter().map(|message| document::message(ticket, message))
}

/// A page of a list; an empty one is the string `"[]"`.
fn page(all: impl Iterator<Item = Value>, parameters: &HashMap<String, String>) -> Answer {
    let number = |name: &str| parameters.get(name).and_then(|text| text.parse().ok());
    let (start, count) = (number("start").unwrap_or(0), number("count").unwrap_or(PAGE));
    let found: Vec<Value> = all.skip(start).take(count.min(PAGE)).collect();
    if found.is_empty() { nothing() } else { envelope(found) }
}
