//! The loop of one lane: asks the store for what may go, starts it, and sees it end.
//!
//! It decides nothing about deliveries. Whatever changes what may go (an attempt that ends, a brake, a
//! budget that has room again) makes it look again, and ask anew if that makes a difference.
//!
//! Invariant: what the store has leased is always started: an answer is never dropped.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use omnihub_contract::{BoxFuture, Effect};
use tokio::sync::watch;
use tokio::task::{Id, JoinError, JoinSet};

use super::brakes::{Go, Held};
use super::decide::{self, Next};
use super::plan::{Load, Plan, plan, share};
use super::{Lane, Shared, Turn, one};
use crate::store::{Lease, Leased, Outcome, StoreError, Track, Wants};

/// Destinations that something may stand aside for, by lane: each costs the store two small indexes. Those
/// that people have paused, which are few, may be more.
const ASIDES_MAX: usize = 256;

/// Longest rest before what may go is looked at again: the clock may have been set, or the machine been
/// asleep, and neither ends a rest.
const REST_MAX: Duration = Duration::from_secs(30);

/// Wait of what can neither go nor stand aside.
const CROWDED_WAIT: Duration = Duration::from_secs(5);

pub(super) struct Running {
    lane: Arc<Lane>,
    shared: Shared,
    load: Load,
    attempts: JoinSet<()>,
    slots: HashMap<Id, Slot>,
    asked: FuturesUnordered<BoxFuture<'static, Answer>>,
    /// The tracks that the store was asked for last, and how often it has been asked.
    last: BTreeSet<Track>,
    asks: u64,
    /// How often something has been put aside.
    put_aside: u64,
}

/// What the store says.
struct Answer {
    leased: Result<Leased, StoreError>,
    /// Which question it answers.
    ask: u64,
    /// How often something had been put aside when it was asked.
    put_aside: u64,
}

/// What one delivery under way takes.
struct Slot {
    is_create: bool,
    destination: Option<Box<str>>,
    stood_aside: bool,
    /// It is no attempt: it is put aside.
    goes_aside: bool,
}

impl Running {
    pub(super) fn new(lane: Arc<Lane>, shared: Shared) -> Self {
        let mut load = Load::default();
        match shared.store.asides(&lane.name, 2 * ASIDES_MAX) {
            Ok(found) => load.asides.extend(found.into_iter().map(|destination| (destination, 0))),
            Err(error) => {
                tracing::error!(adapter = %lane.name, %error, "what stands aside cannot be read");
            }
        }
        Self {
            lane,
            shared,
            load,
            attempts: JoinSet::new(),
            slots: HashMap::new(),
            asked: FuturesUnordered::new(),
            last: BTreeSet::new(),
            asks: 0,
            put_aside: 0,
        }
    }

    /// Runs until the store stops leasing, then waits for what is under way.
    pub(super) async fn until_stopped(mut self) {
        let brakes = self.lane.brakes.clone();
        let mut stopped = self.shared.stopped.clone();
        loop {
            let Plan { wants, wake } = plan(&self.lane, &self.load, self.shared.clock.now());
            self.ask(wants);
            // In this order, so that a simulation repeats.
            tokio::select! {
                biased;
                Some(answer) = self.asked.next() => if !self.begin(answer) { break },
                Some(ended) = self.attempts.join_next_with_id() => self.end(ended),
                () = brakes.changed() => {}
                () = rest(wake) => {}
                // Held or used up: the store could not tell it.
                () = told(&mut stopped), if self.asked.is_empty() && self.load.all == 0 => break,
            }
        }
        while let Some(answer) = self.asked.next().await {
            self.begin(answer);
        }
        while self.attempts.join_next().await.is_some() {}
    }

    fn ask(&mut self, wants: Wants) {
        let is_pending = !self.asked.is_empty();
        let tracks: BTreeSet<Track> = wants.tracks.iter().map(|(track, _)| track.clone()).collect();
        if match is_pending {
            true => tracks == self.last,
            false => tracks.is_empty(),
        } {
            return;
        }
        self.last = tracks;
        self.asks += 1;
        let (ask, put_aside) = (self.asks, self.put_aside);
        let (store, name) = (Arc::clone(&self.shared.store), self.lane.name.clone());
        let wants = Wants { instead: is_pending, ..wants };
        self.asked.push(Box::pin(async move {
            let leased = store.lease_from(name, wants).await;
            Answer { leased, ask, put_aside }
        }));
    }

