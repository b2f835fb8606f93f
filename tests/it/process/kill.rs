//! SIGKILL at random moments, under load.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use omnihub::clock::{Clock, SystemClock};
use omnihub_sandbox::{Received, Sandbox, System};

use super::count::{self, Count};
use super::harness::{Home, OPEN_DOOR, Random, Running, client, is_long, post, say, ticket, until};
use super::load::{self, Acknowledged, Load};
use super::{stop, upstreams};

/// How often the hub is killed.
const KILLS: usize = 3;
const KILLS_LONG: usize = 25;

/// Work that was in flight has to be on its way again in this time after the start.
const RESUMED_MAX: Duration = Duration::from_secs(2);

/// Longest wait for a call that should have been there within [`RESUMED_MAX`].
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn kills_under_load_lose_nothing_and_double_nothing() {
    let kills = if is_long() { KILLS_LONG } else { KILLS };
    let mut random = Random::start("SIGKILL under load");
    let sandbox = upstreams::start(([127, 0, 0, 1], 0).into()).await;
    upstreams::delay(&sandbox, random.below(1 << 32));
    let home = Home::new(&(OPEN_DOOR.to_owned() + &upstreams::both(&sandbox)));
    let key = home.key("load").await;
    let load = Load::start(&key);
    let mut hub = home.serve().await;
    let (mut cut, mut seen) = (Cut::default(), 0);
    for kill in 1..=kills {
        load.point_at(hub.address);
        let calls = sandbox.received_total(System::Helpdesk);
        let called = async || (sandbox.received_total(System::Helpdesk) > calls).then_some(());
        until("the helpdesk is called", PATIENCE, called).await;
        let moment = random.moment(0, 900);
        tokio::time::sleep(moment).await;
        hub.kill();
        load.pause();
        let now = Cut::take(&sandbox, seen);
        // One time in four it is killed again while it picks up what the first kill cut.
        if random.below(4) == 0 {
            let again = home.serve().await;
            tokio::time::sleep(random.moment(0, 60)).await;
            again.kill();
        }
        let started = SystemClock.now();
        hub = home.serve().await;
        let resumed = resumed(&home, &sandbox, &now, started).await;
        seen = sandbox.received_total(System::Helpdesk);
        say(&format!(
            "  kill {kill} of {kills} after {moment:?} of load: {} claims and {} tickets were in flight; {resumed}",
            now.claims.len(),
            now.tickets.len(),
        ));
        cut.claims.extend(now.claims);
        cut.tickets.extend(now.tickets);
    }
    load.point_at(hub.address);
    let told = load.finish().await;
    let count = settle(&home, &sandbox, (hub, &key), told.acknowledged).await;
    say(&format!("  {} posts not answered, {} of them under way", told.unanswered, told.cut_off));
    check(&count, &cut, &sandbox, kills);
}

/// What the helpdesk was working on when the hub was killed, so that the hub cannot know its outcome.
#[derive(Default)]
struct Cut {
    /// Claims by the hub's number.
    claims: BTreeSet<String>,
    /// Tickets by the reference that the hub gives them in the helpdesk.
    tickets: BTreeSet<String>,
}

impl Cut {
    /// Takes note, and forgets all calls until now. Calls that were there when the hub had resumed are
    /// of an earlier life, and long since asked after.
    fn take(sandbox: &Sandbox, seen: u64) -> Self {
        let mut cut = Self::default();
        let calls = sandbox.received(System::Helpdesk);
        sandbox.clear_received(System::Helpdesk);
        let unanswered =
            |call: &&Received| call.seq > seen && call.method == "POST" && call.status.is_none();
        for body in calls.iter().filter(unanswered).filter_map(Received::json) {
            match body["channelReferenceId"].as_str() {
                Some(reference) => drop(cut.tickets.insert(reference.to_owned())),
                None => {
                    cut.claims.extend(body["description"].as_str().and_then(count::claim_number))
                }
            }
        }
        cut
    }
}

