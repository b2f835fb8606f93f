//! Asking for tickets (contract 1.4, 1.5), and after the hub's health.

use serde_json::json;

use super::check_problem;
use crate::hub::TestHub;
use crate::hub::samples::{claim, ticket};

#[tokio::test]
async fn every_number_that_a_ticket_has_finds_it_in_path_and_query() {
    let hub = TestHub::start().await;
    let client = hub.client();
    let number = client.post_claim(&claim(), 201).await.number();
    let other = client.post_ticket(&ticket(), 201).await.number();
    hub.settled(&[]).await;
    let helpdesk =
        hub.record(&number).state.receipts.find("helpdesk", "ticketNumber").unwrap().to_owned();
    assert_ne!(helpdesk, number);
    for asked in [&number, &helpdesk] {
        let by_query = format!("/api/omnichannel/tickets?ticketNumber={asked}");
        for answer in [client.show(asked, 200).await, client.get(&by_query, 200).await] {
            let shown = answer.json();
            assert_eq!(
                shown["ticketNumber"], number,
                "the number that its create was answered with"
            );
            let numbers = json!({ "hub": number, "helpdesk": helpdesk });
            assert_eq!(shown["metadata"]["numbers"], numbers);
        }
    }
    let shown = client.show(&other, 200).await.json();
    assert_eq!(shown["ticketNumber"], other);
    assert_ne!(shown["metadata"]["numbers"]["helpdesk"], helpdesk);
    hub.done(&[]).await;
}

#[tokio::test]
async fn what_is_no_ticket_is_not_found_whatever_it_looks_like() {
    let hub = TestHub::start().await;
    for number in
        ["1", "0", "-1", "9000000099", "99999999999999999999999", "WA-1", "%00", "%2F", "a%20b"]
    {
        check_problem(&hub.client().show(number, 404).await, "Ticket not found");
    }
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_running_hub_is_live_and_ready_without_a_key() {
    let hub = TestHub::start().await;
    let anybody = hub.client().bare();
    for (path, body) in [
        ("/health/live", json!({ "status": "live" })),
        ("/health/ready", json!({ "status": "ready" })),
    ] {
        let answer = anybody.get(path, 200).await;
        let mut told = answer.json();
        // Which mappings are in force is told too; tests/it/mappings looks at it.
        told.as_object_mut().unwrap().remove("mappings");
        assert_eq!(told, body);
        assert!(answer.header("x-request-id").is_some());
    }
    hub.done(&[]).await;
}
