//! `/health/live` and `/health/ready`: for whoever starts, stops and balances the hub.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde_json::json;

use super::Door;
use super::reply::json as answer;

/// The process runs.
pub(crate) async fn live() -> Response {
    answer(StatusCode::OK, &json!({ "status": "live" }))
}

/// The hub takes requests. Changed mapping files that are refused make it no less ready: those of
/// before go on.
pub(crate) async fn ready(State(door): State<Arc<Door>>) -> Response {
    match door.is_ready.load(Ordering::Relaxed) {
        true => {
            let ready = json!({ "status": "ready", "mappings": (door.mappings)() });
            answer(StatusCode::OK, &ready)
        }
        false => answer(StatusCode::SERVICE_UNAVAILABLE, &json!({ "status": "stopping" })),
    }
}
