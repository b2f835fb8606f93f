//! The routes under `/sandbox` by which a person or a test asks what was received and sets faults.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::routing::get;
use bytes::Bytes;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::desk::Upstream;
use crate::fault::{FaultRule, Faults};
use crate::journal::{Journal, Received};
use crate::system::System;

/// Lists are this long unless the caller says otherwise: one screen, not ten thousand bodies.
const LIMIT: usize = 100;

#[derive(Clone)]
pub(crate) struct Control {
    pub(crate) upstream: Upstream,
    pub(crate) journal: Arc<Journal>,
    pub(crate) faults: Arc<Faults>,
}

pub(crate) fn routes(control: Control) -> Router {
    Router::new()
        .route("/sandbox", get(index))
        .route("/sandbox/received", get(received).delete(clear_received))
        .route("/sandbox/tickets", get(tickets))
        .route("/sandbox/faults", get(faults).put(set_faults).delete(clear_faults))
        .fallback(unknown)
        .with_state(control)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listing {
    limit: Option<usize>,
    contains: Option<String>,
}

async fn index(State(control): State<Control>) -> Answer {
    let mut routes = vec![
        "GET /sandbox/received?limit=&contains=",
        "DELETE /sandbox/received",
        "GET /sandbox/tickets?limit=",
        "GET /sandbox/faults",
        "PUT /sandbox/faults",
        "DELETE /sandbox/faults",
    ];
    let system = control.upstream.system();
    match system {
        System::Helpdesk => routes.push("PATCH /sandbox/tickets/{number}"),
        System::Sociomile => routes.push("PATCH /sandbox/tickets/{ticketId}"),
        System::Dolphins => {
            routes.extend(["PATCH /sandbox/tickets/{ticketNumber}", "DELETE /sandbox/tokens"]);
        }
        System::Webhook => {}
    }
    let body = json!({
        "sandbox": system.as_str(),
        "received_total": control.journal.total(),
        "routes": routes,
    });
    Answer::json(StatusCode::OK, &body)
}

async fn received(State(control): State<Control>, Query(listing): Query<Listing>) -> Answer {
    let contains = listing.contains.unwrap_or_default();
    let calls = control.journal.list();
    let mut found: Vec<Value> = calls
        .iter()
        .rev()
        .filter(|call| call.contains(&contains))
        .take(listing.limit.unwrap_or(LIMIT))
        .map(Received::to_json)
        .collect();
    found.reverse();
    Answer::json(StatusCode::OK, &Value::Array(found))
}

async fn clear_received(State(control): State<Control>) -> StatusCode {
    control.journal.clear();
    StatusCode::NO_CONTENT
}

async fn tickets(State(control): State<Control>, Query(listing): Query<Listing>) -> Answer {
    if listing.contains.is_some() {
        return refuse("contains is for /sandbox/received");
    }
    let limit = listing.limit.unwrap_or(LIMIT);
    Answer::json(StatusCode::OK, &control.upstream.tickets(limit))
}

async fn faults(State(control): State<Control>) -> Answer {
    Answer::json(StatusCode::OK, &control.faults.to_json())
}

async fn set_faults(State(control): State<Control>, body: Bytes) -> Answer {
    match FaultRule::parse_list(&body) {
        Ok(rules) => {
            control.faults.replace(rules);
            Answer::json(StatusCode::OK, &control.faults.to_json())
        }
        Err(why) => refuse(&why.to_string()),
    }
}

async fn clear_faults(State(control): State<Control>) -> StatusCode {
    control.faults.replace(Vec::new());
    StatusCode::NO_CONTENT
}

async fn unknown() -> Answer {
    let body = json!({"error": "no such control route; GET /sandbox lists them"});
    Answer::json(StatusCode::NOT_FOUND, &body)
}

pub(crate) fn refuse(why: &str) -> Answer {
    Answer::json(StatusCode::BAD_REQUEST, &json!({ "error": why }))
}
