//! Never more calls at once than an adapter's `concurrency` allows, and as many where there is work.

use futures_util::future::join_all;
use jiff::SignedDuration;
use omnihub_sandbox::{FaultRule, System, What};

use super::phone_call;
use crate::hub::TestHub;

/// How long each call takes: far longer than sending the next one.
const DELAY_MS: u64 = 300;

/// Checks that of the calls at a system, each of which took [`DELAY_MS`] from its arrival on, no more
/// than `most` overlapped, and that so many did.
#[track_caller]
fn check_overlap(hub: &TestHub, system: System, most: usize) {
    let delay = SignedDuration::from_millis(DELAY_MS.try_into().unwrap());
    let mut at: Vec<_> = hub.posts(system).iter().map(|call| call.at).collect();
    at.sort();
    for (earlier, later) in at.iter().zip(at.iter().skip(most)) {
        assert!(later.duration_since(*earlier) >= delay, "{} at once at {system}", most + 1);
    }
    assert!(at[most - 1].duration_since(at[0]) < delay, "fewer than {most} at once at {system}");
}

#[tokio::test]
async fn an_adapter_makes_as_many_calls_at_once_as_it_may_and_no_more() {
    let hub = TestHub::start_with(|config| {
        config.adapters.get_mut("sociomile").unwrap().concurrency = 3;
    })
    .await;
    for system in [System::Helpdesk, System::Sociomile] {
        hub.fail(system, [FaultRule::new(What::Delay(DELAY_MS)).on("POST /")]);
    }
    let client = hub.client();
    join_all((0..7).map(|_| async { client.post_ticket(&phone_call(), 201).await })).await;
    hub.settled(&[]).await;
    // As shipped: the helpdesk's numbers collide when it makes two tickets at once (domain 2.6).
    check_overlap(&hub, System::Helpdesk, 1);
    check_overlap(&hub, System::Sociomile, 3);
    hub.done(&[]).await;
}
