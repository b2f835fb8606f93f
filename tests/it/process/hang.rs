//! A system that hangs on every call, beside one that does not. The exact form is in the simulation.

use std::net::SocketAddr;
use std::time::Duration;

use omnihub::clock::{Clock, SystemClock};
use omnihub_sandbox::{FaultRule, Sandbox, System, What};

use super::harness::{Home, OPEN_DOOR, client, post, say, until};
use super::{count, load, upstreams};

/// Claims of which the latency is measured.
const CLAIMS: usize = 150;

/// Between two claims: a quarter of what the hub can do, so that nothing queues.
const PACE: Duration = Duration::from_millis(40);

/// Longer than all of them take.
const TIMEOUT: &str = "timeout = \"10s\"\n";

/// How many times later the others may be told, on a machine that does other things too; and what
/// less than which is no difference.
const RATIO_MAX: u32 = 3;
const NOISE: Duration = Duration::from_millis(20);

const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn while_sociomile_hangs_on_every_call_the_helpdesk_is_told_as_soon_as_ever() {
    let sandbox = upstreams::start(([127, 0, 0, 1], 0).into()).await;
    let settings = upstreams::both(&sandbox) + TIMEOUT;
    let home = Home::new(&(OPEN_DOOR.to_owned() + &settings));
    let key = home.key("portal").await;
    let hub = home.serve().await;
    let as_ever = latency(&sandbox, (hub.address, &key), "BEFORE").await;
    sandbox.set_faults(System::Sociomile, vec![FaultRule::new(What::Hang)]);
    let beside = latency(&sandbox, (hub.address, &key), "BESIDE").await;
    let hanging = sandbox.received(System::Sociomile);
    let hanging = hanging.iter().filter(|call| call.status.is_none()).count();
    say(&format!(
        "median until the helpdesk is told: {as_ever:?}, and {beside:?} while Sociomile hangs"
    ));
    assert_eq!(hanging, upstreams::CONCURRENCY, "as many as it may be called at once");
    assert!(beside <= as_ever * RATIO_MAX + NOISE, "{beside:?} instead of {as_ever:?}");
}

/// Posts claims, and gives the median of the times from the post to the helpdesk's call.
async fn latency(sandbox: &Sandbox, hub: (SocketAddr, &str), prefix: &str) -> Duration {
    let client = client();
    let mut pace = tokio::time::interval(PACE);
    let mut posted = Vec::new();
    for count in 0..CLAIMS {
        pace.tick().await;
        let at = SystemClock.now();
        let claim = load::claim(&format!("{prefix}-{count}"));
        let (status, answer) = post(&client, hub, "claims", &claim).await.unwrap();
        assert_eq!(status, 201, "{answer}");
        posted.push((answer["ticketNumber"].as_str().unwrap().to_owned(), at));
    }
    let mut took = until("the helpdesk was told of all", PATIENCE, async || {
        let calls = sandbox.received(System::Helpdesk);
        let called = |number: &str| {
            let is_meant = |text: &str| count::claim_number(text).as_deref() == Some(number);
            let is_about = |call: &&omnihub_sandbox::Received| {
                call.json().is_some_and(|body| body["description"].as_str().is_some_and(is_meant))
            };
            calls.iter().find(is_about).map(|call| call.at)
        };
        let took = posted.iter().map(|(number, at)| {
            let called = called(number)?;
            Some(Duration::try_from(called.duration_since(*at)).unwrap_or_default())
        });
        took.collect::<Option<Vec<_>>>()
    })
    .await;
    took.sort();
    took[took.len() / 2]
}
