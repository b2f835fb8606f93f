//! What is kept of each attempt: when, how long, what was sent and answered, and what came of it.

use omnihub::store::attempt::{Attempt, AttemptEnd};
use omnihub_sandbox::System;
use serde_json::{Value, json};

use super::{ALWAYS, CREATE_CLAIM, CREATE_TICKET};
use crate::hub::samples::{claim, ticket};
use crate::hub::{TestHub, answer};

fn of(hub: &TestHub, adapter: &str) -> Vec<Attempt> {
    let kept = hub.attempts().into_iter().filter(|(view, _)| view.adapter == adapter);
    kept.map(|(_, attempt)| attempt).collect()
}

#[tokio::test]
async fn a_success_keeps_what_was_mapped_and_answered_masked() {
    let hub = TestHub::start().await;
    hub.client().post_claim(&claim(), 201).await;
    hub.settled(&[]).await;
    let [attempt] = &of(&hub, "helpdesk")[..] else { panic!("one attempt") };
    assert_eq!((attempt.end, &attempt.fault, &attempt.note), (AttemptEnd::Delivered, &None, &None));
    assert!(attempt.took_ms < 60_000 && attempt.mapping.len() == 12, "{attempt:?}");
    let sent: Value = serde_json::from_str(attempt.sent.as_deref().unwrap()).unwrap();
    assert_eq!(sent["namaNasabah"], "***** ********");
    assert_eq!((&sent["mediaTransaksi"], &sent["nominal"]), (&json!("QRIS"), &json!(150_000)));
    let number = hub.helpdesk_tickets()[0].number.clone();
    let said = attempt.answer.as_deref().unwrap();
    assert!(said.starts_with("200 {") && said.contains(&number), "{said}");
    hub.done(&[]).await;
}

#[tokio::test]
async fn every_failed_attempt_is_kept_with_its_fault_and_its_code() {
    let hub = TestHub::start().await;
    let away = json!({ "error": "Ahmad Suryanto" });
    hub.fail(System::Helpdesk, [answer(CREATE_TICKET, 503, away, 2)]);
    hub.client().post_ticket(&ticket(), 201).await;
    hub.settled(&[]).await;
    let kept = of(&hub, "helpdesk");
    let told: Vec<_> = kept
        .iter()
        .map(|it| (it.end, it.fault.as_deref(), it.note.as_ref().map(|note| &*note.code)))
        .collect();
    let again = (AttemptEnd::Again, Some("unavailable"), Some("H0405"));
    assert_eq!(told, [again, again, (AttemptEnd::Delivered, None, None)]);
    assert_eq!(kept[0].answer.as_deref(), Some(r#"503 {"error":"***** ********"}"#));
    assert!(kept.is_sorted_by_key(|attempt| attempt.at));
    hub.done(&[]).await;
}

#[tokio::test]
async fn what_waits_for_a_pause_or_a_receipt_leaves_no_attempt() {
    let hub = TestHub::start().await;
    hub.fail(System::Helpdesk, [answer(CREATE_CLAIM, 401, json!({ "error": "no" }), ALWAYS)]);
    for _ in 0..3 {
        hub.client().post_claim(&claim(), 201).await;
    }
    hub.until(|hub| hub.undelivered().iter().all(|view| !view.ends_with("in_flight"))).await;
    let kept = of(&hub, "helpdesk");
    assert!(!kept.is_empty() && kept.iter().all(|it| it.fault.as_deref() == Some("unauthorized")));
    assert_eq!(of(&hub, "sociomile"), []);
    hub.done_early().await;
}
