//! Updates (contract 1.6): what is answered, what the helpdesk is told, and what is shown.

use std::time::Duration;

use axum::http::Method;
use omnihub::config::{Config, Span};
use omnihub_sandbox::System;
use serde_json::{Value, json};

use super::check_problem;
use crate::hub::samples::{fixture, ticket, with};
use crate::hub::{TestHub, answer};

const WAIT: Span = Span(Duration::from_secs(20));

fn waiting(config: &mut Config) {
    config.accept.wait_for_helpdesk = WAIT;
}

async fn patch(hub: &TestHub, number: &str, body: &Value, expected: u16) -> crate::hub::Answer {
    let path = format!("/api/omnichannel/tickets/{number}");
    hub.client().call(Method::PATCH, &path, Some(body.to_string().into()), expected).await
}

#[tokio::test]
async fn a_comment_is_answered_as_documented_and_reaches_the_helpdesk() {
    let hub = TestHub::start_with(waiting).await;
    let number = hub.client().post_ticket(&ticket(), 201).await.number();
    let comment = fixture("update_ticket", "add_comment").body;
    let answered = patch(&hub, &number, &comment, 200).await.json();
    assert_eq!(answered["action"], "ADD_COMMENT");
    assert_eq!(answered["ticketNumber"], number);
    let said = comment["comment"].as_str().unwrap();
    assert_eq!(answered["result"]["comment"]["content"], format!("[Via Omnichannel] {said}"));
    let kept = &hub.helpdesk_tickets()[0].comments;
    assert_eq!(kept[0].content, format!("[Via Omnichannel] {said}"), "before the answer");
    let shown = hub.client().show(&number, 200).await.json();
    assert_eq!(shown["comments"][0]["content"], *said);
    assert_eq!(shown["lastComment"], shown["comments"][0]);
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_cancelled_ticket_takes_comments_but_no_status() {
    let hub = TestHub::start_with(waiting).await;
    let number = hub.client().post_ticket(&ticket(), 201).await.number();
    let cancel = fixture("update_ticket", "cancel").body;
    let answered = patch(&hub, &number, &cancel, 200).await.json();
    assert_eq!(answered["result"], json!({ "status": "CANCELLED" }));
    assert_eq!(hub.client().show(&number, 200).await.json()["status"], "CANCELLED");
    let again = patch(&hub, &number, &cancel, 400).await;
    check_problem(&again, "Cannot update closed or resolved tickets");
    patch(&hub, &number, &json!({ "action": "ADD_COMMENT", "comment": "Terima kasih" }), 200).await;
    hub.done(&[]).await;
}

#[tokio::test]
async fn what_the_helpdesk_refuses_in_time_is_refused_and_undone() {
    let hub = TestHub::start_with(waiting).await;
    let number = hub.client().post_ticket(&ticket(), 201).await.number();
    let text = "Cannot update closed or resolved tickets";
    let refusal = json!({ "error": text, "timestamp": "2024-12-19T10:30:00Z", "status": 400 });
    hub.fail(System::Helpdesk, [answer("PATCH /api/omnichannel/tickets", 400, refusal, 1)]);
    let named = with(
        json!({ "action": "UPDATE_STATUS", "status": "PENDING" }),
        "integration",
        json!({ "requestId": "req-1" }),
    );
    check_problem(&patch(&hub, &number, &named, 400).await, text);
    assert_eq!(hub.client().show(&number, 200).await.json()["status"], "OPEN");
    // Only successes are kept: the same name may be used for the next try.
    let retried = patch(&hub, &number, &named, 200).await;
    assert!(!retried.is_replay());
    hub.done(&["helpdesk dead H0401"]).await;
}

#[tokio::test]
async fn a_repeated_update_gets_the_same_answer_and_is_told_once() {
    let hub = TestHub::start_with(waiting).await;
    let number = hub.client().post_ticket(&ticket(), 201).await.number();
    let body = with(
        fixture("update_ticket", "add_comment").body,
        "integration",
        json!({ "requestId": "req-2" }),
    );
    let first = patch(&hub, &number, &body, 200).await;
    let second = patch(&hub, &number, &body, 200).await;
    assert_eq!((first.json(), second.is_replay()), (second.json(), true));
    let other = with(body, "comment", "other words");
    check_problem(
        &patch(&hub, &number, &other, 422).await,
        "This request id was used for another request",
    );
    assert_eq!(hub.helpdesk_tickets()[0].comments.len(), 1);
    hub.done(&[]).await;
}

#[tokio::test]
async fn files_are_added_and_shown_and_sent_on() {
    let hub = TestHub::start_with(waiting).await;
    let number = hub.client().post_ticket(&ticket(), 201).await.number();
    let body = fixture("update_ticket", "add_log_file").body;
    let answered = patch(&hub, &number, &body, 200).await.json();
    assert_eq!(answered["action"], "ADD_ATTACHMENT");
    let name = &body["attachments"][0]["filename"];
    assert_eq!(answered["result"]["attachments"][0]["filename"], *name);
    let shown = hub.client().show(&number, 200).await.json();
    assert_eq!(shown["attachments"].as_array().unwrap().last().unwrap()["filename"], *name);
    assert_eq!(hub.helpdesk_tickets()[0].attachments.len(), 1);
    hub.done(&[]).await;
}

#[tokio::test]
async fn what_is_no_update_is_told_as_documented() {
    let hub = TestHub::start().await;
    let number = hub.client().post_ticket(&ticket(), 201).await.number();
    for (body, field) in [
        (json!({}), "action"),
        (json!({ "action": "CLOSE" }), "action"),
        (json!({ "action": "ADD_COMMENT" }), "comment"),
        (json!({ "action": "UPDATE_STATUS", "status": "CLOSED" }), "status"),
        (json!({ "action": "ADD_ATTACHMENT", "attachments": [] }), "attachments"),
    ] {
        let refused = patch(&hub, &number, &body, 400).await;
        check_problem(&refused, "Invalid update data");
        assert!(refused.json()["errors"][field].is_string(), "{body}");
    }
    let path = format!("/api/omnichannel/tickets/{number}");
    let long = hub.client().with("idempotency-key", &"x".repeat(1000));
    let refused = long.call(Method::PATCH, &path, Some("{}".into()), 400).await;
    assert!(check_problem(&refused, "Invalid update data")["Idempotency-Key"].is_string());
    for member in ["requestId", "partnerId"] {
        let body = json!({ "action": "ADD_COMMENT", "comment": "x", "integration": { member: 7 } });
        let errors = check_problem(&patch(&hub, &number, &body, 400).await, "Invalid update data");
        assert!(errors[format!("integration.{member}")].is_string(), "{errors}");
    }
    check_problem(&patch(&hub, "1", &json!({}), 404).await, "Ticket not found");
    hub.done(&[]).await;
}
