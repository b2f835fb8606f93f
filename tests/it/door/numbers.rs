//! Which number a client is told, and by which names a ticket is found (contract traps 11-13, 84).

use std::time::{Duration, Instant};

use http::Method;
use omnihub::clock::{Clock, SystemClock};
use omnihub::config::{Config, Span};
use omnihub::operate::adapters;
use omnihub_sandbox::{FaultRule, System, What};
use serde_json::json;

use super::check_problem;
use crate::hub::TestHub;
use crate::hub::samples::{claim, ticket, with};

fn waiting(config: &mut Config) {
    config.accept.wait_for_helpdesk = Span(Duration::from_secs(20));
}

#[tokio::test]
async fn an_answer_carries_the_helpdesks_number_when_it_comes_in_time() {
    let hub = TestHub::start_with(waiting).await;
    let answered = hub.client().post_claim(&claim(), 201).await.json();
    assert_eq!(answered["ticketNumber"], hub.helpdesk_tickets()[0].number);
    assert!(answered["metadata"]["provisional"].is_null());
    hub.done(&[]).await;
}

#[tokio::test]
async fn an_answer_that_waits_in_vain_carries_the_hubs_number_for_good() {
    let brief = |config: &mut Config| {
        config.accept.wait_for_helpdesk = Span(Duration::from_millis(50));
    };
    let hub = TestHub::start_with(brief).await;
    hub.fail(System::Helpdesk, [FaultRule::new(What::Delay(400)).times(1.try_into().unwrap())]);
    let named = with(ticket(), "integration.requestId", "req-3");
    let first = hub.client().post_ticket(&named, 201).await;
    let number = first.number();
    assert!(number.starts_with('9'));
    assert_eq!(first.json()["metadata"]["provisional"], true);
    hub.settled(&[]).await;
    let again = hub.client().post_ticket(&named, 201).await;
    assert_eq!((again.number(), again.is_replay()), (number.clone(), true));
    let shown = hub.client().show(&number, 200).await.json();
    assert_eq!(shown["ticketNumber"], number);
    assert_eq!(shown["metadata"]["numbers"]["helpdesk"], hub.helpdesk_tickets()[0].number);
    hub.done(&[]).await;
}

#[tokio::test]
async fn while_the_helpdesk_is_paused_no_answer_waits_for_it() {
    let hub = TestHub::start_with(waiting).await;
    hub.client().post_claim(&claim(), 201).await;
    let asked = adapters::Asked::all("helpdesk", "siti", "an upgrade");
    adapters::pause(hub.store(), hub.adapters(), asked, SystemClock.now()).await.unwrap();
    let began = Instant::now();
    let answered = hub.client().post_claim(&claim(), 201).await.json();
    assert!(began.elapsed() < Duration::from_secs(10), "it waited");
    assert_eq!(answered["metadata"]["provisional"], true);
    adapters::resume(hub.store(), hub.adapters(), &adapters::Resumed::all("helpdesk"))
        .await
        .unwrap();
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_reference_finds_its_newest_ticket_by_path_and_query() {
    let hub = TestHub::start().await;
    let with_reference = with(ticket(), "channelReferenceId", "WA/2024 001");
    let first = hub.client().post_ticket(&with_reference, 201).await.number();
    let second = hub.client().post_ticket(&with_reference, 201).await.number();
    for path in ["WA%2F2024%20001", "?channelReferenceId=WA%2F2024+001"] {
        let path = format!(
            "/api/omnichannel/tickets{}{path}",
            if path.starts_with('?') { "" } else { "/" }
        );
        let shown = hub.client().get(&path, 200).await.json();
        assert_eq!(shown["ticketNumber"], second, "{path}");
    }
    let both = |number: &str| {
        format!("/api/omnichannel/tickets?ticketNumber={number}&channelReferenceId=WA%2F2024+001")
    };
    hub.client().get(&both(&second), 200).await;
    check_problem(
        &hub.client().get(&both(&first), 400).await,
        "ticketNumber and channelReferenceId name different tickets",
    );
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_path_that_is_no_text_names_no_ticket() {
    let hub = TestHub::start().await;
    let path = "/api/omnichannel/tickets/%FF%FE";
    check_problem(&hub.client().get(path, 404).await, "Ticket not found");
    let body = json!({ "action": "ADD_COMMENT", "comment": "x" }).to_string();
    let answer = hub.client().call(Method::PATCH, path, Some(body.into()), 404).await;
    check_problem(&answer, "Ticket not found");
    hub.done(&[]).await;
}

#[tokio::test]
async fn several_numbers_give_a_list_of_what_is_found_and_what_is_not() {
    let hub = TestHub::start().await;
    let first = hub.client().post_claim(&claim(), 201).await.number();
    let second = hub.client().post_ticket(&ticket(), 201).await.number();
    for query in [
        format!("ticketNumber={first},{second},1,,{first}"),
        format!("ticketNumber={first}&ticketNumber={second}&ticketNumber=1"),
    ] {
        let path = format!("/api/omnichannel/tickets?{query}");
        let list = hub.client().get(&path, 200).await.json();
        let numbers: Vec<_> =
            list["tickets"].as_array().unwrap().iter().map(|t| t["ticketNumber"].clone()).collect();
        assert_eq!(numbers, [json!(first), json!(second)]);
        assert_eq!(list["notFound"], json!(["1"]));
    }
    let many: Vec<String> = (1..=101).map(|n| n.to_string()).collect();
    let path = format!("/api/omnichannel/tickets?ticketNumber={}", many.join(","));
    check_problem(
        &hub.client().get(&path, 400).await,
        "At most 100 tickets can be asked for at once",
    );
    hub.done(&[]).await;
}
