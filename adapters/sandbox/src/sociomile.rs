//! Sociomile as its document (0236/API/TECH/IVO/XI/2025) and the traces of it show it.
//!
//! It has no idempotency: the same create twice makes two tickets (contract trap 45).
//!
//! Invariants:
//! - Errors name one field at a time, in the document's order, in the document's shape.
//! - The HTTP status of such an error is the setting's (200: contract trap 41); only a wrong secret
//!   is 401 and an unknown path 404.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::routing::post;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::ids::Ids;
use crate::ring::{Ring, lock};
use crate::settings::{Clock, Credentials, Settings};

mod control;
mod fields;
mod update;

pub(crate) use control::routes as control_routes;

use fields::Fault;

/// The first ticket's `ticket_number`: the one in the document's sample.
const FIRST_NUMBER: u64 = 32_197;
/// Where the document's samples say that errors come from, without the developer's own folders.
const FILE: &str = "/app/Http/Controllers/Integration/BankSulutController.php";

/// A ticket in Sociomile.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SociomileTicket {
    /// 24 hex digits.
    pub ticket_id: String,
    /// Counts up.
    pub ticket_number: u64,
    /// `helpdesk` or `voice`.
    pub ticket_type: String,
    /// In Sociomile's words.
    pub status: String,
    /// The last `bsg_ticket_id` that an update named.
    pub bsg_ticket_id: Option<String>,
    /// The members of the create, as sent.
    pub fields: Map<String, Value>,
    /// When it was made.
    pub created_at: Timestamp,
}

pub(crate) struct Sociomile {
    book: Mutex<Book>,
    ids: Ids,
    clock: Clock,
    error_status: StatusCode,
}

impl Sociomile {
    pub(crate) fn new(settings: &Settings) -> Self {
        let error_status = StatusCode::from_u16(settings.sociomile_error_status);
        Self {
            book: Mutex::new(Book::new(settings.tickets_max)),
            ids: Ids::new((settings.clock)()),
            clock: Arc::clone(&settings.clock),
            error_status: error_status.unwrap_or(StatusCode::OK),
        }
    }

    /// What it holds, oldest first.
    pub(crate) fn tickets(&self) -> Vec<SociomileTicket> {
        lock(&self.book).tickets.iter().cloned().collect()
    }

    /// The newest so many tickets, and how many there ever were.
    pub(crate) fn to_json(&self, limit: usize) -> Value {
        let tickets = &lock(&self.book).tickets;
        let skipped = tickets.len().saturating_sub(limit);
        let newest: Vec<_> = tickets.iter().skip(skipped).collect();
        json!({"total": tickets.total(), "tickets": newest})
    }

    /// An error in the document's shape; `update-status` has no `status` member in it.
    fn error(&self, text: &str, line: usize, has_status: bool) -> Value {
        let trace_id = self.ids.trace();
        let mut error = json!({
            "type": "error", "trace_id": trace_id, "message": text, "file": FILE, "line": line,
        });
        if let (true, Value::Object(members)) = (has_status, &mut error) {
            members.insert("status".to_owned(), false.into());
        }
        error
    }

    fn refuse(&self, text: &str, line: usize, has_status: bool) -> Answer {
        let body = self.error(text, line, has_status);
        Answer::json(self.error_status, &body).because(format!("refused: {text}"))
    }

    fn unauthorized(&self) -> Answer {
        let body = self.error("Unauthorized", 31, true);
        Answer::json(StatusCode::UNAUTHORIZED, &body).because("refused: wrong client_secret_key")
    }
}

pub(crate) fn routes(sociomile: Arc<Sociomile>) -> Router {
    Router::new()
        .route("/bank-sulut/create", post(create))
        .route("/bank-sulut/update-status", post(update::update_status))
        .fallback(unknown_path)
        .with_state(sociomile)
}

/// The third shape of its errors (domain 3.2).
async fn unknown_path() -> Answer {
    let errors = json!({"file": "/app/Exceptions/Handler.php", "message": "", "line": 229});
    let body = json!({"status": false, "message": "", "errors": errors});
    Answer::json(StatusCode::NOT_FOUND, &body)
}

type Desk = State<Arc<Sociomile>>;

async fn create(
    State(sociomile): Desk,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    if !knows_secret(query.as_deref()) {
        return sociomile.unauthorized();
    }
    let (members, encoding) = fields::decode(&headers, &body);
    let is_voice = members.get("ticketType").and_then(Value::as_str) == Some("voice");
    let (table, line) = if is_voice { (fields::VOICE, 181) } else { (fields::HELPDESK, 99) };
    if let Err(Fault { text, index }) = fields::check(table, &members, encoding, true) {
        return sociomile.refuse(&text, line + 4 * index, true);
    }
    let ticket_type = members.get("ticketType").and_then(Value::as_str).unwrap_or_default();
    if !matches!(ticket_type, "helpdesk" | "voice") {
        return sociomile.refuse("TicketType invalid", line, true);
    }
    let (ticket_id, ticket_number) = sociomile.add(ticket_type.to_owned(), members);
    let ids = json!({"ticketId": ticket_id, "ticket_number": ticket_number});
    let body = json!({"success": true, "message": "success", "data": ids, "code": 200});
    Answer::json(StatusCode::OK, &body)
}

impl Sociomile {
    fn add(&self, ticket_type: String, fields: Map<String, Value>) -> (String, u64) {
        let created_at = (self.clock)();
        let ticket_id = self.ids.object_id(created_at);
        let mut book = lock(&self.book);
        let ticket_number = FIRST_NUMBER + book.tickets.total();
        book.add(SociomileTicket {
            ticket_id: ticket_id.clone(),
            ticket_number,
            ticket_type,
            status: "Open".to_owned(),
            bsg_ticket_id: None,
            fields,
            created_at,
        });
        (ticket_id, ticket_number)
    }
}

struct Book {
    tickets: Ring<SociomileTicket>,
    by_id: HashMap<String, u64>,
}

impl Book {
    fn new(max: usize) -> Self {
        Self { tickets: Ring::new(max), by_id: HashMap::new() }
    }

    fn add(&mut self, ticket: SociomileTicket) {
        self.by_id.insert(ticket.ticket_id.clone(), self.tickets.total());
        if let Some(gone) = self.tickets.push(ticket) {
            self.by_id.remove(&gone.ticket_id);
        }
    }

    fn find_mut(&mut self, ticket_id: &str) -> Option<&mut SociomileTicket> {
        self.tickets.get_mut(*self.by_id.get(ticket_id)?)
    }
}

fn knows_secret(query: Option<&str>) -> bool {
    let query = query.unwrap_or_default();
    let secret = form_urlencoded::parse(query.as_bytes())
        .find_map(|(name, value)| (name == "client_secret_key").then_some(value));
    secret.as_deref() == Some(Credentials::SANDBOX.sociomile_client_secret_key)
}
