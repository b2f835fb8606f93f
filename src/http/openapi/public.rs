//! The paths that need no key.

use serde_json::{Map, Value, json};

use super::answers::{literal, object, with};
use super::headers;

/// Every such path.
pub(super) fn paths() -> Map<String, Value> {
    let live = json!({ "200": health("The process runs.", "live") });
    let ready = json!({
        "200": health("The hub takes requests.", "ready"),
        "503": health("The hub is stopping, and takes no more.", "stopping"),
    });
    let document = json!({ "200": {
        "description": "This document.",
        "headers": headers::named(&["X-Request-Id"]),
        "content": { "application/json": { "schema": { "type": "object" } } },
    }});
    let page = json!({ "200": {
        "description": "This document as a page.",
        "headers": headers::named(&["X-Request-Id"]),
        "content": { "text/html": { "schema": { "type": "string" } } },
    }});
    let paths = [
        ("/health/live", public("isLive", "health", "Whether the process runs", live)),
        ("/health/ready", public("isReady", "health", "Whether the hub takes requests", ready)),
        ("/openapi.json", public("describe", "about", "This document", document)),
        ("/docs", public("describeAsPage", "about", "This document as a page", page)),
    ];
    paths.map(|(path, item)| (path.to_owned(), item)).into_iter().collect()
}

fn public(id: &str, tag: &str, summary: &str, responses: Value) -> Value {
    let operation = json!({
        "operationId": id,
        "tags": [tag],
        "summary": summary,
        "security": [],
        "parameters": [headers::request_id()],
    });
    json!({ "get": with(operation, "responses", responses) })
}

fn health(about: &str, word: &str) -> Value {
    json!({
        "description": about,
        "headers": headers::named(&["X-Request-Id"]),
        "content": { "application/json": {
            "schema": object(about, json!({ "status": literal(word) }), &[]),
            "example": { "status": word },
        }},
    })
}
