//! What a stand-in answers, with the reason that only the list of received calls shows.

use std::borrow::Cow;

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use serde_json::Value;

const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

pub(crate) struct Answer {
    status: StatusCode,
    content_type: HeaderValue,
    body: Bytes,
    reason: Option<Reason>,
}

/// Why a call was answered as it was; travels beside the answer, never in it.
#[derive(Clone)]
pub(crate) struct Reason(pub(crate) Cow<'static, str>);

impl Answer {
    pub(crate) fn json(status: StatusCode, body: &Value) -> Self {
        Self::new(status, JSON, Bytes::from(body.to_string()))
    }

    pub(crate) fn html(status: StatusCode, page: &'static str) -> Self {
        Self::new(status, HTML, Bytes::from_static(page.as_bytes()))
    }

    /// A body that somebody asked for: text stays text, everything else is JSON.
    pub(crate) fn any(status: StatusCode, body: Option<&Value>) -> Self {
        match body {
            None => Self::new(status, TEXT, Bytes::new()),
            Some(Value::String(text)) => {
                let content_type = if text.trim_start().starts_with('<') { HTML } else { TEXT };
                Self::new(status, content_type, Bytes::from(text.clone()))
            }
            Some(body) => Self::json(status, body),
        }
    }

    pub(crate) fn because(mut self, reason: impl Into<Cow<'static, str>>) -> Self {
        self.reason = Some(Reason(reason.into()));
        self
    }

    fn new(status: StatusCode, content_type: HeaderValue, body: Bytes) -> Self {
        Self { status, content_type, body, reason: None }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut answer = Response::new(self.body.into());
        *answer.status_mut() = self.status;
        answer.headers_mut().insert(CONTENT_TYPE, self.content_type);
        if let Some(reason) = self.reason {
            answer.extensions_mut().insert(reason);
        }
        answer
    }
}
