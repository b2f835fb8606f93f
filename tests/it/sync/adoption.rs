//! Tickets that the hub never saw are found at the helpdesk, and belong to who sees every partner's.

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use omnihub::access::{Permission, Scope};
use omnihub::config::Span;
use omnihub_sandbox::System;
use serde_json::json;

use super::call_back;
use crate::hub::TestHub;

/// Somebody else makes a claim at the helpdesk; gives its number.
async fn foreign_claim(hub: &TestHub) -> String {
    let url = format!("{}/api/omnichannel/claims", hub.sandbox.base_url(System::Helpdesk));
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let claim = json!({"namaNasabah": "Budi", "mediaTransaksi": "QRIS", "nominal": 1});
    let posted = http.post(url).header("x-api-key", "sandbox-helpdesk-key");
    let posted = posted.header("content-type", "application/json").body(claim.to_string());
    assert!(posted.send().await.unwrap().status().is_success());
    hub.helpdesk_tickets().last().unwrap().number.clone()
}

async fn hub() -> TestHub {
    TestHub::start_with(|config| config.accept.wait_for_helpdesk = Span(Duration::from_secs(10)))
        .await
}

#[tokio::test]
async fn a_number_that_is_unknown_here_is_asked_for_and_shown_to_who_sees_everything() {
    let hub = hub().await;
    let number = foreign_claim(&hub).await;
    hub.client().show(&number, 404).await;
    let all = hub.client_of("operators", &Permission::ALL, Scope::All).await;
    let shown = all.show(&number, 200).await.json();
    assert_eq!((&shown["ticketNumber"], &shown["status"]), (&json!(number), &json!("OPEN")));
    assert_eq!(all.show("7777777", 404).await.json()["message"], "Ticket not found");
    hub.client().show(&number, 404).await;
    let path = format!("/api/omnichannel/tickets/{number}");
    let comment = Bytes::from(json!({"action": "ADD_COMMENT", "comment": "Hello"}).to_string());
    all.call(Method::PATCH, &path, Some(comment), 200).await;
    hub.until(|hub| hub.helpdesk_tickets()[0].comments.len() == 1).await;
    let own = hub.record(&number).ticket.number.to_string();
    assert_eq!(hub.record(&own).state.receipts.public_number(), Some(&*number));
    assert_eq!(hub.store().newest(10).unwrap().len(), 1, "one ticket of one");
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_callback_about_a_ticket_that_the_helpdesk_has_adopts_it() {
    let hub = hub().await;
    let number = foreign_claim(&hub).await;
    let body = json!({"sociomile_ticket_id": "66f1", "bsg_ticket_id": number, "status": "Pending"});
    assert_eq!(call_back(&hub, &body, 200).await.json()["message"], "success");
    assert_eq!(hub.record(&number).state.status.canonical.as_str(), "PENDING");
    hub.until(|hub| hub.helpdesk_tickets()[0].status == "PENDING").await;
    // It is known from now on by what Sociomile calls it.
    let body = json!({"sociomile_ticket_id": "66f1", "bsg_ticket_id": "x", "status": "On Hold"});
    assert_eq!(call_back(&hub, &body, 200).await.json()["message"], "success");
    assert_eq!(hub.record(&number).state.status.canonical.as_str(), "ON_HOLD");
    hub.done(&[]).await;
}
