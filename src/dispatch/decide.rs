//! From what happened to what happens next: one table over fault and repeat-safety.
//!
//! Pure. The adapter classified; no vendor's name is here.
//!
//! | fault | safe to repeat | not safe |
//! |---|---|---|
//! | refused | dead | dead |
//! | unauthorized, misconfigured | pause, try again | pause, try again |
//! | throttled | all of its class wait as told; not counted | the same |
//! | unavailable | try again until spent, then dead | the same: nothing was done |
//! | unknown, unreadable | try again until spent, then dead | look up, else held; held when spent |
//! | not applicable | discarded | discarded |

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use omnihub_contract::{Failure, Fault, LookUp};

use super::brakes::Held;
use super::breaker::Reach;
use super::retry::{RetryPolicy, interval, jittered};
use crate::store::{Lease, Note, Outcome, StoreError};

/// Longest wait that an upstream may ask for.
pub const RETRY_AFTER_MAX: Duration = Duration::from_secs(3600);

/// Wait after a 429 that names none.
const THROTTLED_WAIT: Duration = Duration::from_secs(10);

/// Wait of a delivery that met a paused adapter: about when the adapter is first probed.
const PAUSED_WAIT: Duration = Duration::from_secs(6);

/// What an attempt leads to.
#[derive(Clone, Debug, PartialEq)]
pub struct Next {
    /// What the store is told.
    pub outcome: Outcome,
    /// Whether the whole lane stops.
    pub pause: Option<Pause>,
    /// How long nothing of its class is sent there.
    pub throttle: Option<Duration>,
    /// What it says of the upstream.
    pub reach: Reach,
}

impl Next {
    /// Only a settle.
    pub fn settle(outcome: Outcome) -> Self {
        Self { outcome, pause: None, throttle: None, reach: Reach::Unsaid }
    }
}

/// Why a lane stops.
#[derive(Clone, Debug, PartialEq)]
pub struct Pause {
    /// Code with a page.
    pub code: &'static str,
    /// What the upstream said.
    pub reason: String,
}

/// What the table needs to know beside the failure.
#[derive(Clone, Copy)]
pub struct Circumstances<'a> {
    /// The delivery and its history.
    pub lease: &'a Lease,
    /// Whether the operation may be repeated when nobody knows if it arrived.
    pub is_repeatable: bool,
    /// When to try again.
    pub policy: &'a RetryPolicy,
    /// Seed of the jitter.
    pub seed: u64,
    /// Now.
    pub now: Timestamp,
}

/// What follows from a failed attempt.
pub fn after_failure(failure: &Failure, of: Circumstances<'_>) -> Next {
    Next { reach: reach(failure.fault), ..told(failure, of) }
}

/// What a fault says of whether the upstream is there.
pub(super) fn reach(fault: Fault) -> Reach {
    match fault {
        Fault::Unavailable | Fault::Unknown | Fault::Unreadable => Reach::Down,
        Fault::Refused
        | Fault::Inapplicable
        | Fault::Unauthorized
        | Fault::Misconfigured
        | Fault::Throttled => Reach::Up,
    }
}

/// How long nothing of its class is sent to who said so, capped.
pub(super) fn throttle(failure: &Failure) -> Option<Duration> {
    let wait = failure.retry_after.unwrap_or(THROTTLED_WAIT).min(RETRY_AFTER_MAX);
    (failure.fault == Fault::Throttled).then_some(wait)
}

fn told(failure: &Failure, of: Circumstances<'_>) -> Next {
    match failure.fault {
        Fault::Refused => Next::settle(Outcome::Dead(note("H0401", failure))),
        Fault::Inapplicable => Next::settle(Outcome::Discarded(note("H0411", failure))),
        Fault::Unauthorized => paused("H0402", failure, of),
        Fault::Misconfigured => paused("H0403", failure, of),
        Fault::Throttled => {
            let wait = throttle(failure).unwrap_or(THROTTLED_WAIT);
            let outcome = again(of.now, wait, false, false, note("H0404", failure));
            Next { throttle: Some(wait), ..Next::settle(outcome) }
        }
        Fault::Unavailable => Next::settle(until_spent(note("H0405", failure), of)),
        Fault::Unknown | Fault::Unreadable if of.is_repeatable => {
            Next::settle(until_spent(note("H0406", failure), of))
        }
        // It was looked up before this attempt, and was not there.
        Fault::Unknown | Fault::Unreadable if of.lease.unknown => {
            Next::settle(until_spent(note("H0406", failure), of))
        }
        // At once, so that the look-up follows: it is the same way that a crash takes.
        Fault::Unknown | Fault::Unreadable => {
            Next::settle(again(of.now, Duration::ZERO, true, true, note("H0406", failure)))
        }
    }
}

