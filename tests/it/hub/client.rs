//! A client of the hub: posts and asks over HTTP, and checks the status of every answer, and that it is
//! one that the hub's own description has.

use std::net::IpAddr;

use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::Value;

use super::TestHub;
use crate::openapi::conforms;

const CLAIMS: &str = "/api/omnichannel/claims";
const TICKETS: &str = "/api/omnichannel/tickets";

/// How a client presents its key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Style {
    /// `Authorization: Bearer K`.
    Bearer,
    /// `Authorization: K`.
    Bare,
    /// `X-API-Key: K`.
    ApiKey,
}

/// Whoever has a key, or none.
#[derive(Clone)]
pub(crate) struct Client<'h> {
    hub: &'h TestHub,
    http: reqwest::Client,
    headers: Vec<(String, String)>,
}

impl<'h> Client<'h> {
    pub(super) fn new(hub: &'h TestHub, key: &str) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { hub, http, headers: Vec::new() }.presenting(key, Style::Bearer)
    }

    /// The same client with its key presented in another way.
    pub(crate) fn presenting(mut self, key: &str, style: Style) -> Self {
        self.headers.clear();
        match style {
            Style::Bearer => self.with("authorization", &format!("Bearer {key}")),
            Style::Bare => self.with("authorization", key),
            Style::ApiKey => self.with("x-api-key", key),
        }
    }

    /// The same client without any header.
    pub(crate) fn bare(mut self) -> Self {
        self.headers.clear();
        self
    }

    /// The same client at another address of this machine.
    pub(crate) fn at_address(mut self, address: IpAddr) -> Self {
        let http = reqwest::Client::builder().no_proxy().local_address(address);
        self.http = http.build().unwrap();
        self
    }

    /// The same client with one header more.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) async fn post_claim(&self, body: &Value, expected: u16) -> Answer {
        self.post(CLAIMS, body.to_string(), expected).await
    }

    pub(crate) async fn post_ticket(&self, body: &Value, expected: u16) -> Answer {
        self.post(TICKETS, body.to_string(), expected).await
    }

    /// Posts bytes; a ticket that is made is among those that the hub is to deliver.
    pub(crate) async fn post(&self, path: &str, body: impl Into<Bytes>, expected: u16) -> Answer {
        let answer = self.call(Method::POST, path, Some(body.into()), expected).await;
        if expected < 300 {
            let mut posted = self.hub.posted.lock().unwrap();
            let number = answer.number();
            if !posted.contains(&number) {
                posted.push(number);
            }
        }
        answer
    }

    /// Asks for a ticket by a number in the path.
    pub(crate) async fn show(&self, number: &str, expected: u16) -> Answer {
        self.get(&format!("{TICKETS}/{number}"), expected).await
    }

    /// Asks for a path.
    pub(crate) async fn get(&self, path: &str, expected: u16) -> Answer {
        self.call(Method::GET, path, None, expected).await
    }

    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<Bytes>,
        expected: u16,
    ) -> Answer {
        let url = format!("http://{}{path}", self.hub.address());
        let mut request = self.http.request(method.clone(), url);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        // What is packed is not what is described.
        let is_packed = self.headers.iter().any(|(name, _)| name == "content-encoding");
        let sent = body.clone().filter(|_| !is_packed);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let bytes = response.bytes().await.unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert_eq!(status, expected, "{method} {path}: {text}");
        let answer = Answer { status, headers, bytes };
        conforms::check(&method, path, sent.as_deref(), &answer);
        answer
    }
}

/// What the hub answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Bytes,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap()
    }

    /// A header's text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The ticket's number in the answer to a create.
    pub(crate) fn number(&self) -> String {
        self.json()["ticketNumber"].as_str().unwrap().to_owned()
    }

    /// Whether an earlier request was answered so.
    pub(crate) fn is_replay(&self) -> bool {
        self.header("idempotency-replayed") == Some("true")
    }
}
