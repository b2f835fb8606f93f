//! A client's webhook: signed so that both documents' ways of checking pass, and repeated.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use omnihub::access::{Permission, Scope};
use omnihub_sandbox::{Received, System};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::hub::samples::{ticket, with};
use crate::hub::{PARTNER, TestHub, answer};

fn told(hub: &TestHub, reference: &str) -> Value {
    let ticket = with(ticket(), "integration.webhookUrl", hub.receiver());
    with(ticket, "channelReferenceId", reference)
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Checks both signatures over the bytes that arrived: OMNI API 1.0's, keyed with the secret's text,
/// and that of Standard Webhooks, keyed with its decoded bytes.
#[track_caller]
fn check_signed(call: &Received, secret: &str) {
    let documented = hex(&hmac(secret.as_bytes(), &[&call.body]));
    assert_eq!(call.header("x-webhook-signature"), Some(&*documented));
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let (id, at) = (call.header("webhook-id").unwrap(), call.header("webhook-timestamp").unwrap());
    let head = format!("{id}.{at}.");
    let standard = STANDARD.encode(hmac(&key, &[head.as_bytes(), &call.body]));
    assert_eq!(call.header("webhook-signature"), Some(&*format!("v1,{standard}")));
    let seconds: i64 = at.parse().unwrap();
    assert!((call.at.as_second() - seconds).abs() < 30);
}

#[tokio::test]
async fn a_created_ticket_is_told_as_documented_and_signed_with_its_partners_secret() {
    let hub = TestHub::start().await;
    let bot = hub.client_of("wa-bot", &Permission::ALL, Scope::Own).await;
    let number = hub.client().post_ticket(&told(&hub, "WA-1"), 201).await.number();
    hub.settled(&[]).await;
    bot.post_ticket(&told(&hub, "WA-2"), 201).await;
    hub.settled(&[]).await;
    let calls = hub.posts(System::Webhook);
    assert_eq!(calls.len(), 2);
    let secrets = [PARTNER, "wa-bot"].map(|partner| hub.webhook_secrets(partner)[0].clone());
    assert_ne!(secrets[0], secrets[1]);
    check_signed(&calls[0], &secrets[0]);
    check_signed(&calls[1], &secrets[1]);
    let body = calls[0].json().unwrap();
    let created = hub.record(&number).ticket.created_at;
    assert_eq!(body["timestamp"], created.to_string());
    assert_eq!(body["event"], "TICKET_CREATED");
    assert_eq!(
        (&body["ticketNumber"], &body["channelReferenceId"]),
        (&json!(number), &json!("WA-1"))
    );
    assert_eq!(
        (&body["data"]["status"], &body["data"]["priority"]),
        (&json!("OPEN"), &json!("LOW"))
    );
    assert_eq!(body["data"]["numbers"]["hub"], number);
    // Compact, so that what JavaScript writes of what it parsed are the same bytes.
    assert_eq!(calls[0].text().lines().count(), 1);
    assert_eq!(calls[0].path(), "/webhook/client");
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_receiver_that_fails_is_told_again_under_the_same_id() {
    let hub = TestHub::start().await;
    hub.fail(System::Webhook, [answer("", 500, json!("oops"), 2)]);
    let number = hub.client().post_ticket(&told(&hub, "WA-1"), 201).await.number();
    hub.settled(&[]).await;
    let calls = hub.posts(System::Webhook);
    assert_eq!(calls.iter().map(|call| call.status).collect::<Vec<_>>(), [500, 500, 200].map(Some));
    let secret = &hub.webhook_secrets(PARTNER)[0];
    for call in &calls {
        check_signed(call, secret);
        assert_eq!(call.header("webhook-id"), calls[0].header("webhook-id"));
        assert_eq!(call.json().unwrap()["event"], "TICKET_CREATED");
    }
    assert_eq!(hub.delivery(&number, "webhook").attempts, 2);
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_receiver_that_refuses_concerns_nobody_else() {
    let hub = TestHub::start().await;
    let other = format!("{}/webhook/other", hub.sandbox.base_url(System::Webhook));
    for status in [400, 401, 403, 404, 410] {
        hub.fail(System::Webhook, [answer("/webhook/client", status, json!("no"), 1)]);
        let refused = hub.client().post_ticket(&told(&hub, "WA-1"), 201).await.number();
        hub.until(|hub| hub.delivery(&refused, "webhook").state == "dead").await;
        assert_eq!(hub.delivery(&refused, "webhook").code.as_deref(), Some("H0401"));
    }
    let ticket = with(told(&hub, "WA-2"), "integration.webhookUrl", other);
    hub.client().post_ticket(&ticket, 201).await;
    hub.done(&["webhook dead H0401"; 5]).await;
}
