//! What systems said, as operators see and mend it: callbacks that are kept, tickets that systems show
//! otherwise, tickets to be taken over.

use axum::extract::{Query, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::Timestamp;
use omnihub_contract::AdapterName;
use serde::{Deserialize, Serialize};

use super::{Desk, Failed};
use crate::store::{RecordKind, Store, StoreError};
use crate::sync::drift::{Drift, Looking};
use crate::sync::kept::{KeptName, KeptNotice};

/// Numbers that are taken over in one request: each is one question.
pub const ADOPTED_MAX: usize = 100;

/// Callbacks that are shown unless more are asked for.
const SHOWN: usize = 100;

/// How many are wanted.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Showing {
    /// At most so many.
    pub limit: Option<usize>,
}

/// A callback about a ticket that nobody knows, as operators see it: not what people said in it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeptView {
    /// Who said it.
    pub adapter: AdapterName,
    /// Which of its callbacks it is.
    pub what: String,
    /// By what its ticket is named.
    pub about: Vec<KeptName>,
    /// When it came.
    pub at: Timestamp,
    /// The status that it tells, in the system's own word.
    pub status: Option<String>,
    /// How many comments it tells.
    pub comments: usize,
}

impl From<KeptNotice> for KeptView {
    fn from(KeptNotice { adapter, what, about, at, word, comments, .. }: KeptNotice) -> Self {
        Self { adapter, what, about, at, status: word, comments }
    }
}

/// Numbers of tickets to be taken over.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Adopting {
    /// At most [`ADOPTED_MAX`].
    pub numbers: Vec<String>,
}

/// What became of a number.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Adopted {
    /// The number.
    pub number: String,
    /// The hub's own number of its ticket; absent where the helpdesk has none, or cannot say so now.
    pub ticket: Option<String>,
}

pub(super) fn routes() -> Router<Desk> {
    Router::new()
        .route("/hub/callbacks", get(list_kept))
        .route("/hub/tickets/drift", post(find_drift))
        .route("/hub/tickets/adopt", post(adopt))
}

/// Callbacks about tickets that nobody knows, the oldest first.
///
/// # Errors
/// When the store cannot be read.
pub fn kept(store: &dyn Store, showing: Showing) -> Result<Vec<KeptView>, StoreError> {
    let records = store.records(RecordKind::Notice, usize::MAX)?.into_iter();
    let read = |(_, value)| serde_json::from_value::<KeptNotice>(value).ok();
    let mut all: Vec<KeptView> = records.filter_map(read).map(KeptView::from).collect();
    all.sort_by_key(|kept| kept.at);
    all.truncate(showing.limit.unwrap_or(SHOWN));
    Ok(all)
}

async fn list_kept(
    State(desk): State<Desk>,
    Query(showing): Query<Showing>,
) -> Result<Json<Vec<KeptView>>, Failed> {
    Ok(Json(kept(&*desk.store, showing)?))
}

async fn find_drift(
    State(desk): State<Desk>,
    Json(looking): Json<Looking>,
) -> Result<Json<Vec<Drift>>, Failed> {
    Ok(Json(desk.ears.drift(looking).await?))
}

async fn adopt(
    State(desk): State<Desk>,
    Json(adopting): Json<Adopting>,
) -> Result<Json<Vec<Adopted>>, Failed> {
    let mut adopted = Vec::new();
    for number in adopting.numbers.into_iter().take(ADOPTED_MAX) {
        let found = match desk.store.find(&number)? {
            None => desk.ears.adopt(&number).await?,
            found => found,
        };
        let ticket = found.map(|record| record.ticket.number.to_string());
        adopted.push(Adopted { number, ticket });
    }
    Ok(Json(adopted))
}
