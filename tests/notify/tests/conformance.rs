//! The Notify adapter keeps the promises of the trait, and speaks as its document shows.
#![cfg(test)]

use std::time::Duration;

use omnihub_contract::{Delivery, Effect, Fault, Receipt};
use omnihub_kit::{
    Built, Own, Reply, Sample, Subject, check_conformance, check_exchanges, delivery,
    usual_verdict, usual_verdict_of_one,
};
use omnihub_notify::{OPERATIONS, Settings, adapter};
use omnihub_upstream::{ClientSettings, TableAdapter};
use serde_json::json;

const TOKEN: &str = "token-uji-7731";

fn notify(base: &str, timeout: Duration) -> TableAdapter {
    let client = ClientSettings { base_url: base.to_owned(), timeout };
    adapter(&client, &Settings { token: TOKEN.into() }).unwrap()
}

fn subject() -> Subject {
    Subject {
        build: |base, timeout| Built::new(notify(base, timeout)),
        aside: Vec::new(),
        planted: &[TOKEN, "+6281100000001", "Pesan rahasia"],
        own: own_answers(),
        well: Some(ok()),
    }
}

/// What its document shows of errors.
fn own_answers() -> Vec<Own> {
    let own = |what, status, body, verdict| Own { what, reply: Reply::json(status, body), verdict };
    let known = json!({
        "ok": false, "error": {"code": "KNOWN_REFERENCE", "text": "sent before"}, "message": {"id": 77},
    });
    vec![
        own("a refusal", 200, json!({"ok": false}), |_| Err(Fault::Refused)),
        own("no credit", 402, json!({"ok": false}), |_| Err(Fault::Unavailable)),
        own("sent before", 409, known, |operation| match operation.effect {
            Effect::Read => Err(Fault::Refused),
            _ => Ok(()),
        }),
    ]
}

fn ok() -> Reply {
    Reply::json(200, json!({"ok": true}))
}

fn send(_: &str) -> Delivery {
    let fields = json!({"reference": "9-taken", "to": "+6281100000001", "text": "Pesan rahasia"});
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

#[tokio::test]
async fn it_keeps_the_promises_of_the_trait() {
    let good = Reply::json(200, json!({"ok": true, "message": {"id": 77}}));
    let receipt = Receipt::of([("messageId", "77".to_owned())]);
    let create = Sample { delivery: send, good, receipt, verdict: usual_verdict };
    let gives_nothing =
        |delivery, verdict| Sample { delivery, good: ok(), receipt: Receipt::default(), verdict };
    let cancel = gives_nothing(cancel, usual_verdict_of_one);
    let message = gives_nothing(message, usual_verdict_of_one);
    let health = gives_nothing(health, usual_verdict);
    check_conformance(&subject(), &[create, cancel, message, health]).await;
}

#[tokio::test]
async fn it_speaks_as_its_document_shows() {
    check_exchanges("notify", &subject()).await;
}

#[test]
fn a_token_that_no_header_can_carry_is_no_setting() {
    let client =
        ClientSettings { base_url: "http://127.0.0.1:1".to_owned(), timeout: Duration::ZERO };
    let failure = adapter(&client, &Settings { token: "a\nb".into() }).unwrap_err().to_string();
    assert!(failure.contains("credential") && !failure.contains("a\nb"), "{failure}");
}
