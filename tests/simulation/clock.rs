//! The simulated time: that of the runtime's paused clock.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use omnihub::clock::Clock;
use tokio::time::Instant;

/// Looks at the clock within one millisecond of simulated time: more than any run needs by far.
const LOOKS_MAX: u32 = 200_000;

/// Begins at a fixed instant, and stops the run when the time no longer moves.
pub(crate) struct SimulatedClock {
    began: Instant,
    /// How far it was set, in milliseconds.
    set_ms: AtomicI64,
    looks: Mutex<Looks>,
}

#[derive(Default)]
struct Looks {
    at_ms: i64,
    count: u32,
}

impl SimulatedClock {
    /// Begins now.
    pub(crate) fn start() -> Arc<Self> {
        Arc::new(Self { began: Instant::now(), set_ms: AtomicI64::new(0), looks: Mutex::default() })
    }

    /// Somebody sets the machine's clock; timers do not mind.
    pub(crate) fn set(&self, by_ms: i64) {
        self.set_ms.fetch_add(by_ms, Ordering::Relaxed);
    }

    /// What has passed since it began, however it was set.
    pub(crate) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }
}

impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        let base: Timestamp = "2026-01-05T00:00:00Z".parse().unwrap();
        let set_ms = self.set_ms.load(Ordering::Relaxed);
        let passed_ms = i64::try_from(self.elapsed().as_millis()).unwrap();
        let at_ms = base.as_millisecond() + passed_ms + set_ms;
        let mut looks = self.looks.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        // Once it has stood still it stays so: whoever asks first may be a task that nobody watches.
        if looks.at_ms != at_ms && looks.count <= LOOKS_MAX {
            *looks = Looks { at_ms, count: 0 };
        }
        looks.count += 1;
        assert!(looks.count <= LOOKS_MAX, "the time stands still: something runs in a circle");
        Timestamp::from_millisecond(at_ms).unwrap()
    }
}
