//! One receiver among many: what is wrong with it concerns nobody else, and costs little.

use std::time::Duration;

use omnihub::dispatch::breaker::BreakerPolicy;
use omnihub::dispatch::budget::Limits;
use omnihub_contract::{Failure, Fault, Receipt};

use super::stage::{Answer, Call, Setting, Stage};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// How long the adapter waits for an answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// When the receiver that is down comes back.
const BACK: Duration = Duration::from_secs(3600);

fn setting(answer: Answer) -> Setting {
    let breaker = BreakerPolicy { failures: 5, cooldown: 10 * SECOND };
    Setting { concurrency: 16, limits: Limits::default(), breaker, answer }
}

fn answered(call: &Call) -> (Duration, Result<Receipt, Failure>) {
    let quick = Duration::from_millis(20);
    match &*call.to {
        "hangs:443" => (TIMEOUT, Err(Failure::new(Fault::Unknown, "no answer"))),
        "down:443" if call.at < BACK => (quick, Err(Failure::new(Fault::Unavailable, "refused"))),
        _ => (quick, Ok(Receipt::default())),
    }
}

#[tokio::test(start_paused = true)]
async fn a_receiver_that_never_answers_gets_its_share_and_delays_nobody() {
    let mut stage = Stage::set(setting(answered));
    for at in 0..600 {
        let other = format!("other-{}:443", at % 20);
        stage.owe("tell", Some(if at % 2 == 0 { "hangs:443" } else { &other })).await;
    }
    stage.begin();
    tokio::time::sleep(5 * MINUTE).await;
    let others = stage.called_at(|call| call.to != "hangs:443");
    assert_eq!(others.len(), 300);
    assert!(others.iter().all(|at| *at < 2 * SECOND), "{:?}", others.last());
    let hanging = stage.called_at(|call| call.to == "hangs:443");
    for (first, fifth) in hanging.iter().zip(hanging.iter().skip(4)) {
        assert!(*fifth - *first >= TIMEOUT, "more than a quarter of the slots: {hanging:?}");
    }
    // Eight at first until it was clear; since then one at a time, less and less often.
    assert!((8..20).contains(&hanging.len()), "{}", hanging.len());
    // One that comes later is as quick as ever.
    let before = stage.calls().len();
    stage.owe("tell", Some("late:443")).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(stage.calls()[before..].iter().any(|call| call.to == "late:443"));
}

/// How often the clock is looked at in ten minutes while so many wait for a receiver that is down.
async fn looks(waiting: usize) -> usize {
    let mut stage = Stage::set(setting(answered));
    for _ in 0..waiting {
        stage.owe("tell", Some("down:443")).await;
    }
    stage.begin();
    tokio::time::sleep(20 * MINUTE).await;
    stage.looks_within(10 * MINUTE).await
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_a_receiver_that_is_down_costs_nothing_however_much_it_is() {
    let few = looks(100).await;
    assert_eq!(looks(3000).await, few);
    assert!((1..200).contains(&few), "{few}");
}

#[tokio::test(start_paused = true)]
async fn a_receiver_that_is_back_gets_everything_also_after_a_restart_and_is_forgotten() {
    let mut stage = Stage::set(setting(answered));
    for _ in 0..200 {
        stage.owe("tell", Some("down:443")).await;
    }
    stage.begin();
    tokio::time::sleep(10 * MINUTE).await;
    let now = "2026-01-05T00:10:00Z".parse().unwrap();
    let held = stage.brakes.receivers(now);
    assert_eq!(held.iter().map(|(name, _)| &**name).collect::<Vec<_>>(), ["down:443"]);
    stage.restart().await;
    assert_eq!(stage.store.asides(&"made-up".into(), 10).unwrap(), ["down:443".into()]);
    tokio::time::sleep(BACK).await;
    assert_eq!(stage.undelivered(), 0);
    let most = stage.deliveries().iter().map(|delivery| delivery.attempts).max();
    assert!(most.unwrap() < 20, "{most:?}");
    assert_eq!(stage.brakes.receivers(now), []);
    assert_eq!(stage.store.asides(&"made-up".into(), 10).unwrap(), Vec::<Box<str>>::new());
}

#[tokio::test(start_paused = true)]
async fn a_receiver_that_takes_no_more_waits_as_told_and_the_others_go_on() {
    fn busy(call: &Call) -> (Duration, Result<Receipt, Failure>) {
        let busy = Failure::new(Fault::Throttled, "too many").with_retry_after(Some(MINUTE));
        let is_busy = call.to == "busy:443" && call.at < SECOND;
        (Duration::from_millis(20), if is_busy { Err(busy) } else { Ok(Receipt::default()) })
    }
    let mut stage = Stage::set(setting(busy));
    for at in 0..200 {
        stage.owe("tell", Some(if at % 2 == 0 { "busy:443" } else { "other:443" })).await;
    }
    stage.begin();
    tokio::time::sleep(30 * SECOND).await;
    assert_eq!(stage.called_at(|call| call.to == "other:443").len(), 100);
    assert_eq!(stage.called_at(|call| call.to == "busy:443").len(), 4);
    tokio::time::sleep(MINUTE).await;
    assert_eq!(stage.undelivered(), 0);
    assert!(stage.deliveries().iter().all(|delivery| delivery.attempts == 0));
}
