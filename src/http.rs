//! The OMNI door: `/api/omnichannel/*`, `/callbacks/*`, `/health/*`, and what is said of them (`/openapi.json`, `/docs`)
//! over HTTP.
//!
//! In: authenticate → permission → limit → body → room → idempotency → validate → route →
//! `store.accept` → answer. It never calls an adapter, and knows neither dispatch nor mappings: what
//! is due because of a ticket it asks a function that the hub gives it ([`Door::route`]).
//!
//! Its parts: [`server`] (connections), [`tls`], `request_id`, `auth`, `limits`,
//! `partners` (who asks, and how often), `endpoint`, `body`, `posted`, `creates`, `updates` and
//! `tickets` (what is asked for), `callbacks` (what systems send), `repeats` (idempotency), `answers` (documented bodies), `findings`
//! and [`catalogue`] (what is in them), [`reply`] (errors), `health`, [`openapi`].
//!
//! HEAD is a GET whose body stays here: it needs the same permission and counts as the same read.
//! OPTIONS is a method like any other that a path has not, so 405 with `Allow`: clients are servers, so
//! there is nothing to say about other origins.

mod answers;
mod auth;
mod body;
mod callbacks;
pub mod catalogue;
mod creates;
mod endpoint;
mod findings;
mod health;
mod limits;
pub mod openapi;
mod partners;
mod posted;
mod regulatory;
mod repeats;
pub mod reply;
mod request_id;
pub mod server;
mod tickets;
pub mod tls;
mod updates;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use http::HeaderMap;
use omnihub_contract::{DeliveryId, Event, ReceiptName, Ticket, TicketNumber};
use tokio::sync::{Semaphore, SemaphorePermit};

pub use body::{Bodies, Room};
pub use limits::{Limits, PerMinute};
pub use partners::{Partner, Partners};
pub use request_id::RequestIds;

use crate::access::{KnownKeys, Strangers};
use crate::clock::Clock;
use crate::metrics;
use crate::store::{Due, Store};
use crate::sync::Ears;
use catalogue::Catalogue;
use endpoint::Endpoint;
use openapi::Pages;
use reply::Problem;

/// What a new ticket makes due, as the mappings say.
pub type Route = Box<dyn Fn(&Ticket, &Event) -> Vec<Due> + Send + Sync>;

/// Everything that the endpoints share.
pub struct Door {
    /// Where tickets are kept.
    pub store: Arc<dyn Store>,
    /// What a new ticket makes due.
    pub route: Route,
    /// What hears systems.
    pub ears: Ears,
    /// Told of each ticket that somebody looks at.
    pub asked: Box<dyn Fn(TicketNumber) + Send + Sync>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What the records of keys in use say.
    pub keys: KnownKeys,
    /// What is valid for whom, and from where.
    pub partners: Partners,
    /// The bank's own names of services and branches.
    pub catalogue: Catalogue,
    /// What is counted of requests.
    pub counts: Arc<metrics::Door>,
    /// Requests a minute and key.
    pub limits: Limits,
    /// Requests that failed to show a right key, by address.
    pub strangers: Arc<Strangers>,
    /// Room for requests under way; what finds none is turned away.
    pub room: Semaphore,
    /// The receipt that is the ticket's number at the numbering adapter.
    pub numbering: ReceiptName,
    /// How long an answer waits for the numbering adapter; zero: not at all.
    pub wait_for_numbering: Duration,
    /// Whether the numbering adapter can be expected to deliver within a time.
    pub is_prompt: Box<dyn Fn(Duration) -> bool + Send + Sync>,
    /// How long a repeat of a request is the same request.
    pub keep_requests: Duration,
    /// How long an equal claim without a request id is the same claim.
    pub same_claim_within: Duration,
    /// `trackingUrl`, with `{number}` for the ticket's number.
    pub tracking_url: String,
    /// Bounds of bodies.
    pub bodies: Bodies,
    /// What is said of all this.
    pub pages: Pages,
    /// Names of requests whose clients gave none.
    pub request_ids: RequestIds,
    /// Whether the hub takes new work: false from the moment it is told to stop.
    pub is_ready: AtomicBool,
    /// What there is to say of the mappings in force: digest, since when, and what was refused.
    pub mappings: Box<dyn Fn() -> serde_json::Value + Send + Sync>,
}

impl Door {
    /// Waits, bounded, until a delivery to the numbering adapter is final: on the store, never on the
    /// adapter, and not at all while that is not to be expected.
    pub(crate) async fn wait(&self, delivery: DeliveryId) {
        if (self.is_prompt)(self.wait_for_numbering) {
            let finished = self.store.finished(delivery);
            // Too late, or a store that closes: the answer goes without it either way.
            drop(tokio::time::timeout(self.wait_for_numbering, finished).await);
        }
    }

    /// Whether as much is under way as the hub takes.
    pub(crate) fn is_full(&self) -> bool {
        self.room.available_permits() == 0
    }

    /// A place among the requests under way, or 503. It is taken once a request's body is there: who
    /// sends one slowly would hold it for as long as it likes. Questions, which wait for nothing, need none.
    pub(crate) fn place(&self) -> Result<SemaphorePermit<'_>, Problem> {
        self.room.try_acquire().map_err(|_| Problem::too_busy())
    }
}

/// The routes of the public listener.
pub fn router(door: Arc<Door>) -> Router {
    Router::new()
        .route("/api/omnichannel/claims", post(Endpoint::Claim))
        .route("/api/omnichannel/tickets", post(Endpoint::Ticket).get(Endpoint::Find))
        .route("/api/omnichannel/tickets/{number}", get(Endpoint::Show).patch(Endpoint::Update))
        .route("/callbacks/{adapter}", post(callbacks::plain))
        .route("/callbacks/{adapter}/{path}", post(callbacks::below))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/openapi.json", get(openapi::openapi))
        .route("/docs", get(openapi::docs))
        .fallback(no_such_path)
        .method_not_allowed_fallback(no_such_method)
        .layer(from_fn_with_state(Arc::clone(&door), request_id::with_request_id))
        .with_state(door)
}

async fn no_such_path(State(door): State<Arc<Door>>, headers: HeaderMap, body: Body) -> Problem {
    body::discard(&door.bodies, &headers, body).await;
    Problem::of(http::StatusCode::NOT_FOUND, "Not found")
}

async fn no_such_method(State(door): State<Arc<Door>>, headers: HeaderMap, body: Body) -> Problem {
    body::discard(&door.bodies, &headers, body).await;
    Problem::of(http::StatusCode::METHOD_NOT_ALLOWED, "Method not allowed")
}
