//! Systems that show another status than the hub are found, with the reason, and told once more.

use omnihub::sync::drift::{Drift, Looking};

use super::{delivered_claim, receipt, sociomile_says};
use crate::hub::TestHub;

async fn drifted(hub: &TestHub, mend: bool) -> Vec<Drift> {
    hub.ears().drift(Looking { limit: 100, mend }).await.unwrap()
}

#[tokio::test]
async fn a_system_that_disagrees_is_found_and_told_again_and_then_agrees() {
    let hub = TestHub::start().await;
    let number = delivered_claim(&hub).await;
    assert_eq!(drifted(&hub, false).await, []);
    sociomile_says(&hub, &number, "Close").await;
    hub.settled(&[]).await;
    assert_eq!(drifted(&hub, false).await, [], "what it says is what the hub has");
    let there = receipt(&hub, &number, "sociomile", "ticketId");
    assert!(hub.sandbox.act_in_sociomile(&there, "Open"));
    sociomile_says(&hub, &number, "Open").await;
    let found = drifted(&hub, false).await;
    let [drift] = &found[..] else { panic!("{found:?}") };
    assert_eq!((&*drift.ticket, drift.adapter.as_str()), (&*number, "sociomile"));
    assert_eq!((drift.should_show.as_deref(), &*drift.shows), (Some("Close"), "Open"));
    assert_eq!(drift.why, "sociomile says so since it was last told");
    assert!(drifted(&hub, true).await[0].is_mended);
    hub.settled(&[]).await;
    assert_eq!(hub.sandbox.sociomile_tickets()[0].status, "Close");
    assert_eq!(drifted(&hub, false).await, []);
    hub.done(&[]).await;
}
