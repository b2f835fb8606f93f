//! Brakes: what keeps a lane from making attempts, for a while or until somebody says so.
//!
//! There are four. A **pause by fault**: credentials or the address are wrong; it ends when the
//! adapter's probe passes. A **pause by hand**: it ends when a person says so, and outlives a restart
//! (who keeps it is not decided here). The **breaker**: the upstream failed again and again; after a
//! while one attempt finds out. The **throttle**: it said that it takes no more for a while; only what
//! is of the same class (creates, changes, questions) waits for that. They decide nothing about deliveries,
//! which wait in the store.
//!
//! All of them hang on the adapter. Where it calls many destinations, breaker and throttle hang on each
//! of these instead, and a person may pause one of them; of one that nothing holds nothing is kept.

mod receiver;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use omnihub_contract::Effect;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use super::Lane;
use super::breaker::{Breaker, Change, Reach};
use super::decide::Pause;
use super::rest::Rest;
use receiver::Receiver;

/// First wait before a paused adapter is probed; it doubles up to [`PROBE_MAX`].
const PROBE_FIRST: Duration = Duration::from_secs(5);

/// Longest wait before a paused adapter is probed again.
const PROBE_MAX: Duration = Duration::from_secs(300);

/// Destinations of an adapter that are kept because something holds them or they have failed: each is a
/// few hundred bytes. Beyond it one that begins to fail is not braked, only retried; one that a person
/// pauses is kept all the same.
const RECEIVERS_MAX: usize = 1024;

/// Shared by a lane, its attempts, its prober and operators.
#[derive(Clone, Debug)]
pub struct Brakes {
    state: Arc<watch::Sender<State>>,
    /// Wakes the lane. Not the channel: that wakes its readers in no certain order.
    lane: Arc<Notify>,
}

/// What holds a lane.
#[derive(Clone, Debug, Default, PartialEq)]
struct State {
    fault: Option<Pause>,
    hand: Option<ByHand>,
    breaker: Breaker,
    throttle: Throttle,
    receivers: BTreeMap<Box<str>, Receiver>,
}

/// Until when nothing of a class is sent.
#[derive(Clone, Debug, Default, PartialEq)]
struct Throttle {
    creates: Option<Rest>,
    changes: Option<Rest>,
    reads: Option<Rest>,
}

impl Throttle {
    fn of(&self, class: Effect, now: Timestamp) -> Option<Timestamp> {
        let rest = match class {
            Effect::Create => self.creates,
            Effect::Change | Effect::Status => self.changes,
            Effect::Read => self.reads,
        };
        rest.and_then(|rest| rest.left(now))
    }

    fn rest(&mut self, class: Effect, rest: Rest, now: Timestamp) {
        let place = match class {
            Effect::Create => &mut self.creates,
            Effect::Change | Effect::Status => &mut self.changes,
            Effect::Read => &mut self.reads,
        };
        *place = Some(rest.longer(*place, now));
    }
}

/// A pause by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByHand {
    /// Since when.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// Why.
    pub reason: String,
}

impl ByHand {
    /// The pause that the settings ask for, of an adapter that is new.
    pub fn by_settings(now: Timestamp) -> Self {
        Self { at: now, by: "the settings".to_owned(), reason: "start_paused".to_owned() }
    }
}

/// What holds a lane, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// Nothing.
    No,
    /// A fault: code and reason.
    ByFault(&'static str, String),
    /// A person.
    ByHand(ByHand),
    /// The breaker, until then.
    Open(Timestamp),
    /// The upstream said so, until then.
    Throttled(Timestamp),
}

impl Held {
    /// How to go on; `is_trial` after the breaker was open.
    fn go(&self, is_trial: bool) -> Go {
        match self {
            Self::No if is_trial => Go::Once,
            Self::No => Go::Freely,
            Self::ByFault(..) | Self::ByHand(_) => Go::Not(None),
            Self::Open(until) | Self::Throttled(until) => Go::Not(Some(*until)),
        }
    }
}

/// How a lane may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Go {
    /// With as many attempts as it has room for.
    Freely,
    /// With one, whose end is to be waited for.
    Once,
    /// Not at all, until then or until something changes.
    Not(Option<Timestamp>),
}

impl Brakes {
    /// None is on, but for a pause by hand of an earlier life.
    pub fn new(hand: Option<ByHand>) -> Self {
        let state = watch::Sender::new(State { hand, ..State::default() });
        Self { state: Arc::new(state), lane: Arc::default() }
    }

    /// What holds the lane now.
    pub fn held(&self, now: Timestamp) -> Held {
        let state = self.state.borrow();
        if let Some(hand) = &state.hand {
            return Held::ByHand(hand.clone());
        }
        if let Some(Pause { code, reason }) = &state.fault {
            return Held::ByFault(code, reason.clone());
        }
        match state.breaker.open_until(now) {
            Some(until) => Held::Open(until),
            None => Held::No,
        }
    }

    /// A person pauses the lane, or takes that pause back.
    pub fn by_hand(&self, hand: Option<ByHand>) {
        self.state.send_modify(|state| state.hand = hand);
        self.lane.notify_one();
    }

    /// A person says that all is well again: the lane goes on at once, and finds out. Destinations that
    /// people paused one by one stay so.
    pub fn resume(&self) {
        self.state.send_modify(|state| {
            let receivers = std::mem::take(&mut state.receivers).into_iter();
            let paused = receivers.filter_map(|(name, receiver)| Some((name, receiver.eased()?)));
            *state = State { receivers: paused.collect(), ..State::default() };
        });
        self.lane.notify_one();
    }

