//! A change on one side goes round to all others, once, and back to nobody.

use bytes::Bytes;
use http::Method;
use omnihub_kit::logs;
use omnihub_sandbox::{Credentials, System};
use serde_json::{Value, json};

use super::{delivered_claim, receipt, status};
use crate::hub::TestHub;
use crate::hub::samples::{ticket, with};

/// An agent changes a ticket at a stand-in, which then calls the hub; gives what the hub answered.
pub(super) async fn act(hub: &TestHub, system: System, ticket: &str, change: Value) -> Value {
    let change = with(change, "call", format!("http://{}", hub.address()));
    let url = format!("{}/sandbox/tickets/{ticket}", hub.sandbox.base_url(system));
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = http.patch(url).body(change.to_string()).send().await.unwrap();
    let answer: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!(answer["called"]["status"], 200, "{answer}");
    answer["called"]["body"].clone()
}

/// Events that the client's webhook was told, in order.
fn webhooks(hub: &TestHub) -> Vec<(String, Value)> {
    let calls = hub.sandbox.received(System::Webhook).into_iter();
    let bodies = calls.map(|call| serde_json::from_slice::<Value>(&call.body).unwrap());
    bodies.map(|body| (body["event"].as_str().unwrap().to_owned(), body["data"].clone())).collect()
}

/// Paths of what a system was told, without questions and creates.
fn updates(hub: &TestHub, system: System) -> Vec<Value> {
    let calls = hub.sandbox.received(system).into_iter();
    let updates =
        calls.filter(|call| call.method == "PATCH" || call.path().ends_with("/update-status"));
    updates.map(|call| serde_json::from_slice(&call.body).unwrap()).collect()
}

/// A claim with a webhook that every system has.
async fn told_claim(hub: &TestHub) -> String {
    let claim = crate::hub::samples::claim();
    let claim = with(claim, "integration.webhookUrl", hub.receiver());
    let number = hub.client().post_claim(&claim, 201).await.number();
    hub.settled(&[]).await;
    number
}

#[tokio::test]
async fn what_sociomile_parks_is_parked_at_the_helpdesk_and_told_to_the_client_once() {
    let hub = TestHub::start().await;
    let number = told_claim(&hub).await;
    let there = receipt(&hub, &number, "sociomile", "ticketId");
    for _ in 0..2 {
        act(&hub, System::Sociomile, &there, json!({"status": "Pending"})).await;
        hub.settled(&[]).await;
    }
    assert_eq!(status(&hub, &number).await, "PENDING");
    assert_eq!(hub.helpdesk_tickets()[0].status, "PENDING");
    let told = updates(&hub, System::Helpdesk);
    assert_eq!(told, [json!({"action": "UPDATE_STATUS", "status": "PENDING"})]);
    assert_eq!(updates(&hub, System::Sociomile), Vec::<Value>::new(), "no echo");
    let [_, (event, data)] = &webhooks(&hub)[..] else { panic!("{:?}", webhooks(&hub)) };
    assert_eq!(
        (event.as_str(), &data["oldStatus"], &data["newStatus"]),
        ("STATUS_CHANGED", &json!("OPEN"), &json!("PENDING"))
    );
    hub.done(&[]).await;
}

