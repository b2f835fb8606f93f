//! The Notify adapter keeps the promises of the trait, and speaks as its document shows.
#![cfg(test)]

use std::time::Duration;

use omnihub_contract::{Adapter, Arguments, Delivery, Effect, Fault, Receipt};
use omnihub_kit::{
    Built, Own, Reply, Sample, ScriptedUpstream, Step, Subject, check_conformance, delivery,
    usual_verdict, usual_verdict_of_one,
};
use omnihub_notify::{OPERATIONS, Settings, adapter};
use omnihub_upstream::{ClientSettings, TableAdapter};
use serde_json::{Value, json};

const TOKEN: &str = "token-uji-7731";
const TIMEOUT: Duration = Duration::from_secs(30);

fn notify(base: &str, timeout: Duration) -> TableAdapter {
    let client = ClientSettings { base_url: base.to_owned(), timeout };
    adapter(&client, &Settings { token: TOKEN.into() }).unwrap()
}

fn subject() -> Subject {
    Subject {
        build: |base, timeout| Built::new(notify(base, timeout)),
        aside: Vec::new(),
        planted: &[TOKEN, "+6281100000001", "Pesan rahasia"],
        own: vec![
            Own {
                what: "a refusal",
                reply: Reply::json(200, json!({"ok": false, "error": {"text": "no"}})),
                verdict: |_| Err(Fault::Refused),
            },
            Own {
                what: "no credit",
                reply: Reply::json(402, json!({"ok": false})),
                verdict: |_| Err(Fault::Unavailable),
            },
            Own {
                what: "sent before",
                reply: known(),
                verdict: |row| match row.effect {
                    Effect::Read => Err(Fault::Refused),
                    _ => Ok(()),
                },
            },
        ],
        well: Some(Reply::json(200, json!({"ok": true}))),
    }
}

fn send(_: &str) -> Delivery {
    let (to, sender) = ("+6281100000001", json!({"name": "Bank"}));
    let fields =
        json!({"reference": "9-taken", "to": to, "text": "Pesan rahasia", "sender": sender});
    delivery(OPERATIONS, "send", fields)
}

fn cancel(_: &str) -> Delivery {
    delivery(OPERATIONS, "cancel", json!({"messageId": "m/1", "reason": "Pesan rahasia"}))
}

fn message(_: &str) -> Delivery {
    delivery(OPERATIONS, "message", json!({"messageId": "m/1"}))
}

fn health(_: &str) -> Delivery {
    delivery(OPERATIONS, "health", json!({}))
}

fn sent() -> Reply {
    Reply::json(200, json!({"ok": true, "message": {"id": 77}}))
}

/// The answer to a reference that is known.
fn known() -> Reply {
    let error = json!({"code": "KNOWN_REFERENCE", "text": "sent before"});
    Reply::json(409, json!({"ok": false, "error": error, "message": {"id": 77}}))
}

#[tokio::test]
async fn it_keeps_the_promises_of_the_trait() {
    let receipt = Receipt::of([("messageId", "77".to_owned())]);
    let create = Sample { delivery: send, good: sent(), receipt, verdict: usual_verdict };
    let ok = |delivery, verdict| {
        let good = Reply::json(200, json!({"ok": true}));
        Sample { delivery, good, receipt: Receipt::default(), verdict }
    };
    let change = ok(cancel, usual_verdict_of_one);
    let (message, health) = (ok(message, usual_verdict_of_one), ok(health, usual_verdict));
    check_conformance(&subject(), &[create, change, message, health]).await;
}

async fn answered(delivery: &Delivery, reply: Reply) -> Result<Receipt, (Fault, String)> {
    let upstream = ScriptedUpstream::start([Step::Answer(reply)]).await;
    let outcome = notify(&upstream.base_url(), TIMEOUT).deliver(delivery).await;
    outcome.map_err(|failure| (failure.fault, failure.message))
}

