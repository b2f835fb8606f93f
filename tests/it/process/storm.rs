//! SIGKILL at random moments, while the helpdesk fails in every way at random.
//!
//! Whatever was acknowledged is there once when the storm is over, or is listed for a person.

use std::time::Duration;

use http::StatusCode;
use omnihub_sandbox::{FaultRule, Received, Sandbox, System, What};
use serde_json::json;

use super::count::{self, Count};
use super::harness::{Home, OPEN_DOOR, Random, is_long, say, until};
use super::load::Load;
use super::{kill, upstreams};

/// How often the hub is killed.
const ROUNDS: usize = 3;
const ROUNDS_LONG: usize = 12;

/// Tried again so often that the test is quick, and never given up.
const RETRY: &str =
    "[retry]\ninitial = \"20ms\"\nmax_interval = \"300ms\"\nattempts_max = 1000000\n";

/// What the hub waits for an answer of the helpdesk.
const TIMEOUT: &str = "timeout = \"600ms\"\n";

/// Calls of the helpdesk before a round may end: enough to meet most faults.
const CALLS: u64 = 60;

const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn kills_while_the_helpdesk_fails_at_random_lose_nothing_and_double_nothing() {
    let rounds = if is_long() { ROUNDS_LONG } else { ROUNDS };
    let mut random = Random::start("SIGKILL in a storm");
    let sandbox = upstreams::start(([127, 0, 0, 1], 0).into()).await;
    let url = |system| sandbox.base_url(system);
    let (helpdesk, sociomile) = (url(System::Helpdesk), url(System::Sociomile));
    let settings = upstreams::helpdesk(&helpdesk) + TIMEOUT + &upstreams::sociomile(&sociomile);
    let home = Home::new(&format!("{OPEN_DOOR}{RETRY}{settings}"));
    let key = home.key("load").await;
    let load = Load::start(&key);
    let mut hub = home.serve().await;
    for round in 1..=rounds {
        sandbox.set_faults(System::Helpdesk, storm(random.below(1 << 32)));
        load.point_at(hub.address);
        let calls = sandbox.received_total(System::Helpdesk) + CALLS;
        let called = async || (sandbox.received_total(System::Helpdesk) > calls).then_some(());
        until("the helpdesk is called", PATIENCE, called).await;
        let moment = random.moment(0, 900);
        tokio::time::sleep(moment).await;
        hub.kill();
        load.pause();
        say(&format!("  kill {round} of {rounds} after {CALLS} calls and {moment:?}"));
        hub = home.serve().await;
    }
    load.point_at(hub.address);
    let told = load.finish().await;
    let failed = failed(&sandbox);
    sandbox.set_faults(System::Helpdesk, Vec::new());
    let count = kill::settle(&home, &sandbox, (hub, &key), told.acknowledged).await;
    say(&format!("  {failed} calls of the helpdesk failed"));
    assert!(failed > rounds * 10, "{failed}");
    check(&count, &sandbox);
}

/// Everything that a helpdesk, or what stands before it, is known to do; two calls in five fail.
fn storm(seed: u64) -> Vec<FaultRule> {
    let page = |after| What::Status {
        status: StatusCode::BAD_GATEWAY,
        body: Some(json!("<html><h1>Bad Gateway</h1></html>")),
        headers: Vec::new(),
        after,
    };
    let broken = What::status(StatusCode::INTERNAL_SERVER_ERROR);
    let rules = [
        (What::Delay(20), 500),
        (broken, 60),
        (What::DropBefore, 60),
        (What::DropAfter, 60),
        (What::Hang, 20),
        // It does the work, but the hub no longer waits.
        (What::Delay(1_200), 20),
        (What::Throttle(1), 40),
        (page(true), 50),
        (page(false), 50),
        (What::status(StatusCode::SERVICE_UNAVAILABLE), 60),
    ];
    let rule = |(at, (what, in_a_thousand)): (u64, (What, u32))| {
        FaultRule::new(what).probability(f64::from(in_a_thousand) / 1000.0, seed + at)
    };
    (0..).zip(rules).map(rule).collect()
}

/// Creates of which the helpdesk did not say that they were done.
fn failed(sandbox: &Sandbox) -> usize {
    let is_failed = |call: &&Received| call.method == "POST" && call.status != Some(200);
    sandbox.received(System::Helpdesk).iter().filter(is_failed).count()
}

fn check(count: &Count, sandbox: &Sandbox) {
    say(&format!("  BSG Helpdesk: {}", count.helpdesk.text()));
    say(&format!("  Sociomile:    {}", count.sociomile.text()));
    for tally in [&count.helpdesk, &count.sociomile] {
        assert_eq!((&tally.lost, &tally.doubled), (&Vec::new(), &Vec::new()));
        assert_eq!(tally.owed, tally.arrived + tally.held.len() + tally.dead.len());
    }
    assert_eq!(count::doubled_references(sandbox), Vec::<String>::new());
    for delivery in &count.listed {
        // Of what cannot be repeated nobody knows whether it arrived; nothing else needs a person.
        assert_eq!((&delivery["state"], &delivery["code"]), (&"held".into(), &"H0407".into()));
        let operation = delivery["operation"].as_str().unwrap();
        assert!(["create_claim", "create_helpdesk"].contains(&operation), "{delivery}");
    }
}
