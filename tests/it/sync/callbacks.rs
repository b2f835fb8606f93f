//! Sociomile's callback: what it changes, what it does not, and how it is answered.

use bytes::Bytes;
use http::Method;
use omnihub::store::RecordKind;
use omnihub_kit::logs;
use omnihub_sandbox::{Credentials, System};
use serde_json::{Value, json};

use super::{call_back, delivered_claim, receipt, sociomile_says, status};
use crate::hub::TestHub;

/// Codes of a ticket's findings.
fn findings(hub: &TestHub, number: &str) -> Vec<String> {
    let findings = hub.record(number).state.findings;
    findings.into_iter().map(|finding| finding.note.code).collect()
}

fn events(hub: &TestHub, number: &str) -> u16 {
    hub.record(number).state.later_events
}

#[tokio::test]
async fn a_status_of_sociomile_is_put_on_the_ticket_once_and_answered_in_its_own_shape() {
    let hub = TestHub::start().await;
    let number = delivered_claim(&hub).await;
    let calls = hub.sandbox.received_total(System::Sociomile);
    for _ in 0..2 {
        let answer = sociomile_says(&hub, &number, "InProgress").await.json();
        let expected = json!({
            "status": true, "success": true, "code": 200, "message": "success",
            "ticket": {
                "data": {
                    "Ticket Id": receipt(&hub, &number, "helpdesk", "ticketNumber"),
                    "Status": "InProgress",
                },
                "is_escalation": false,
            },
        });
        assert_eq!(answer, expected);
        assert_eq!(status(&hub, &number).await, "IN_PROGRESS");
        assert_eq!(events(&hub, &number), 1, "the second time changes nothing");
    }
    let state = hub.record(&number).state;
    assert_eq!(state.status.raw.as_deref(), Some("InProgress"));
    assert_eq!(hub.sandbox.received_total(System::Sociomile), calls, "no echo");
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_close_after_what_is_more_precise_changes_nothing_and_a_reopening_is_found() {
    let hub = TestHub::start().await;
    let number = delivered_claim(&hub).await;
    sociomile_says(&hub, &number, "Close").await;
    assert_eq!(status(&hub, &number).await, "CLOSED");
    sociomile_says(&hub, &number, "Open").await;
    assert_eq!((status(&hub, &number).await.as_str(), events(&hub, &number)), ("CLOSED", 1));
    assert_eq!(findings(&hub, &number), ["H0604"]);
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_word_that_nobody_knows_is_taken_kept_and_found() {
    let hub = TestHub::start().await;
    let number = delivered_claim(&hub).await;
    for _ in 0..2 {
        sociomile_says(&hub, &number, "Escalated").await;
    }
    assert_eq!((status(&hub, &number).await.as_str(), events(&hub, &number)), ("OPEN", 0));
    assert_eq!(findings(&hub, &number), ["H0306"]);
    let link = hub.record(&number).state.links.remove(0);
    assert_eq!(
        (link.adapter.as_str(), link.status_raw.as_deref()),
        ("sociomile", Some("Escalated"))
    );
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_close_that_is_not_final_closes_nothing_and_is_told_to_the_helpdesk() {
    let hub = TestHub::start_with(|config| {
        config.adapters.get_mut("sociomile").unwrap().close_is_final = false;
    })
    .await;
    let number = delivered_claim(&hub).await;
    sociomile_says(&hub, &number, "Close").await;
    hub.settled(&[]).await;
    assert_eq!(status(&hub, &number).await, "OPEN");
    assert_eq!(findings(&hub, &number), ["H0605"]);
    let comments = &hub.helpdesk_tickets()[0].comments;
    assert_eq!(comments[0].content, "[Via Omnichannel] sociomile says that the ticket is `Close`.");
    hub.done(&[]).await;
}

#[tokio::test]
async fn any_name_of_the_ticket_will_do_in_json_or_as_a_form() {
    let hub = TestHub::start().await;
    let number = delivered_claim(&hub).await;
    let names = [
        (receipt(&hub, &number, "sociomile", "ticketId"), "x".to_owned(), "InProgress"),
        ("x".to_owned(), receipt(&hub, &number, "helpdesk", "ticketNumber"), "Pending"),
        ("y".to_owned(), receipt(&hub, &number, "helpdesk", "ticketId"), "On Hold"),
        ("z".to_owned(), number.clone(), "Open"),
    ];
    for (place, (theirs, ours, word)) in names.into_iter().enumerate() {
        let body = json!({"sociomile_ticket_id": theirs, "bsg_ticket_id": ours, "status": word});
        call_back(&hub, &body, 200).await;
        assert_eq!(usize::from(events(&hub, &number)), place + 1, "{word}");
    }
    hub.done(&[]).await;
}

#[tokio::test]
async fn who_does_not_show_the_secret_is_not_heard_and_soon_not_listened_to() {
    let hub = TestHub::start_with(|config| config.limits.failed_auth_per_minute = 2).await;
    let number = delivered_claim(&hub).await;
    let body = json!({
        "sociomile_ticket_id": receipt(&hub, &number, "sociomile", "ticketId"),
        "bsg_ticket_id": "1", "status": "Close",
    });
    let (client, bytes) = (hub.client().bare(), Bytes::from(body.to_string()));
    let path = "/callbacks/sociomile/update-status";
    for (path, expected) in [
        (path.to_owned(), 401),
        (format!("{path}?client_secret_key=guess"), 401),
        (path.to_owned(), 429),
    ] {
        client.call(Method::POST, &path, Some(bytes.clone()), expected).await;
    }
    call_back(&hub, &body, 429).await;
    assert_eq!(events(&hub, &number), 0);
    hub.done(&[]).await;
}

#[tokio::test]
async fn what_lacks_a_member_is_refused_in_its_own_shape() {
    let hub = TestHub::start().await;
    let answer =
        call_back(&hub, &json!({"bsg_ticket_id": "1", "status": "Open"}), 400).await.json();
    let Value::Object(members) = &answer else { panic!("{answer}") };
    assert_eq!(members.keys().collect::<Vec<_>>(), ["message", "trace_id", "type"]);
    assert_eq!(
        (&answer["type"], &answer["message"]),
        (&json!("error"), &json!("sociomile_ticket_id required"))
    );
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_ticket_that_nobody_knows_is_kept_and_told_when_it_appears() {
    let hub = TestHub::start_with(|config| {
        config.adapters.get_mut("sociomile").unwrap().start_paused = true;
    })
    .await;
    let body = json!({"sociomile_ticket_id": "66f0", "bsg_ticket_id": "1446", "status": "Pending"});
    for _ in 0..2 {
        let answer = call_back(&hub, &body, 200).await.json();
        assert_eq!(answer["message"], "kept: ticket unknown");
    }
    let kept = hub.store().records(RecordKind::Notice, 10).unwrap();
    assert_eq!(kept.len(), 1, "{kept:?}");
    // The stand-in's first number.
    let number = hub.client().post_claim(&crate::hub::samples::claim(), 201).await.number();
    hub.until(|hub| events(hub, &number) == 1).await;
    assert_eq!(status(&hub, &number).await, "PENDING");
    assert_eq!(receipt(&hub, &number, "sociomile", "ticketId"), "66f0", "it is known from now on");
    hub.until(|hub| hub.store().records(RecordKind::Notice, 10).unwrap().is_empty()).await;
    hub.done_early().await;
}

#[tokio::test]
async fn the_secret_of_a_callback_is_in_no_log() {
    let captured = logs::capture();
    let hub = TestHub::start().await;
    let number = delivered_claim(&hub).await;
    sociomile_says(&hub, &number, "Pending").await;
    call_back(&hub, &json!({"status": "Open"}), 400).await;
    let path = "/callbacks/sociomile/update-status?client_secret_key=a-guess-at-the-secret";
    let client = hub.client().bare();
    client.call(Method::POST, path, Some(Bytes::from_static(b"{}")), 401).await;
    hub.done(&[]).await;
    let log = captured.text();
    assert!(log.contains("/callbacks/sociomile"), "the search does not work");
    for secret in [Credentials::SANDBOX.sociomile_callback_secret, "a-guess-at-the-secret"] {
        assert!(!log.contains(secret), "{secret}");
    }
}
