//! The helpdesk's API keys and how they may be sent (domain 2.1).

use http::header::AUTHORIZATION;
use http::{HeaderMap, StatusCode};

use super::Refusal;
use crate::settings::Credentials;

const NO_KEY: &str = "No API key provided. Include in Authorization header as \
    \"Bearer YOUR_API_KEY\" or in X-API-Key header";

enum State {
    /// Usable, with these permissions.
    Active(&'static [&'static str]),
    Inactive,
    Expired,
}

const KEYS: &[(&str, State)] = &[
    (Credentials::SANDBOX.helpdesk_api_key, State::Active(&["omnichannel:*"])),
    ("sandbox-helpdesk-key-2", State::Active(&["*"])),
    ("sandbox-helpdesk-reader", State::Active(&["omnichannel:read"])),
    ("sandbox-helpdesk-inactive", State::Inactive),
    ("sandbox-helpdesk-expired", State::Expired),
];

/// Lets a call with a key that has the permission through.
pub(super) fn admit(headers: &HeaderMap, permission: &str, to: &str) -> Result<(), Refusal> {
    let unauthorized = |text: &str| Err(Refusal::new(StatusCode::UNAUTHORIZED, text));
    let Some(sent) = sent(headers) else {
        return unauthorized(NO_KEY);
    };
    match KEYS.iter().find(|(key, _)| *key == sent).map(|(_, state)| state) {
        None => unauthorized("Invalid API key"),
        Some(State::Inactive) => unauthorized("API key is inactive"),
        Some(State::Expired) => unauthorized("API key has expired"),
        Some(State::Active(permissions)) if allows(permissions, permission) => Ok(()),
        Some(State::Active(_)) => {
            let text = format!("Insufficient permissions to {to}");
            Err(Refusal::new(StatusCode::FORBIDDEN, text))
        }
    }
}

/// The key in `Authorization: Bearer K` or `X-API-Key: K`; a bare `Authorization: K` is none.
fn sent(headers: &HeaderMap) -> Option<&str> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = text(AUTHORIZATION.as_str()).and_then(|value| value.strip_prefix("Bearer "));
    bearer.or_else(|| text("x-api-key")).map(str::trim)
}

fn allows(permissions: &[&str], wanted: &str) -> bool {
    permissions.iter().any(|permission| match permission.strip_suffix('*') {
        Some(prefix) => wanted.starts_with(prefix),
        None => *permission == wanted,
    })
}
