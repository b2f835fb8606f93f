//! What waits for a person, and what becomes of it when one decides.

use omnihub::adapters;
use omnihub::clock::{Clock, SystemClock};
use omnihub::operate::decisions::{Asked, DecisionError, What, decide};
use omnihub::operate::deliveries::{Filter, list};
use omnihub_sandbox::{System, What as Happens};
use serde_json::json;

use super::{ALWAYS, CREATE_CLAIM, claim_of};
use crate::hub::samples::claim;
use crate::hub::{TestHub, answer, fault};

const HELD: [&str; 2] = ["helpdesk held H0407", "sociomile waiting"];
const DEAD: [&str; 2] = ["helpdesk dead H0401", "sociomile waiting"];

async fn ask(hub: &TestHub, id: &str, what: What) -> Result<(), DecisionError> {
    let (by, reason) = ("siti".to_owned(), "seen at the helpdesk".to_owned());
    let asked = Asked { id: id.to_owned(), what, by, reason };
    decide(hub.store(), adapters::gives, asked).await
}

fn delivered(pairs: &[(&str, &str)]) -> What {
    What::Delivered(pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect())
}

/// A hub with a held claim: its number, and its delivery's id.
async fn with_held_claim() -> (TestHub, String, String) {
    let hub = TestHub::start().await;
    hub.fail(System::Helpdesk, [fault(CREATE_CLAIM, Happens::DropAfter, 1)]);
    let number = hub.client().post_claim(&claim(), 201).await.number();
    hub.settled(&HELD).await;
    let id = hub.delivery(&number, "helpdesk").id;
    (hub, number, id)
}

#[tokio::test]
async fn a_held_claim_that_arrived_is_settled_with_what_the_helpdesk_gave() {
    let (mut hub, number, id) = with_held_claim().await;
    let there = hub.helpdesk_tickets()[0].clone();
    let gave = [("ticketNumber", there.number.as_str()), ("ticketId", there.id.as_str())];
    ask(&hub, &id, delivered(&gave)).await.unwrap();
    // What waited for its number goes on, the ticket is found by it, and nothing is told twice.
    hub.settled(&[]).await;
    hub.restart().await;
    let shown = hub.client().show(&there.number, 200).await.json();
    assert_eq!(shown["metadata"]["numbers"], json!({ "hub": number, "helpdesk": there.number }));
    assert_eq!(hub.helpdesk_tickets().len(), 1);
    assert_eq!(hub.posts(System::Sociomile).len(), 1);
    let decided = &hub.record(&number).state.decisions[0];
    let said = (&*decided.what, &*decided.by, &*decided.reason, decided.delivery);
    assert_eq!(said, ("delivered", "siti", "seen at the helpdesk", Some(1)));
    assert!(list(hub.store(), &Filter::default(), SystemClock.now()).unwrap().is_empty());
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_held_claim_that_did_not_arrive_goes_again() {
    let hub = TestHub::start().await;
    hub.fail(System::Helpdesk, [answer(CREATE_CLAIM, 502, json!("<html>"), 1)]);
    let number = hub.client().post_claim(&claim(), 201).await.number();
    hub.settled(&HELD).await;
    let id = hub.delivery(&number, "helpdesk").id;
    ask(&hub, &id, What::Again).await.unwrap();
    hub.settled(&[]).await;
    assert_eq!((hub.helpdesk_tickets().len(), hub.posts(System::Sociomile).len()), (1, 1));
    hub.done(&[]).await;
}

#[tokio::test]
async fn dead_ones_go_again_in_their_order_and_the_rest_follows() {
    let mut hub = TestHub::start().await;
    let refusal = json!({ "error": "Validation failed", "status": 400 });
    hub.fail(System::Helpdesk, [answer("namaNasabah=Budi", 400, refusal, ALWAYS)]);
    let number = hub.client().post_claim(&claim_of("Budi"), 201).await.number();
    let comment = json!({ "action": "ADD_COMMENT", "comment": "any news?" });
    let path = format!("/api/omnichannel/tickets/{number}");
    hub.settled(&DEAD).await;
    hub.client().call(http::Method::PATCH, &path, Some(comment.to_string().into()), 200).await;
    let waiting = ["helpdesk dead H0401", "helpdesk waiting", "sociomile waiting"];
    hub.settled(&waiting).await;
    hub.restart().await;
    hub.fail(System::Helpdesk, []);
    ask(&hub, &hub.deliveries(&number, "helpdesk")[0].id.clone(), What::Again).await.unwrap();
    hub.settled(&[]).await;
    let there = hub.helpdesk_tickets();
    assert_eq!((there.len(), there[0].comments.len()), (1, 1));
    hub.done(&[]).await;
}

#[tokio::test]
async fn what_is_given_up_takes_along_what_waited_for_its_receipts() {
    let (hub, number, id) = with_held_claim().await;
    ask(&hub, &id, What::Discarded).await.unwrap();
    let given_up = ["helpdesk discarded H0701", "sociomile discarded H0701"];
    hub.settled(&given_up).await;
    let words = hub.delivery(&number, "helpdesk").words.unwrap();
    assert_eq!(words, "discarded by siti: seen at the helpdesk");
    hub.done(&given_up).await;
}

#[tokio::test]
async fn a_decision_that_makes_no_sense_is_refused_in_words() {
    let (hub, number, id) = with_held_claim().await;
    let refused = async |id: &str, what| ask(&hub, id, what).await.unwrap_err().to_string();
    assert!(refused("x", What::Again).await.contains("`x` is no delivery"));
    assert!(refused("1-1", What::Again).await.contains("there is no delivery 1-1"));
    let waiting = hub.delivery(&number, "sociomile").id;
    assert!(refused(&waiting, What::Again).await.contains("is waiting: only held and dead"));
    for values in [vec![], vec![("ticketNumber", "1446")], vec![("number", "1"), ("ticketId", "2")]]
    {
        let words = refused(&id, delivered(&values)).await;
        assert!(words.contains("--delivered ticketId=… --delivered ticketNumber=…"), "{words}");
    }
    hub.done(&HELD).await;
}
