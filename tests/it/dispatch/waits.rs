//! Who waits says for what, since when and why; what is passed over leaves a finding.

use http::Method;
use omnihub::adapters;
use omnihub::config::{Config, OnDead, OperationSection};
use omnihub::operate::decisions::{Asked, What, decide};
use omnihub::operate::tickets;
use omnihub_sandbox::System;
use serde_json::{Value, json};

use super::brakes::{pause, resume};
use super::{ALWAYS, CREATE_CLAIM};
use crate::hub::samples::claim;
use crate::hub::{TestHub, answer};

const UPDATE: &str = "PATCH /api/omnichannel/tickets";

/// Updates a ticket, and is answered before the helpdesk is told: what it refuses sooner is a 400.
async fn update(hub: &TestHub, number: &str, body: &Value) {
    let path = format!("/api/omnichannel/tickets/{number}");
    pause(hub, "helpdesk").await;
    hub.client().call(Method::PATCH, &path, Some(body.to_string().into()), 200).await;
    resume(hub, "helpdesk").await;
}

fn comment(words: &str) -> Value {
    json!({ "action": "ADD_COMMENT", "comment": words })
}

fn refusal() -> Value {
    json!({ "error": "Invalid update data" })
}

#[tokio::test]
async fn what_waits_for_a_receipt_of_a_dead_create_says_so() {
    let hub = TestHub::start().await;
    hub.fail(System::Helpdesk, [answer(CREATE_CLAIM, 400, refusal(), ALWAYS)]);
    let number = hub.client().post_claim(&claim(), 201).await.number();
    update(&hub, &number, &comment("satu")).await;
    hub.until(|hub| hub.delivery(&number, "sociomile").state == "waiting").await;
    hub.until(|hub| hub.deliveries(&number, "helpdesk")[0].state == "dead").await;
    let waiting = hub.delivery(&number, "sociomile");
    assert_eq!(waiting.waits_for.as_deref(), Some("helpdesk.ticketNumber"));
    let dead =
        format!("{number}-1 (helpdesk create_claim) is dead (H0401): replay, settle or discard it");
    assert_eq!(waiting.waits_why.as_deref(), Some(&*dead));
    assert_eq!(waiting.waiting_since, Some(hub.record(&number).ticket.created_at));
    let shown = tickets::show(hub.store(), &[], &number, hub.clock()).unwrap().unwrap();
    let stands = |name: &str| {
        shown.systems.iter().find(|it| it.adapter == name).map(|it| it.stands.clone()).unwrap()
    };
    assert!(stands("helpdesk").starts_with("create_claim is dead since "), "{shown:?}");
    assert!(stands("helpdesk").ends_with(&format!("replay, settle or discard {number}-1")));
    assert!(stands("sociomile").contains("waits for helpdesk.ticketNumber since "));
    assert!(stands("sociomile").ends_with(&dead));
    hub.done_early().await;
}

/// The states of two comments to the helpdesk, of which it refuses the first, and the findings.
async fn refused_comment(change: impl FnOnce(&mut Config)) -> (TestHub, String) {
    let hub = TestHub::start_with(change).await;
    let number = hub.client().post_claim(&claim(), 201).await.number();
    hub.settled(&[]).await;
    hub.fail(System::Helpdesk, [answer(UPDATE, 400, refusal(), 1)]);
    update(&hub, &number, &comment("satu")).await;
    hub.until(|hub| hub.deliveries(&number, "helpdesk").iter().any(|it| it.state == "dead")).await;
    update(&hub, &number, &comment("dua")).await;
    (hub, number)
}

fn findings(hub: &TestHub, number: &str) -> Vec<String> {
    hub.record(number).state.findings.iter().map(|it| it.note.code.clone()).collect()
}

async fn ask(hub: &TestHub, id: &str, what: What) {
    let asked = Asked { id: id.into(), what, by: "siti".into(), reason: "mended".into() };
    decide(hub.store(), adapters::gives, asked).await.unwrap();
}

#[tokio::test]
async fn a_dead_comment_is_passed_over_and_leaves_a_finding_until_it_is_replayed() {
    let (hub, number) = refused_comment(|_| {}).await;
    hub.settled(&["helpdesk dead H0401"]).await;
    assert_eq!(findings(&hub, &number), ["H0610"]);
    let shown = hub.client().show(&number, 200).await.json().to_string();
    assert!(!shown.contains("H0610"), "clients are told of their own ticket only: {shown}");
    let dead = hub.deliveries(&number, "helpdesk").remove(1);
    ask(&hub, &dead.id, What::Again).await;
    hub.settled(&[]).await;
    assert_eq!(findings(&hub, &number), <[&str; 0]>::default());
    hub.done(&[]).await;
}

#[tokio::test]
async fn where_the_settings_say_so_later_ones_wait_behind_a_dead_comment() {
    let (hub, number) = refused_comment(|config| {
        let block =
            OperationSection { on_dead: Some(OnDead::Block), ..OperationSection::default() };
        let helpdesk = config.adapters.get_mut("helpdesk").unwrap();
        helpdesk.operations.insert("add_comment".into(), block);
    })
    .await;
    hub.until(|hub| hub.deliveries(&number, "helpdesk").len() == 3).await;
    let [_, dead, waiting] = &hub.deliveries(&number, "helpdesk")[..] else { panic!("three") };
    let ordinal = dead.id.rsplit_once('-').unwrap().1;
    assert_eq!(waiting.waits_for, Some(format!("delivery {ordinal}")));
    let why = waiting.waits_why.as_deref().unwrap();
    assert!(why.starts_with(&format!("{} (helpdesk add_comment) is dead (H0401)", dead.id)));
    assert_eq!(findings(&hub, &number), <[&str; 0]>::default());
    ask(&hub, &dead.id, What::Discarded).await;
    hub.settled(&["helpdesk discarded H0701"]).await;
    hub.done(&["helpdesk discarded H0701"]).await;
}

#[tokio::test]
async fn a_change_of_status_that_the_helpdesk_takes_after_all_is_the_tickets_status_again() {
    let hub = TestHub::start().await;
    let number = hub.client().post_claim(&claim(), 201).await.number();
    hub.settled(&[]).await;
    hub.fail(System::Helpdesk, [answer(UPDATE, 400, refusal(), 1)]);
    update(&hub, &number, &json!({ "action": "UPDATE_STATUS", "status": "PENDING" })).await;
    hub.until(|hub| hub.deliveries(&number, "helpdesk").iter().any(|it| it.state == "dead")).await;
    let status = |hub: &TestHub| hub.record(&number).state.status.canonical.to_string();
    assert_eq!(status(&hub), "OPEN");
    let id = hub.deliveries(&number, "helpdesk").remove(1).id;
    ask(&hub, &id, What::Again).await;
    hub.until(|hub| hub.deliveries(&number, "helpdesk").iter().all(|it| it.state == "delivered"))
        .await;
    assert_eq!(status(&hub), "PENDING");
    hub.done_early().await;
}
