//! BSG Helpdesk as its server is known to behave (domain 2), where that differs from its documents.
//!
//! It has no rate limit and no race between ticket numbers (domain 2.6): faults stand for both. It
//! sends no webhooks.
//!
//! Invariants:
//! - A success is HTTP 200, an error `{error, timestamp, status}` without a map of fields.
//! - A `requestId` makes one ticket, whoever sends it and whatever else the body says; a claim
//!   makes one ticket each time.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::routing::{get, post};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::ids::Ids;
use crate::ring::lock;
use crate::settings::{Clock, Settings};

mod answers;
mod book;
mod check;
mod control;
mod create;
mod keys;
mod rules;
mod update;

use book::Book;
pub use book::{Comment, Door, Filed, HelpdeskTicket};
pub(crate) use control::routes as control_routes;

/// The page of a path that the server does not have; it is no JSON (domain 3.2 has the like).
const NOT_FOUND: &str = "<!DOCTYPE html><html><head><title>404: This page could not be found.\
    </title></head><body><h1>404</h1><h2>This page could not be found.</h2></body></html>";

pub(crate) struct Helpdesk {
    book: Mutex<Book>,
    ids: Ids,
    clock: Clock,
    nested_answers: bool,
}

impl Helpdesk {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            book: Mutex::new(Book::new(settings.first_ticket_number, settings.tickets_max)),
            ids: Ids::new((settings.clock)()),
            clock: Arc::clone(&settings.clock),
            nested_answers: settings.nested_answers,
        }
    }

    /// What it holds, oldest first.
    pub(crate) fn tickets(&self) -> Vec<HelpdeskTicket> {
        lock(&self.book).iter().cloned().collect()
    }

    /// The newest so many tickets, and how many there ever were.
    pub(crate) fn to_json(&self, limit: usize) -> Value {
        let book = lock(&self.book);
        let skipped = book.iter().len().saturating_sub(limit);
        let tickets: Vec<_> = book.iter().skip(skipped).collect();
        json!({"total": book.total(), "tickets": tickets})
    }

    fn now(&self) -> Timestamp {
        (self.clock)()
    }
}

pub(crate) fn routes(desk: Arc<Helpdesk>) -> Router {
    Router::new()
        .route("/api/omnichannel/claims", post(create_claim))
        .route("/api/omnichannel/tickets", get(find).post(create_ticket))
        .route("/api/omnichannel/tickets/{key}", get(show).patch(update))
        .fallback(|| async { Answer::html(StatusCode::NOT_FOUND, NOT_FOUND) })
        .with_state(desk)
}

type Desk = State<Arc<Helpdesk>>;

async fn create_claim(State(desk): Desk, headers: HeaderMap, body: Bytes) -> Answer {
    desk.answer(|| {
        keys::admit(&headers, "omnichannel:create", "create claims")?;
        create::claim(&desk, &parse(&body)?)
    })
}

async fn create_ticket(State(desk): Desk, headers: HeaderMap, body: Bytes) -> Answer {
    desk.answer(|| {
        keys::admit(&headers, "omnichannel:create", "create omnichannel tickets")?;
        create::ticket(&desk, &parse(&body)?)
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sought {
    ticket_number: Option<String>,
    channel_reference_id: Option<String>,
}

async fn find(State(desk): Desk, headers: HeaderMap, Query(sought): Query<Sought>) -> Answer {
    desk.answer(|| {
        keys::admit(&headers, "omnichannel:read", "read tickets")?;
        let book = lock(&desk.book);
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        let found = match (given(sought.ticket_number), given(sought.channel_reference_id)) {
            (Some(number), _) => book.by_number(&number),
            (None, Some(reference)) => book.by_reference(&reference),
            (None, None) => {
                let text = "Either ticketNumber or channelReferenceId is required";
                return Err(Refusal::new(StatusCode::BAD_REQUEST, text));
            }
        };
        let ticket = found.ok_or_else(Refusal::not_found)?;
        Ok(desk.wrap(answers::summary(ticket, desk.now()), Flat::WithSuccess))
    })
}

async fn show(State(desk): Desk, headers: HeaderMap, Path(key): Path<String>) -> Answer {
    desk.answer(|| {
        keys::admit(&headers, "omnichannel:read", "read tickets")?;
        let book = lock(&desk.book);
        let ticket = book.find(&key).ok_or_else(Refusal::not_found)?;
        Ok(desk.wrap(answers::detail(ticket, desk.now()), Flat::Bare))
    })
}

async fn update(
    State(desk): Desk,
    headers: HeaderMap,
    Path(key): Path<String>,
    body: Bytes,
) -> Answer {
    desk.answer(|| {
        keys::admit(&headers, "omnichannel:update", "update tickets")?;
        update::apply(&desk, &key, &parse(&body)?)
    })
}

/// Why the helpdesk says no.
struct Refusal {
    status: StatusCode,
    text: String,
    /// What the answer leaves out, for the list of received calls.
    fields: Vec<String>,
}

impl Refusal {
    fn new(status: StatusCode, text: impl Into<String>) -> Self {
        Self { status, text: text.into(), fields: Vec::new() }
    }

    fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Ticket not found")
    }

    /// The server's validation finds the fields and its answer drops them (domain 2.3).
    fn invalid(text: &str, fields: Vec<String>) -> Self {
        Self { fields, ..Self::new(StatusCode::BAD_REQUEST, text) }
    }
}

/// What a success looks like where answers are flat.
#[derive(Clone, Copy)]
enum Flat {
    /// The members, and nothing around them.
    Bare,
    /// `success` and `timestamp` beside the members (OMNI payloads, "Batch Status Check").
    WithSuccess,
}

impl Helpdesk {
    fn answer(&self, work: impl FnOnce() -> Result<Answer, Refusal>) -> Answer {
        work().unwrap_or_else(|refusal| {
            let Refusal { status, text, fields } = refusal;
            let reason = format!("refused: {text}; {}", fields.join("; "));
            let reason = reason.trim_end_matches([';', ' ']).to_owned();
            let timestamp = answers::iso(self.now());
            let body = json!({"error": text, "timestamp": timestamp, "status": status.as_u16()});
            Answer::json(status, &body).because(reason)
        })
    }

    /// A success in the form of the setting: under `data`, or flat.
    fn wrap(&self, mut members: Value, flat: Flat) -> Answer {
        let timestamp = answers::iso(self.now());
        if self.nested_answers {
            let body = json!({"success": true, "data": members, "timestamp": timestamp});
            return Answer::json(StatusCode::OK, &body);
        }
        if let (Flat::WithSuccess, Value::Object(members)) = (flat, &mut members) {
            members.insert("success".to_owned(), true.into());
            members.insert("timestamp".to_owned(), timestamp.into());
        }
        Answer::json(StatusCode::OK, &members)
    }
}

/// A body that is no JSON ends in the server's catch-all, which relays the exception's text (domain 2.3).
fn parse(body: &[u8]) -> Result<Value, Refusal> {
    serde_json::from_slice(body).map_err(|error| {
        let text = format!("Unexpected token in JSON: {error}");
        Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, text)
    })
}
