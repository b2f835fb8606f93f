//! `PATCH /sandbox/tickets/{number}`: what an agent of the helpdesk does at a screen.
//!
//! The OMNI API sets CANCELLED and PENDING only; without this no test could see a ticket resolved.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::patch;
use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::Sha256;

use super::book::Comment;
use super::{Desk, Helpdesk};
use crate::answer::Answer;
use crate::calling::{Calling, call};
use crate::control::refuse;
use crate::ring::lock;
use crate::settings::Credentials;

pub(crate) fn routes(desk: Arc<Helpdesk>) -> Router {
    Router::new().route("/sandbox/tickets/{number}", patch(change)).with_state(desk)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    status: Option<String>,
    comment: Option<String>,
    /// What stands before the paths of the hub whose webhook is called then.
    call: Option<String>,
}

async fn change(State(desk): Desk, Path(number): Path<String>, body: Bytes) -> Answer {
    let change: Change = match serde_json::from_slice(&body) {
        Ok(change) => change,
        Err(error) => return refuse(&error.to_string()),
    };
    if desk.act(&number, change.status.as_deref(), change.comment.as_deref()) {
        let called = match &change.call {
            Some(hub) => tell(hub, &number, change.status.is_some()).await,
            None => Value::Null,
        };
        let text = json!({"ticketNumber": number, "changed": true, "called": called});
        return Answer::json(StatusCode::OK, &text);
    }
    Answer::json(StatusCode::NOT_FOUND, &json!({"error": "no such ticket"}))
}

/// The webhook as the server is known to send it: without data (domain 2.10).
async fn tell(hub: &str, number: &str, is_status: bool) -> Value {
    let path = "/callbacks/helpdesk";
    let event = if is_status { "STATUS_CHANGED" } else { "COMMENT_ADDED" };
    let url = format!("{hub}{path}");
    let body = json!({"url": url, "event": event, "ticketNumber": number});
    let body = body.to_string();
    let header = Some(("x-webhook-signature", signature(&body)));
    call(Calling { hub, path, header, body }).await
}

fn signature(body: &str) -> String {
    let secret = Credentials::SANDBOX.helpdesk_webhook_secret;
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    let tag = mac.chain_update(body).finalize().into_bytes();
    tag.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

impl Helpdesk {
    /// Changes a ticket as an agent would; says whether there is such a ticket.
    pub(crate) fn act(&self, key: &str, status: Option<&str>, comment: Option<&str>) -> bool {
        let at = self.now();
        let mut book = lock(&self.book);
        let Some(ticket) = book.find_mut(key) else {
            return false;
        };
        if let Some(text) = comment {
            ticket.comment(Comment {
                id: self.ids.cuid(at),
                content: text.to_owned(),
                author: "Support Agent".to_owned(),
                timestamp: at,
                is_from_support: true,
            });
        }
        if let Some(status) = status {
            ticket.change_status(status, at);
        }
        true
    }
}
