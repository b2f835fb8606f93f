//! What a lane may ask for now, and when it may ask for more.
//!
//! Pure but for the budget, which is only looked at. What could not be sent is not asked for: not what
//! a brake holds, not more creates than the budget or `create_concurrency` has room for, not what
//! stands aside for a destination that is left alone. So it costs nothing, however much of it waits.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use omnihub_contract::Effect;
use tokio::time::Instant;

use super::Lane;
use super::brakes::Go;
use crate::store::{Track, Wants};

/// One destination may have one of so many of a lane's attempts: the others go on when it hangs.
const SHARE: usize = 4;

/// All that stand aside may have one of so many of a lane's attempts.
const ASIDE_SHARE: usize = 2;

/// What is under way in a lane, and what stands aside.
#[derive(Debug, Default)]
pub(super) struct Load {
    /// Deliveries under way.
    pub(super) all: usize,
    /// Creates among them.
    pub(super) creates: usize,
    /// Those among them that stood aside.
    pub(super) aside: usize,
    /// Deliveries under way by destination.
    pub(super) at: BTreeMap<Box<str>, usize>,
    /// Destinations that something stands aside for, and how often something was put there.
    pub(super) asides: BTreeMap<Box<str>, u64>,
    /// How often something was leased: nobody is always the first.
    pub(super) turn: usize,
}

/// What may be asked for.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Plan {
    pub(super) wants: Wants,
    /// After how long there may be more.
    pub(super) wake: Option<Duration>,
}

/// Attempts that one destination may have at once.
pub(super) fn share(lane: &Lane) -> usize {
    (lane.concurrency / SHARE).max(1)
}

/// What may be asked for now.
pub(super) fn plan(lane: &Lane, load: &Load, now: Timestamp) -> Plan {
    let mut plan = Plan::default();
    let free = lane.concurrency.max(1).saturating_sub(load.all);
    let free = plan.through(lane.brakes.go(now), now, load.all, free);
    let beside = lane.create_concurrency.saturating_sub(load.creates);
    let creates = plan.of_class(lane, Effect::Create, free.min(beside), now);
    let changes = plan.of_class(lane, Effect::Change, free, now);
    let mut tracks = vec![(Track::Creates, creates), (Track::Changes, changes)];
    let most = (lane.concurrency / ASIDE_SHARE).max(1).saturating_sub(load.aside);
    let mut left = most.min(changes);
    let asides = load.asides.len().max(1);
    for destination in load.asides.keys().cycle().skip(load.turn % asides).take(load.asides.len()) {
        let here = load.at.get(destination).copied().unwrap_or(0);
        let go = lane.brakes.go_at(destination, now);
        let few = plan.through(go, now, here, share(lane).saturating_sub(here).min(left));
        left = left.saturating_sub(few);
        tracks.push((Track::Aside(destination.clone()), few));
    }
    tracks.retain(|(_, at_most)| *at_most > 0);
    let first = load.turn % tracks.len().max(1);
    tracks.rotate_left(first);
    plan.wants = Wants { tracks, at_most: free, instead: false };
    plan
}

impl Plan {
    /// What a brake leaves of so many, where so many are under way.
    fn through(&mut self, go: Go, now: Timestamp, under_way: usize, free: usize) -> usize {
        match go {
            Go::Freely => free,
            // Its end is to be waited for.
            Go::Once => free.min(usize::from(under_way == 0)),
            Go::Not(until) => {
                self.wake_at(until, now);
                0
            }
        }
    }

    /// What throttle and budget leave of so many.
    fn of_class(&mut self, lane: &Lane, class: Effect, free: usize, now: Timestamp) -> usize {
        if free == 0 {
            return 0;
        }
        let until = lane.brakes.throttled(class, now);
        if until.is_some() {
            self.wake_at(until, now);
            return 0;
        }
        match lane.budget.room(class) {
            Ok(room) => free.min(room),
            Err(next) => {
                self.wake_in(next.duration_since(Instant::now()));
                0
            }
        }
    }

    fn wake_at(&mut self, until: Option<Timestamp>, now: Timestamp) {
        let rest = until.map(|until| until.duration_since(now));
        if let Some(rest) = rest.and_then(|rest| Duration::try_from(rest).ok()) {
            // What is due is kept in whole milliseconds: never wake a moment too early.
            self.wake_in(rest + Duration::from_millis(1));
        }
    }

    fn wake_in(&mut self, rest: Duration) {
        self.wake = Some(self.wake.map_or(rest, |wake| wake.min(rest)));
    }
}
