//! How long to wait before the next attempt: exponential, bounded, with full jitter.
//!
//! The only file that names the `backoff` crate, and only as a calculator: the schedule lives in the
//! outbox, so it survives a restart. The jitter is a pure function of seed and delivery, so that a
//! simulation repeats.

use std::collections::BTreeMap;
use std::time::Duration;

use backoff::ExponentialBackoff;
use backoff::backoff::Backoff;
use omnihub_contract::DeliveryId;

/// When attempts are repeated, and when they end.
#[derive(Clone, Debug, PartialEq)]
pub struct RetryPolicy {
    /// Longest wait after the first failure.
    pub initial: Duration,
    /// What each further failure multiplies it by, at least 1.
    pub factor: f64,
    /// Longest wait of all.
    pub max_interval: Duration,
    /// Attempts after which a delivery is dead.
    pub attempts_max: u32,
    /// Age after which a delivery that fails is dead.
    pub age_max: Duration,
}

/// The policies of one adapter.
#[derive(Clone, Debug, Default)]
pub struct RetryPolicies {
    /// Of all operations but those below.
    pub of_all: RetryPolicy,
    /// By operation.
    pub by_operation: BTreeMap<String, RetryPolicy>,
}

impl RetryPolicies {
    /// The operation's own, or that of all.
    pub fn of(&self, operation: &str) -> &RetryPolicy {
        self.by_operation.get(operation).unwrap_or(&self.of_all)
    }
}

impl From<RetryPolicy> for RetryPolicies {
    fn from(of_all: RetryPolicy) -> Self {
        Self { of_all, by_operation: BTreeMap::new() }
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            initial: Duration::from_secs(1),
            factor: 2.0,
            max_interval: Duration::from_secs(300),
            attempts_max: 100,
            age_max: Duration::from_secs(24 * 3600),
        }
    }
}

/// The wait after `attempts` failures (at least 1), before jitter: `min(initial · factor^(n-1), max)`.
pub fn interval(policy: &RetryPolicy, attempts: u32) -> Duration {
    let mut calculator = ExponentialBackoff {
        current_interval: policy.initial,
        initial_interval: policy.initial,
        multiplier: policy.factor.max(1.0),
        max_interval: policy.max_interval,
        randomization_factor: 0.0,
        max_elapsed_time: None,
        ..ExponentialBackoff::default()
    };
    let mut wait = policy.initial.min(policy.max_interval);
    for _ in 0..attempts.max(1) {
        wait = calculator.next_backoff().unwrap_or(policy.max_interval);
        if wait >= policy.max_interval {
            return policy.max_interval;
        }
    }
    wait
}

/// Full jitter: somewhere between nothing and the whole wait, the same each time it is asked.
pub fn jittered(wait: Duration, seed: u64, id: DeliveryId, attempts: u32) -> Duration {
    let mixed = [id.ticket.0, u64::from(id.ordinal), u64::from(attempts)]
        .into_iter()
        .fold(seed, |state, part| mix(state ^ part));
    let share = f64::from(u32::try_from(mixed >> 32).unwrap_or(u32::MAX)) / f64::from(u32::MAX);
    wait.mul_f64(share)
}

/// The finaliser of splitmix64.
fn mix(state: u64) -> u64 {
    let state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use omnihub_contract::TicketNumber;
    use proptest::prelude::*;

    fn id(ticket: u64) -> DeliveryId {
        DeliveryId { ticket: TicketNumber(ticket), ordinal: 1 }
    }

    proptest! {
        #[test]
        fn the_interval_is_the_closed_form(
            initial_ms in 1u64..5_000,
            factor in 1.0f64..4.0,
            max_ms in 5_000u64..600_000,
            attempts in 1u32..200,
        ) {
            let policy = RetryPolicy {
                initial: Duration::from_millis(initial_ms),
                factor,
                max_interval: Duration::from_millis(max_ms),
                ..RetryPolicy::default()
            };
            let exact = policy.initial.as_secs_f64() * factor.powf(f64::from(attempts - 1));
            let expected = exact.min(policy.max_interval.as_secs_f64());
            let computed = interval(&policy, attempts).as_secs_f64();
            prop_assert!((computed - expected).abs() <= expected * 1e-3 + 1e-6, "{computed} {expected}");
        }

        #[test]
        fn jitter_stays_within_the_wait_and_repeats(seed: u64, ticket: u64, attempts: u32) {
            let wait = Duration::from_secs(10);
            let first = jittered(wait, seed, id(ticket), attempts);
            prop_assert!(first <= wait);
            prop_assert_eq!(first, jittered(wait, seed, id(ticket), attempts));
        }
    }

    #[test]
    fn jitter_spreads_over_the_whole_wait() {
        let wait = Duration::from_secs(100);
        let mean =
            (0..1000).map(|n| jittered(wait, 7, id(n), 1).as_secs_f64()).sum::<f64>() / 1000.0;
        assert!((45.0..55.0).contains(&mean), "{mean}");
    }
}
