//! Fifty identical requests at once, again and again, and a SIGKILL in the middle of one round.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::join_all;
use futures_util::stream::FuturesUnordered;
use serde_json::Value;

use super::harness::{Home, OPEN_DOOR, client, post, say, until};
use super::{count, load, upstreams};

/// Identical requests at once.
const TWINS: usize = 50;

/// How often.
const ROUNDS: usize = 10;

/// The round in which the hub is killed.
const KILLED: usize = 5;

/// Longest wait for a ticket to reach the helpdesk.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn fifty_identical_requests_are_one_ticket_each_time_also_when_the_hub_is_killed() {
    let sandbox = upstreams::start(([127, 0, 0, 1], 0).into()).await;
    let home = Home::new(&(OPEN_DOOR.to_owned() + &upstreams::both(&sandbox)));
    let key = home.key("portal").await;
    let mut hub = home.serve().await;
    for round in 1..=ROUNDS {
        let body = load::ticket(&format!("TWIN-{round}"));
        let to = (hub.address, &*key);
        let mut answers = Vec::new();
        if round == KILLED {
            let client = client();
            let mut under_way: FuturesUnordered<_> =
                (0..TWINS).map(|_| post(&client, to, "tickets", &body)).collect();
            // The first answer says that the ticket is kept; most of the others are still to come.
            answers.extend(under_way.next().await.map(Result::unwrap));
            hub.kill();
            answers
                .extend(under_way.filter_map(async |answer| answer.ok()).collect::<Vec<_>>().await);
            say(&format!("  killed: {} of {TWINS} were answered", answers.len()));
            hub = home.serve().await;
        }
        let to = (hub.address, &*key);
        // Clients that got no answer do what the documents allow: they ask again.
        answers.extend(twins(TWINS - answers.len(), to, &body).await);
        assert_eq!(answers.len(), TWINS);
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
        assert_eq!(answers[0].0, 201);
    }
    // It is leased after all others: once it is there, nothing else is still to come.
    twins(1, (hub.address, &key), &load::ticket("LAST")).await;
    let all_there = async || (sandbox.helpdesk_tickets().len() > ROUNDS).then_some(());
    until("every ticket is at the helpdesk", PATIENCE, all_there).await;
    assert_eq!(sandbox.helpdesk_tickets().len(), ROUNDS + 1, "one ticket a round, and the last");
    assert_eq!(count::doubled_references(&sandbox), Vec::<String>::new());
}

/// Posts the same ticket so many times at once; gives the answers that came.
async fn twins(count: usize, to: (SocketAddr, &str), body: &Value) -> Vec<(u16, Value)> {
    let client = client();
    let answers = join_all((0..count).map(|_| post(&client, to, "tickets", body))).await;
    answers.into_iter().filter_map(Result::ok).collect()
}
