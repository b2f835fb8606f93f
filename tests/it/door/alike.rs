//! Claims without a request id that come twice (contract trap 19): the documents give a claim no key.

use std::time::Duration;

use futures_util::future::join_all;
use omnihub::access::{Permission, Scope};
use omnihub::clock::{Clock, SystemClock};
use omnihub::config::Span;
use omnihub_sandbox::System;
use serde_json::{Value, json};

use crate::hub::samples::{claim, ticket, with};
use crate::hub::{TestHub, answer};

/// A claim about a transaction that has a name.
fn named() -> Value {
    with(claim(), "transactionId", "TXN-1")
}

fn findings(shown: &Value) -> Vec<(&str, &str)> {
    let findings = shown["metadata"]["findings"].as_array().map(Vec::as_slice).unwrap_or_default();
    let each = findings.iter();
    each.map(|f| (f["code"].as_str().unwrap(), f["message"].as_str().unwrap())).collect()
}

#[tokio::test]
async fn an_equal_claim_without_a_request_id_is_the_first_one() {
    let mut hub = TestHub::start().await;
    let first = hub.client().post_claim(&named(), 201).await;
    assert!(!first.is_replay());
    // However it is written down, and after a restart too.
    let pretty = serde_json::to_string_pretty(&named()).unwrap();
    let second = hub.client().post("/api/omnichannel/claims", pretty, 201).await;
    hub.settled(&[]).await;
    hub.restart().await;
    let third = hub.client().post_claim(&named(), 201).await;
    for again in [&second, &third] {
        assert_eq!((again.status, &again.bytes), (first.status, &first.bytes));
        assert!(again.is_replay());
    }
    assert_eq!(hub.helpdesk_tickets().len(), 1);
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_claim_about_the_same_transaction_is_taken_with_a_finding() {
    let hub = TestHub::start().await;
    let first = hub.client().post_claim(&named(), 201).await;
    let near = with(named(), "nominal", 150_001);
    let second = hub.client().post_claim(&near, 201).await;
    assert!(!second.is_replay());
    let shown = hub.client().show(&second.number(), 200).await.json();
    let words = format!("possible duplicate of {}", first.number());
    assert_eq!(findings(&shown), [("H0601", &*words)]);
    let shown = hub.client().show(&first.number(), 200).await.json();
    assert_eq!(shown["metadata"].get("findings"), None, "the first is as it was");
    // Both are known from then on.
    for (body, earlier) in [(&named(), &first), (&near, &second)] {
        let again = hub.client().post_claim(body, 201).await;
        assert!(again.is_replay() && again.bytes == earlier.bytes);
    }
    hub.done(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_equal_claims_at_once_are_one() {
    let hub = TestHub::start().await;
    let client = hub.client();
    let body = with(claim(), "referenceNumber", "REF-1");
    let answers = join_all((0..50).map(|_| client.post_claim(&body, 201))).await;
    assert!(answers.iter().all(|answer| answer.bytes == answers[0].bytes));
    assert_eq!(answers.iter().filter(|answer| !answer.is_replay()).count(), 1);
    hub.settled(&[]).await;
    assert_eq!(hub.helpdesk_tickets().len(), 1);
    hub.done(&[]).await;
}

#[tokio::test]
async fn only_claims_of_one_partner_about_a_named_transaction_and_without_a_request_id_are_compared()
 {
    let hub = TestHub::start().await;
    let stranger = hub.client_of("call-centre", &Permission::ALL, Scope::All).await;
    let client = hub.client();
    let with_id = |id| with(named(), "integration.requestId", id);
    let of_branch = with(named(), "integration.partnerId", "BRANCH_015");
    let mut numbers = vec![
        client.post_claim(&named(), 201).await,
        stranger.post_claim(&named(), 201).await,
        client.post_claim(&of_branch, 201).await,
        client.post_claim(&with_id("REQ-1"), 201).await,
        client.post_claim(&with_id("REQ-2"), 201).await,
        client.post_claim(&claim(), 201).await,
        client.post_claim(&claim(), 201).await,
    ];
    assert!(numbers.iter().all(|answer| !answer.is_replay()));
    let mut numbers: Vec<_> = numbers.drain(..).map(|answer| answer.number()).collect();
    numbers.dedup();
    assert_eq!(numbers.len(), 7);
    hub.done(&[]).await;
}

#[tokio::test]
async fn after_its_time_an_equal_claim_is_a_claim_of_its_own() {
    for within in [Duration::ZERO, Duration::from_millis(1)] {
        let hub =
            TestHub::start_with(|config| config.idempotency.same_claim_within = Span(within)).await;
        let first = hub.client().post_claim(&named(), 201).await;
        let kept = hub.record(&first.number()).ticket.created_at;
        hub.until(|_| SystemClock.now() > kept + Duration::from_millis(2)).await;
        let second = hub.client().post_claim(&named(), 201).await;
        assert!(!second.is_replay());
        let shown = hub.client().show(&second.number(), 200).await.json();
        assert_eq!(findings(&shown), []);
        hub.done(&[]).await;
    }
}

#[tokio::test]
async fn what_the_helpdesk_refused_later_and_what_is_missing_shows_as_a_finding() {
    let hub = TestHub::start().await;
    let refusal = json!({ "error": "Validation failed", "errors": { "ticket.title": "is odd" } });
    let refusal = answer("serviceType=INQUIRY", 400, refusal, 1);
    hub.fail(System::Helpdesk, [refusal]);
    let undelivered = ["helpdesk dead H0401"];
    let posted = hub.client().post_ticket(&ticket(), 201).await;
    hub.settled(&undelivered).await;
    let shown = hub.client().show(&posted.number(), 200).await.json();
    let found = findings(&shown);
    assert_eq!(found.iter().map(|(code, _)| *code).collect::<Vec<_>>(), ["H0602", "H0401"]);
    assert!(found[1].1.contains("Validation failed"), "{found:?}");
    hub.done(&undelivered).await;
}
