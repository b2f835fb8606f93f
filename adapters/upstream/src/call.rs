//! One call to make: method, address, headers, body.

use std::fmt;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Method};

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

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("method", self.0.method()).finish_non_exhaustive()
    }
}
