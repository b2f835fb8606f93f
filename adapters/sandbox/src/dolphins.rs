//! 3Dolphins SRM as its "Ticket API" page and public traces of its login show it.
//!
//! It has no create: a ticket is born of a customer's message, so every number with the known
//! prefix is a ticket, made when it is first named; other numbers are unknown.
//!
//! Invariants:
//! - Every route but the login wants a bearer token that has not run out; else 401 and a page of HTML.
//! - A success is HTTP 200 and the envelope; an unknown ticket is a success with `data` `"[]"`, the
//!   string (contract trap 65). The page documents no error; a call without its `ticketNumber` is
//!   answered with an envelope whose status is `error`.
//! - Literal path segments win over parameters (contract trap 74).

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use http::StatusCode;
use http::header::AUTHORIZATION;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::ids::Ids;
use crate::ring::lock;
use crate::settings::{Clock, Settings};

mod book;
mod commands;
mod control;
mod document;
mod queries;
mod tokens;

use book::Book;
pub use book::{DolphinsMessage, DolphinsTicket};
pub(crate) use control::routes as control_routes;
use tokens::Tokens;

const UNAUTHORIZED: &str =
    "<html><head><title>Error</title></head><body>Unauthorized</body></html>";
const NOT_FOUND: &str = "<html><head><title>Error</title></head><body>Not Found</body></html>";
const BAD_BODY: &str = "<html><head><title>Error</title></head><body>Bad Request</body></html>";

pub(crate) struct Dolphins {
    book: Mutex<Book>,
    tokens: Mutex<Tokens>,
    ids: Ids,
    clock: Clock,
}

impl Dolphins {
    pub(crate) fn new(settings: &Settings) -> Self {
        let prefix = settings.dolphins_known_prefix.clone();
        Self {
            book: Mutex::new(Book::new(prefix, settings.tickets_max)),
            tokens: Mutex::new(Tokens::new(settings.dolphins_token_life)),
            ids: Ids::new((settings.clock)()),
            clock: Arc::clone(&settings.clock),
        }
    }

    /// What it holds, oldest first.
    pub(crate) fn tickets(&self) -> Vec<DolphinsTicket> {
        lock(&self.book).iter().cloned().collect()
    }

    /// The newest so many tickets, and how many there ever were.
    pub(crate) fn to_json(&self, limit: usize) -> Value {
        let book = lock(&self.book);
        let skipped = book.iter().len().saturating_sub(limit);
        let tickets: Vec<_> = book.iter().skip(skipped).collect();
        json!({"total": book.total(), "tickets": tickets})
    }

    /// Makes every token run out at once.
    pub(crate) fn revoke_tokens(&self) {
        lock(&self.tokens).clear();
    }
}

type Desk = State<Arc<Dolphins>>;

pub(crate) fn routes(dolphins: Arc<Dolphins>) -> Router {
    let guard = from_fn_with_state(Arc::clone(&dolphins), admit);
    let tickets = queries().merge(commands()).route_layer(guard);
    Router::new()
        .route("/dolphin/apiv1/graph/auth", post(tokens::login))
        .nest("/dolphin/apiv1/graph/tickets", tickets)
        .fallback(|| async { Answer::html(StatusCode::NOT_FOUND, NOT_FOUND) })
        .with_state(dolphins)
}

/// The reading routes; D numbers are those of contract part 3, "new" is domain 1.2.
fn queries() -> Router<Arc<Dolphins>> {
    use queries::{
        assignment, by_channel, by_channel_id, by_field, by_filter, by_key, by_social_id,
    };
    use queries::{by_number, conversation, list, priority, queue};
    Router::new()
        .route("/", get(list)) // D4
        .route("/{number}", get(by_number)) // D1
        .route("/data/{number}", get(by_number).post(by_filter)) // new, D3
        .route("/data/{number}/{field}/{keyword}", get(by_field)) // D2
        .route("/assignment", get(assignment)) // D6
        .route("/priority", get(priority)) // D7
        .route("/queue/{account}", get(queue)) // D17
        .route("/conversations/{number}", get(conversation)) // D8
        .route("/conversations/{channel}/{social}", get(by_social_id)) // new
        .route("/conversations/{channel}/{social}/history", get(by_channel)) // D20, D23
        .route("/conversations/{channel}/{key}/{social}", get(by_key)) // D21
        .route("/conversations/channelId/{channel}/{social}", get(by_channel_id)) // D22
}

fn commands() -> Router<Arc<Dolphins>> {
    use commands::{close, escalate, files, reassign, send_message, to_agent, transfer, transform};
    use commands::{update, update_by_id, update_by_number};
    Router::new()
        .route("/sendMessage", post(send_message)) // D5
        .route("/update/{number}", put(update_by_number)) // D9
        .route("/update/id/{id}", put(update_by_id)) // D10
        .route("/update", put(update)) // D11
        .route("/update/reassign", put(reassign)) // D12
        .route("/update/transfer", put(transfer)) // D13
        .route("/update/escalate", put(escalate)) // D14
        .route("/update/transferToAgent", put(to_agent)) // D15
        .route("/update/close", put(close)) // D16
        .route("/files", post(files)) // D18
        .route("/files/media", post(files)) // D19
        .route("/transformButtonMessage", post(transform)) // D24
}

/// The bearer token of a call that was let through.
#[derive(Clone)]
struct Bearer(String);

async fn admit(State(dolphins): Desk, mut call: Request, next: Next) -> Response {
    let header = call.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = header.and_then(|value| value.strip_prefix("Bearer ")).map(str::to_owned);
    let now = (dolphins.clock)();
    match token.filter(|token| lock(&dolphins.tokens).is_good(token, now)) {
        Some(token) => {
            call.extensions_mut().insert(Bearer(token));
            next.run(call).await
        }
        None => Answer::html(StatusCode::UNAUTHORIZED, UNAUTHORIZED)
            .because("refused: no token, or one that ran out")
            .into_response(),
    }
}

/// The envelope; its paging members are what every sample shows (contract trap 66).
fn envelope(data: impl Into<Value>) -> Answer {
    let body = json!({
        "status": "success", "data": data.into(),
        "hasMore": false, "nextIndex": 0, "prevIndex": 0, "totalResults": 0,
    });
    Answer::json(StatusCode::OK, &body)
}

/// Nothing found: a success whose `data` is a string (D6, D7).
fn nothing() -> Answer {
    envelope("[]")
}

fn unknown_ticket(number: &str) -> Answer {
    nothing().because(format!("no ticket {number}"))
}
