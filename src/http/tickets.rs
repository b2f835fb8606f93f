//! `GET /api/omnichannel/tickets/{number}` and `?ticketNumber=`.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};

use super::reply::{Problem, json};
use super::{Door, answers, auth};
use crate::access::{Key, Permission};
use crate::store::Record;

pub(crate) async fn show(
    State(door): State<Arc<Door>>,
    Path(number): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let key = auth::admit(&door, &headers, Permission::Read)?;
    let record = record(&door, &key, &number)?;
    Ok(json(StatusCode::OK, &answers::detail(&record, &door.numbering, door.clock.now())))
}

pub(crate) async fn find(
    State(door): State<Arc<Door>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let key = auth::admit(&door, &headers, Permission::Read)?;
    let query = query.unwrap_or_default();
    let number = form_urlencoded::parse(query.as_bytes())
        .find_map(|(name, value)| (name == "ticketNumber").then_some(value))
        .filter(|value| !value.is_empty());
    let missing = "Either ticketNumber or channelReferenceId is required";
    let number = number.ok_or_else(|| Problem::of(StatusCode::BAD_REQUEST, missing))?;
    let record = record(&door, &key, &number)?;
    Ok(json(StatusCode::OK, &answers::detail(&record, &door.numbering, door.clock.now())))
}

/// The ticket, if the key sees it; one of another partner is as unknown as one that never was.
fn record(door: &Door, key: &Key, number: &str) -> Result<Record, Problem> {
    let record = door.store.find(number)?.filter(|record| key.sees(&record.ticket.partner));
    record.ok_or_else(|| Problem::of(StatusCode::NOT_FOUND, "Ticket not found"))
}
