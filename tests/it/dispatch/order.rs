//! Deliveries of one ticket to one adapter go one at a time and in order, whatever fails; deliveries
//! of different tickets do not wait for each other.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use futures_util::future::join_all;
use http::StatusCode;
use omnihub_sandbox::{FaultRule, Received, System, What};
use serde_json::{Value, json};

use super::phone_call;
use crate::hub::samples::with;
use crate::hub::{TestHub, add_rules};

const TICKETS: usize = 12;

/// What a ticket makes for each adapter, in this order.
const STEPS: [&str; 3] = ["first", "second", "third"];

fn webhook_rule(step: &str) -> String {
    format!(
        r#"
[[rule]]
name      = "{step}"
on        = "ticket.created"
also      = true
when      = {{ "ticket.webhook_url" = {{ present = true }} }}
operation = "send"
[rule.fields]
url                = "ticket.webhook_url"
event              = {{ value = "{step}" }}
ticketNumber       = "ticket.number"
channelReferenceId = {{ from = "ticket.channel_reference_id", otherwise = "omit" }}
timestamp          = "event.at | iso"
"#
    )
}

fn helpdesk_rule(step: &str) -> String {
    format!(
        r#"
[[rule]]
name      = "{step}"
on        = "ticket.created"
also      = true
when      = {{ "ticket.kind" = "ticket" }}
operation = "create_ticket"
[rule.fields]
channel            = "ticket.channel"
channelReferenceId = {{ text = "{step}:{{ticket.id}}" }}
serviceType        = {{ value = "OTHER" }}
customer.name      = "ticket.customer.name"
ticket.title       = {{ value = "{step}" }}
ticket.description = {{ text = "{{ticket.number}} is told once more" }}
integration.requestId = {{ text = "{step}:{{ticket.id}}" }}
"#
    )
}

fn sociomile_rule(step: &str) -> String {
    format!(
        r#"
[[rule]]
name      = "{step}"
on        = "ticket.created"
also      = true
when      = {{ "ticket.kind" = "ticket" }}
operation = "create_voice"
[rule.fields]
ticketType        = {{ value = "voice" }}
customer_hp       = {{ value = "0" }}
customer_email    = {{ value = "nobody@example.invalid" }}
customer_name     = "ticket.customer.name"
connectID         = "ticket.number"
subject           = {{ value = "{step}" }}
content           = "ticket.description"
"#
    )
}

/// Which ticket and which step a call is about.
fn about(call: &Received) -> (String, usize) {
    let body = call.json().unwrap();
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let ticket = call.text().split("case-").nth(1).unwrap().chars().take(2).collect();
    let names = [text("/event"), text("/ticket/title"), text("/subject")];
    let step = STEPS.iter().position(|step| names.contains(step));
    (ticket, step.unwrap_or(0))
}

/// Checks the calls of one system: each ticket's steps in order, each repeated until it succeeded and
/// not begun before the one ahead of it had. Gives how often the next call is another ticket's.
#[track_caller]
fn check_order(calls: &[Received]) -> usize {
    // Of a call that was closed unread nobody can say what it was about.
    let calls: Vec<Received> = calls.iter().filter(|call| !call.body.is_empty()).cloned().collect();
    let mut tickets: BTreeMap<String, Vec<(usize, Option<u16>)>> = BTreeMap::new();
    for call in &calls {
        let (ticket, step) = about(call);
        tickets.entry(ticket).or_default().push((step, call.status));
    }
    assert_eq!(tickets.len(), TICKETS);
    for (ticket, calls) in &tickets {
        let done: Vec<usize> =
            calls.iter().filter(|call| call.1 == Some(200)).map(|call| call.0).collect();
        assert_eq!(done, [0, 1, 2], "{ticket}: {calls:?}");
        assert!(calls.is_sorted_by_key(|call| call.0), "{ticket}: {calls:?}");
    }
    calls.windows(2).filter(|pair| about(&pair[0]).0 != about(&pair[1]).0).count()
}

/// What goes wrong at a system where repeating is safe.
fn storm(seed: u64) -> Vec<FaultRule> {
    let bad_gateway = What::status_with(StatusCode::BAD_GATEWAY, json!("<html>Bad Gateway</html>"));
    vec![
        FaultRule::new(What::Delay(3)).probability(0.5, seed),
        FaultRule::new(What::status(StatusCode::SERVICE_UNAVAILABLE)).probability(0.2, seed + 1),
        FaultRule::new(What::DropAfter).probability(0.2, seed + 2),
        FaultRule::new(What::DropBefore).probability(0.1, seed + 3),
        FaultRule::new(bad_gateway).probability(0.2, seed + 4),
    ]
}

/// And where it is not: only what says that nothing was done.
fn calm(seed: u64) -> Vec<FaultRule> {
    vec![
        FaultRule::new(What::Delay(3)).probability(0.5, seed),
        FaultRule::new(What::status(StatusCode::SERVICE_UNAVAILABLE)).probability(0.4, seed + 1),
    ]
}

async fn check_seed(seed: u64) {
    let hub = TestHub::start_with(|config| {
        for step in &STEPS[1..] {
            add_rules(config, "webhook", &webhook_rule(step));
            add_rules(config, "helpdesk", &helpdesk_rule(step));
            add_rules(config, "sociomile", &sociomile_rule(step));
        }
        config.adapters.get_mut("helpdesk").unwrap().limits.create_concurrency =
            NonZeroUsize::new(4);
    })
    .await;
    hub.fail(System::Webhook, storm(seed));
    hub.fail(System::Helpdesk, storm(seed + 10));
    hub.fail(System::Sociomile, calm(seed + 20));
    let client = hub.client();
    let posts = (0..TICKETS).map(|at| {
        let ticket = with(phone_call(), "integration.webhookUrl", hub.receiver());
        let ticket = with(ticket, "channelReferenceId", format!("case-{at:02}"));
        let ticket = with(ticket, "customer.name", format!("case-{at:02}"));
        let client = &client;
        async move { client.post_ticket(&ticket, 201).await }
    });
    join_all(posts).await;
    hub.settled(&[]).await;
    for system in [System::Webhook, System::Helpdesk, System::Sociomile] {
        let calls = hub.posts(system);
        assert!(calls.len() > 3 * TICKETS, "nothing failed at {system}");
        // One after the other would be eleven changes.
        assert!(check_order(&calls) > 2 * TICKETS, "the tickets waited for each other at {system}");
    }
    assert_eq!(hub.helpdesk_tickets().len(), 3 * TICKETS);
    assert_eq!(hub.sandbox.sociomile_tickets().len(), 3 * TICKETS);
    hub.done(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_tickets_deliveries_to_an_adapter_keep_their_order_whatever_fails() {
    for seed in [1, 20_000, 300_000, 4_000_000] {
        check_seed(seed).await;
    }
}
