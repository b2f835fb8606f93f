//! Receivers of webhooks that never answer, or late, beside one that does: the real hub, three receivers.

use std::time::Duration;

use jiff::Timestamp;
use omnihub_sandbox::{FaultRule, Received, Sandbox, System, What};
use serde_json::{Value, json};

use super::harness::{Home, OPEN_DOOR, client, post, until};
use super::{load, upstreams};

const PATIENCE: Duration = Duration::from_secs(60);

/// Tickets of each receiver.
const TICKETS: usize = 12;

/// Each answer of the slow one.
const SLOW_MS: u64 = 500;

/// Longer than the test: what waits for the one that never answers is still waiting at its end.
const SETTINGS: &str =
    "[webhooks]\nallow_hosts = [\"127.0.0.1\"]\n[adapters.webhook]\ntimeout = \"5m\"\n";

/// A receiver that does this to every call, at a port of its own.
async fn receiver(what: Option<What>) -> Sandbox {
    let sandbox = upstreams::start(([127, 0, 0, 1], 0).into()).await;
    sandbox.set_faults(System::Webhook, what.map(FaultRule::new).into_iter().collect());
    sandbox
}

fn ticket(receiver: &Sandbox, reference: &str) -> Value {
    let mut ticket = load::ticket(reference);
    let url = format!("{}/webhook/{reference}", receiver.base_url(System::Webhook));
    ticket["integration"]["webhookUrl"] = json!(url);
    ticket
}

/// What a receiver was told of the creation of tickets.
fn told(receiver: &Sandbox) -> Vec<Received> {
    let calls = receiver.received(System::Webhook).into_iter();
    calls.filter(|call| call.json().is_some_and(|it| it["event"] == "TICKET_CREATED")).collect()
}

fn last(calls: &[Received]) -> Timestamp {
    calls.iter().map(|call| call.at).max().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_never_answers_and_a_slow_one_delay_nobody_elses_events() {
    let never = receiver(Some(What::Hang)).await;
    let slow = receiver(Some(What::Delay(SLOW_MS))).await;
    let quick = receiver(None).await;
    let home = Home::new(&(OPEN_DOOR.to_owned() + SETTINGS));
    let key = home.key("portal").await;
    let hub = home.serve().await;
    let (client, to) = (client(), (hub.address, &*key));
    // Whoever waits for the last of the quick one's would wait for all that was posted before it.
    for at in 0..TICKETS {
        for (name, receiver) in [("never", &never), ("slow", &slow), ("quick", &quick)] {
            let ticket = ticket(receiver, &format!("{name}-{at}"));
            let (status, answer) = post(&client, to, "tickets", &ticket).await.unwrap();
            assert_eq!(status, 201, "{answer}");
        }
    }
    let all = async |receiver: &Sandbox| (told(receiver).len() == TICKETS).then_some(());
    until("the quick one has everything", PATIENCE, async || all(&quick).await).await;
    until("the slow one has everything", PATIENCE, async || all(&slow).await).await;
    assert!(last(&told(&quick)) < last(&told(&slow)), "the quick one waited for the slow one");
    // A quarter of what may be under way at once, and not one of them is over.
    let hanging = told(&never);
    assert!((1..=4).contains(&hanging.len()), "{} calls", hanging.len());
    assert!(hanging.iter().all(|call| call.status.is_none()), "none was answered");
    let refs = told(&quick).into_iter().map(|call| call.path().to_owned());
    let expected: Vec<_> = (0..TICKETS).map(|at| format!("/webhook/quick-{at}")).collect();
    let mut refs: Vec<_> = refs.collect();
    refs.sort_by_key(|path| path.rsplit('-').next().and_then(|at| at.parse::<usize>().ok()));
    assert_eq!(refs, expected, "each once");
    // It would wait for what never ends.
    hub.kill();
}
