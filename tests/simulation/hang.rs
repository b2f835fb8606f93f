//! A system that hangs on every call, beside others that do not.

use std::collections::BTreeMap;
use std::time::Duration;

use omnihub_contract::DeliveryId;
use tokio::time::sleep;

use super::run::{Run, in_memory};

const HANGS: Duration = Duration::from_secs(300);

/// Tickets of each client: some ten minutes of posting.
const TICKETS: u64 = 20;

/// When each delivery of the others was done.
type Moments = BTreeMap<(&'static str, DeliveryId), u128>;

/// Posts, and says when the systems but this one were told; `does_hang` says whether it hangs.
async fn told(system: &'static str, does_hang: bool) -> Moments {
    let mut run = Run::start(7, in_memory(), TICKETS);
    {
        let mut known = run.ground.world.known();
        known.weather.clear();
        known.weather.hangs = does_hang.then_some((system, HANGS));
    }
    while let Some(client) = run.clients.join_next().await {
        client.unwrap();
    }
    sleep(HANGS).await;
    let mut known = run.ground.world.known();
    assert!(known.violations.is_empty(), "{:?}", known.violations);
    let mut moments = std::mem::take(&mut known.moments);
    let count = moments.len();
    moments.retain(|(told, _), _| *told != system);
    assert_eq!(count == moments.len(), does_hang, "{system}");
    moments
}

#[tokio::test(start_paused = true)]
async fn while_one_system_hangs_on_every_call_for_five_minutes_the_others_are_told_as_ever() {
    for system in ["branch", "archive", "teller"] {
        let (as_ever, beside) = (told(system, false).await, told(system, true).await);
        assert!(as_ever.len() > 200, "{}", as_ever.len());
        assert!(as_ever == beside, "{system} delays others");
    }
}