#[tokio::test]
async fn it_speaks_as_its_document_shows() {
    let steps = [Step::Answer(sent()), Step::Answer(sent())];
    let upstream = ScriptedUpstream::start(steps).await;
    let adapter = notify(&upstream.base_url(), TIMEOUT);
    assert!(adapter.deliver(&send("")).await.is_ok());
    let seen = upstream.last();
    assert_eq!((&*seen.method, &*seen.target), ("POST", "/v1/messages"));
    assert_eq!(seen.header("authorization"), Some("Bearer token-uji-7731"));
    let body = r#"{"reference":"9-taken","to":"+6281100000001","text":"Pesan rahasia","sender":{"name":"Bank"}}"#;
    assert_eq!(seen.text(), body, "in the row's order");
    assert!(adapter.deliver(&cancel("")).await.is_ok());
    let seen = upstream.last();
    assert_eq!((&*seen.method, &*seen.target), ("PUT", "/v1/messages/m%2F1/cancel"));
    assert_eq!(seen.text(), r#"{"reason":"Pesan rahasia"}"#);
}

#[tokio::test]
async fn an_answer_is_judged_by_the_table() {
    let no =
        Reply::json(200, json!({"ok": false, "error": {"text": "+6281100000001 is no phone"}}));
    let refused = (Fault::Refused, "… is no phone".to_owned());
    assert_eq!(answered(&send(""), no).await, Err(refused));
    let without = answered(&send(""), Reply::json(200, json!({"ok": true}))).await;
    let unreadable = (Fault::Unreadable, "a success without messageId".to_owned());
    assert_eq!(without, Err(unreadable));
    let poor = answered(&send(""), Reply::json(402, json!({"ok": false}))).await;
    assert_eq!(poor.unwrap_err().0, Fault::Unavailable);
    let before = answered(&send(""), known()).await.map(|receipt| receipt.values);
    assert_eq!(before, Ok([("messageId".to_owned(), "77".to_owned())].into()));
}

async fn queried(
    operation: &str,
    arguments: &[(&str, &str)],
    reply: Reply,
) -> (Result<Value, Fault>, String) {
    let upstream = ScriptedUpstream::start([Step::Answer(reply)]).await;
    let arguments: Arguments =
        arguments.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let outcome = notify(&upstream.base_url(), TIMEOUT).query(operation, &arguments).await;
    let target = upstream.seen().pop().map(|seen| seen.target).unwrap_or_default();
    (outcome.map_err(|failure| failure.fault), target)
}

#[tokio::test]
async fn it_can_be_asked() {
    let body = json!({"ok": true, "state": "read"});
    let reply = || Reply::json(200, body.clone());
    let (found, target) =
        queried("message", &[("messageId", "77"), ("details", "true")], reply()).await;
    assert_eq!((found, &*target), (Ok(body.clone()), "/v1/messages/77?details=true"));
    let nothing = (Err(Fault::Refused), String::new());
    assert_eq!(queried("message", &[], reply()).await, nothing);
    assert_eq!(
        queried("send", &[("reference", "r"), ("to", "x"), ("text", "y")], reply()).await,
        nothing
    );
    let no = Reply::json(200, json!({"ok": false}));
    assert_eq!(queried("message", &[("messageId", "7")], no).await.0, Err(Fault::Refused));
}

#[tokio::test]
async fn a_probe_asks_for_its_health() {
    let upstream = ScriptedUpstream::start([
        Step::Answer(Reply::json(200, json!({"ok": true}))),
        Step::Answer(Reply::json(503, json!({"ok": false}))),
    ])
    .await;
    let adapter = notify(&upstream.base_url(), TIMEOUT);
    assert_eq!(adapter.probe().await, Ok(()));
    assert_eq!(upstream.last().target, "/v1/health");
    assert_eq!(adapter.probe().await.unwrap_err().fault, Fault::Unavailable);
}

#[test]
fn a_token_that_no_header_can_carry_is_no_setting() {
    let client = ClientSettings { base_url: "http://127.0.0.1:1".to_owned(), timeout: TIMEOUT };
    let failure = adapter(&client, &Settings { token: "a\nb".into() }).unwrap_err().to_string();
    assert!(failure.contains("credential") && !failure.contains("a\nb"), "{failure}");
}
