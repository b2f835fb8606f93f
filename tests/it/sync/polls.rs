//! Polls: what changed in the helpdesk reaches the client's webhook, and nobody is asked more than is needed.

use std::time::Duration;

use omnihub::config::{Config, Span};
use omnihub_sandbox::System;
use serde_json::Value;

use super::{receipt, status};
use crate::hub::TestHub;
use crate::hub::samples::{ticket, with};

fn poll(config: &mut Config, interval: Duration) {
    config.adapters.get_mut("helpdesk").unwrap().poll = Span(interval);
}

/// A ticket that the helpdesk has, whose client has a webhook; gives its number.
async fn delivered(hub: &TestHub) -> String {
    let told = with(ticket(), "integration.webhookUrl", hub.receiver());
    let number = hub.client().post_ticket(&told, 201).await.number();
    hub.settled(&[]).await;
    number
}

/// How often the helpdesk was asked for a ticket: for this one, or for any.
fn asked(hub: &TestHub, number: Option<&str>) -> usize {
    let there = number.map(|number| receipt(hub, number, "helpdesk", "ticketNumber"));
    let calls = hub.sandbox.received(System::Helpdesk).into_iter();
    let polls = calls.filter(|call| call.method == "GET" && call.path().contains("/tickets"));
    polls
        .filter(|call| there.as_ref().is_none_or(|there| call.path().contains(there.as_str())))
        .count()
}

fn act(hub: &TestHub, number: &str, status: Option<&str>, comment: Option<&str>) {
    let there = receipt(hub, number, "helpdesk", "ticketNumber");
    assert!(hub.sandbox.act_in_helpdesk(&there, status, comment));
}

/// The events that the client's webhook was told, in order.
fn told(hub: &TestHub) -> Vec<String> {
    let bodies = hub.posts(System::Webhook).into_iter().map(|call| call.json().unwrap());
    bodies.map(|body: Value| body["event"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn what_is_done_in_the_helpdesk_is_told_to_the_clients_webhook_once() {
    let hub = TestHub::start_with(|config| poll(config, Duration::from_millis(40))).await;
    let number = delivered(&hub).await;
    act(&hub, &number, Some("IN_PROGRESS"), Some("We are looking into it"));
    hub.until(|hub| told(hub).len() == 3).await;
    act(&hub, &number, Some("RESOLVED"), None);
    hub.until(|hub| told(hub).len() == 5).await;
    let polls = asked(&hub, None);
    hub.until(|hub| asked(hub, None) >= polls + 2).await;
    hub.settled(&[]).await;
    let events =
        ["TICKET_CREATED", "COMMENT_ADDED", "STATUS_CHANGED", "STATUS_CHANGED", "TICKET_RESOLVED"];
    assert_eq!(told(&hub), events);
    let moved = hub.posts(System::Webhook)[2].json().unwrap();
    assert_eq!(moved["data"]["newStatus"], "IN_PROGRESS");
    assert_eq!(moved["data"]["assignedTo"], "Support Team");
    assert_eq!(moved["data"]["comment"], "We are looking into it");
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_closed_ticket_is_polled_no_more_where_the_settings_say_so() {
    let hub = closed_polled(Duration::ZERO).await;
    let number = delivered(&hub).await;
    act(&hub, &number, Some("CLOSED"), None);
    hub.until(|hub| told(hub).last().is_some_and(|event| event == "TICKET_CLOSED")).await;
    let polls = asked(&hub, Some(&number));
    let open = delivered(&hub).await;
    hub.until(|hub| asked(hub, Some(&open)) >= 3).await;
    assert_eq!(asked(&hub, Some(&number)), polls);
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_closed_ticket_that_is_opened_again_without_a_webhook_is_found() {
    let hub = closed_polled(Duration::from_millis(100)).await;
    let number = delivered(&hub).await;
    act(&hub, &number, Some("CLOSED"), None);
    hub.until(|hub| told(hub).last().is_some_and(|event| event == "TICKET_CLOSED")).await;
    let polls = asked(&hub, Some(&number));
    hub.until(|hub| asked(hub, Some(&number)) >= polls + 2).await;
    act(&hub, &number, Some("IN_PROGRESS"), None);
    hub.until(|hub| told(hub).last().is_some_and(|event| event == "STATUS_CHANGED")).await;
    assert_eq!(status(&hub, &number).await, "IN_PROGRESS");
    hub.done(&[]).await;
}

/// A hub that polls quickly, and what is closed in this rhythm.
async fn closed_polled(closed: Duration) -> TestHub {
    let set = |config: &mut Config| {
        poll(config, Duration::from_millis(40));
        config.adapters.get_mut("helpdesk").unwrap().poll_closed = Span(closed);
    };
    TestHub::start_with(set).await
}

#[tokio::test]
async fn a_ticket_that_is_looked_at_is_polled_at_once_but_not_again_and_again() {
    let hub = TestHub::start_with(|config| poll(config, Duration::from_secs(3600))).await;
    let number = delivered(&hub).await;
    act(&hub, &number, Some("RESOLVED"), None);
    assert_eq!(asked(&hub, None), 0);
    hub.client().show(&number, 200).await;
    hub.until(|hub| told(hub).len() == 3).await;
    for _ in 0..5 {
        assert_eq!(status(&hub, &number).await, "RESOLVED");
    }
    let other = delivered(&hub).await;
    hub.client().show(&other, 200).await;
    hub.until(|hub| asked(hub, None) == 2).await;
    hub.done(&[]).await;
}

#[tokio::test]
async fn the_plan_of_polls_outlives_a_restart() {
    let mut hub = TestHub::start_with(|config| poll(config, Duration::from_millis(300))).await;
    let number = delivered(&hub).await;
    hub.stop().await;
    act_stopped(&hub, "RESOLVED");
    hub.start_again().await;
    hub.until(|hub| told(hub).len() == 3).await;
    assert_eq!(status(&hub, &number).await, "RESOLVED");
    hub.done(&[]).await;
}

/// While no hub runs that could say which ticket is meant.
fn act_stopped(hub: &TestHub, status: &str) {
    let there = hub.helpdesk_tickets().remove(0).number;
    assert!(hub.sandbox.act_in_helpdesk(&there, Some(status), None));
}
