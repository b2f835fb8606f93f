//! What operators do with a running hub, over a socket in its data folder or a listener.
//!
//! The command line is the socket's client; whoever can reach the socket (mode 0600) may do all of it.
//! The listener gives the same to keys with `hub:operate`, and to anybody what monitoring reads. It
//! knows the store, not adapters.

pub mod adapters;
pub mod calls;
pub mod decisions;
pub mod deliveries;
pub mod dues;
pub mod facts;
mod gate;
pub mod held;
pub mod keys;
pub mod metrics;
pub mod regulatory;
pub mod store;
pub mod summary;
pub mod sync;
pub mod tickets;
pub mod timeline;
pub mod waits;

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Extension, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::StatusCode;
use jiff::Timestamp;
use omnihub_contract::ReceiptName;
use serde_json::json;
use tokio::net::UnixListener;

use crate::access::{self, AccessError, KnownKeys, NewKey, Rotation, Strangers};
use crate::clock::Clock;
use crate::metrics::Metrics;
use crate::store::{Store, StoreError, Survey, WebhookSecret};
use crate::sync::Ears;
use adapters::{AdapterError, AdapterView, Handle, Resumed};
use calls::{CallError, Callable, Called};
use decisions::{Asked, DecisionError, Gives};
use deliveries::{DeliveryShown, DeliveryView, Filter, Named};
use facts::{Newest, TicketFacts, Wanted};
use gate::Actor;
use keys::{KeyFilter, KeyView, MadeKey, NamedKey, NamedPartner, NewSecret};
use metrics::MappingsNow;
use tickets::{Numbered, TicketView};

/// Longest path of a socket, in bytes: what `sockaddr_un` holds.
const SOCKET_PATH_MAX: usize = 107;

/// Makes the socket; a left-over one of a hub that was killed is replaced. The caller holds the
/// store's lock, so no other hub is using it.
///
/// # Errors
/// The path and why, when it cannot be made.
pub fn bind(path: &Path) -> Result<UnixListener, (String, io::Error)> {
    let fail = |error| (path.display().to_string(), error);
    if path.as_os_str().len() > SOCKET_PATH_MAX {
        let why = "its path is too long for a socket: set operate.socket to a shorter one";
        return Err(fail(io::Error::new(io::ErrorKind::InvalidInput, why)));
    }
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(fail(error)),
        _ => {}
    }
    let listener = UnixListener::bind(path).map_err(fail)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).map_err(fail)?;
    Ok(listener)
}

/// What the operators' routes share.
#[derive(Clone)]
pub struct Desk {
    /// The store.
    pub store: Arc<dyn Store>,
    /// Operators' keys in use.
    pub keys: Arc<KnownKeys>,
    /// Requests that failed to show a right key, by address: the door's, since who guesses keys there
    /// may guess them here.
    pub strangers: Arc<Strangers>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Every adapter, and what holds it.
    pub adapters: Vec<Handle>,
    /// The same systems, for calls by hand.
    pub systems: Vec<Callable>,
    /// What operations give.
    pub gives: Gives,
    /// All of that by which tickets may be asked for.
    pub receipts: Arc<[ReceiptName]>,
    /// How long a partner's old secret signs beside a new one, unless the operator says otherwise.
    pub rotation_overlap: Duration,
    /// The mapping files in force.
    pub mappings: Arc<dyn Fn() -> MappingsNow + Send + Sync>,
    /// What hears systems.
    pub ears: Ears,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// When the hub was started.
    pub since: Timestamp,
}

/// The routes of the operators' listener: the socket's, for keys with `hub:operate`. What monitoring
/// reads is about nobody, and asks for no key.
pub fn listener_router(desk: Desk) -> Router {
    gate::gated(routes(desk.clone()), desk.clone()).merge(metrics_routes(desk))
}

/// The routes of the operators' socket.
pub fn router(desk: Desk) -> Router {
    routes(desk.clone()).merge(metrics_routes(desk))
}

fn metrics_routes(desk: Desk) -> Router {
    Router::new().route("/metrics", get(show_metrics)).with_state(desk)
}

fn routes(desk: Desk) -> Router {
    Router::new()
        .route("/hub/keys", post(create_key).get(list_keys))
        .route("/hub/keys/revoke", post(revoke_key))
        .route("/hub/keys/rotate", post(rotate_key))
        .route("/hub/partners/secret", get(show_secret))
        .route("/hub/partners/secret/rotate", post(rotate_secret))
        .route("/hub/deliveries", get(list_deliveries))
        .route("/hub/deliveries/show", get(show_delivery))
        .route("/hub/deliveries/decide", post(decide))
        .route("/hub/tickets", get(show_ticket))
        .route("/hub/adapters", get(list_adapters))
        .route("/hub/adapters/pause", post(pause))
        .route("/hub/adapters/resume", post(resume))
        .route("/hub/call", post(call))
        .route("/hub/facts", get(ticket_facts))
        .route("/hub/facts/newest", get(newest_tickets))
        .route("/hub/store/survey", post(survey))
        .merge(sync::routes())
        .merge(regulatory::routes())
        .with_state(desk)
}

