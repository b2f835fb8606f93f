//! What holds one destination of an adapter that calls many: the same brakes, each destination's own.
//!
//! Pure. One that fails again and again is left alone longer each time: what waits for it stands aside
//! and costs nothing meanwhile.

use jiff::Timestamp;

use super::{ByHand, Go, Held};
use crate::dispatch::breaker::{Breaker, BreakerPolicy, Change, Reach};
use crate::dispatch::rest::Rest;

/// A destination that stays away is left alone for at most so many times the cooldown before one attempt
/// finds out: five minutes as shipped.
const COOLDOWNS_MAX: u32 = 30;

/// What holds one destination; nothing does at first.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Receiver {
    hand: Option<ByHand>,
    throttled: Option<Rest>,
    breaker: Breaker,
    /// How often in a row the breaker has opened.
    opened: u32,
}

impl Receiver {
    /// One that a person has paused.
    pub(super) fn by_hand(hand: ByHand) -> Self {
        Self { hand: Some(hand), ..Self::default() }
    }

    /// From now on a person has paused it.
    pub(super) fn pause(&mut self, hand: ByHand) {
        self.hand = Some(hand);
    }

    /// The same with nothing but the person's pause, if it has one.
    pub(super) fn eased(self) -> Option<Self> {
        self.hand.map(Self::by_hand)
    }

    pub(super) fn held(&self, now: Timestamp) -> Held {
        if let Some(hand) = &self.hand {
            return Held::ByHand(hand.clone());
        }
        if let Some(until) = self.breaker.open_until(now) {
            return Held::Open(until);
        }
        let until = self.throttled.and_then(|rest| rest.left(now));
        until.map_or(Held::No, Held::Throttled)
    }

    pub(super) fn go(&self, now: Timestamp) -> Go {
        self.held(now).go(self.breaker.is_open())
    }

    pub(super) fn throttle(&mut self, rest: Rest, now: Timestamp) {
        self.throttled = Some(rest.longer(self.throttled, now));
    }

    /// Learns from an attempt.
    pub(super) fn learn(
        &mut self,
        reach: Reach,
        policy: BreakerPolicy,
        now: Timestamp,
    ) -> Option<Change> {
        let times = (1 << self.opened.min(COOLDOWNS_MAX.ilog2() + 1)).min(COOLDOWNS_MAX);
        let cooldown = policy.cooldown.saturating_mul(times);
        let change = self.breaker.learn(reach, BreakerPolicy { cooldown, ..policy }, now);
        match change {
            Some(Change::Opened) => self.opened = self.opened.saturating_add(1),
            Some(Change::Closed) => self.opened = 0,
            None => {}
        }
        self.throttled = self.throttled.filter(|rest| rest.left(now).is_some());
        change
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const POLICY: BreakerPolicy = BreakerPolicy { failures: 1, cooldown: Duration::from_secs(10) };

    #[test]
    fn one_that_stays_away_is_asked_less_and_less_often_and_one_that_is_back_is_forgotten() {
        let mut receiver = Receiver::default();
        let mut now: Timestamp = "2024-12-19T10:30:00Z".parse().unwrap();
        for seconds in [10, 20, 40, 80, 160, 300, 300] {
            assert_eq!(receiver.go(now), if seconds == 10 { Go::Freely } else { Go::Once });
            assert_eq!(receiver.learn(Reach::Down, POLICY, now), Some(Change::Opened));
            let until = now + Duration::from_secs(seconds);
            assert_eq!(receiver.held(now), Held::Open(until));
            now = until;
        }
        assert_eq!(receiver.learn(Reach::Up, POLICY, now), Some(Change::Closed));
        assert_eq!(receiver, Receiver::default());
    }

    #[test]
    fn a_throttle_holds_until_the_latest_time_that_was_told() {
        let mut receiver = Receiver::default();
        let now: Timestamp = "2024-12-19T10:30:00Z".parse().unwrap();
        let (soon, later) = (now + Duration::from_secs(5), now + Duration::from_secs(9));
        receiver.throttle(Rest::of(now, Duration::from_secs(9)), now);
        receiver.throttle(Rest::of(now, Duration::from_secs(5)), now);
        assert_eq!(receiver.go(soon), Go::Not(Some(later)));
        assert_eq!(receiver.go(later), Go::Freely);
    }
}