    /// Starts what was leased; false when nothing will be leased any more.
    fn begin(&mut self, answer: Answer) -> bool {
        if answer.ask == self.asks {
            // Nothing of it waits any more, whatever an older question still waits for.
            self.last.clear();
        }
        let leased = match answer.leased {
            Ok(leased) => leased,
            Err(error) => {
                tracing::error!(adapter = %self.lane.name, %error, "the lane stops: the store leases nothing");
                return false;
            }
        };
        for track in leased.empty {
            if let Track::Aside(destination) = track
                && self.load.asides.get(&destination).is_some_and(|put| *put <= answer.put_aside)
            {
                self.load.asides.remove(&destination);
            }
        }
        self.load.turn = self.load.turn.wrapping_add(1);
        leased.leases.into_iter().for_each(|lease| self.start(lease));
        !leased.has_stopped
    }

    fn start(&mut self, lease: Lease) {
        let operations = self.lane.adapter.operations();
        let operation = operations.iter().find(|operation| operation.name == &*lease.operation);
        let class = operation.map_or(Effect::Change, |operation| operation.effect);
        let destination = match &lease.track {
            Track::Aside(destination) => Some(destination.clone()),
            Track::Changes | Track::Creates => self.lane.adapter.destination(&lease.ticket),
        };
        let turn = self.turn(&lease, class, destination.as_deref());
        let slot = Slot {
            is_create: class == Effect::Create,
            stood_aside: matches!(lease.track, Track::Aside(_)),
            goes_aside: matches!(&turn, Turn::Not(next) if matches!(next.outcome, Outcome::Aside(_))),
            destination: destination.clone(),
        };
        self.load.all += 1;
        self.load.creates += usize::from(slot.is_create);
        self.load.aside += usize::from(slot.stood_aside);
        if let Some(destination) = &slot.destination
            && !slot.goes_aside
        {
            *self.load.at.entry(destination.clone()).or_default() += 1;
        }
        let (lane, shared) = (Arc::clone(&self.lane), self.shared.clone());
        let task = self.attempts.spawn(async move {
            one(&lane, &shared, lease, turn, (class, destination.as_deref())).await;
        });
        self.slots.insert(task.id(), slot);
    }

    /// Whether this delivery may be attempted now. It was asked for when it could have been; what has
    /// changed since is seen here.
    fn turn(&self, lease: &Lease, class: Effect, destination: Option<&str>) -> Turn {
        let (lane, load) = (&self.lane, &self.load);
        let now = self.shared.clock.now();
        let held = lane.brakes.held(now);
        if held != Held::No {
            return Turn::Not(decide::put_back(&held, now));
        }
        if let Some(destination) = destination {
            let here = load.at.get(destination).copied().unwrap_or(0);
            let go = lane.brakes.go_at(destination, now);
            let has_room = match go {
                Go::Freely => here < share(lane),
                Go::Once => here == 0,
                Go::Not(_) => false,
            };
            let stands_there = matches!(lease.track, Track::Aside(_));
            let may_stand = load.asides.contains_key(destination)
                || load.asides.len() < ASIDES_MAX
                || go == Go::Not(None);
            if !has_room && !stands_there && may_stand {
                return Turn::Not(Next::settle(Outcome::Aside(destination.into())));
            }
            if !has_room {
                return Turn::Not(decide::wait_for_turn(CROWDED_WAIT, now));
            }
        }
        if class == Effect::Create && load.creates >= lane.create_concurrency {
            return Turn::Not(decide::wait_for_turn(CROWDED_WAIT, now));
        }
        match lane.budget.try_take(class) {
            Ok(()) => Turn::Attempt,
            Err(wait) => Turn::Not(decide::wait_for_turn(wait, now)),
        }
    }

    fn end(&mut self, ended: Result<(Id, ()), JoinError>) {
        let id = ended.map_or_else(|error| error.id(), |(id, ())| id);
        let Some(slot) = self.slots.remove(&id) else { return };
        self.load.all = self.load.all.saturating_sub(1);
        self.load.creates = self.load.creates.saturating_sub(usize::from(slot.is_create));
        self.load.aside = self.load.aside.saturating_sub(usize::from(slot.stood_aside));
        let Some(destination) = slot.destination else { return };
        if slot.goes_aside {
            self.put_aside += 1;
            self.load.asides.insert(destination, self.put_aside);
        } else if let Some(here) = self.load.at.get_mut(&destination) {
            *here = here.saturating_sub(1);
            if *here == 0 {
                self.load.at.remove(&destination);
            }
        }
    }
}

async fn rest(wake: Option<Duration>) {
    match wake {
        Some(wake) => tokio::time::sleep(wake.min(REST_MAX)).await,
        None => std::future::pending().await,
    }
}

async fn told(stopped: &mut watch::Receiver<bool>) {
    // A sender that is gone means the same as its signal.
    drop(stopped.wait_for(|stopped| *stopped).await);
}
