//! Mapping files that change under a running hub.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use omnihub_sandbox::{FaultRule, Received, System, What};
use serde_json::{Value, json};

use crate::hub::samples::{claim, ticket, with};
use crate::hub::{TestHub, add_rules, fault};

/// The mappings in force, as `/health/ready` tells; the hub is ready whatever it tells.
async fn standing(hub: &TestHub) -> Value {
    hub.client().bare().get("/health/ready", 200).await.json()["mappings"].take()
}

/// Asks until it is so, for as long as a hub that is not stuck may take.
async fn until(hub: &TestHub, is_so: impl Fn(&Value) -> bool) -> Value {
    let so = async {
        loop {
            let standing = standing(hub).await;
            if is_so(&standing) {
                return standing;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), so).await.expect("it is never so")
}

fn file(hub: &TestHub, adapter: &str) -> PathBuf {
    hub.config().mappings.dir.join(format!("{adapter}.toml"))
}

fn edit(hub: &TestHub, adapter: &str, from: &str, to: &str) {
    let file = file(hub, adapter);
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains(from), "{from}");
    fs::write(file, text.replacen(from, to, 1)).unwrap();
}

/// Changes a file, and waits until that is in force.
async fn change(hub: &TestHub, adapter: &str, from: &str, to: &str) -> Value {
    let before = standing(hub).await["digest"].clone();
    edit(hub, adapter, from, to);
    until(hub, |now| now["digest"] != before).await
}

async fn start() -> TestHub {
    // A folder of its own, with the shipped files.
    TestHub::start_with(|config| add_rules(config, "webhook", "")).await
}

fn told(hub: &TestHub) -> Vec<Value> {
    hub.posts(System::Webhook).iter().map(|call: &Received| call.json().unwrap()).collect()
}

async fn post(hub: &TestHub) -> String {
    let ticket = with(ticket(), "integration.webhookUrl", hub.receiver());
    hub.client().post_ticket(&ticket, 201).await.number()
}

const PRIORITY: &str = "data.priority = \"ticket.priority\"\n";
const AND_TITLE: &str = "data.priority = \"ticket.priority\"\ndata.title = \"ticket.title\"\n";

#[tokio::test]
async fn a_changed_file_is_in_force_for_the_next_delivery_and_a_wrong_one_never() {
    let hub = start().await;
    let first = post(&hub).await;
    hub.settled(&[]).await;
    let before = standing(&hub).await;
    assert_eq!(before.get("refused"), None);

    let changed = change(&hub, "webhook", PRIORITY, AND_TITLE).await;
    assert!(changed["loaded_at"].as_str() > before["loaded_at"].as_str());
    let second = post(&hub).await;
    hub.settled(&[]).await;

    edit(&hub, "webhook", "\"ticket.title\"", "\"ticket.tilte\"");
    let refused = until(&hub, |now| now.get("refused").is_some()).await;
    assert_eq!(
        (&refused["digest"], &refused["loaded_at"]),
        (&changed["digest"], &changed["loaded_at"])
    );
    let finding = &refused["refused"]["findings"][0];
    assert_eq!((&finding["code"], &finding["file"]), (&json!("H0208"), &json!("webhook.toml")));
    let third = post(&hub).await;
    hub.settled(&[]).await;

    edit(&hub, "webhook", "\"ticket.tilte\"", "\"ticket.title | upper\"");
    let mended = until(&hub, |now| now.get("refused").is_none()).await;
    assert_ne!(mended["digest"], changed["digest"]);
    let fourth = post(&hub).await;
    hub.settled(&[]).await;

    let mut titles: Vec<Value> =
        told(&hub).iter().map(|body| body["data"]["title"].clone()).collect();
    titles[2..].sort_by_key(Value::to_string);
    let title = titles[1].as_str().unwrap();
    assert_eq!(titles, [json!(null), json!(title), json!(title.to_uppercase()), json!(title)]);
    let digests = [(first, &before), (second, &changed), (third, &changed), (fourth, &mended)];
    for (number, standing) in digests {
        let used = hub.delivery(&number, "webhook").mapping.unwrap();
        assert_eq!(used.len(), 12);
        assert!(standing["digest"].as_str().unwrap().starts_with(&used), "{number}");
    }
    hub.done(&[]).await;
}

