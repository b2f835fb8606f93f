//! Clocks that are set, machines that sleep, and systems that are away for a month do no harm.

use std::num::NonZeroU32;
use std::time::Duration;

use jiff::SignedDuration;
use omnihub::dispatch::breaker::BreakerPolicy;
use omnihub::dispatch::budget::Limits;
use omnihub::dispatch::retry::RetryPolicy;
use omnihub::store::outbox::Phase;
use omnihub::store::{Decision, Verdict};
use omnihub_contract::{DeliveryId, Failure, Fault, Receipt};

use super::stage::{Answer, Call, Setting, Stage, WAIT_MAX};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);
const MONTH: Duration = Duration::from_secs(30 * 24 * 3600);

/// How long each call takes.
const CALL: Duration = Duration::from_millis(20);

/// Until when the system is down that comes back.
const BACK: Duration = HOUR;

fn setting(answer: Answer) -> Setting {
    let breaker = BreakerPolicy { failures: 5, cooldown: 10 * SECOND };
    Setting { concurrency: 4, limits: Limits::default(), breaker, answer }
}

fn down() -> Result<Receipt, Failure> {
    Err(Failure::new(Fault::Unavailable, "refused"))
}

fn down_at_first(call: &Call) -> (Duration, Result<Receipt, Failure>) {
    (CALL, if call.at < BACK { down() } else { Ok(Receipt::default()) })
}

fn throttles_at_first(call: &Call) -> (Duration, Result<Receipt, Failure>) {
    let busy = Failure::new(Fault::Throttled, "too many").with_retry_after(Some(HOUR));
    (CALL, if call.at < SECOND { Err(busy) } else { Ok(Receipt::default()) })
}

fn signed(time: Duration) -> SignedDuration {
    SignedDuration::try_from(time).unwrap()
}

