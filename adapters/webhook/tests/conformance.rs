//! The webhook adapter keeps the promises of the trait, and speaks as the documents show.
#![cfg(test)]

use std::sync::Arc;
use std::time::Duration;

use omnihub_contract::{
    Adapter, Delivery, Failure, Fault, PartnerId, Receipt, Secret, SigningSecrets,
};
use omnihub_kit::{
    Built, Case, Own, Reply, Sample, ScriptedUpstream, Subject, UNKNOWN_NAME, check_conformance,
    check_exchanges, delivery,
};
use omnihub_webhook::{OPERATIONS, Settings, Webhook};
use serde_json::json;

const TIMEOUT: Duration = Duration::from_secs(30);
const SECRET: &str = "whsec_cmFoYXNpYS11amktNzczMQ==";

struct Secrets(&'static [&'static str]);

impl SigningSecrets for Secrets {
    fn newest_first(&self, partner: &PartnerId) -> Vec<Secret> {
        assert_eq!(partner.as_str(), "wa-bot");
        self.0.iter().map(|secret| Secret::from(*secret)).collect()
    }
}

fn webhook(timeout: Duration, allow_hosts: &[&str], secrets: &'static [&'static str]) -> Webhook {
    let allow_hosts = allow_hosts.iter().map(|host| (*host).to_owned()).collect();
    let settings = Settings { allow_hosts, ..Settings::default() };
    Webhook::new(timeout, &settings, Arc::new(Secrets(secrets))).unwrap()
}

fn subject() -> Subject {
    Subject {
        build: |_, timeout| Built::new(webhook(timeout, &["127.0.0.1", UNKNOWN_NAME], &[SECRET])),
        aside: Vec::new(),
        planted: &[SECRET, "cmFoYXNpYS11amktNzczMQ", "jalur-uji", "Nasabah Contoh"],
        own: [301, 405, 410]
            .map(|status| Own {
                what: "a receiver that is not there any more",
                reply: Reply::text(status, ""),
                verdict: |_| Err(Fault::Refused),
            })
            .into(),
        well: None,
    }
}

fn event(url: &str) -> Delivery {
    delivery(
        OPERATIONS,
        "send",
        json!({
            "url": url, "event": "TICKET_CREATED", "ticketNumber": "9000000042",
            "timestamp": "2024-12-19T10:30:00Z", "data": {"status": "OPEN", "by": "Nasabah Contoh"},
        }),
    )
}

fn verdict(case: Case) -> Result<(), Fault> {
    match case {
        Case::Html(200) | Case::Empty | Case::Blank | Case::Oversized => Ok(()),
        Case::Status(408 | 503) => Err(Fault::Unavailable),
        Case::Status(429) => Err(Fault::Throttled),
        Case::Status(500 | 502 | 504) | Case::Html(502) => Err(Fault::Unknown),
        Case::Status(_) | Case::Html(_) => Err(Fault::Refused),
    }
}

#[tokio::test]
async fn it_keeps_the_promises_of_the_trait() {
    let sample = Sample {
        delivery: |base| event(&format!("{base}/hook/jalur-uji?token=1")),
        good: Reply::text(204, ""),
        receipt: Receipt::default(),
        verdict,
    };
    check_conformance(&subject(), &[sample]).await;
}

#[tokio::test]
async fn it_speaks_as_the_documents_show() {
    check_exchanges("webhook", &subject()).await;
}

async fn sent(adapter: &Webhook, url: &str) -> Result<Receipt, Failure> {
    adapter.deliver(&event(url)).await
}

#[tokio::test]
async fn every_secret_signs_and_the_newest_signs_as_documented() {
    let upstream = ScriptedUpstream::start([]).await;
    let both: &[&str] = &["whsec_bmV3", "whsec_b2xk"];
    let adapter = webhook(TIMEOUT, &["127.0.0.1"], both);
    assert!(sent(&adapter, &upstream.base_url()).await.is_err());
    let seen = upstream.last();
    let signatures = seen.header("webhook-signature").unwrap();
    assert_eq!(signatures.matches("v1,").count(), 2, "{signatures}");
    assert_eq!(seen.header("webhook-id"), Some("msg_9000000042-1"));
    assert_eq!(seen.header("webhook-timestamp"), Some("1734604200"));
}

#[tokio::test]
async fn nothing_is_sent_unsigned() {
    let upstream = ScriptedUpstream::start([]).await;
    let adapter = webhook(TIMEOUT, &["127.0.0.1"], &[]);
    let failure = sent(&adapter, &upstream.base_url()).await.unwrap_err();
    assert_eq!(failure.fault, Fault::Refused);
    assert_eq!(upstream.calls(), 0);
}

async fn check_guarded(url: &str, allow_hosts: &[&str]) {
    let adapter = webhook(TIMEOUT, allow_hosts, &[SECRET]);
    let failure = sent(&adapter, url).await.unwrap_err();
    assert_eq!(failure.fault, Fault::Refused, "{url}: {failure}");
}

#[tokio::test]
async fn nothing_is_sent_inside() {
    let upstream = ScriptedUpstream::start([]).await;
    let port = upstream.base_url().rsplit(':').next().unwrap().to_owned();
    check_guarded(&upstream.base_url(), &[]).await;
    check_guarded(&format!("https://127.0.0.1:{port}/"), &[]).await;
    check_guarded(&format!("https://2130706433:{port}/"), &[]).await;
    // Another port of an exempt host stays closed.
    check_guarded(&format!("https://localhost:{port}/"), &["localhost:1"]).await;
    assert_eq!(upstream.connections(), 0);
}

#[tokio::test]
async fn a_probe_asks_nobody() {
    assert_eq!(webhook(TIMEOUT, &[], &[]).probe().await, Ok(()));
}

/// Secrets that cannot be read just now.
struct Away;

impl SigningSecrets for Away {
    fn newest_first(&self, _: &PartnerId) -> Vec<Secret> {
        Vec::new()
    }

    fn are_readable(&self, _: &PartnerId) -> bool {
        false
    }
}

#[tokio::test]
async fn secrets_that_cannot_be_read_just_now_give_no_delivery_up() {
    let settings = Settings { allow_hosts: vec!["127.0.0.1".to_owned()], ..Settings::default() };
    let cases: [(Arc<dyn SigningSecrets>, Fault); 2] =
        [(Arc::new(Secrets(&[])), Fault::Refused), (Arc::new(Away), Fault::Unavailable)];
    for (secrets, fault) in cases {
        let webhook = Webhook::new(TIMEOUT, &settings, secrets).unwrap();
        let failure = webhook.deliver(&event("http://127.0.0.1:9/hook")).await.unwrap_err();
        assert_eq!(failure.fault, fault);
    }
}
