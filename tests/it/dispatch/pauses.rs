//! Wrong credentials stop an adapter, not its deliveries (domain 3.2).

use omnihub_sandbox::System;
use serde_json::json;

use super::{ALWAYS, CREATE_AT_SOCIOMILE, phone_call};
use crate::hub::samples::{claim, ticket};
use crate::hub::{TestHub, answer};

/// The calls that a system received, by method and last part of the path.
fn calls(hub: &TestHub, system: System) -> Vec<String> {
    let calls = hub.sandbox.received(system).into_iter();
    calls
        .map(|call| format!("{} {}", call.method, call.path().rsplit('/').next().unwrap()))
        .collect()
}

#[tokio::test]
async fn an_adapter_whose_key_is_not_taken_is_left_alone_until_its_probe_passes() {
    let hub = TestHub::start().await;
    hub.fail(
        System::Helpdesk,
        [answer("POST /api", 401, json!({ "error": "Invalid API key" }), 1)],
    );
    let client = hub.client();
    let first = client.post_ticket(&ticket(), 201).await.number();
    hub.until(|hub| hub.delivery(&first, "helpdesk").code.is_some()).await;
    let paused = hub.delivery(&first, "helpdesk");
    assert_eq!((&*paused.state, paused.code.as_deref()), ("due", Some("H0402")));
    client.post_claim(&claim(), 201).await;
    client.post_ticket(&ticket(), 201).await;
    hub.settled(&[]).await;
    let calls = calls(&hub, System::Helpdesk);
    // One attempt, the question that shows that all is well, and only then the rest.
    assert_eq!(calls[..2], ["POST tickets", "GET tickets"]);
    assert!(calls[2..].iter().all(|call| call.starts_with("POST")), "{calls:?}");
    assert_eq!(calls.len(), 5);
    assert_eq!(hub.delivery(&first, "helpdesk").attempts, 0);
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_pause_holds_for_everything_that_an_adapter_may_do_at_once() {
    let hub = TestHub::start().await;
    let rules = [answer(CREATE_AT_SOCIOMILE, 403, json!("Forbidden"), 1)];
    hub.fail(System::Sociomile, rules);
    let client = hub.client();
    let first = client.post_ticket(&phone_call(), 201).await.number();
    hub.until(|hub| hub.delivery(&first, "sociomile").code.is_some()).await;
    for _ in 0..4 {
        client.post_ticket(&phone_call(), 201).await;
    }
    hub.settled(&[]).await;
    let calls = calls(&hub, System::Sociomile);
    assert_eq!(calls[..3], ["POST create", "POST update-status", "POST create"]);
    assert_eq!(calls.len(), 7);
    assert_eq!(hub.sandbox.sociomile_tickets().len(), 5);
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_paused_adapter_does_not_keep_the_hub_from_stopping() {
    let mut hub = TestHub::start().await;
    hub.fail(System::Helpdesk, [answer("", 401, json!({ "error": "Invalid API key" }), ALWAYS)]);
    let number = hub.client().post_ticket(&ticket(), 201).await.number();
    hub.until(|hub| hub.delivery(&number, "helpdesk").code.is_some()).await;
    hub.fail(System::Helpdesk, [answer("", 401, json!({ "error": "Invalid API key" }), ALWAYS)]);
    hub.restart().await;
    let waiting = hub.delivery(&number, "helpdesk");
    assert_eq!((&*waiting.state, waiting.attempts), ("due", 0));
    hub.done_early().await;
}
