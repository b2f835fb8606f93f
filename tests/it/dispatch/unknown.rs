//! Calls of which nobody knows whether they arrived: never a second ticket.

use std::collections::BTreeSet;

use omnihub::config::{OnUnknown, OperationSection};
use omnihub_sandbox::{FaultRule, System, What};
use serde_json::json;

use super::{ALWAYS, CREATE_CLAIM, CREATE_TICKET, claim_of};
use crate::hub::samples::{claim, ticket};
use crate::hub::{TestHub, answer, fault};

const UNDELIVERED: [&str; 2] = ["helpdesk held H0407", "sociomile waiting"];

#[tokio::test]
async fn a_claim_whose_answer_was_lost_is_held_and_never_made_twice() {
    let mut hub = TestHub::start().await;
    hub.fail(System::Helpdesk, [fault(CREATE_CLAIM, What::DropAfter, 1)]);
    let number = hub.client().post_claim(&claim_of("Budi"), 201).await.number();
    hub.settled(&UNDELIVERED).await;
    let held = hub.delivery(&number, "helpdesk");
    let words = held.words.as_deref().unwrap();
    assert!(words.contains("may have arrived"), "{words}");
    // A restart, and other work, change nothing.
    hub.restart().await;
    hub.client().post_claim(&claim_of("Siti"), 201).await;
    hub.settled(&UNDELIVERED).await;
    let calls = hub.posts(System::Helpdesk);
    assert_eq!(calls.iter().filter(|call| call.contains("Budi")).count(), 1);
    assert_eq!(hub.helpdesk_tickets().len(), 2);
    // A person finds it by the hub's number in its text.
    assert!(hub.helpdesk_tickets()[0].description.contains(&number));
    hub.done(&UNDELIVERED).await;
}

#[tokio::test]
async fn answers_that_do_not_say_what_happened_hold_a_claim_too() {
    for (status, body) in [
        (500, json!({ "error": "duplicate key value (Ahmad Suryanto)", "status": 500 })),
        (502, json!("<html>Bad Gateway</html>")),
        (504, json!("")),
        (200, json!("<html>Selamat datang, Ahmad Suryanto</html>")),
        (201, json!({ "success": true })),
    ] {
        let hub = TestHub::start().await;
        hub.fail(System::Helpdesk, [answer(CREATE_CLAIM, status, body, ALWAYS)]);
        let number = hub.client().post_claim(&claim(), 201).await.number();
        hub.settled(&UNDELIVERED).await;
        assert_eq!(hub.posts(System::Helpdesk).len(), 1, "{status}");
        let words = hub.delivery(&number, "helpdesk").words.unwrap();
        assert!(!words.contains("Suryanto"), "{words}");
        hub.done(&UNDELIVERED).await;
    }
}

#[tokio::test]
async fn who_prefers_a_duplicate_to_a_held_claim_may_say_so() {
    let hub = TestHub::start_with(|config| {
        let section = config.adapters.get_mut("helpdesk").unwrap();
        let retry =
            OperationSection { on_unknown: OnUnknown::Retry, ..OperationSection::default() };
        section.operations.insert("create_claim".to_owned(), retry);
    })
    .await;
    hub.fail(System::Helpdesk, [fault(CREATE_CLAIM, What::DropAfter, 1)]);
    hub.client().post_claim(&claim(), 201).await;
    hub.settled(&[]).await;
    assert_eq!(hub.helpdesk_tickets().len(), 2);
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_ticket_whose_answer_was_lost_is_sent_again_and_recognised() {
    let hub = TestHub::start().await;
    let rules = [
        fault(CREATE_TICKET, What::DropAfter, 1),
        answer(CREATE_TICKET, 502, json!("<html>Bad Gateway</html>"), 1),
    ];
    hub.fail(System::Helpdesk, rules);
    let number = hub.client().post_ticket(&ticket(), 201).await.number();
    hub.settled(&[]).await;
    let calls = hub.posts(System::Helpdesk);
    let request_ids: BTreeSet<String> = calls
        .iter()
        .map(|call| call.json().unwrap()["integration"]["requestId"].to_string())
        .collect();
    assert_eq!((calls.len(), request_ids.len()), (3, 1));
    assert_eq!(hub.helpdesk_tickets().len(), 1);
    let given = hub.record(&number).state.receipts;
    assert_eq!(given.find("helpdesk", "ticketNumber"), Some(&*hub.helpdesk_tickets()[0].number));
    assert_eq!(hub.delivery(&number, "helpdesk").attempts, 2);
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_connection_that_closes_unread_makes_no_second_claim_whatever_the_transport_says_of_it() {
    let hub = TestHub::start().await;
    let every_other =
        FaultRule::new(What::DropBefore).on(CREATE_CLAIM).every(2.try_into().unwrap());
    hub.fail(System::Helpdesk, [every_other]);
    let mut numbers = Vec::new();
    for name in ["Adi", "Budi", "Citra", "Dewi", "Eko", "Fajar"] {
        numbers.push(hub.client().post_claim(&claim_of(name), 201).await.number());
    }
    let states = |hub: &TestHub| -> Vec<String> {
        numbers.iter().map(|number| hub.delivery(number, "helpdesk").state).collect()
    };
    let is_over = |state: &String| state == "delivered" || state == "held";
    hub.until(|hub| states(hub).iter().all(is_over)).await;
    let delivered = states(&hub).iter().filter(|state| *state == "delivered").count();
    let made: Vec<_> = hub.helpdesk_tickets().into_iter().map(|t| t.customer_name).collect();
    assert_eq!(made.len(), delivered, "{made:?}");
    assert_eq!(made.iter().collect::<BTreeSet<_>>().len(), delivered, "{made:?}");
    assert!((3..6).contains(&delivered), "{delivered}");
    hub.done_early().await;
}

#[tokio::test]
async fn a_connection_that_closes_unread_delays_a_ticket_only() {
    let hub = TestHub::start().await;
    hub.fail(System::Helpdesk, [fault(CREATE_TICKET, What::DropBefore, 3)]);
    hub.client().post_ticket(&ticket(), 201).await;
    hub.settled(&[]).await;
    assert_eq!(hub.helpdesk_tickets().len(), 1);
    hub.done(&[]).await;
}
