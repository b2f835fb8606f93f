//! The circuit breaker: an upstream that fails again and again is left alone for a while.
//!
//! Pure. After so many failures in a row it opens; when the cooldown is over one attempt is let
//! through, and what becomes of that closes it or opens it again. A refusal is no failure: the upstream
//! is there.

use std::time::Duration;

use jiff::Timestamp;

use super::rest::Rest;

/// When it opens, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct BreakerPolicy {
    /// Failures in a row; zero: it never opens.
    pub failures: u32,
    /// How long the upstream is left alone.
    pub cooldown: Duration,
}

/// What an attempt says of the upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It answered in a way that makes sense.
    Up,
    /// It could not be reached, or nobody knows what it did.
    Down,
    /// Nothing: it was not asked.
    Unsaid,
}

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It opened, for the first time or again.
    Opened,
    /// It closed.
    Closed,
}

/// Counts failures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Breaker {
    failures: u32,
    rest: Option<Rest>,
}

impl Breaker {
    /// Until when the upstream is left alone, if it is.
    pub fn open_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.rest.and_then(|rest| rest.left(now))
    }

    /// Whether it has opened and not closed since: once its rest is over, one attempt may go.
    pub fn is_open(&self) -> bool {
        self.rest.is_some()
    }

    /// Learns from an attempt.
    pub fn learn(&mut self, reach: Reach, policy: BreakerPolicy, now: Timestamp) -> Option<Change> {
        match reach {
            Reach::Unsaid => None,
            Reach::Up => {
                let was_open = self.is_open();
                *self = Self::default();
                was_open.then_some(Change::Closed)
            }
            Reach::Down => {
                self.failures = self.failures.saturating_add(1);
                // What was under way when it opened says nothing new.
                let is_resting = self.open_until(now).is_some();
                if policy.failures == 0 || self.failures < policy.failures || is_resting {
                    return None;
                }
                self.rest = Some(Rest::of(now, policy.cooldown));
                Some(Change::Opened)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: BreakerPolicy = BreakerPolicy { failures: 3, cooldown: Duration::from_secs(30) };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// What each attempt changes, at its second.
    #[track_caller]
    fn check(policy: BreakerPolicy, attempts: &[(i64, Reach, Option<Change>)]) -> Breaker {
        let mut breaker = Breaker::default();
        for (second, reach, change) in attempts {
            assert_eq!(breaker.learn(*reach, policy, at(*second)), *change, "second {second}");
        }
        breaker
    }

    #[test]
    fn failures_in_a_row_open_it_and_a_success_between_does_not() {
        use Reach::{Down, Unsaid, Up};
        let breaker = check(
            POLICY,
            &[
                (0, Down, None),
                (1, Down, None),
                (2, Up, None),
                (3, Down, None),
                (4, Unsaid, None),
                (5, Down, None),
                (6, Down, Some(Change::Opened)),
            ],
        );
        assert_eq!(breaker.open_until(at(35)), Some(at(36)));
        assert!(breaker.open_until(at(36)).is_none() && breaker.is_open());
        assert_eq!(
            breaker.open_until(at(5)),
            None,
            "the clock was set back: one attempt finds out"
        );
    }

    #[test]
    fn after_the_cooldown_one_attempt_decides() {
        use Reach::{Down, Up};
        let breaker = check(
            POLICY,
            &[
                (0, Down, None),
                (0, Down, None),
                (0, Down, Some(Change::Opened)),
                (1, Down, None),
                (29, Down, None),
                (30, Down, Some(Change::Opened)),
                (60, Up, Some(Change::Closed)),
                (61, Down, None),
            ],
        );
        assert!(!breaker.is_open());
    }

    #[test]
    fn one_that_is_switched_off_never_opens() {
        let policy = BreakerPolicy { failures: 0, ..POLICY };
        check(policy, &[(0, Reach::Down, None); 100]);
    }
}
