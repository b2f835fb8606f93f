//! What an upstream takes a minute, and that what waits for it is in nobody's way.

use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use omnihub::dispatch::breaker::BreakerPolicy;
use omnihub::dispatch::budget::Limits;
use omnihub_contract::{Failure, Fault, Receipt};

use super::stage::{Answer, Call, Setting, Stage};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

fn setting(create_per_minute: u32, answer: Answer) -> Setting {
    let limits = Limits {
        create_per_minute: NonZeroU32::new(create_per_minute),
        create_concurrency: NonZeroUsize::new(1),
        ..Limits::default()
    };
    let breaker = BreakerPolicy { failures: 5, cooldown: 10 * SECOND };
    Setting { concurrency: 4, limits, breaker, answer }
}

fn taken(_: &Call) -> (Duration, Result<Receipt, Failure>) {
    (Duration::from_millis(20), Ok(Receipt::default()))
}

fn is_create(call: &Call) -> bool {
    call.operation == "create"
}

#[tokio::test(start_paused = true)]
async fn creates_keep_to_their_limit_in_every_minute_and_changes_do_not_wait_behind_them() {
    let mut stage = Stage::set(setting(60, taken));
    for _ in 0..400 {
        stage.owe("create", None).await;
    }
    for _ in 0..50 {
        stage.owe("tell", None).await;
    }
    stage.begin();
    tokio::time::sleep(5 * MINUTE).await;
    let creates = stage.called_at(is_create);
    for (first, beyond) in creates.iter().zip(creates.iter().skip(60)) {
        assert!(*beyond - *first >= MINUTE, "more than 60 in the minute from {first:?}");
    }
    assert!((270..=306).contains(&creates.len()), "{}", creates.len());
    let changes = stage.called_at(|call| !is_create(call));
    assert_eq!(changes.len(), 50);
    assert!(changes.iter().all(|at| *at < SECOND), "{changes:?}");
    // What waits for its turn was never handed out: no attempt, no word of it, nothing in flight.
    let waiting = stage.deliveries();
    let waiting: Vec<_> = waiting.iter().skip(creates.len()).take(400 - creates.len()).collect();
    assert!(waiting.iter().all(|it| it.attempts == 0 && it.note.is_none() && it.at.is_none()));
}

/// How often the clock is looked at in ten minutes in which creates go one by one.
async fn looks(waiting: usize) -> usize {
    let mut stage = Stage::set(setting(6, taken));
    for _ in 0..waiting {
        stage.owe("create", None).await;
    }
    stage.begin();
    tokio::time::sleep(MINUTE).await;
    stage.looks_within(10 * MINUTE).await
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_its_turn_costs_nothing_however_much_it_is() {
    let few = looks(100).await;
    assert_eq!(looks(2000).await, few);
    // Sixty creates: some looks for each attempt, and none in between.
    assert!((60..60 * 20).contains(&few), "{few}");
}

#[tokio::test(start_paused = true)]
async fn a_429_makes_all_creates_wait_as_told_and_nothing_else() {
    fn busy_at_first(call: &Call) -> (Duration, Result<Receipt, Failure>) {
        let is_busy = is_create(call) && call.at < SECOND;
        let busy = Failure::new(Fault::Throttled, "too many").with_retry_after(Some(30 * SECOND));
        (Duration::from_millis(20), if is_busy { Err(busy) } else { Ok(Receipt::default()) })
    }
    let mut stage = Stage::set(Setting { limits: Limits::default(), ..setting(1, busy_at_first) });
    for _ in 0..40 {
        stage.owe("create", None).await;
    }
    stage.begin();
    tokio::time::sleep(10 * SECOND).await;
    stage.owe("tell", None).await;
    tokio::time::sleep(SECOND).await;
    let (creates, changes) = (stage.called_at(is_create), stage.called_at(|call| !is_create(call)));
    assert_eq!(creates.len(), 4, "those under way, and nobody else finds out for himself");
    assert_eq!(changes.len(), 1);
    let now = "2026-01-05T00:00:11Z".parse().unwrap();
    let handle = omnihub::operate::adapters::Handle {
        name: "made-up".into(),
        brakes: Some(stage.brakes.clone()),
        has_destinations: false,
    };
    let shown = omnihub::operate::adapters::list(&[handle], now).remove(0);
    let reason = "H0404: creates throttled until 2026-01-05T00:00:30.02Z".to_owned();
    assert_eq!((&*shown.state, shown.reason), ("running", Some(reason)));
    tokio::time::sleep(25 * SECOND).await;
    assert_eq!(stage.undelivered(), 0);
    assert!(stage.deliveries().iter().all(|delivery| delivery.attempts == 0));
    assert!(stage.called_at(is_create)[4..].iter().all(|at| *at >= 30 * SECOND));
}