    /// A person pauses one destination.
    pub fn pause_at(&self, destination: &str, hand: ByHand) {
        self.state.send_modify(|state| {
            state.receivers.entry(destination.into()).or_default().pause(hand);
        });
        self.lane.notify_one();
    }

    /// A person says that all is well again with one destination, whatever held it.
    pub fn resume_at(&self, destination: &str) {
        self.state.send_modify(|state| drop(state.receivers.remove(destination)));
        self.lane.notify_one();
    }

    /// What holds one destination now.
    pub fn held_at(&self, destination: &str, now: Timestamp) -> Held {
        let state = self.state.borrow();
        state.receivers.get(destination).map_or(Held::No, |receiver| receiver.held(now))
    }

    /// How the lane may go on.
    pub(crate) fn go(&self, now: Timestamp) -> Go {
        self.held(now).go(self.state.borrow().breaker.is_open())
    }

    /// How it may go on with one of its destinations.
    pub(crate) fn go_at(&self, destination: &str, now: Timestamp) -> Go {
        let state = self.state.borrow();
        state.receivers.get(destination).map_or(Go::Freely, |receiver| receiver.go(now))
    }

    /// Until when nothing of this class is sent.
    pub fn throttled(&self, class: Effect, now: Timestamp) -> Option<Timestamp> {
        self.state.borrow().throttle.of(class, now)
    }

    /// Destinations that something holds now, by name.
    pub fn receivers(&self, now: Timestamp) -> Vec<(Box<str>, Held)> {
        let state = self.state.borrow();
        let all = state.receivers.iter().map(|(name, receiver)| (name.clone(), receiver.held(now)));
        all.filter(|(_, held)| *held != Held::No).collect()
    }

    /// Waits until something has changed since this was last waited for. Only the lane does.
    pub(crate) async fn changed(&self) {
        self.lane.notified().await;
    }

    /// Learns from what became of a call of this class, to this destination where the adapter has many:
    /// what it says of the upstream, how long that takes no more, and why it is to be paused.
    pub(crate) fn learn(
        &self,
        lane: &Lane,
        (reach, throttle, pause): (Reach, Option<Duration>, Option<&Pause>),
        (class, destination): (Effect, Option<&str>),
        now: Timestamp,
    ) {
        let rest = throttle.map(|wait| Rest::of(now, wait));
        let mut change = None;
        let is_news = self.state.send_if_modified(|state| {
            let begins = state.fault.is_none() && pause.is_some();
            if begins {
                state.fault = pause.cloned();
            }
            change = match destination {
                Some(destination) => learn_at(state, destination, (reach, rest), lane, now),
                None => {
                    rest.into_iter().for_each(|rest| state.throttle.rest(class, rest, now));
                    state.breaker.learn(reach, lane.breaker, now)
                }
            };
            begins || rest.is_some() || change.is_some()
        });
        if is_news {
            self.lane.notify_one();
        }
        told(lane, destination, change);
    }

    /// Probes the adapter whenever a fault has paused the lane, and ends the pause when that passes.
    /// Runs until it is aborted.
    pub(crate) async fn probe(self, lane: Arc<Lane>) {
        let mut paused = self.state.subscribe();
        let mut wait = PROBE_FIRST;
        let mut went_on: Option<Instant> = None;
        while let Ok(fault) =
            paused.wait_for(|state| state.fault.is_some()).await.map(|state| state.fault.clone())
        {
            tell(&lane, fault);
            // Who is paused again at once passes its probe for nothing.
            let is_at_once = went_on.is_some_and(|at| at.elapsed() < wait);
            wait = if is_at_once { longer(wait) } else { PROBE_FIRST };
            tokio::time::sleep(wait).await;
            while self.state.borrow().fault.is_some()
                && let Err(failure) = lane.adapter.probe().await
            {
                tracing::warn!(adapter = %lane.name, %failure, "the paused adapter's probe failed");
                wait = longer(wait);
                tokio::time::sleep(wait).await;
            }
            tracing::info!(adapter = %lane.name, "the adapter goes on");
            went_on = Some(Instant::now());
            self.state.send_modify(|state| state.fault = None);
            self.lane.notify_one();
        }
    }
}

fn learn_at(
    state: &mut State,
    destination: &str,
    (reach, rest): (Reach, Option<Rest>),
    lane: &Lane,
    now: Timestamp,
) -> Option<Change> {
    let is_known = state.receivers.contains_key(destination);
    let says_nothing = rest.is_none() && reach != Reach::Down;
    if !is_known && (says_nothing || state.receivers.len() >= RECEIVERS_MAX) {
        return None;
    }
    let receiver = state.receivers.entry(destination.into()).or_default();
    rest.into_iter().for_each(|rest| receiver.throttle(rest, now));
    let change = receiver.learn(reach, lane.breaker, now);
    if *receiver == Receiver::default() {
        state.receivers.remove(destination);
    }
    change
}

fn told(lane: &Lane, destination: Option<&str>, change: Option<Change>) {
    let (adapter, destination) = (&lane.name, destination.unwrap_or("itself"));
    match change {
        Some(Change::Opened) => tracing::warn!(
            %adapter, destination, code = "H0412", rest = ?lane.breaker.cooldown,
            "it fails again and again and is left alone for a while"
        ),
        Some(Change::Closed) => tracing::info!(%adapter, destination, "it answers again"),
        None => {}
    }
}

fn longer(wait: Duration) -> Duration {
    (wait * 2).min(PROBE_MAX)
}

fn tell(lane: &Lane, fault: Option<Pause>) {
    let Some(Pause { code, reason }) = fault else { return };
    tracing::error!(
        adapter = %lane.name, code, %reason,
        "the adapter is paused: nothing is lost, it goes on when its probe passes"
    );
}
