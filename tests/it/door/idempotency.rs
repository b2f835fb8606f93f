//! A request that is repeated is one request (contract trap 19).

use futures_util::future::join_all;
use omnihub::access::{Permission, Scope};
use serde_json::{Value, json};

use super::check_problem;
use crate::hub::samples::{claim, ticket, with};
use crate::hub::{Answer, Style, TestHub};

const OTHER: &str = "This request id was used for another request";

fn keyed(body: Value, id: &str) -> Value {
    with(body, "integration.requestId", id)
}

/// Checks that the second answer is the first one, and says so.
#[track_caller]
fn check_replay(first: &Answer, second: &Answer) {
    assert_eq!((second.status, &second.bytes), (first.status, &first.bytes));
    assert!(!first.is_replay() && second.is_replay());
}

#[tokio::test]
async fn the_same_request_gets_the_same_answer_byte_for_byte() {
    let hub = TestHub::start().await;
    let client = hub.client();
    let body = keyed(ticket(), "REQ-1");
    let first = client.post_ticket(&body, 201).await;
    check_replay(&first, &client.post_ticket(&body, 201).await);
    // Also once the helpdesk's number is there, and in whatever way the key is presented.
    hub.settled(&[]).await;
    let by_api_key = hub.client().presenting(hub.key(), Style::ApiKey);
    check_replay(&first, &by_api_key.post_ticket(&body, 201).await);
    // White space and the order of members do not matter.
    let spaced = serde_json::to_string_pretty(&body).unwrap();
    let more = spaced.replacen('{', "{\"x\":0,", 1);
    check_replay(&first, &client.post("/api/omnichannel/tickets", spaced, 201).await);
    check_problem(&client.post("/api/omnichannel/tickets", more, 422).await, OTHER);
    assert_eq!(hub.helpdesk_tickets().len(), 1);
    hub.done(&[]).await;
}

#[tokio::test]
async fn another_request_with_the_same_key_is_refused_before_it_is_looked_at() {
    let hub = TestHub::start().await;
    let client = hub.client();
    client.post_ticket(&keyed(ticket(), "REQ-1"), 201).await;
    let other = with(keyed(ticket(), "REQ-1"), "ticket.description", "Another matter altogether");
    check_problem(&client.post_ticket(&other, 422).await, OTHER);
    let invalid = json!({ "integration": { "requestId": "REQ-1" }, "channel": 7 });
    check_problem(&client.post_ticket(&invalid, 422).await, OTHER);
    check_problem(&client.post_claim(&keyed(claim(), "REQ-1"), 422).await, OTHER);
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_refused_request_leaves_its_key_free() {
    let hub = TestHub::start().await;
    let wrong = keyed(with(claim(), "nominal", 0), "REQ-1");
    hub.client().post_claim(&wrong, 400).await;
    let right = hub.client().post_claim(&keyed(claim(), "REQ-1"), 201).await;
    assert!(!right.is_replay());
    hub.done(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_at_once_are_one_ticket_and_get_one_answer() {
    let hub = TestHub::start().await;
    let client = hub.client();
    let body = keyed(ticket(), "REQ-1");
    let answers = join_all((0..50).map(|_| client.post_ticket(&body, 201))).await;
    assert!(answers.iter().all(|answer| answer.bytes == answers[0].bytes));
    assert_eq!(answers.iter().filter(|answer| !answer.is_replay()).count(), 1);
    hub.settled(&[]).await;
    assert_eq!(hub.helpdesk_tickets().len(), 1);
    assert_eq!(hub.posts(omnihub_sandbox::System::Helpdesk).len(), 1);
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_claim_has_its_key_in_the_header_and_quotes_make_no_difference() {
    let hub = TestHub::start().await;
    let with_header = |value: &str| hub.client().with("idempotency-key", value);
    let first = with_header("a \"b\" 1").post_claim(&claim(), 201).await;
    check_replay(&first, &with_header("a \"b\" 1").post_claim(&claim(), 201).await);
    check_replay(&first, &with_header(r#""a \"b\" 1""#).post_claim(&claim(), 201).await);
    let other = with_header("a \"b\" 2").post_claim(&claim(), 201).await;
    assert!(!other.is_replay());
    // In the body it is the same key, but another body.
    let in_body = keyed(claim(), "a \"b\" 1");
    check_problem(&hub.client().post_claim(&in_body, 422).await, OTHER);
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_key_in_header_and_body_must_be_the_same() {
    let hub = TestHub::start().await;
    let body = keyed(ticket(), "REQ-1");
    let answer = hub.client().with("idempotency-key", "REQ-2").post_ticket(&body, 400).await;
    check_problem(&answer, "integration.requestId and the Idempotency-Key header differ");
    let both = hub.client().with("idempotency-key", "\"REQ-1\"");
    let first = both.post_ticket(&body, 201).await;
    check_replay(&first, &hub.client().post_ticket(&body, 201).await);
    let long = "x".repeat(1000);
    let answer = hub.client().with("idempotency-key", &long).post_ticket(&ticket(), 400).await;
    assert!(check_problem(&answer, "Validation failed")["Idempotency-Key"].is_string());
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_key_counts_for_its_partner_and_the_partners_partner() {
    let hub = TestHub::start().await;
    let stranger = hub.client_of("call-centre", &Permission::ALL, Scope::All).await;
    let colleague = hub.client_of("web-portal", &Permission::ALL, Scope::Own).await;
    let body = keyed(ticket(), "REQ-1");
    let first = hub.client().post_ticket(&body, 201).await;
    check_replay(&first, &colleague.post_ticket(&body, 201).await);
    let theirs = stranger.post_ticket(&body, 201).await;
    assert!(!theirs.is_replay());
    assert_ne!(theirs.number(), first.number());
    let of_branch = with(body, "integration.partnerId", "BRANCH_015");
    let branch = hub.client().post_ticket(&of_branch, 201).await;
    assert!(!branch.is_replay());
    // Each is a ticket of its own at the helpdesk, although it too looks at request ids.
    hub.settled(&[]).await;
    assert_eq!(hub.helpdesk_tickets().len(), 3);
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_restart_forgets_no_request() {
    let mut hub = TestHub::start().await;
    let body = keyed(ticket(), "REQ-1");
    let first = hub.client().post_ticket(&body, 201).await;
    hub.settled(&[]).await;
    hub.restart().await;
    check_replay(&first, &hub.client().post_ticket(&body, 201).await);
    let other = with(body, "ticket.title", "Other");
    check_problem(&hub.client().post_ticket(&other, 422).await, OTHER);
    let next = hub.client().post_claim(&claim(), 201).await;
    assert_ne!(next.number(), first.number());
    hub.settled(&[]).await;
    assert_eq!(hub.helpdesk_tickets().len(), 2);
    hub.done(&[]).await;
}

#[tokio::test]
async fn requests_without_a_key_are_each_their_own() {
    let hub = TestHub::start().await;
    let first = hub.client().post_ticket(&ticket(), 201).await;
    let second = hub.client().post_ticket(&ticket(), 201).await;
    assert_ne!(first.number(), second.number());
    assert!(!second.is_replay());
    hub.done(&[]).await;
}