/// What follows for a delivery that meets a lane with its brakes on: no attempt was made.
pub fn put_back(held: &Held, now: Timestamp) -> Next {
    let (code, words, wait) = match held {
        Held::ByFault(code, reason) => (*code, reason.clone(), PAUSED_WAIT),
        // The lane itself waits.
        Held::ByHand(hand) => {
            ("H0413", format!("paused by {}: {}", hand.by, hand.reason), Duration::ZERO)
        }
        Held::Open(_) | Held::Throttled(_) | Held::No => {
            ("H0412", "the adapter fails and is left alone for a while".to_owned(), Duration::ZERO)
        }
    };
    let note = Note { code: code.into(), words };
    Next::settle(again(now, wait, false, false, note))
}

/// What follows for a delivery that is not to go before then: no attempt was made.
pub fn wait_for_turn(wait: Duration, now: Timestamp) -> Next {
    let words = "the upstream takes no more at once: it waits for its turn".to_owned();
    Next::settle(again(now, wait, false, false, Note { code: "H0414".into(), words }))
}

/// What follows when the files that came with the event cannot be had from the store.
pub fn without_files(error: &StoreError, of: Circumstances<'_>) -> Next {
    let note = |code: &str| Note { code: code.into(), words: error.to_string() };
    Next::settle(match error {
        // Sending less, or something else, than was accepted would be worse than sending nothing.
        StoreError::Damaged { .. } if of.lease.unknown && !of.is_repeatable => {
            Outcome::Held(note("H0503"))
        }
        StoreError::Damaged { .. } => Outcome::Dead(note("H0503")),
        _ => until_spent(note("H0502"), of),
    })
}

/// What follows from asking after a delivery of unknown outcome; none: deliver it again.
pub fn after_look_up(answer: Result<LookUp, Failure>, of: Circumstances<'_>) -> Option<Next> {
    match answer {
        Ok(LookUp::Found(receipt)) => Some(Next::settle(Outcome::Delivered(receipt))),
        Ok(LookUp::Absent) => None,
        Ok(LookUp::CannotSay) => {
            let words =
                "it may have arrived, and the upstream cannot be asked: look there, then settle it";
            Some(Next::settle(Outcome::Held(Note { code: "H0407".into(), words: words.into() })))
        }
        Err(failure) => Some(match failure.fault {
            Fault::Unauthorized | Fault::Misconfigured | Fault::Throttled => {
                after_failure(&failure, of)
            }
            Fault::Refused
            | Fault::Inapplicable
            | Fault::Unavailable
            | Fault::Unknown
            | Fault::Unreadable => Next {
                reach: reach(failure.fault),
                ..Next::settle(until_spent(note("H0408", &failure), of))
            },
        }),
    }
}

fn paused(code: &'static str, failure: &Failure, of: Circumstances<'_>) -> Next {
    let outcome = again(of.now, PAUSED_WAIT, false, false, note(code, failure));
    let pause = Some(Pause { code, reason: failure.to_string() });
    Next { pause, ..Next::settle(outcome) }
}

/// Another attempt, unless there were enough. A delivery of unknown outcome is held instead of buried.
fn until_spent(note: Note, of: Circumstances<'_>) -> Outcome {
    let attempts = of.lease.attempts + 1;
    let age = of.now.duration_since(of.lease.since);
    let age_max = SignedDuration::try_from(of.policy.age_max).unwrap_or(SignedDuration::MAX);
    if attempts >= of.policy.attempts_max || age >= age_max {
        let words = format!("given up after {attempts} attempts; the last: {}", note.words);
        return match of.lease.unknown && !of.is_repeatable {
            true => Outcome::Held(Note { code: "H0407".into(), words }),
            false => Outcome::Dead(Note { code: "H0409".into(), words }),
        };
    }
    let wait = jittered(interval(of.policy, attempts), of.seed, of.lease.id, attempts);
    again(of.now, wait, true, false, note)
}

fn again(now: Timestamp, wait: Duration, counts: bool, unknown: bool, note: Note) -> Outcome {
    let due = now.saturating_add(wait).unwrap_or(now);
    // Whole milliseconds, as the index of what is due keeps them.
    let due = Timestamp::from_millisecond(due.as_millisecond()).unwrap_or(due);
    Outcome::Retry { due, counts, unknown, note }
}

fn note(code: &str, failure: &Failure) -> Note {
    Note { code: code.into(), words: failure.to_string() }
}

#[cfg(test)]
mod tests;
