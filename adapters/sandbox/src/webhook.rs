//! The webhook receiver: takes everything that is posted to `/webhook/…` and remembers it.
//!
//! It verifies nothing: whoever asks for what it received can check signatures over the bytes.

use axum::Router;
use axum::routing::post;
use http::StatusCode;
use serde_json::json;

use crate::answer::Answer;

pub(crate) fn routes() -> Router {
    Router::new().route("/webhook", post(take)).route("/webhook/{*path}", post(take))
}

async fn take() -> Answer {
    Answer::json(StatusCode::OK, &json!({"received": true}))
}
