//! The `integration` block: who sends, under which key, and where to tell.
//!
//! `apiVersion` has no rule in any document (contract trap 33) and is not read.

use serde_json::{Value, json};

use super::fields::{Field, Members, Wrong, checked, owned, section, text};
use super::limits::{REFERENCE_CHARS_MAX, URL_CHARS_MAX};
use super::policy::Policy;
use super::schema::{Object, text_like};

/// The block itself.
pub(super) const INTEGRATION: Field = Field::member("integration", "Integration");
/// The client's own name for itself.
pub(super) const PARTNER_ID: Field =
    Field::line("integration.partnerId", "Partner id", REFERENCE_CHARS_MAX);
/// The idempotency key.
pub(super) const REQUEST_ID: Field =
    Field::line("integration.requestId", "Request id", REFERENCE_CHARS_MAX);
const API_VERSION: Field = Field::member("integration.apiVersion", "API version");
const HEADER: Field = Field::line("Idempotency-Key", "Idempotency-Key", REFERENCE_CHARS_MAX);
const WEBHOOK_URL: Field = Field::line("integration.webhookUrl", "Webhook URL", URL_CHARS_MAX);

/// What the block says, but for the request id, which is read before validation.
#[derive(Default)]
pub(super) struct Integration {
    pub(super) partner_reference: Option<String>,
    pub(super) webhook_url: Option<String>,
}

/// Reads the block.
pub(super) fn integration(body: Members<'_>, policy: &Policy, wrong: &mut Wrong) -> Integration {
    let Some(block) = section(body, &INTEGRATION, wrong) else {
        return Integration::default();
    };
    text(block, &REQUEST_ID, wrong);
    Integration {
        partner_reference: owned(block, &PARTNER_ID, wrong),
        webhook_url: webhook_url(block, policy, wrong),
    }
}

fn webhook_url(block: Members<'_>, policy: &Policy, wrong: &mut Wrong) -> Option<String> {
    let url = text(block, &WEBHOOK_URL, wrong)?;
    match (policy.webhook_url_ok)(url) {
        Ok(()) => Some(url.to_owned()),
        Err(complaint) => {
            wrong.add(WEBHOOK_URL.path, complaint);
            None
        }
    }
}

/// The key in an `Idempotency-Key` header: a structured field's string, or its text without quotes.
pub(super) fn header_key(header: &str, wrong: &mut Wrong) -> Option<String> {
    let header = header.trim();
    let key = match header.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        // RFC 8941, 3.3.3: a backslash stands before a quote or a backslash, and nowhere else.
        Some(quoted) => quoted.replace("\\\"", "\"").replace("\\\\", "\\"),
        None => header.to_owned(),
    };
    checked(&key, &HEADER, wrong).map(str::to_owned)
}

/// What is said of the block.
pub(super) fn schema() -> Value {
    let webhook = "Where the ticket's events are posted: an https address on a public network, \
                   unless the operator exempts its host.";
    let url =
        text_like(&WEBHOOK_URL, r"^\s*(?:[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x1F\x7F]*)?\s*$", webhook);
    named(Object::of("Who sends, under which key, and where to tell."))
        .member(&WEBHOOK_URL, url)
        .member(&API_VERSION, json!({ "description": "Not read.", "examples": ["1.0"] }))
        .schema()
}

/// What is said of the header that does for a body without the block.
pub(super) fn header_schema() -> Value {
    json!({ "type": "string", "maxLength": HEADER.chars_max, "pattern": r"^[\x20-\x7E]*$" })
}

/// What is said of the block of an update, which names no webhook.
pub(super) fn schema_of_update() -> Value {
    named(Object::of("Who sends, and under which key.")).schema()
}

fn named(block: Object) -> Object {
    block
        .text(&PARTNER_ID, "The client's own name for itself; part of the scope of `requestId`.")
        .text(&REQUEST_ID, "The idempotency key, as in the header `Idempotency-Key`.")
}
