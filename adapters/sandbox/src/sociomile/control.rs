//! `PATCH /sandbox/tickets/{ticketId}`: what an agent does in Sociomile, and the call to the bank that
//! follows (contract trap 34: no document has it; it is update-status, the other way).

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::patch;
use bytes::Bytes;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Desk, Sociomile};
use crate::answer::Answer;
use crate::calling::{Calling, call};
use crate::control::refuse;
use crate::ring::lock;
use crate::settings::Credentials;

pub(crate) fn routes(sociomile: Arc<Sociomile>) -> Router {
    Router::new().route("/sandbox/tickets/{ticket}", patch(change)).with_state(sociomile)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    status: String,
    /// What stands before the paths of the hub that is called then.
    call: Option<String>,
}

async fn change(State(sociomile): Desk, Path(ticket): Path<String>, body: Bytes) -> Answer {
    let change: Change = match serde_json::from_slice(&body) {
        Ok(change) => change,
        Err(error) => return refuse(&error.to_string()),
    };
    let Some(bsg_ticket_id) = sociomile.act(&ticket, &change.status) else {
        return Answer::json(StatusCode::NOT_FOUND, &json!({"error": "no such ticket"}));
    };
    let called = match &change.call {
        Some(hub) => tell(hub, &ticket, &bsg_ticket_id, &change.status).await,
        None => Value::Null,
    };
    let told = json!({"ticketId": ticket, "changed": true, "called": called});
    Answer::json(StatusCode::OK, &told)
}

async fn tell(hub: &str, ticket: &str, bsg_ticket_id: &str, status: &str) -> Value {
    let secret = Credentials::SANDBOX.sociomile_callback_secret;
    let body = json!({
        "sociomile_ticket_id": ticket, "bsg_ticket_id": bsg_ticket_id, "status": status,
    });
    call(Calling {
        hub,
        path: &format!("/callbacks/sociomile/update-status?client_secret_key={secret}"),
        header: None,
        body: body.to_string(),
    })
    .await
}

impl Sociomile {
    /// Changes a ticket as an agent would; gives the bank's number of it, or nothing where there is no such
    /// ticket.
    pub(crate) fn act(&self, ticket_id: &str, status: &str) -> Option<String> {
        let mut book = lock(&self.book);
        let ticket = book.find_mut(ticket_id)?;
        status.clone_into(&mut ticket.status);
        let created = ["nomorTicketHelpdesk", "ticket_id"];
        let created = created.iter().find_map(|name| ticket.fields.get(*name));
        let created = created.map(|number| match number {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        ticket.bsg_ticket_id.clone().or(created).or_else(|| Some("-".to_owned()))
    }
}
