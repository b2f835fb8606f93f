//! Every documented create is taken, answered as documented, and lands where it should.

use omnihub_sandbox::System;
use serde_json::{Value, json};

use crate::hub::samples::{Fixture, fixtures};
use crate::hub::{Client, Style, TestHub};

/// The fixture's body with its webhook, if it has one, at the stand-in.
fn pointed(hub: &TestHub, fixture: &Fixture) -> Value {
    let mut body = fixture.body.clone();
    if let Some(url) = body.pointer_mut("/integration/webhookUrl") {
        *url = json!(hub.receiver());
    }
    body
}

/// The client that presents its key as the fixture's document does.
fn as_documented<'h>(hub: &'h TestHub, fixture: &Fixture) -> Client<'h> {
    let style = match fixture.auth.as_str() {
        "bearer" => Style::Bearer,
        "bare" => Style::Bare,
        _ => Style::ApiKey,
    };
    hub.client().presenting(hub.key(), style)
}

#[tokio::test]
async fn every_documented_create_is_accepted_and_delivered() {
    let hub = TestHub::start_with_every_rule().await;
    let mut numbers = Vec::new();
    for fixture in fixtures("create_claim") {
        let client = as_documented(&hub, &fixture);
        let answer = client.post_claim(&pointed(&hub, &fixture), 201).await;
        numbers.push((fixture.name, answer.number()));
    }
    for fixture in fixtures("create_ticket") {
        let client = as_documented(&hub, &fixture);
        let created = if fixture.auth == "x-api-key" { 200 } else { 201 };
        let answer = client.post_ticket(&pointed(&hub, &fixture), created).await;
        numbers.push((fixture.name, answer.number()));
    }
    hub.settled(&[]).await;
    assert_eq!(numbers.len(), 9);
    assert_eq!(hub.helpdesk_tickets().len(), 9);
    for (name, number) in &numbers {
        for helpdesk in hub.deliveries(number, "helpdesk") {
            assert_eq!(helpdesk.attempts, 0, "{name}: {helpdesk:?}");
        }
    }
    assert_eq!(hub.sandbox.sociomile_tickets().len(), 9, "one of each by the rules shipped off");
    assert_eq!(hub.sandbox.dolphins_tickets().len(), 1);
    assert_eq!(hub.posts(System::Webhook).len(), 2);
    hub.done(&[]).await;
}

#[tokio::test]
async fn the_shipped_rules_tell_each_system_what_concerns_it() {
    let hub = TestHub::start().await;
    for fixture in fixtures("create_claim") {
        hub.client().post_claim(&pointed(&hub, &fixture), 201).await;
    }
    for fixture in fixtures("create_ticket") {
        hub.client().post_ticket(&pointed(&hub, &fixture), 201).await;
    }
    hub.settled(&[]).await;
    // Both claims and the ticket that carries an amount.
    let sociomile = hub.sandbox.sociomile_tickets();
    assert_eq!(sociomile.len(), 3);
    assert!(sociomile.iter().all(|ticket| ticket.ticket_type == "helpdesk"));
    hub.done(&[]).await;
}