async fn survey(
    State(desk): State<Desk>,
    Json(page): Json<store::Page>,
) -> Result<Json<Survey>, Failed> {
    Ok(Json(store::page(&*desk.store, &page)?))
}

async fn show_metrics(State(desk): State<Desk>) -> Response {
    ([("content-type", metrics::CONTENT_TYPE)], metrics::text(&desk)).into_response()
}

async fn create_key(
    State(desk): State<Desk>,
    Json(new): Json<NewKey>,
) -> Result<Json<MadeKey>, Failed> {
    Ok(Json(keys::create(&*desk.store, new, desk.clock.now()).await?))
}

async fn list_keys(
    State(desk): State<Desk>,
    Query(filter): Query<KeyFilter>,
) -> Result<Json<Vec<KeyView>>, Failed> {
    Ok(Json(keys::list(&*desk.store, &filter, desk.clock.now())?))
}

async fn revoke_key(
    State(desk): State<Desk>,
    Json(key): Json<NamedKey>,
) -> Result<Json<KeyView>, Failed> {
    Ok(Json(keys::revoke(&*desk.store, &key, desk.clock.now()).await?))
}

async fn rotate_key(
    State(desk): State<Desk>,
    Json(rotation): Json<Rotation>,
) -> Result<Json<MadeKey>, Failed> {
    Ok(Json(keys::rotate(&*desk.store, &rotation, desk.clock.now()).await?))
}

async fn show_secret(
    State(desk): State<Desk>,
    Query(partner): Query<NamedPartner>,
) -> Result<Json<Vec<WebhookSecret>>, Failed> {
    Ok(Json(access::secrets_of(&*desk.store, &partner.partner, desk.clock.now())?))
}

async fn rotate_secret(
    State(desk): State<Desk>,
    Json(new): Json<NewSecret>,
) -> Result<Json<Vec<WebhookSecret>>, Failed> {
    let overlap_s = new.overlap_s.unwrap_or(desk.rotation_overlap.as_secs());
    let (store, now) = (&*desk.store, desk.clock.now());
    Ok(Json(access::rotate_secret(store, &new.partner, overlap_s, now).await?))
}

async fn list_deliveries(
    State(desk): State<Desk>,
    Query(filter): Query<Filter>,
) -> Result<Json<Vec<DeliveryView>>, Failed> {
    let now = desk.clock.now();
    let mut listed = deliveries::list(&*desk.store, &filter, now)?;
    held::say_why(&mut listed, &desk.adapters, now);
    Ok(Json(listed))
}

async fn show_delivery(
    State(desk): State<Desk>,
    Query(named): Query<Named>,
) -> Result<Json<Option<DeliveryShown>>, Failed> {
    let mut shown = deliveries::show(&*desk.store, &named.id)?;
    if let Some(shown) = &mut shown {
        let delivery = std::slice::from_mut(&mut shown.delivery);
        held::say_why(delivery, &desk.adapters, desk.clock.now());
    }
    Ok(Json(shown))
}

async fn decide(
    State(desk): State<Desk>,
    actor: Option<Extension<Actor>>,
    Json(mut asked): Json<Asked>,
) -> Result<Json<()>, Failed> {
    asked.by = by(actor, asked.by);
    Ok(Json(decisions::decide(&*desk.store, desk.gives, asked).await?))
}

async fn show_ticket(
    State(desk): State<Desk>,
    Query(ticket): Query<Numbered>,
) -> Result<Json<Option<TicketView>>, Failed> {
    let (calendar, now) = (&*desk.ears.calendar, desk.clock.now());
    let mut shown = tickets::show(&*desk.store, &desk.receipts, &ticket.number, (calendar, now))?;
    if let Some(shown) = &mut shown {
        held::say_all(shown, &desk.adapters, now);
    }
    Ok(Json(shown))
}

async fn list_adapters(State(desk): State<Desk>) -> Json<Vec<AdapterView>> {
    Json(adapters::list(&desk.adapters, desk.clock.now()))
}

