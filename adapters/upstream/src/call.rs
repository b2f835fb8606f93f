//! One call to make: method, address, headers, body.

use std::fmt;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Method};
use omnihub_contract::{Draft, ExposeSecret, Secret};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::address::Address;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

/// A call that is ready to be sent, once.
pub struct Call(reqwest::Request);

impl Call {
    /// A call without a body that asks for JSON.
    pub fn new(method: Method, to: &Address) -> Self {
        let mut request = reqwest::Request::new(method, to.url());
        request.headers_mut().insert(ACCEPT, JSON);
        Self(request)
    }

    /// The same with a JSON body, already serialised.
    #[must_use]
    pub fn json(self, body: impl Into<Bytes>) -> Self {
        self.body(body, JSON)
    }

    /// The same with a form body, already encoded.
    #[must_use]
    pub fn form(self, body: impl Into<Bytes>) -> Self {
        self.body(body, FORM)
    }

    /// The same with one header more. A secret value has to be marked sensitive.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers_mut().insert(name, value);
        self
    }

    /// The call as people may see it: with `…` where a secret stands, whatever its encoding.
    pub fn draft(&self, secrets: &[&Secret]) -> Draft {
        let veil = |text: &str| secrets.iter().fold(text.to_owned(), |text, it| veiled(&text, it));
        let body = self.0.body().and_then(reqwest::Body::as_bytes);
        Draft {
            method: self.0.method().to_string(),
            address: veil(self.0.url().as_str()),
            headers: self.0.headers().keys().map(ToString::to_string).collect(),
            body: body.map(|bytes| veil(&String::from_utf8_lossy(bytes))),
        }
    }

    fn body(mut self, body: impl Into<Bytes>, kind: HeaderValue) -> Self {
        self.0.headers_mut().insert(CONTENT_TYPE, kind);
        *self.0.body_mut() = Some(body.into().into());
        self
    }

    pub(crate) fn into_inner(self) -> reqwest::Request {
        self.0
    }

    pub(crate) fn is_https(&self) -> bool {
        self.0.url().scheme() == "https"
    }
}

/// The text without the secret, in each form that it can have in an address or a body.
fn veiled(text: &str, secret: &Secret) -> String {
    let plain = secret.expose_secret();
    if plain.is_empty() {
        return text.to_owned();
    }
    let form: String = form_urlencoded::byte_serialize(plain.as_bytes()).collect();
    let percent = utf8_percent_encode(plain, NON_ALPHANUMERIC).to_string();
    let json = Value::from(plain).to_string();
    let json = json.trim_matches('"');
    [plain, &form, &percent, json]
        .iter()
        .fold(text.to_owned(), |text, form| text.replace(form, "…"))
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("method", self.0.method()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_shows_all_but_secrets() {
        let secret = Secret::from("k+y/&s");
        let to = Address::parse("http://127.0.0.1/a").unwrap().with_query("key", "k+y/&s");
        let call = Call::new(Method::POST, &to)
            .header(HeaderName::from_static("x-api-key"), HeaderValue::from_static("k+y/&s"))
            .json("{\"a\":\"k+y/&s\"}");
        let draft = call.draft(&[&secret]);
        assert_eq!((&*draft.method, &*draft.address), ("POST", "http://127.0.0.1/a?key=…"));
        assert_eq!(draft.headers, ["accept", "x-api-key", "content-type"]);
        assert_eq!(draft.body.as_deref(), Some("{\"a\":\"…\"}"));
        assert_eq!(format!("{draft:?}"), "Draft { method: \"POST\", .. }");
    }
}