/// A stage on which so many deliveries are owed and the lane runs.
async fn owing(setting: Setting, count: usize, to: Option<&str>) -> Stage {
    let mut stage = Stage::set(setting);
    for _ in 0..count {
        stage.owe("tell", to).await;
    }
    stage.begin();
    stage
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_set_back_makes_nothing_wait_longer_than_it_was_ever_to_wait() {
    for back in [MINUTE, DAY, 12 * MONTH] {
        for to in [None, Some("bot:443")] {
            let stage = owing(setting(down_at_first), 20, to).await;
            tokio::time::sleep(BACK - MINUTE).await;
            assert_eq!(stage.undelivered(), 20);
            stage.set_clock(-signed(back));
            tokio::time::sleep(MINUTE + WAIT_MAX).await;
            assert_eq!(stage.undelivered(), 0, "set back by {back:?}, to {to:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_was_wrong_before_a_restart_holds_nothing_up_after_it() {
    let mut stage = Stage::set(setting(down_at_first));
    stage.set_clock(signed(12 * MONTH));
    for _ in 0..20 {
        stage.owe("tell", None).await;
    }
    stage.begin();
    tokio::time::sleep(BACK - MINUTE).await;
    // Put right while no hub runs.
    stage.set_clock(-signed(12 * MONTH));
    stage.restart().await;
    tokio::time::sleep(MINUTE + WAIT_MAX).await;
    assert_eq!(stage.undelivered(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_throttle_lasts_no_longer_for_a_clock_that_is_set_back() {
    for to in [None, Some("bot:443")] {
        let stage = owing(setting(throttles_at_first), 20, to).await;
        tokio::time::sleep(MINUTE).await;
        let before = stage.calls().len();
        stage.set_clock(-signed(MONTH));
        tokio::time::sleep(2 * MINUTE).await;
        assert!(stage.calls().len() > before, "to {to:?}: nobody is asked");
        tokio::time::sleep(WAIT_MAX).await;
        assert_eq!(stage.undelivered(), 0, "to {to:?}");
    }
}

/// Checks that of these calls never more than so many were under way at once.
#[track_caller]
fn check_overlap(calls: &[Call], most: usize) {
    for (earlier, later) in calls.iter().zip(calls.iter().skip(most)) {
        assert!(CALL <= later.at - earlier.at, "more than {most} at once");
    }
}

#[tokio::test(start_paused = true)]
async fn when_the_machine_was_asleep_everything_due_goes_and_no_limit_is_passed() {
    let per_minute = NonZeroU32::new(60);
    let limits = Limits { update_per_minute: per_minute, ..Limits::default() };
    let asleep = Setting { limits, ..setting(down_at_first) };
    let stage = owing(asleep, 200, None).await;
    // It falls asleep while the system is left alone, and timers stop with it.
    tokio::time::sleep(BACK - MINUTE).await;
    let before = stage.calls().len();
    stage.set_clock(signed(8 * HOUR));
    tokio::time::sleep(MINUTE + SECOND).await;
    let trials = &stage.calls()[before..];
    let trials = trials.iter().filter(|call| call.at < BACK).count();
    assert!((1..=8).contains(&trials), "one attempt at a time finds out: {trials}");
    tokio::time::sleep(10 * MINUTE).await;
    assert_eq!(stage.undelivered(), 0);
    let calls = stage.calls();
    check_overlap(&calls, 4);
    for (first, last) in calls.iter().zip(calls.iter().skip(60)) {
        assert!(MINUTE <= last.at - first.at, "more than 60 in a minute");
    }
    // What it slept through is not held against anybody: each is delivered once.
    let delivered = calls.iter().filter(|call| BACK <= call.at).count();
    assert_eq!(delivered, 200);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_is_under_way_while_the_machine_sleeps_is_not_made_again() {
    fn slow(_: &Call) -> (Duration, Result<Receipt, Failure>) {
        (10 * SECOND, Ok(Receipt::default()))
    }
    let stage = owing(setting(slow), 4, None).await;
    tokio::time::sleep(SECOND).await;
    stage.set_clock(signed(MONTH));
    tokio::time::sleep(MINUTE).await;
    assert_eq!((stage.calls().len(), stage.undelivered()), (4, 0));
}

/// How often anything looks at the clock in a month in which so many wait for somebody who is away.
async fn looks_in_a_month(waiting: usize, to: Option<&str>, is_paused: bool) -> usize {
    fn away(_: &Call) -> (Duration, Result<Receipt, Failure>) {
        (CALL, down())
    }
    let retry =
        RetryPolicy { attempts_max: u32::MAX, age_max: 12 * MONTH, ..RetryPolicy::default() };
    let breaker = BreakerPolicy { failures: 5, cooldown: 5 * MINUTE };
    let mut stage = Stage::set(Setting { breaker, ..setting(away) });
    stage.retry = retry;
    for _ in 0..waiting {
        stage.owe("tell", to).await;
    }
    stage.begin();
    if is_paused {
        let hand = omnihub::dispatch::brakes::ByHand::by_settings(stage.now());
        stage.brakes.by_hand(Some(hand));
    }
    tokio::time::sleep(DAY).await;
    stage.looks_within(MONTH).await
}

#[tokio::test(start_paused = true)]
async fn a_month_in_which_everything_waits_makes_hardly_any_work_however_much_it_is() {
    // One look at the plan each half a minute, and what an attempt each five minutes takes.
    let most = usize::try_from(MONTH.as_secs() / 30 * 4).unwrap();
    for to in [None, Some("bot:443")] {
        let (few, many) =
            (looks_in_a_month(3, to, false).await, looks_in_a_month(500, to, false).await);
        assert!((1..most).contains(&few), "to {to:?}: {few} looks for 3");
        assert!((1..most).contains(&many), "to {to:?}: {many} looks for 500");
    }
    assert_eq!(looks_in_a_month(500, None, true).await, 0, "what a person paused costs nothing");
}

#[tokio::test(start_paused = true)]
async fn after_a_month_away_a_system_has_everything_in_order_or_a_person_sees_why_not() {
    fn month(call: &Call) -> (Duration, Result<Receipt, Failure>) {
        (CALL, if call.at < MONTH { down() } else { Ok(Receipt::default()) })
    }
    let breaker = BreakerPolicy { failures: 5, cooldown: 10 * MINUTE };
    let mut stage = Stage::set(Setting { breaker, ..setting(month) });
    for _ in 0..40 {
        stage.owe_all(&["create", "tell"], None).await;
    }
    stage.begin();
    tokio::time::sleep(MONTH - HOUR).await;
    let during = stage.calls().len();
    assert!(during < 30 * 24 * 6 + 10, "it was left alone: {during} calls");
    // Some come while it is still away, and wait; those that were tried for a day are dead, and said so.
    for _ in 0..5 {
        stage.owe_all(&["create", "tell"], None).await;
    }
    tokio::time::sleep(2 * HOUR).await;
    let phases = |stage: &Stage| -> Vec<[Phase; 2]> {
        let records = stage.records().into_iter();
        records.map(|it| [0, 1].map(|at: usize| it.state.deliveries[at].phase)).collect()
    };
    let is_whole = |phases: &[Phase; 2]| *phases == [Phase::Delivered; 2];
    let is_dead = |phases: &[Phase; 2]| *phases == [Phase::Dead, Phase::Waiting];
    assert!(phases(&stage).iter().all(|it| is_whole(it) || is_dead(it)), "{:?}", phases(&stage));
    assert!(phases(&stage)[40..].iter().all(is_whole));
    for record in stage.records() {
        let [create, _] = &*record.state.deliveries else { panic!() };
        if create.phase == Phase::Dead {
            assert_eq!(create.note.as_ref().unwrap().code, "H0409");
            let id = DeliveryId { ticket: record.ticket.number, ordinal: 1 };
            let (by, reason) = ("siti".to_owned(), "it is back".to_owned());
            let decision = Decision { id, verdict: Verdict::Again(None), by, reason };
            stage.store.decide(decision).await.unwrap();
        }
    }
    tokio::time::sleep(HOUR).await;
    assert!(phases(&stage).iter().all(is_whole));
    let told = stage.calls().into_iter().filter(|call| MONTH <= call.at).count();
    assert_eq!(told, 2 * 45, "each once, its create first");
}