async fn pause(
    State(desk): State<Desk>,
    actor: Option<Extension<Actor>>,
    Json(mut asked): Json<adapters::Asked>,
) -> Result<Json<()>, Failed> {
    asked.by = by(actor, asked.by);
    Ok(Json(adapters::pause(&*desk.store, &desk.adapters, asked, desk.clock.now()).await?))
}

async fn resume(State(desk): State<Desk>, Json(asked): Json<Resumed>) -> Result<Json<()>, Failed> {
    Ok(Json(adapters::resume(&*desk.store, &desk.adapters, &asked).await?))
}

async fn call(
    State(desk): State<Desk>,
    actor: Option<Extension<Actor>>,
    Json(mut asked): Json<calls::Asked>,
) -> Result<Json<Called>, Failed> {
    asked.by = by(actor, asked.by);
    Ok(Json(calls::call(&desk.systems, &asked, desk.clock.now()).await?))
}

async fn ticket_facts(
    State(desk): State<Desk>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<TicketFacts>, Failed> {
    let number = wanted.number;
    let facts = facts::of(&*desk.store, &number)?;
    // Who looks at a customer's data leaves a trace.
    tracing::info!(ticket = number, "an operator reads a ticket to try mappings on it");
    let detail = format!("there is no ticket {number}");
    facts.map(Json).ok_or(Failed { status: StatusCode::NOT_FOUND, detail })
}

async fn newest_tickets(
    State(desk): State<Desk>,
    Query(wanted): Query<Newest>,
) -> Result<Json<Vec<String>>, Failed> {
    Ok(Json(facts::newest(&*desk.store, wanted)?))
}

/// Who does it: the key that it came with, where it came with one.
fn by(actor: Option<Extension<Actor>>, by: String) -> String {
    match actor {
        Some(Extension(actor)) => actor.named(&by),
        None => by,
    }
}

/// Longest name of who decides, and longest reason, in characters: both are kept.
const REASON_CHARS_MAX: usize = 500;

/// Whether it says who, or why.
fn is_said(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= REASON_CHARS_MAX
}

/// An error as RFC 9457 has it.
struct Failed {
    status: StatusCode,
    detail: String,
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        let status = match error {
            StoreError::Disk(_) | StoreError::Away | StoreError::Full { .. } => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self { status, detail: error.to_string() }
    }
}

impl From<DecisionError> for Failed {
    fn from(error: DecisionError) -> Self {
        let status = match &error {
            DecisionError::NoId(_) | DecisionError::Gives(_) | DecisionError::Reason => {
                StatusCode::BAD_REQUEST
            }
            DecisionError::NoDelivery(_) => StatusCode::NOT_FOUND,
            DecisionError::NotWaiting { .. }
            | DecisionError::NeverMapped(_)
            | DecisionError::MappingsGone(_) => StatusCode::CONFLICT,
            DecisionError::Store(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self { status, detail: error.to_string() }
    }
}

impl From<AdapterError> for Failed {
    fn from(error: AdapterError) -> Self {
        let status = match &error {
            AdapterError::NoSuchAdapter(..) => StatusCode::NOT_FOUND,
            AdapterError::Reason | AdapterError::OneSystem(_) | AdapterError::NoDestination(_) => {
                StatusCode::BAD_REQUEST
            }
            AdapterError::TooManyPaused(_) => StatusCode::CONFLICT,
            AdapterError::Store(_) | AdapterError::Damaged(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self { status, detail: error.to_string() }
    }
}

impl From<CallError> for Failed {
    fn from(error: CallError) -> Self {
        let status = match &error {
            CallError::NoSuchAdapter(..) | CallError::NoSuchOperation { .. } => {
                StatusCode::NOT_FOUND
            }
            CallError::Arguments(..) | CallError::Who => StatusCode::BAD_REQUEST,
            CallError::Off(_) | CallError::Unconfirmed(..) => StatusCode::CONFLICT,
            CallError::Failed(..) => StatusCode::BAD_GATEWAY,
        };
        Self { status, detail: error.to_string() }
    }
}

impl From<AccessError> for Failed {
    fn from(error: AccessError) -> Self {
        let status = match &error {
            AccessError::NoSuchKey(_) | AccessError::NoSuchPartner(_) => StatusCode::NOT_FOUND,
            AccessError::Ended(_) => StatusCode::CONFLICT,
            AccessError::NoRandomness(_) | AccessError::Store(_) | AccessError::Damaged(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        };
        Self { status, detail: error.to_string() }
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        let Self { status, detail } = self;
        let body = json!({ "title": "the hub could not do it", "status": status.as_u16(), "detail": detail });
        (status, [("content-type", "application/problem+json")], body.to_string()).into_response()
    }
}
