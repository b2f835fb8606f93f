//! What may be tried again is tried again until it arrives.

use std::time::Duration;

use jiff::SignedDuration;
use omnihub::clock::{Clock, SystemClock};
use omnihub::operate::deliveries::{Filter, list};
use omnihub_sandbox::{System, What};
use serde_json::json;

use super::{ALWAYS, CREATE_AT_SOCIOMILE, CREATE_CLAIM, CREATE_TICKET, phone_call};
use crate::hub::samples::{claim, ticket};
use crate::hub::{TestHub, answer, fault};
use omnihub::config::{OperationSection, RetryOverride};

fn statuses(hub: &TestHub, system: System) -> Vec<Option<u16>> {
    hub.posts(system).iter().map(|call| call.status).collect()
}

#[tokio::test]
async fn a_system_that_is_down_gets_everything_once_it_is_up() {
    let hub = TestHub::start().await;
    hub.fail(System::Helpdesk, [answer(CREATE_CLAIM, 503, json!({}), 2)]);
    hub.fail(System::Sociomile, [answer(CREATE_AT_SOCIOMILE, 503, json!({}), 3)]);
    let number = hub.client().post_claim(&claim(), 201).await.number();
    hub.settled(&[]).await;
    assert_eq!(statuses(&hub, System::Helpdesk), [503, 503, 200].map(Some));
    assert_eq!(statuses(&hub, System::Sociomile), [503, 503, 503, 200].map(Some));
    assert_eq!(hub.delivery(&number, "helpdesk").attempts, 2);
    assert_eq!(hub.delivery(&number, "sociomile").attempts, 3);
    assert_eq!((hub.helpdesk_tickets().len(), hub.sandbox.sociomile_tickets().len()), (1, 1));
    hub.done(&[]).await;
}

