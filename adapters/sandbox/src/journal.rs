//! Remembers what a stand-in received, in the order of arrival, within bounds.
//!
//! It does not judge: what a call meant is the stand-in's, which puts its reason into the outcome.

use std::borrow::Cow;
use std::sync::Mutex;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method, Uri};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::ring::{Ring, lock};

/// A body may be 72 MB (attachments), so the number of calls alone bounds nothing.
const BODY_BYTES_MAX: usize = 128 * 1024 * 1024;

/// A call that a stand-in received.
#[derive(Clone, Debug)]
pub struct Received {
    /// Counts from 1 in the order of arrival; does not start anew when the list is cleared.
    pub seq: u64,
    /// When the call had arrived in whole.
    pub at: Timestamp,
    /// The method.
    pub method: Method,
    /// Path and query as sent, with any secret in them.
    pub uri: Uri,
    /// The headers as sent, with any secret in them.
    pub headers: HeaderMap,
    /// The body's bytes; empty when the connection was dropped before it was read.
    pub body: Bytes,
    /// The status of the answer, or none while there was none.
    pub status: Option<u16>,
    /// `in flight`, `answered`, or why the answer was another: a refusal's reason, or a fault.
    pub outcome: Cow<'static, str>,
}

impl Received {
    /// The path, still percent-encoded.
    pub fn path(&self) -> &str {
        self.uri.path()
    }

    /// The parameters of the query, decoded, in order.
    pub fn query(&self) -> Vec<(String, String)> {
        let query = self.uri.query().unwrap_or_default();
        form_urlencoded::parse(query.as_bytes()).into_owned().collect()
    }

    /// A header's text; none when it is absent or not text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body as JSON; none when it is not.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The body as text.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// Whether path, query or body contain a text.
    pub fn contains(&self, text: &str) -> bool {
        self.uri.to_string().contains(text) || self.text().contains(text)
    }

    pub(crate) fn to_json(&self) -> Value {
        let text_of = |value: &http::HeaderValue| {
            Value::from(String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let headers: serde_json::Map<String, Value> =
            self.headers.iter().map(|(name, value)| (name.to_string(), text_of(value))).collect();
        let query: Vec<_> =
            self.query().into_iter().map(|(name, value)| json!([name, value])).collect();
        json!({
            "seq": self.seq,
            "at": self.at.to_string(),
            "method": self.method.as_str(),
            "path": self.path(),
            "query": query,
            "headers": headers,
            "body": self.json().unwrap_or_else(|| self.text().into()),
            "status": self.status,
            "outcome": self.outcome,
        })
    }
}

pub(crate) struct Journal {
    kept: Mutex<Kept>,
    settled: watch::Sender<u64>,
}

struct Kept {
    calls: Ring<Received>,
    body_bytes: usize,
}

impl Journal {
    pub(crate) fn new(max: usize) -> Self {
        let kept = Kept { calls: Ring::new(max), body_bytes: 0 };
        Self { kept: Mutex::new(kept), settled: watch::Sender::new(0) }
    }

    /// Notes a call that arrived; gives its number for [`Journal::settle`].
    pub(crate) fn open(&self, at: Timestamp, parts: &Parts, body: Bytes) -> u64 {
        let mut kept = lock(&self.kept);
        let seq = kept.calls.total() + 1;
        kept.body_bytes += body.len();
        let gone = kept.calls.push(Received {
            seq,
            at,
            method: parts.method.clone(),
            uri: parts.uri.clone(),
            headers: parts.headers.clone(),
            body,
            status: None,
            outcome: Cow::Borrowed("in flight"),
        });
        kept.forget(gone);
        while kept.body_bytes > BODY_BYTES_MAX && kept.calls.len() > 1 {
            let gone = kept.calls.pop();
            kept.forget(gone);
        }
        seq
    }

    /// Notes what became of a call.
    pub(crate) fn settle(&self, seq: u64, status: Option<u16>, outcome: Cow<'static, str>) {
        if let Some(call) = lock(&self.kept).calls.get_mut(seq.saturating_sub(1)) {
            call.status = status;
            call.outcome = outcome;
        }
        self.settled.send_modify(|settled| *settled += 1);
    }

    /// Waits until so many calls in all have an outcome.
    pub(crate) async fn until(&self, count: u64) {
        let mut settled = self.settled.subscribe();
        // The sender lives as long as this borrow of it, so waiting cannot fail.
        let waited = settled.wait_for(|settled| *settled >= count).await;
        debug_assert!(waited.is_ok());
    }

    pub(crate) fn list(&self) -> Vec<Received> {
        lock(&self.kept).calls.iter().cloned().collect()
    }

    pub(crate) fn total(&self) -> u64 {
        lock(&self.kept).calls.total()
    }

    pub(crate) fn clear(&self) {
        let mut kept = lock(&self.kept);
        while kept.calls.pop().is_some() {}
        kept.body_bytes = 0;
    }
}

impl Kept {
    fn forget(&mut self, gone: Option<Received>) {
        let bytes = gone.map_or(0, |call| call.body.len());
        self.body_bytes = self.body_bytes.saturating_sub(bytes);
    }
}
