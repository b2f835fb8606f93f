//! What keeps a system from being called: its own failures, or a person.

use std::num::NonZeroUsize;
use std::time::Duration;

use omnihub::clock::{Clock, SystemClock};
use omnihub::config::Span;
use omnihub::operate::adapters::{self, AdapterView, Asked};
use omnihub_sandbox::System;
use serde_json::json;

use super::{ALWAYS, CREATE_CLAIM, claim_of};
use crate::hub::samples::claim;
use crate::hub::{TestHub, answer};

fn states(hub: &TestHub) -> Vec<(String, String)> {
    let views = adapters::list(hub.adapters(), SystemClock.now()).into_iter();
    views.map(|AdapterView { name, state, .. }| (name, state)).collect()
}

fn state(hub: &TestHub, adapter: &str) -> String {
    states(hub).into_iter().find(|(name, _)| name == adapter).unwrap().1
}

pub(super) async fn pause(hub: &TestHub, adapter: &str) {
    let asked =
        Asked { adapter: adapter.into(), by: "siti".into(), reason: "an upgrade there".into() };
    adapters::pause(hub.store(), hub.adapters(), asked, SystemClock.now()).await.unwrap();
}

pub(super) async fn resume(hub: &TestHub, adapter: &str) {
    adapters::resume(hub.store(), hub.adapters(), adapter).await.unwrap();
}

#[tokio::test]
async fn a_system_that_fails_again_and_again_is_left_alone_and_then_asked_with_one_attempt() {
    let hub = TestHub::start_with(|config| {
        config.breaker.failures = 3;
        config.breaker.cooldown = Span(Duration::from_secs(1));
        config.adapters.get_mut("helpdesk").unwrap().limits.create_concurrency =
            NonZeroUsize::new(4);
    })
    .await;
    let down = json!({ "error": "down for maintenance" });
    hub.fail(System::Helpdesk, [answer(CREATE_CLAIM, 503, down, ALWAYS)]);
    for name in ["Budi", "Siti", "Agus", "Dewi", "Rina", "Joko"] {
        hub.client().post_claim(&claim_of(name), 201).await;
    }
    let rests = |hub: &TestHub| {
        let is_in_flight = |view: &String| view.ends_with("in_flight");
        state(hub, "helpdesk") == "open" && !hub.undelivered().iter().any(is_in_flight)
    };
    hub.until(rests).await;
    let tried = hub.posts(System::Helpdesk).len();
    assert!((3..=6).contains(&tried), "what was under way when it opened, and no more: {tried}");
    assert!(states(&hub).iter().all(|(name, state)| name == "helpdesk" || state == "running"));
    // One finds out that it is still down, although four may go at once, and it rests again.
    hub.until(|hub| hub.posts(System::Helpdesk).len() > tried && rests(hub)).await;
    assert_eq!(hub.posts(System::Helpdesk).len(), tried + 1);
    hub.fail(System::Helpdesk, []);
    hub.settled(&[]).await;
    assert_eq!(state(&hub, "helpdesk"), "running");
    assert_eq!(hub.helpdesk_tickets().len(), 6);
    hub.done(&[]).await;
}

#[tokio::test]
async fn what_a_system_refuses_does_not_make_it_fail() {
    let hub = TestHub::start_with(|config| config.breaker.failures = 2).await;
    let refusal = json!({ "error": "Validation failed", "status": 400 });
    hub.fail(System::Helpdesk, [answer(CREATE_CLAIM, 400, refusal, 4)]);
    for name in ["Budi", "Siti", "Agus", "Dewi", "Rina"] {
        hub.client().post_claim(&claim_of(name), 201).await;
    }
    let dead = ["helpdesk dead H0401"; 4];
    let waiting = ["sociomile waiting"; 4];
    hub.settled(&[dead, waiting].concat()).await;
    assert_eq!(state(&hub, "helpdesk"), "running");
    hub.done(&[dead, waiting].concat()).await;
}

#[tokio::test]
async fn a_pause_by_hand_holds_one_system_beyond_a_restart_until_it_is_resumed() {
    let mut hub = TestHub::start().await;
    pause(&hub, "sociomile").await;
    let first = hub.client().post_claim(&claim(), 201).await.number();
    hub.settled(&["sociomile due"]).await;
    hub.restart().await;
    assert_eq!(state(&hub, "sociomile"), "paused");
    hub.client().post_claim(&claim_of("Siti"), 201).await;
    hub.settled(&["sociomile due"; 2]).await;
    let views = adapters::list(hub.adapters(), SystemClock.now());
    let reason = views.into_iter().find(|view| view.name == "sociomile").unwrap().reason.unwrap();
    assert!(reason.contains("by siti") && reason.contains("an upgrade there"), "{reason}");
    assert!(hub.posts(System::Sociomile).is_empty());
    resume(&hub, "sociomile").await;
    hub.settled(&[]).await;
    assert_eq!(hub.delivery(&first, "sociomile").attempts, 0);
    hub.restart().await;
    assert_eq!(state(&hub, "sociomile"), "running");
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_system_may_start_paused() {
    let mut hub = TestHub::start_with(|config| {
        config.adapters.get_mut("helpdesk").unwrap().start_paused = true;
    })
    .await;
    hub.client().post_claim(&claim(), 201).await;
    hub.settled(&["helpdesk due", "sociomile waiting"]).await;
    assert_eq!(state(&hub, "helpdesk"), "paused");
    adapters::resume(hub.store(), hub.adapters(), "helpdesk").await.unwrap();
    hub.settled(&[]).await;
    // Once it was resumed it stays so.
    hub.restart().await;
    assert_eq!(state(&hub, "helpdesk"), "running");
    hub.done(&[]).await;
}

#[tokio::test]
async fn who_names_no_adapter_or_gives_no_reason_is_told() {
    let hub = TestHub::start().await;
    let asked = |adapter: &str, reason: &str| Asked {
        adapter: adapter.into(),
        by: "siti".into(),
        reason: reason.into(),
    };
    for (asked, words) in [
        (
            asked("helpdsk", "x"),
            "no adapter `helpdsk`; there are helpdesk, sociomile, dolphins, webhook",
        ),
        (asked("helpdesk", " "), "say who, and why"),
    ] {
        let refused = adapters::pause(hub.store(), hub.adapters(), asked, SystemClock.now()).await;
        assert!(refused.unwrap_err().to_string().contains(words));
    }
    hub.done(&[]).await;
}
