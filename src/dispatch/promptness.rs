//! How promptly a lane delivers just now: for those who would wait for it.
//!
//! A lane whose last attempt failed, or whose last delivery took longer than one would wait, is not
//! worth waiting for: its adapter is down or paused, or has a backlog.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;

use crate::store::{Lease, Outcome};

/// How long after its event the last delivery was delivered, in milliseconds; the largest number after a failure.
#[derive(Debug, Default)]
pub struct Promptness(AtomicU64);

impl Promptness {
    /// Whether a delivery that is due now can be expected within this time.
    pub fn is_within(&self, wait: Duration) -> bool {
        Duration::from_millis(self.0.load(Ordering::Relaxed)) <= wait
    }

    /// Learns from an attempt.
    pub(crate) fn learn(&self, lease: &Lease, outcome: &Outcome, now: Timestamp) {
        let age_ms = match outcome {
            Outcome::Delivered(_) => {
                u64::try_from(now.duration_since(lease.event.at).as_millis()).unwrap_or(0)
            }
            Outcome::Retry { .. } => u64::MAX,
            // These say nothing about the adapter.
            Outcome::WaitsFor(_)
            | Outcome::Aside(_)
            | Outcome::Held(_)
            | Outcome::Dead(_)
            | Outcome::Discarded(_) => return,
        };
        self.0.store(age_ms, Ordering::Relaxed);
    }
}
