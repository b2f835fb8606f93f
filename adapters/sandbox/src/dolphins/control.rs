//! `PATCH /sandbox/tickets/{ticketNumber}`: what an agent or a customer does in 3Dolphins, and the event
//! that follows a customer's message (domain 1.3).
//!
//! Of what an agent does its server sends no event that is known of: that is for polls to find.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::{delete, patch};
use bytes::Bytes;
use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::book::{CUSTOMER_NAME, DolphinsMessage, DolphinsTicket, OWNER};
use super::tokens::wib;
use super::{Desk, Dolphins};
use crate::answer::Answer;
use crate::calling::{Calling, call};
use crate::control::refuse;
use crate::ring::lock;
use crate::settings::Credentials;

/// Who answers at a screen.
const AGENT: &str = "Support Agent";

const NO_EVENT: &str = "call goes with a customer_message: 3Dolphins sends an event of nothing else, \
    so the hub finds what an agent does by polling";

pub(crate) fn routes(dolphins: Arc<Dolphins>) -> Router {
    let revoke = |State(dolphins): Desk| async move {
        dolphins.revoke_tokens();
        StatusCode::NO_CONTENT
    };
    Router::new()
        .route("/sandbox/tokens", delete(revoke))
        .route("/sandbox/tickets/{number}", patch(change))
        .with_state(dolphins)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    status: Option<String>,
    /// An answer of the agent's.
    message: Option<String>,
    customer_message: Option<String>,
    /// What stands before the paths of the hub to which the event is sent then.
    call: Option<String>,
}

async fn change(State(dolphins): Desk, Path(number): Path<String>, body: Bytes) -> Answer {
    let change: Change = match serde_json::from_slice(&body) {
        Ok(change) => change,
        Err(error) => return refuse(&error.to_string()),
    };
    if change.call.is_some() && change.customer_message.is_none() {
        return refuse(NO_EVENT);
    }
    let said = change.customer_message.as_deref();
    let said = said.map(|text| dolphins.hear_customer(&number, text));
    let acted = dolphins.act(&number, change.status.as_deref(), change.message.as_deref());
    if said == Some(None) || !acted {
        return Answer::json(StatusCode::NOT_FOUND, &json!({"error": "no such ticket"}));
    }
    let called = match (change.call, said.flatten()) {
        (Some(hub), Some(event)) => tell(&hub, &event).await,
        _ => Value::Null,
    };
    let told = json!({"ticketNumber": number, "changed": true, "called": called});
    Answer::json(StatusCode::OK, &told)
}

async fn tell(hub: &str, event: &Value) -> Value {
    let secret = Credentials::SANDBOX.dolphins_callback_secret;
    let path = format!("/callbacks/dolphins?callback_secret={secret}");
    call(Calling { hub, path: &path, header: None, body: event.to_string() }).await
}

impl Dolphins {
    /// Changes a ticket as an agent would; says whether there is such a ticket.
    pub(crate) fn act(&self, number: &str, status: Option<&str>, message: Option<&str>) -> bool {
        let at = (self.clock)();
        let mut book = lock(&self.book);
        let Some(ticket) = book.see(number, &self.ids, at) else { return false };
        if let Some(text) = message {
            ticket.say(DolphinsMessage {
                id: self.ids.hex32(),
                text: text.to_owned(),
                answer: true,
                reply_agent: Some(AGENT.to_owned()),
                at,
            });
        }
        if let Some(status) = status {
            ticket.move_to(status, AGENT, at);
        }
        true
    }

    /// Adds a customer's message; gives the event of it, or nothing where there is no such ticket.
    pub(crate) fn hear_customer(&self, number: &str, text: &str) -> Option<Value> {
        let at = (self.clock)();
        let id = self.ids.hex32();
        let text = text.to_owned();
        let mut book = lock(&self.book);
        let ticket = book.see(number, &self.ids, at)?;
        let event = event(ticket, &text, at);
        ticket.say(DolphinsMessage { id, text, answer: false, reply_agent: None, at });
        Some(event)
    }
}

/// The incoming event. Its date has no zone; no document says which one is meant, so that it is the one
/// of every other text there.
fn event(ticket: &DolphinsTicket, text: &str, at: Timestamp) -> Value {
    json!({
        "ticketNumber": ticket.number,
        "channel": ticket.channel_type,
        "accountId": ticket.account_id(),
        "contactId": format!("contact-{}", ticket.number),
        "messageType": "text",
        "message": text,
        "mediaLink": "",
        "customerName": CUSTOMER_NAME,
        "createdDate": wib(at).strftime("%Y-%m-%dT%H:%M:%S%.3f").to_string(),
        "owner": OWNER,
    })
}
