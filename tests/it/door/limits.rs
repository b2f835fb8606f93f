//! Requests a minute and key (contract 1.1, trap 20).

use omnihub::access::{Permission, Scope};

use super::check_problem;
use crate::hub::samples::{claim, ticket, with};
use crate::hub::{Answer, TestHub};

/// Checks a refusal: the documented text, and when to come again.
#[track_caller]
fn check_refusal(answer: &Answer, per_minute: u64) {
    check_problem(answer, "Rate limit exceeded");
    let seconds: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60 / per_minute).contains(&seconds), "{seconds}");
}

#[tokio::test]
async fn a_full_minutes_creates_may_come_at_once_and_then_no_more() {
    let hub = TestHub::start_with(|config| config.limits.create_per_minute = 3).await;
    let client = hub.client();
    let once = with(ticket(), "integration.requestId", "once");
    client.post_claim(&claim(), 201).await;
    client.post_ticket(&once, 201).await;
    // A replay counts, and so does what is then refused.
    assert!(client.post_ticket(&once, 201).await.is_replay());
    check_refusal(&client.post_claim(&claim(), 429).await, 3);
    check_refusal(&client.post_ticket(&ticket(), 429).await, 3);
    // Before the body is looked at.
    check_refusal(&client.post("/api/omnichannel/claims", "{", 429).await, 3);
    // Reading has a limit of its own, and so has each key.
    client.show("1", 404).await;
    let colleague = hub.client_of("web-portal", &Permission::ALL, Scope::Own).await;
    colleague.post_claim(&claim(), 201).await;
    hub.done(&[]).await;
}

#[tokio::test]
async fn reading_is_limited_by_key_and_strangers_do_not_count() {
    let hub = TestHub::start_with(|config| config.limits.read_per_minute = 2).await;
    let client = hub.client();
    client.clone().bare().show("1", 401).await;
    client.show("1", 404).await;
    client.get("/api/omnichannel/tickets", 400).await;
    check_refusal(&client.show("1", 429).await, 2);
    client.post_claim(&claim(), 201).await;
    hub.done(&[]).await;
}