/// Waits until all that was in flight is on its way again: tickets are told to the helpdesk again,
/// claims, which can be neither repeated nor looked up, are listed as held. Says how soon that was.
async fn resumed(home: &Home, sandbox: &Sandbox, cut: &Cut, started: Timestamp) -> String {
    let since = |at: Timestamp| Duration::try_from(at.duration_since(started)).ok();
    let told = until("every cut ticket is told again", PATIENCE, async || {
        let mut missing = cut.tickets.clone();
        let calls = sandbox.received(System::Helpdesk);
        let again =
            calls.iter().filter(|call| reference(call).is_some_and(|of| missing.remove(&of)));
        let last = again.filter_map(|call| since(call.at)).max();
        missing.is_empty().then(|| last.unwrap_or_default())
    })
    .await;
    let held = until("every cut claim is listed as held", PATIENCE, async || {
        let held = count::held(&count::listed(home).await, &["helpdesk"]);
        held.is_superset(&cut.claims).then(|| since(SystemClock.now()).unwrap_or_default())
    })
    .await;
    assert!(told <= RESUMED_MAX && held <= RESUMED_MAX, "{told:?} {held:?}");
    let (told, held) = (told.as_millis(), held.as_millis());
    format!(
        "after the start, tickets were told again within {told} ms and claims listed within {held} ms"
    )
}

/// The reference that the hub gives a ticket in the helpdesk.
fn reference(call: &Received) -> Option<String> {
    Some(call.json()?["channelReferenceId"].as_str()?.to_owned())
}

/// Waits until everything landed, sends a last claim after it, stops the hub, and counts.
pub(super) async fn settle(
    home: &Home,
    sandbox: &Sandbox,
    (hub, key): (Running, &str),
    mut acknowledged: Vec<Acknowledged>,
) -> Count {
    count::settled(home, sandbox, &acknowledged).await;
    let client = client();
    // It is leased after all others: once it is everywhere, nothing else is still to come.
    let (_, last) =
        post(&client, (hub.address, key), "claims", &load::claim("LAST")).await.unwrap();
    let number = last["ticketNumber"].as_str().unwrap().to_owned();
    acknowledged.push(Acknowledged { is_claim: true, is_disputed: true, number });
    count::settled(home, sandbox, &acknowledged).await;
    for acknowledged in &acknowledged {
        let (status, shown) = ticket(&client, (hub.address, key), &acknowledged.number).await;
        assert_eq!(status, 200, "{shown}");
        assert_eq!(shown["metadata"]["numbers"]["hub"].as_str(), Some(&*acknowledged.number));
    }
    stop::terminate(hub).await;
    let count = count::now(home, sandbox, &acknowledged).await;
    let claims = acknowledged.iter().filter(|acknowledged| acknowledged.is_claim).count();
    say(&format!("  {} acknowledged, {claims} of them claims", acknowledged.len()));
    count
}

fn check(count: &Count, cut: &Cut, sandbox: &Sandbox, kills: usize) {
    say(&format!("  BSG Helpdesk: {}", count.helpdesk.text()));
    say(&format!("  Sociomile:    {}", count.sociomile.text()));
    let listed = count::held(&count.listed, &["helpdesk"]);
    say(&format!(
        "  {} claims listed as held, {} in flight at a kill",
        listed.len(),
        cut.claims.len()
    ));
    for tally in [&count.helpdesk, &count.sociomile] {
        assert_eq!((&tally.lost, &tally.doubled), (&Vec::new(), &Vec::new()));
    }
    assert_eq!(count::doubled_references(sandbox), Vec::<String>::new());
    for delivery in &count.listed {
        // Only what can neither be repeated nor looked up, and only because a kill cut it.
        assert_eq!((&delivery["state"], &delivery["code"]), (&"held".into(), &"H0407".into()));
        let operation = delivery["operation"].as_str().unwrap();
        assert!(["create_claim", "create_helpdesk"].contains(&operation), "{delivery}");
    }
    let unlisted: Vec<_> = cut.claims.difference(&listed).collect();
    assert_eq!(unlisted, Vec::<&String>::new(), "cut claims that were sent again");
    let in_flight_max = 2 * kills * upstreams::CONCURRENCY;
    assert!(listed.len() <= in_flight_max, "{} of at most {in_flight_max}", listed.len());
}
