//! What systems say comes back: over HTTP, by the real hub, at stand-ins.

mod adoption;
mod callbacks;
mod circle;
mod conversations;
mod drift;
mod polls;
mod regulatory;
mod sla;

use bytes::Bytes;
use http::Method;
use omnihub_sandbox::Credentials;
use serde_json::{Value, json};

use crate::hub::samples::claim;
use crate::hub::{Answer, TestHub};

/// A claim that every system has; gives its number.
pub(crate) async fn delivered_claim(hub: &TestHub) -> String {
    let number = hub.client().post_claim(&claim(), 201).await.number();
    hub.settled(&[]).await;
    number
}

/// A receipt that a system gave a ticket.
pub(crate) fn receipt(hub: &TestHub, number: &str, adapter: &str, name: &str) -> String {
    hub.record(number).state.receipts.find(adapter, name).unwrap().to_owned()
}

/// Sociomile tells a status of a ticket, with the names that the ticket has there.
pub(crate) async fn sociomile_says(hub: &TestHub, number: &str, status: &str) -> Answer {
    let body = json!({
        "sociomile_ticket_id": receipt(hub, number, "sociomile", "ticketId"),
        "bsg_ticket_id": receipt(hub, number, "helpdesk", "ticketNumber"),
        "status": status,
    });
    call_back(hub, &body, 200).await
}

/// Sociomile's callback, with its secret.
pub(crate) async fn call_back(hub: &TestHub, body: &Value, expected: u16) -> Answer {
    let secret = Credentials::SANDBOX.sociomile_callback_secret;
    let path = format!("/callbacks/sociomile/update-status?client_secret_key={secret}");
    let body = Bytes::from(body.to_string());
    hub.client().bare().call(Method::POST, &path, Some(body), expected).await
}

/// The status that a client is shown.
pub(crate) async fn status(hub: &TestHub, number: &str) -> String {
    let shown = hub.client().show(number, 200).await.json();
    shown["status"].as_str().unwrap().to_owned()
}
