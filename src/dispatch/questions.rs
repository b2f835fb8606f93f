//! Questions to an adapter beside its deliveries: they keep to its brakes and its budget, and teach the
//! breaker.

use jiff::Timestamp;
use omnihub_contract::{Effect, Failure};

use super::Lane;
use super::brakes::Held;
use super::breaker::Reach;
use super::decide::{reach, throttle};

impl Lane {
    /// Whether a question may be asked now; one is taken from the budget then.
    pub fn may_ask(&self, now: Timestamp) -> bool {
        self.brakes.held(now) == Held::No
            && self.brakes.throttled(Effect::Read, now).is_none()
            && self.budget.try_take(Effect::Read).is_ok()
    }

    /// Learns how a question went. It pauses nothing: the next delivery does, and says so.
    pub fn asked(&self, failure: Option<&Failure>, now: Timestamp) {
        let reach = failure.map_or(Reach::Up, |failure| reach(failure.fault));
        let throttle = failure.and_then(throttle);
        self.brakes.learn(self, (reach, throttle, None), (Effect::Read, None), now);
    }
}
