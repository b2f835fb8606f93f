//! What is said of callbacks: shapes are those of each system, so that only what all have in common is
//! described.

use serde_json::{Map, Value, json};

use super::headers;

/// Both paths of callbacks.
pub(super) fn paths() -> Map<String, Value> {
    let plain = described("callBack", &["adapter"]);
    let below = described("callBackBelow", &["adapter", "path"]);
    [("/callbacks/{adapter}", plain), ("/callbacks/{adapter}/{path}", below)]
        .map(|(path, item)| (path.to_owned(), json!({ "post": item })))
        .into_iter()
        .collect()
}

fn described(id: &str, parameters: &[&str]) -> Value {
    let about = "`/callbacks/sociomile/update-status` takes a status with the body of Sociomile's own \
                 update-status, as JSON or as a form, from who shows the secret as `client_secret_key` in \
                 the query or in the header `X-Callback-Secret`. `/callbacks/helpdesk` takes the \
                 helpdesk's webhook, signed in `X-Webhook-Signature`. `/callbacks/dolphins` takes 3Dolphins' \
                 events, with `callback_secret` in the query or in `X-Callback-Secret`. Each is answered in \
                 the system's own shapes. What is said of a ticket that the hub does not know is kept, and \
                 put on the ticket if it appears.";
    let parameters = parameters.iter().map(|name| parameter(name));
    json!({
        "operationId": id,
        "tags": ["callbacks"],
        "summary": "What a system says of its own accord",
        "description": about,
        "security": [],
        "parameters": parameters.chain([headers::request_id()]).collect::<Vec<_>>(),
        "requestBody": {
            "description": "As the system writes it.",
            "required": true,
            "content": { "application/json": { "schema": { "type": "object" } } },
        },
        "responses": responses(),
    })
}

fn parameter(name: &str) -> Value {
    let example = if name == "adapter" { "sociomile" } else { "update-status" };
    json!({
        "name": name,
        "in": "path",
        "required": true,
        "schema": { "type": "string", "minLength": 1 },
        "example": example,
    })
}

fn responses() -> Value {
    let told = |about: &str, names: &[&str]| {
        json!({
            "description": about,
            "headers": headers::named(names),
            "content": { "application/json": { "schema": { "type": "object" } } },
        })
    };
    let plain = &["X-Request-Id"][..];
    let later = &["X-Request-Id", "Retry-After"][..];
    json!({
        "200": told("It is heard, or kept until its ticket appears.", plain),
        "400": told("It cannot be understood.", plain),
        "401": told("It does not show that it comes from the system.", plain),
        "404": told("No such system is connected, or it sends nothing there.", plain),
        "408": told("The body took too long.", plain),
        "413": told("The body is too large.", plain),
        "415": told("The body is packed in a way that is not taken.", plain),
        "429": told("Too many that were not authentic came from this address.", later),
        "503": told("Not now: it may come again.", plain),
    })
}