#[tokio::test]
async fn two_seconds_are_enough() {
    let hub = start().await;
    let mut quickest = Duration::MAX;
    // Of three, so that a machine that does other things too does not decide.
    for word in ["one", "two", "three"] {
        let began = std::time::Instant::now();
        let line = format!("{PRIORITY}data.{word} = 1\n");
        change(&hub, "webhook", PRIORITY, &line).await;
        quickest = quickest.min(began.elapsed());
    }
    assert!(quickest < Duration::from_secs(2), "{quickest:?}");
    hub.done(&[]).await;
}

#[tokio::test]
async fn what_was_wrong_and_is_as_before_is_in_force_again() {
    let hub = start().await;
    let before = standing(&hub).await;
    edit(&hub, "helpdesk", "adapter = ", "adapter == ");
    let refused = until(&hub, |now| now.get("refused").is_some()).await;
    assert_eq!(refused["refused"]["findings"][0]["code"], "H0201");
    edit(&hub, "helpdesk", "adapter == ", "adapter = ");
    assert_eq!(until(&hub, |now| now.get("refused").is_none()).await, before);
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_folder_that_goes_or_is_emptied_changes_nothing() {
    let hub = start().await;
    let before = standing(&hub).await;
    let folder = hub.config().mappings.dir.clone();
    let away = folder.with_extension("away");
    fs::rename(&folder, &away).unwrap();
    let gone = until(&hub, |now| now.get("refused").is_some()).await;
    assert_eq!(gone["digest"], before["digest"]);
    assert!(gone["refused"]["findings"][0]["message"].as_str().unwrap().contains("is gone"));
    fs::create_dir(&folder).unwrap();
    let is_empty = |now: &Value| {
        now["refused"]["findings"][0]["message"]
            .as_str()
            .is_some_and(|it| it.contains("no mapping"))
    };
    until(&hub, is_empty).await;
    fs::remove_dir(&folder).unwrap();
    fs::rename(&away, &folder).unwrap();
    assert_eq!(until(&hub, |now| now.get("refused").is_none()).await, before);
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_folder_that_comes_takes_the_place_of_the_shipped_files() {
    let hub = TestHub::start().await;
    let before = standing(&hub).await;
    add_rules(hub.config(), "webhook", "\n[tables.unused]\nA = \"b\"\n");
    let after = until(&hub, |now| now["digest"] != before["digest"]).await;
    assert_eq!(after.get("refused"), None, "{after}");
    post(&hub).await;
    hub.done(&[]).await;
}

#[tokio::test]
async fn an_adapter_that_is_off_and_what_is_told_elsewhere_stay_so() {
    let hub = TestHub::start_with(|config| {
        add_rules(config, "webhook", "");
        config.adapters.entry("webhook".to_owned()).or_default().enabled = false;
        let sociomile = config.adapters.get_mut("sociomile").unwrap();
        sociomile.own.insert("claims_told_by".to_owned(), json!("helpdesk"));
    })
    .await;
    change(&hub, "webhook", PRIORITY, AND_TITLE).await;
    post(&hub).await;
    hub.client().post_claim(&claim(), 201).await;
    hub.settled(&[]).await;
    assert_eq!(hub.posts(System::Webhook).len() + hub.posts(System::Sociomile).len(), 0);
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_delivery_under_way_ends_with_what_it_began_with() {
    let hub = start().await;
    let slow = What::Delay(3_000);
    hub.fail(System::Webhook, [fault("", slow, 1)]);
    let before = standing(&hub).await;
    let number = post(&hub).await;
    hub.until(|hub| hub.delivery(&number, "webhook").state == "in_flight").await;
    change(&hub, "webhook", PRIORITY, AND_TITLE).await;
    hub.settled(&[]).await;
    let used = hub.delivery(&number, "webhook").mapping.unwrap();
    assert!(before["digest"].as_str().unwrap().starts_with(&used));
    assert_eq!(told(&hub)[0]["data"].get("title"), None);
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_delivery_whose_rule_is_gone_is_dead_and_says_so() {
    let hub = start().await;
    let unavailable = || {
        let status = 503.try_into().unwrap();
        FaultRule::new(What::status_with(status, json!({}))).on("POST /api/omnichannel/claims")
    };
    hub.fail(System::Helpdesk, [unavailable()]);
    let number = hub.client().post_claim(&claim(), 201).await.number();
    assert_eq!(hub.delivery(&number, "sociomile").state, "waiting");
    let name = "\"disputed transaction to the complaint desk\"";
    change(&hub, "sociomile", name, "\"renamed\"").await;
    hub.fail(System::Helpdesk, []);
    hub.done(&["sociomile dead H0305"]).await;
}
