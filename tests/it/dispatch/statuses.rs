//! What a change of status is told to whom: those who know the ticket, and a claim's second ticket.

use http::Method;
use omnihub_sandbox::System;
use serde_json::json;

use super::phone_call;
use crate::hub::TestHub;
use crate::hub::samples::{fixture, ticket, with};

/// Where Sociomile is told of a status.
const UPDATE_STATUS: &str = "/bank-sulut/update-status";

async fn cancel(hub: &TestHub, number: &str) {
    let body = json!({ "action": "UPDATE_STATUS", "status": "CANCELLED" });
    let path = format!("/api/omnichannel/tickets/{number}");
    hub.client().call(Method::PATCH, &path, Some(body.to_string().into()), 200).await;
}

#[tokio::test]
async fn a_status_is_told_to_sociomile_of_what_it_knows_and_of_nothing_else() {
    let hub = TestHub::start().await;
    let known = hub.client().post_ticket(&phone_call(), 201).await.number();
    let unknown = hub.client().post_ticket(&ticket(), 201).await.number();
    hub.settled(&[]).await;
    cancel(&hub, &known).await;
    cancel(&hub, &unknown).await;
    hub.settled(&[]).await;
    let told = hub.posts(System::Sociomile);
    let statuses: Vec<_> = told.iter().filter(|call| call.path() == UPDATE_STATUS).collect();
    assert_eq!(statuses.len(), 1);
    assert_eq!(hub.sandbox.sociomile_tickets()[0].status, "Close");
    assert!(hub.deliveries(&unknown, "sociomile").is_empty());
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_claims_second_ticket_is_cancelled_with_the_first() {
    let hub = TestHub::start().await;
    let claim = fixture("create_ticket", "atm_card_claim").body;
    let claim = with(claim, "integration.webhookUrl", hub.receiver());
    let number = hub.client().post_ticket(&claim, 201).await.number();
    hub.settled(&[]).await;
    cancel(&hub, &number).await;
    hub.settled(&[]).await;
    let tickets = hub.sandbox.helpdesk_tickets();
    let statuses: Vec<_> = tickets.iter().map(|ticket| &*ticket.status).collect();
    assert_eq!(statuses, ["CANCELLED"; 2]);
    hub.done(&[]).await;
}
