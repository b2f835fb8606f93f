//! `/openapi.json` and `/docs`: what the door takes and gives, as an OpenAPI 3.1 document and as a page.
//!
//! The document is made from what the door works by: bodies from the intake's own fields, words and
//! bounds ([`schema`]), limits from the settings ([`Facts`]), examples from `fixtures/omni`. Operations
//! and refusals are tables (`operations`, `refusals`). The page is made from the document alone: one
//! file without scripts, which loads nothing.
//!
//! Both are made once and then only handed out. Neither needs a key: they say nothing that is secret.

mod answers;
mod callbacks;
mod examples;
mod headers;
mod operations;
mod page;
mod public;
mod refusals;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::HeaderValue;
use http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use serde_json::{Map, Value, json};

use super::{Door, PerMinute};
use crate::intake::{AttachmentLimits, schema};

/// What the settings decide of what the document says.
pub struct Facts {
    /// Requests a minute of a key without limits of its own.
    pub per_minute: PerMinute,
    /// Largest body, in bytes.
    pub body_bytes_max: usize,
    /// The same where attachments may come.
    pub attachment_body_bytes_max: usize,
    /// Limits of attachments.
    pub attachments: AttachmentLimits,
    /// How long a repeat of a request is the same request.
    pub keep_requests: Duration,
    /// How long an equal claim about the same transaction is the first one.
    pub same_claim_within: Duration,
}

/// The document.
pub fn document(facts: &Facts) -> Value {
    json!({
        "openapi": "3.1.0",
        "info": info(facts),
        "servers": [{ "url": "/", "description": "This hub." }],
        "tags": operations::tags(),
        "security": headers::security(&[]),
        "paths": operations::paths(facts),
        "components": {
            "schemas": schemas(facts),
            "responses": refusals::of_no_operation(),
            "headers": headers::headers(facts),
            "securitySchemes": headers::security_schemes(),
        },
    })
}

fn info(facts: &Facts) -> Value {
    let PerMinute { create, read, update } = facts.per_minute;
    let hours = facts.keep_requests.as_secs() / 3600;
    let minutes = facts.same_claim_within.as_secs() / 60;
    let paragraphs = [
        "Claims and tickets of OMNI clients. What was answered with success is kept, and carried to \
         every system that it concerns."
            .to_owned(),
        "White space around texts is cut off. A member that is `null` \
         or a blank text is as if it were not there; unknown members are ignored. Bodies are JSON \
         whatever their Content-Type says, and may come as gzip (`Content-Encoding: gzip`)."
            .to_owned(),
        format!(
            "A key may create {create} claims and tickets, read {read} times and update {update} times \
             a minute unless it has limits of its own; a full minute may come as one burst."
        ),
        format!(
            "Send `integration.requestId` or an `Idempotency-Key` header with every POST and PATCH: for \
             {hours} hours a repeat with the same body gets the stored answer, byte for byte, and \
             changes nothing. A claim without one is still told by its transaction: an equal one within \
             {minutes} minutes is the first one."
        ),
        "HEAD is a GET whose body stays here. Every refusal has one shape, `Problem`, also 404 for \
         another path and 405 for another method, which names the right ones in `Allow`."
            .to_owned(),
    ];
    json!({
        "title": "omnihub: the OMNI door",
        "version": env!("CARGO_PKG_VERSION"),
        "summary": "Claims and tickets through one door.",
        "description": paragraphs.join("\n\n"),
        "license": { "name": "Apache-2.0 OR MIT", "identifier": env!("CARGO_PKG_LICENSE") },
    })
}

fn schemas(facts: &Facts) -> Map<String, Value> {
    let mut schemas = schema::schemas(&facts.attachments);
    schemas.extend(answers::schemas());
    schemas.insert("Problem".to_owned(), refusals::schema());
    schemas
}

/// The document and the page, made once.
pub struct Pages {
    document: Bytes,
    page: Bytes,
    policy: HeaderValue,
}

impl Pages {
    /// What these settings make them say.
    pub fn of(facts: &Facts) -> Self {
        let document = document(facts);
        let (page, policy) = page::page(&document);
        let policy = HeaderValue::try_from(policy);
        Self {
            document: document.to_string().into(),
            page: page.into(),
            policy: policy.unwrap_or(HeaderValue::from_static("default-src 'none'")),
        }
    }
}

pub(crate) async fn openapi(State(door): State<Arc<Door>>) -> Response {
    let json = HeaderValue::from_static("application/json");
    ([(CONTENT_TYPE, json)], door.pages.document.clone()).into_response()
}

pub(crate) async fn docs(State(door): State<Arc<Door>>) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (CONTENT_SECURITY_POLICY, door.pages.policy.clone()),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    (headers, door.pages.page.clone()).into_response()
}
