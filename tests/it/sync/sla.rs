//! The SLA clock: what comes too late becomes an event, once, and a client's webhook is told nothing of it.

use omnihub_contract::{EventKind, SlaDue, Source};
use omnihub_sandbox::System;

use super::receipt;
use crate::hub::TestHub;
use crate::hub::samples::{ticket, with};

/// What was found to be late, in the order of the timeline.
pub(super) fn late(hub: &TestHub, number: &str) -> Vec<SlaDue> {
    let events = hub.timeline(number).into_iter();
    let breaches = events.filter(|event| event.kind == EventKind::SlaBreached);
    let breaches = breaches.inspect(|event| assert_eq!(event.source, Source::Hub));
    breaches.filter_map(|event| event.breach.map(|breach| breach.due)).collect()
}

#[tokio::test]
async fn what_comes_too_late_is_told_once_for_each_due_and_survives_a_restart() {
    let mut hub = TestHub::start_with(|config| config.sla.low_hours = 0).await;
    let told = with(ticket(), "integration.webhookUrl", hub.receiver());
    let number = hub.client().post_ticket(&told, 201).await.number();
    hub.until(|hub| late(hub, &number).len() == 2).await;
    assert_eq!(late(&hub, &number), [SlaDue::Response, SlaDue::Resolution]);
    hub.restart().await;
    let later = hub.client().post_ticket(&told, 201).await.number();
    hub.until(|hub| late(hub, &later).len() == 2).await;
    assert_eq!(late(&hub, &number).len(), 2);
    let shown = hub.client().show(&number, 200).await.json();
    assert_eq!(shown["sla"]["isBreached"], true);
    hub.settled(&[]).await;
    assert_eq!(hub.posts(System::Webhook).len(), 2, "only the two creates");
    hub.done(&[]).await;
}

#[tokio::test]
async fn what_is_in_time_is_not_told() {
    let hub = TestHub::start().await;
    let number = hub.client().post_ticket(&ticket(), 201).await.number();
    hub.settled(&[]).await;
    assert!(!receipt(&hub, &number, "helpdesk", "ticketNumber").is_empty());
    assert_eq!(late(&hub, &number), []);
    let shown = hub.client().show(&number, 200).await.json();
    assert_eq!(shown["sla"]["isBreached"], false);
    hub.done(&[]).await;
}