#[tokio::test]
async fn who_needs_the_helpdesks_number_waits_for_it_says_so_and_sends_it_as_a_number() {
    let hub = TestHub::start().await;
    hub.fail(System::Helpdesk, [answer(CREATE_CLAIM, 503, json!({}), ALWAYS)]);
    let number = hub.client().post_claim(&claim(), 201).await.number();
    hub.until(|hub| hub.delivery(&number, "helpdesk").attempts > 1).await;
    let filter = Filter {
        adapter: Some("sociomile".into()),
        ticket: Some(number.clone()),
        ..Filter::default()
    };
    let shown = list(hub.store(), &filter, SystemClock.now()).unwrap();
    assert_eq!(shown.len(), 1);
    assert_eq!((&*shown[0].state, shown[0].attempts), ("waiting", 0));
    assert_eq!(shown[0].waits_for.as_deref(), Some("helpdesk.ticketNumber"));
    assert!(hub.posts(System::Sociomile).is_empty());
    hub.fail(System::Helpdesk, []);
    hub.settled(&[]).await;
    let helpdesk: u64 = hub.helpdesk_tickets()[0].number.parse().unwrap();
    assert_eq!(hub.sandbox.sociomile_tickets()[0].fields["nomorTicketHelpdesk"], helpdesk);
    assert_eq!(hub.delivery(&number, "sociomile").waits_for, None);
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_throttled_delivery_waits_as_long_as_it_is_told_and_does_not_use_up_an_attempt() {
    let hub = TestHub::start_with(|config| config.retry.attempts_max = 1).await;
    hub.fail(System::Helpdesk, [fault(CREATE_CLAIM, What::Throttle(1), 1)]);
    let number = hub.client().post_claim(&claim(), 201).await.number();
    hub.until(|hub| hub.delivery(&number, "helpdesk").code.is_some()).await;
    let waiting = hub.delivery(&number, "helpdesk");
    assert_eq!((&*waiting.state, waiting.code.as_deref()), ("due", Some("H0404")));
    hub.settled(&[]).await;
    let calls = hub.posts(System::Helpdesk);
    assert_eq!(statuses(&hub, System::Helpdesk), [429, 200].map(Some));
    // The hub counts whole milliseconds.
    assert!(calls[1].at.duration_since(calls[0].at) >= SignedDuration::from_millis(999));
    assert_eq!(hub.delivery(&number, "helpdesk").attempts, 0);
    hub.done(&[]).await;
}

#[tokio::test]
async fn what_fails_too_often_is_dead_and_can_be_seen() {
    let hub = TestHub::start_with(|config| config.retry.attempts_max = 3).await;
    hub.fail(System::Helpdesk, [answer(CREATE_CLAIM, 503, json!({}), ALWAYS)]);
    let number = hub.client().post_claim(&claim(), 201).await.number();
    hub.settled(&["helpdesk dead H0409", "sociomile waiting"]).await;
    assert_eq!(hub.posts(System::Helpdesk).len(), 3);
    let ledger = list(hub.store(), &Filter::default(), SystemClock.now()).unwrap();
    assert_eq!(ledger.len(), 1);
    assert_eq!((&ledger[0].ticket, &*ledger[0].adapter), (&number, "helpdesk"));
    let words = ledger[0].words.as_deref().unwrap();
    assert!(words.starts_with("given up after 3 attempts; the last: unavailable (503)"), "{words}");
    hub.done(&["helpdesk dead H0409", "sociomile waiting"]).await;
}

#[tokio::test]
async fn an_operation_may_have_a_policy_of_its_own_which_comes_before_the_adapters() {
    let hub = TestHub::start_with(|config| {
        config.retry.attempts_max = 9;
        let section = config.adapters.entry("helpdesk".to_owned()).or_default();
        section.retry.attempts_max = Some(3);
        let retry = RetryOverride { attempts_max: Some(2), ..RetryOverride::default() };
        let own = OperationSection { retry, ..OperationSection::default() };
        section.operations.insert("create_claim".to_owned(), own);
    })
    .await;
    let fails = [CREATE_CLAIM, CREATE_TICKET].map(|create| answer(create, 503, json!({}), ALWAYS));
    hub.fail(System::Helpdesk, fails);
    let client = hub.client();
    let claim = client.post_claim(&claim(), 201).await.number();
    let ticket = client.post_ticket(&ticket(), 201).await.number();
    hub.settled(&["helpdesk dead H0409", "sociomile waiting", "helpdesk dead H0409"]).await;
    for (number, attempts) in [(claim, 2), (ticket, 3)] {
        let words = hub.delivery(&number, "helpdesk").words.unwrap();
        assert!(words.starts_with(&format!("given up after {attempts} attempts")), "{words}");
    }
    hub.done(&["helpdesk dead H0409", "sociomile waiting", "helpdesk dead H0409"]).await;
}

#[tokio::test]
async fn what_is_to_be_tried_again_is_tried_again_after_a_restart() {
    let mut hub = TestHub::start().await;
    hub.fail(System::Helpdesk, [answer(CREATE_CLAIM, 503, json!({}), ALWAYS)]);
    hub.fail(System::Webhook, [answer("/webhook", 503, json!({}), ALWAYS)]);
    let number = hub.client().post_claim(&claim(), 201).await.number();
    hub.until(|hub| hub.delivery(&number, "helpdesk").attempts > 2).await;
    hub.restart().await;
    assert!(hub.delivery(&number, "helpdesk").attempts > 2);
    assert_eq!(hub.delivery(&number, "sociomile").state, "waiting");
    hub.fail(System::Helpdesk, []);
    hub.settled(&[]).await;
    assert_eq!((hub.helpdesk_tickets().len(), hub.sandbox.sociomile_tickets().len()), (1, 1));
    hub.done(&[]).await;
}

#[tokio::test]
async fn deliveries_to_a_system_without_an_address_wait_for_it() {
    let mut hub = TestHub::start_with(|config| {
        config.adapters.get_mut("helpdesk").unwrap().base_url = None;
    })
    .await;
    let number = hub.client().post_ticket(&phone_call(), 201).await.number();
    hub.settled(&["helpdesk due"]).await;
    let address = hub.sandbox.base_url(System::Helpdesk);
    hub.reconfigure(|config| {
        config.adapters.get_mut("helpdesk").unwrap().base_url = Some(address);
    })
    .await;
    hub.settled(&[]).await;
    assert_eq!(hub.delivery(&number, "helpdesk").attempts, 0);
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_system_that_never_answers_delays_nobody_else() {
    let hub = TestHub::start_with(|config| {
        config.adapters.get_mut("sociomile").unwrap().timeout.0 = Duration::from_secs(3);
    })
    .await;
    hub.fail(System::Sociomile, [fault(CREATE_AT_SOCIOMILE, What::Hang, ALWAYS)]);
    let client = hub.client();
    let first = client.post_ticket(&phone_call(), 201).await.number();
    let hangs = |hub: &TestHub| hub.posts(System::Sociomile).len() == 1;
    hub.until(hangs).await;
    let other = client.post_claim(&claim(), 201).await.number();
    let is_delivered =
        |hub: &TestHub, number: &str| hub.delivery(number, "helpdesk").state == "delivered";
    hub.until(|hub| is_delivered(hub, &first) && is_delivered(hub, &other)).await;
    assert_eq!(hub.delivery(&first, "sociomile").state, "in_flight");
    hub.done(&["sociomile held H0407", "sociomile held H0407"]).await;
}
