//! A helpdesk that is down, and stays down over a restart of the hub.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use super::harness::{Home, OPEN_DOOR, client, post, say, until};
use super::load::{self, Acknowledged};
use super::{count, stop, upstreams};

/// Tried again so often that the test is quick, and never given up.
const RETRY: &str =
    "[retry]\ninitial = \"20ms\"\nmax_interval = \"200ms\"\nattempts_max = 1000000\n";

/// Pairs of a claim and a ticket.
const PAIRS: usize = 20;

const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn what_came_while_the_helpdesk_was_down_arrives_when_it_is_up_without_a_person() {
    let helpdesk = nobody_listens();
    let settings = upstreams::helpdesk(&format!("http://{helpdesk}"));
    let home = Home::new(&format!("{OPEN_DOOR}{RETRY}{settings}"));
    let key = home.key("portal").await;
    let hub = home.serve().await;
    let mut acknowledged = accept(&key, hub.address, "BEFORE").await;
    refused(&home, &acknowledged).await;
    stop::terminate(hub).await;
    let hub = home.serve().await;
    acknowledged.extend(accept(&key, hub.address, "AFTER").await);
    refused(&home, &acknowledged).await;
    let sandbox = upstreams::start(helpdesk).await;
    let count = count::settled(&home, &sandbox, &acknowledged).await;
    stop::terminate(hub).await;
    say(&format!("helpdesk down, hub restarted, helpdesk up: {}", count.helpdesk.text()));
    assert_eq!(count.helpdesk.arrived, 4 * PAIRS);
    assert_eq!(count.helpdesk.doubled, Vec::<String>::new());
    assert_eq!(count::listed(&home).await, Vec::<serde_json::Value>::new());
}

/// An address on which nobody listens until the sandbox does: below the ports that the system gives
/// to whoever asks for any.
fn nobody_listens() -> SocketAddr {
    let from = 20_000 + u16::try_from(std::process::id() % 10_000).unwrap();
    let ports = (from..from + 1_000).map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
    ports.into_iter().find(|address| TcpListener::bind(address).is_ok()).unwrap()
}

async fn accept(key: &str, address: SocketAddr, prefix: &str) -> Vec<Acknowledged> {
    let client = client();
    let mut acknowledged = Vec::new();
    for pair in 0..PAIRS {
        let reference = format!("{prefix}-{pair}");
        let bodies = [("claims", load::claim(&reference)), ("tickets", load::ticket(&reference))];
        for (path, body) in bodies {
            let (status, answer) = post(&client, (address, key), path, &body).await.unwrap();
            assert_eq!(status, 201, "{answer}");
            let number = answer["ticketNumber"].as_str().unwrap().to_owned();
            // Sociomile has no address in this test: what is for it waits.
            acknowledged.push(Acknowledged {
                is_claim: path == "claims",
                is_disputed: false,
                number,
            });
        }
    }
    acknowledged
}

/// Waits until the helpdesk was tried in vain, and is left alone for a while.
async fn refused(home: &Home, acknowledged: &[Acknowledged]) {
    let number = &acknowledged[0].number;
    until("the helpdesk was tried", PATIENCE, async || {
        let list = ["deliveries", "list", "--ticket", number, "--adapter", "helpdesk", "--json"];
        let listed = home.run(&list).await;
        let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
        let is_tried = listed[0]["attempts"].as_u64() > Some(0);
        (is_tried && listed[0]["code"] == "H0405").then_some(())
    })
    .await;
}
