//! A ticket that a mapping refuses is dead with the mapping's code; every other one goes on.

use omnihub_sandbox::System;
use serde_json::{Value, json};

use crate::hub::samples::{ticket, with};
use crate::hub::{TestHub, add_rules};

const REFUSES: &str = r#"
[[rule]]
name      = "needs an amount"
on        = "ticket.created"
also      = true
when      = { "ticket.webhook_url" = { present = true } }
operation = "send"
[rule.fields]
url          = "ticket.webhook_url"
event        = { value = "AMOUNT" }
ticketNumber = "ticket.number"
timestamp    = "event.at | iso"
data.amount  = { from = "ticket.metadata.amount", as = "number", otherwise = "refuse" }
"#;

fn with_amount(hub: &TestHub, amount: Value) -> Value {
    let ticket = with(ticket(), "integration.webhookUrl", hub.receiver());
    with(ticket, "ticket.metadata.amount", amount)
}

#[tokio::test]
async fn a_ticket_that_a_rule_refuses_is_dead_for_that_rule_only() {
    let hub = TestHub::start_with(|config| add_rules(config, "webhook", REFUSES)).await;
    let mut numbers = Vec::new();
    for amount in [json!(null), json!("much"), json!(7)] {
        let ticket = with_amount(&hub, amount);
        numbers.push(hub.client().post_ticket(&ticket, 201).await.number());
    }
    let dead = ["webhook dead H0301", "webhook dead H0302"];
    hub.settled(&dead).await;
    for (number, code) in numbers.iter().zip([Some("H0301"), Some("H0302"), None]) {
        let states = hub.deliveries(number, "webhook");
        assert_eq!(states[0].state, "delivered");
        assert_eq!(states[1].code.as_deref(), code, "{states:?}");
        let words = states[1].words.clone().unwrap_or_default();
        assert_eq!(words.contains("data.amount"), code.is_some(), "{words}");
        assert!(!words.contains("much"), "{words}");
    }
    let amounts: Vec<Value> = hub
        .posts(System::Webhook)
        .iter()
        .map(|call| call.json().unwrap())
        .filter(|body| body["event"] == "AMOUNT")
        .map(|body| body["data"]["amount"].clone())
        .collect();
    assert_eq!(amounts, [json!(7)]);
    hub.done(&dead).await;
}
