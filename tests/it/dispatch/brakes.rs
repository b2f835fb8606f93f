//! What keeps a system from being called: its own failures, or a person.

use std::num::NonZeroUsize;
use std::time::Duration;

use omnihub::clock::{Clock, SystemClock};
use omnihub::config::Span;
use omnihub::operate::adapters::{self, AdapterView, Asked, DestinationView, Resumed};
use omnihub::operate::held;
use omnihub_sandbox::System;
use serde_json::{Value, json};

use super::{ALWAYS, CREATE_CLAIM, claim_of};
use crate::hub::samples::{claim, ticket, with};
use crate::hub::{TestHub, answer};

fn states(hub: &TestHub) -> Vec<(String, String)> {
    let views = adapters::list(hub.adapters(), SystemClock.now()).into_iter();
    let has_stand_in = |view: &AdapterView| System::ALL.iter().any(|it| it.as_str() == view.name);
    views.filter(has_stand_in).map(|AdapterView { name, state, .. }| (name, state)).collect()
}

fn state(hub: &TestHub, adapter: &str) -> String {
    states(hub).into_iter().find(|(name, _)| name == adapter).unwrap().1
}

fn receivers(hub: &TestHub) -> AdapterView {
    let views = adapters::list(hub.adapters(), SystemClock.now());
    views.into_iter().find(|view| view.name == "webhook").unwrap()
}

pub(crate) async fn pause(hub: &TestHub, adapter: &str) {
    let asked = Asked::all(adapter, "siti", "an upgrade there");
    adapters::pause(hub.store(), hub.adapters(), asked, SystemClock.now()).await.unwrap();
}

pub(crate) async fn resume(hub: &TestHub, adapter: &str) {
    adapters::resume(hub.store(), hub.adapters(), &Resumed::all(adapter)).await.unwrap();
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
    resume(&hub, "helpdesk").await;
    hub.settled(&[]).await;
    // Once it was resumed it stays so.
    hub.restart().await;
    assert_eq!(state(&hub, "helpdesk"), "running");
    hub.done(&[]).await;
}

#[tokio::test]
async fn who_names_no_adapter_or_gives_no_reason_is_told() {
    let hub = TestHub::start().await;
    let asked = |adapter: &str, reason: &str| Asked::all(adapter, "siti", reason);
    let at = |adapter: &str, destination: &str| Asked {
        destination: Some(destination.into()),
        ..asked(adapter, "x")
    };
    for (asked, words) in [
        (
            asked("helpdsk", "x"),
            "no adapter `helpdsk`; there are helpdesk, sociomile, dolphins, webhook",
        ),
        (asked("helpdesk", " "), "say who, and why"),
        (at("helpdesk", "bot.example:443"), "helpdesk is one system"),
        (at("webhook", "bot.example"), "`bot.example` is no destination: name host and port"),
        (at("webhook", "https://bot.example:443"), "is no destination"),
        (at("webhook", "bot.example:0"), "is no destination"),
        (at("webhook", "::1:443"), "is no destination"),
    ] {
        let refused = adapters::pause(hub.store(), hub.adapters(), asked, SystemClock.now()).await;
        assert!(refused.unwrap_err().to_string().contains(words));
    }
    hub.done(&[]).await;
}

/// A ticket whose client is told at this path of the stand-in, under this name of it.
fn told_at(hub: &TestHub, host: &str) -> Value {
    let url = hub.receiver().replace("127.0.0.1", host);
    with(ticket(), "integration.webhookUrl", url)
}

fn at(hub: &TestHub, host: &str) -> String {
    let (_, rest) =
        hub.receiver().split_once("://").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    rest.split('/').next().unwrap().replace("127.0.0.1", host)
}

#[tokio::test]
async fn one_receiver_is_paused_by_hand_beyond_a_restart_and_the_others_are_told() {
    let mut hub = TestHub::start_with(|config| {
        config.webhooks.allow_hosts = vec!["127.0.0.1".into(), "localhost".into()];
    })
    .await;
    let paused = at(&hub, "localhost");
    let destination = Some(paused.to_uppercase());
    let asked =
        Asked { destination: destination.clone(), ..Asked::all("webhook", "siti", "they move") };
    adapters::pause(hub.store(), hub.adapters(), asked, SystemClock.now()).await.unwrap();
    let first = hub.client().post_ticket(&told_at(&hub, "localhost"), 201).await.number();
    hub.client().post_ticket(&told_at(&hub, "127.0.0.1"), 201).await;
    hub.settled(&["webhook due"]).await;
    hub.restart().await;
    hub.client().post_ticket(&told_at(&hub, "localhost"), 201).await;
    hub.client().post_ticket(&told_at(&hub, "127.0.0.1"), 201).await;
    hub.settled(&["webhook due"; 2]).await;
    assert_eq!(hub.posts(System::Webhook).len(), 2);
    let now = SystemClock.now();
    let webhook = receivers(&hub);
    assert_eq!(webhook.state, "running");
    let [DestinationView { name, state, reason }] = &*webhook.destinations else {
        panic!("{webhook:?}");
    };
    assert_eq!((&**name, &**state), (&*paused, "paused"));
    assert!(reason.as_ref().unwrap().starts_with("by siti at "), "{reason:?}");
    let mut waiting = hub.deliveries(&first, "webhook");
    held::say_why(&mut waiting, hub.adapters(), now);
    let why = waiting[0].waits_why.clone().unwrap();
    assert!(why.starts_with(&format!("{paused} is paused: by siti at ")), "{why}");
    assert!(why.ends_with(": they move"), "{why}");
    // The whole adapter goes on; who was paused alone does not.
    resume(&hub, "webhook").await;
    assert_eq!(receivers(&hub).destinations.len(), 1);
    let asked = Resumed { destination, ..Resumed::all("webhook") };
    adapters::resume(hub.store(), hub.adapters(), &asked).await.unwrap();
    hub.settled(&[]).await;
    assert_eq!(hub.delivery(&first, "webhook").attempts, 0);
    hub.restart().await;
    assert_eq!(receivers(&hub).destinations, []);
    hub.done(&[]).await;
}
