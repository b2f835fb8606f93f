//! The paths that need no key.

use serde_json::{Map, Value, json};

use super::answers::{literal, object, with};
use super::headers;

/// Every such path.
pub(super) fn paths() -> Map<String, Value> {
    let live = json!({ "200": health("The process runs.", "live") });
    let ready = json!({
        "200": ready(),
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

/// Beside the word, what there is to say of the mappings in force.
fn ready() -> Value {
    let about = "The hub takes requests.";
    let findings =
        json!({ "type": "array", "items": { "type": "object" }, "description": "What is wrong." });
    let refused =
        json!({ "at": { "type": "string", "format": "date-time" }, "findings": findings });
    let refused =
        object("Changed mapping files that were not taken: those of before go on.", refused, &[]);
    let mappings = json!({
        "digest": { "type": "string", "description": "Of the mapping files in force." },
        "loaded_at": { "type": "string", "format": "date-time" },
        "refused": refused,
    });
    let mappings = object("What each system is told.", mappings, &["refused"]);
    let schema = object(about, json!({ "status": literal("ready"), "mappings": mappings }), &[]);
    let example = json!({
        "status": "ready",
        "mappings": { "digest": "26a13d5f7229", "loaded_at": "2024-12-19T10:30:00Z" },
    });
    json!({
        "description": about,
        "headers": headers::named(&["X-Request-Id"]),
        "content": { "application/json": { "schema": schema, "example": example } },
    })
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
