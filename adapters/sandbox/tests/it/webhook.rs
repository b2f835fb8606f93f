//! The receiver of webhooks.

use omnihub_sandbox::System;
use serde_json::json;

use crate::client::{call, sandbox};

#[tokio::test]
async fn every_webhook_is_taken_and_remembered_byte_for_byte() {
    let sandbox = sandbox().await;
    for path in ["/webhook", "/webhook/a", "/webhook/a/b?c=d"] {
        let webhook = call(&sandbox, System::Webhook, &format!("POST {path}"));
        let webhook = webhook.header("x-webhook-signature", "abc");
        let reply =
            webhook.body("application/json", "{\"event\" : \"TICKET_CREATED\"}").send().await;
        assert_eq!((reply.status, reply.json()), (200, json!({"received": true})));
    }
    let received = sandbox.received(System::Webhook);
    assert_eq!(received.len(), 3);
    assert_eq!(received[2].text(), "{\"event\" : \"TICKET_CREATED\"}");
    assert_eq!(received[2].header("X-Webhook-Signature"), Some("abc"));
    assert_eq!(received[2].query(), [("c".to_owned(), "d".to_owned())]);
    assert_eq!(call(&sandbox, System::Webhook, "POST /other").send().await.status, 404);
}
