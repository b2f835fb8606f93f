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
/// before go on. A disk that is full or away does.
pub(crate) async fn ready(State(door): State<Arc<Door>>) -> Response {
    if !door.is_ready.load(Ordering::Relaxed) {
        return answer(StatusCode::SERVICE_UNAVAILABLE, &json!({ "status": "stopping" }));
    }
    match door.store.trouble() {
        None => {
            let ready = json!({ "status": "ready", "mappings": (door.mappings)() });
            answer(StatusCode::OK, &ready)
        }
        Some(why) => {
            let told = json!({ "status": "cannot keep anything", "why": why.to_string() });
            answer(StatusCode::SERVICE_UNAVAILABLE, &told)
        }
    }
}