#[tokio::test]
async fn what_the_helpdesk_resolves_is_closed_in_sociomile_and_a_webhook_without_data_is_enough() {
    let hub = TestHub::start().await;
    let number = told_claim(&hub).await;
    let there = receipt(&hub, &number, "helpdesk", "ticketNumber");
    let change = json!({"status": "RESOLVED", "comment": "Your money is back"});
    for _ in 0..2 {
        act(&hub, System::Helpdesk, &there, change.clone()).await;
        hub.settled(&[]).await;
        if hub.record(&number).state.later_events > 3 {
            break;
        }
    }
    let shown = hub.client().show(&number, 200).await.json();
    assert_eq!(shown["status"], "RESOLVED");
    assert!(shown["resolvedAt"].is_string() && shown["closedAt"].is_null(), "{shown}");
    assert_eq!(shown["comments"][0]["content"], "Your money is back");
    assert_eq!(shown["comments"][0]["isFromSupport"], true);
    assert_eq!(hub.sandbox.sociomile_tickets()[0].status, "Close");
    assert_eq!(updates(&hub, System::Helpdesk), Vec::<Value>::new(), "no echo");
    assert_eq!(updates(&hub, System::Sociomile).len(), 1);
    let events: Vec<String> = webhooks(&hub).into_iter().map(|(event, _)| event).collect();
    assert_eq!(
        events[..4],
        ["TICKET_CREATED", "COMMENT_ADDED", "STATUS_CHANGED", "TICKET_RESOLVED"]
    );
    // Sociomile tells what it was told, in its lossy word.
    let there = receipt(&hub, &number, "sociomile", "ticketId");
    act(&hub, System::Sociomile, &there, json!({"status": "Close"})).await;
    assert_eq!(status(&hub, &number).await, "RESOLVED");
    hub.done(&[]).await;
}

#[tokio::test]
async fn the_hubs_own_comments_and_statuses_come_back_as_nothing_new() {
    let hub = TestHub::start().await;
    let number = delivered_claim(&hub).await;
    let path = format!("/api/omnichannel/tickets/{number}");
    for body in [
        json!({"action": "ADD_COMMENT", "comment": "Still no answer"}),
        json!({"action": "UPDATE_STATUS", "status": "PENDING"}),
    ] {
        hub.client().call(Method::PATCH, &path, Some(Bytes::from(body.to_string())), 200).await;
    }
    hub.settled(&[]).await;
    let there = receipt(&hub, &number, "helpdesk", "ticketNumber");
    let before = hub.record(&number).state.later_events;
    // A comment of support, so that the webhook has something to tell.
    act(&hub, System::Helpdesk, &there, json!({"comment": "We look into it"})).await;
    hub.settled(&[]).await;
    assert_eq!(hub.record(&number).state.later_events, before + 1);
    let shown = hub.client().show(&number, 200).await.json();
    let words: Vec<&str> = shown["comments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["content"].as_str().unwrap())
        .collect();
    assert_eq!(words, ["Still no answer", "We look into it"]);
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_message_of_a_linked_conversation_becomes_a_comment_at_the_helpdesk() {
    let hub = TestHub::start().await;
    let body = with(with(ticket(), "channel", "CHAT"), "channelReferenceId", "CHAT-77");
    let number = hub.client().post_ticket(&body, 201).await.number();
    hub.settled(&[]).await;
    let secret = Credentials::SANDBOX.dolphins_callback_secret;
    let path = format!("/callbacks/dolphins?callback_secret={secret}");
    let message = json!({
        "ticketNumber": "CHAT-77", "channel": "livechat", "messageType": "text",
        "message": "Any news?", "customerName": "Jane Smith",
        "createdDate": "2026-01-05T09:30:00.000", "owner": "bsg",
    });
    for _ in 0..2 {
        let body = Bytes::from(message.to_string());
        let answer = hub.client().bare().call(Method::POST, &path, Some(body), 200).await;
        assert_eq!(answer.json(), json!({"status": "success"}));
        hub.settled(&[]).await;
    }
    assert_eq!(hub.record(&number).state.later_events, 1);
    assert_eq!(hub.helpdesk_tickets()[0].comments[0].content, "[Via Omnichannel] Any news?");
    hub.done(&[]).await;
}

#[tokio::test]
async fn no_secret_of_a_callback_is_in_a_log_even_when_the_helpdesk_fails() {
    let captured = logs::capture();
    let hub = TestHub::start().await;
    let number = delivered_claim(&hub).await;
    let there = receipt(&hub, &number, "helpdesk", "ticketNumber");
    act(&hub, System::Helpdesk, &there, json!({"comment": "We look into it"})).await;
    hub.done(&[]).await;
    let Credentials { helpdesk_webhook_secret, dolphins_callback_secret, .. } =
        Credentials::SANDBOX;
    for secret in [helpdesk_webhook_secret, dolphins_callback_secret] {
        assert!(!captured.text().contains(secret), "{secret}");
    }
}
