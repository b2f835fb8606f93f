//! Headers of requests and answers, and the ways to present a key.

use serde_json::{Map, Value, json};

use super::Facts;
use crate::access::Permission;
use crate::intake::schema;

/// The three ways to present a key (contract trap 1), each enough by itself, for these permissions.
pub(super) fn security(permissions: &[&str]) -> Value {
    json!(["bearer", "bareKey", "apiKey"].map(|scheme| json!({ scheme: permissions })))
}

pub(super) fn security_schemes() -> Value {
    let key = "A key as `omnihub keys create` prints it.";
    json!({
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": format!("`Authorization: Bearer <key>`. {key}"),
        },
        "bareKey": {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": format!("`Authorization: <key>`, without a scheme. {key}"),
        },
        "apiKey": {
            "type": "apiKey",
            "in": "header",
            "name": "X-API-Key",
            "description": format!("`X-API-Key: <key>`. {key}"),
        },
    })
}

/// Headers of answers, by name.
pub(super) fn headers(facts: &Facts) -> Value {
    let classes = Permission::ALL.map(Permission::as_str).join("|");
    let create = facts.per_minute.create;
    json!({
        "X-Request-Id": {
            "description": "The name of this request: the client's own, or one of the hub's.",
            "required": true,
            "schema": { "type": "string", "minLength": 1 },
            "example": "5f3a9c10-42",
        },
        "RateLimit-Policy": {
            "description": "The key's limit for such requests: `q` of them in `w` seconds.",
            "required": true,
            "schema": { "type": "string", "pattern": format!("^\"({classes})\";q=[0-9]+;w=60$") },
            "example": format!("\"create\";q={create};w=60"),
        },
        "RateLimit": {
            "description": "Where the key stands: `r` requests are left, and after `t` seconds all \
                            are again.",
            "required": true,
            "schema": { "type": "string", "pattern": format!("^\"({classes})\";r=[0-9]+;t=[0-9]+$") },
            "example": format!("\"create\";r={};t=1", create.saturating_sub(1)),
        },
        "Retry-After": {
            "description": "Seconds after which to come again.",
            "required": true,
            "schema": { "type": "integer", "minimum": 1 },
            "example": 1,
        },
        "Idempotency-Replayed": {
            "description": "This answer was given before: nothing was changed by this request.",
            "schema": { "type": "string", "const": "true" },
        },
        "WWW-Authenticate": {
            "description": "How to present a key.",
            "required": true,
            "schema": { "type": "string" },
            "example": "Bearer",
        },
        "Accept-Encoding": {
            "description": "What a body may be packed with.",
            "required": true,
            "schema": { "type": "string", "const": "gzip" },
        },
        "Allow": {
            "description": "The methods that the path has.",
            "required": true,
            "schema": { "type": "string" },
            "example": "POST",
        },
    })
}

/// These headers, by reference.
pub(super) fn named(names: &[&str]) -> Map<String, Value> {
    let named = |name: &&str| {
        ((*name).to_owned(), json!({ "$ref": format!("#/components/headers/{name}") }))
    };
    names.iter().map(named).collect()
}

/// The same where they need not come.
pub(super) fn optional(names: &[&str], facts: &Facts) -> Map<String, Value> {
    let headers = headers(facts);
    let optional = |name: &&str| {
        let mut header = headers.get(name)?.clone();
        header.as_object_mut()?.remove("required");
        Some(((*name).to_owned(), header))
    };
    names.iter().filter_map(optional).collect()
}

/// Those of a success; a body can be replayed.
pub(super) fn of_success(has_body: bool) -> Map<String, Value> {
    let mut headers = named(&["X-Request-Id", "RateLimit-Policy", "RateLimit"]);
    if has_body {
        headers.extend(named(&["Idempotency-Replayed"]));
    }
    headers
}

/// The parameter `Idempotency-Key`.
pub(super) fn idempotency_key() -> Value {
    json!({
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Names the request, as `integration.requestId` does; where both are given they \
                        must be the same. Quoted or bare.",
        "schema": schema::idempotency_key(),
    })
}

/// The parameter `X-Request-Id`.
pub(super) fn request_id() -> Value {
    json!({
        "name": "X-Request-Id",
        "in": "header",
        "description": "The client's own name for this request, of up to 128 visible ASCII characters; \
                        another is ignored. It has nothing to do with idempotency.",
        "schema": { "type": "string" },
    })
}
