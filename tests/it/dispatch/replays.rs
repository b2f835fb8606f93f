//! Replays go by the mappings of the day, or by those of the last attempt.

use std::fs;

use omnihub::adapters;
use omnihub::config::Config;
use omnihub::operate::decisions::{Asked, DecisionError, What, decide};
use omnihub::store::RecordKind;
use omnihub_sandbox::System;
use serde_json::{Value, json};

use super::{ALWAYS, CREATE_TICKET};
use crate::hub::samples::ticket;
use crate::hub::{TestHub, add_rules, answer};

async fn ask(hub: &TestHub, id: &str, what: What) -> Result<(), DecisionError> {
    let asked = Asked { id: id.into(), what, by: "siti".into(), reason: "mended".into() };
    decide(hub.store(), adapters::gives, asked).await
}

/// Changes how every ticket's title is told to the helpdesk.
fn change_titles(config: &Config) {
    let file = config.mappings.dir.join("helpdesk.toml");
    let text = fs::read_to_string(&file).unwrap();
    let changed = text.replace("\"ticket.title\"", "\"ticket.title | upper\"");
    assert_ne!(text, changed);
    fs::write(&file, changed).unwrap();
}

/// A hub that was started again with changed mappings, and two tickets that died before that.
async fn with_two_dead() -> (TestHub, Vec<String>) {
    let mut hub = TestHub::start_with(|config| add_rules(config, "helpdesk", "")).await;
    hub.fail(System::Helpdesk, [answer(CREATE_TICKET, 400, json!({ "error": "no" }), ALWAYS)]);
    let mut ids = Vec::new();
    for _ in 0..2 {
        let number = hub.client().post_ticket(&ticket(), 201).await.number();
        hub.until(|hub| hub.delivery(&number, "helpdesk").state == "dead").await;
        ids.push(hub.delivery(&number, "helpdesk").id);
    }
    hub.reconfigure(|config| change_titles(config)).await;
    hub.fail(System::Helpdesk, []);
    (hub, ids)
}

/// The title that the helpdesk was told last.
fn title(hub: &TestHub) -> String {
    let told: Value =
        serde_json::from_slice(&hub.posts(System::Helpdesk).pop().unwrap().body).unwrap();
    told["ticket"]["title"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_replay_goes_by_todays_mappings_or_by_those_of_the_last_attempt() {
    let (hub, ids) = with_two_dead().await;
    let delivered = |id: &str| {
        let id = id.to_owned();
        move |hub: &TestHub| {
            !hub.attempts().iter().any(|(view, _)| view.id == id && view.state != "delivered")
        }
    };
    ask(&hub, &ids[0], What::AgainAsBefore).await.unwrap();
    hub.until(delivered(&ids[0])).await;
    let original = title(&hub);
    assert_ne!(original, original.to_uppercase());
    ask(&hub, &ids[1], What::Again).await.unwrap();
    hub.until(delivered(&ids[1])).await;
    assert_eq!(title(&hub), original.to_uppercase());
    let mappings = |id: &str| -> Vec<Box<str>> {
        let attempts = hub.attempts().into_iter().filter(|(view, _)| view.id == id);
        attempts.map(|(_, attempt)| attempt.mapping).collect()
    };
    let (before, today) = (mappings(&ids[0]), mappings(&ids[1]));
    assert_eq!((before.len(), &before[0], today.len()), (2, &before[1], 2));
    assert_ne!(today[0], today[1]);
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_replay_by_mappings_that_are_gone_changes_nothing() {
    let (hub, ids) = with_two_dead().await;
    for (place, mut kept) in hub.store().records(RecordKind::Mappings, 10).unwrap() {
        kept["digest"] = json!("0a1b2c3d4e5f");
        hub.store().put(RecordKind::Mappings, &place, kept).await.unwrap();
    }
    let before = hub.attempts();
    let refused = ask(&hub, &ids[0], What::AgainAsBefore).await;
    assert!(matches!(refused, Err(DecisionError::MappingsGone(_))), "{refused:?}");
    assert_eq!(hub.attempts().len(), before.len());
    assert!(hub.attempts().iter().all(|(view, _)| view.state == "dead"));
    hub.done_early().await;
}
