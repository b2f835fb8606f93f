//! Brakes: what keeps a lane from making attempts, for a while or until somebody says so.
//!
//! There are three. A **pause by fault**: credentials or the address are wrong; it ends when the
//! adapter's probe passes. A **pause by hand**: it ends when a person says so, and outlives a restart
//! (who keeps it is not decided here). The **breaker**: the upstream failed again and again; after a
//! while one attempt finds out. They decide nothing about deliveries, which wait in the store.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use omnihub_contract::AdapterName;
use tokio::sync::watch;
use tokio::time::Instant;

use super::Lane;
use super::breaker::{Breaker, BreakerPolicy, Change, Reach};
use super::decide::Pause;
use crate::clock::Clock;

/// First wait before a paused adapter is probed; it doubles up to [`PROBE_MAX`].
const PROBE_FIRST: Duration = Duration::from_secs(5);

/// Longest wait before a paused adapter is probed again.
const PROBE_MAX: Duration = Duration::from_secs(300);

/// Shared by a lane, its attempts, its prober and operators.
#[derive(Clone, Debug)]
pub struct Brakes(Arc<watch::Sender<State>>);

/// What holds a lane.
#[derive(Clone, Debug, Default, PartialEq)]
struct State {
    fault: Option<Pause>,
    hand: Option<ByHand>,
    breaker: Breaker,
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
}

/// How a lane may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Go {
    /// With as many attempts as it has room for.
    Freely,
    /// With one, whose end is to be waited for.
    Once,
}

impl Brakes {
    /// None is on, but for a pause by hand of an earlier life.
    pub fn new(hand: Option<ByHand>) -> Self {
        Self(Arc::new(watch::Sender::new(State { hand, ..State::default() })))
    }

    /// What holds the lane now.
    pub fn held(&self, now: Timestamp) -> Held {
        let state = self.0.borrow();
        if let Some(hand) = &state.hand {
            return Held::ByHand(hand.clone());
        }
        if let Some(Pause { code, reason }) = &state.fault {
            return Held::ByFault(code, reason.clone());
        }
        match state.breaker.open_until().filter(|until| now < *until) {
            Some(until) => Held::Open(until),
            None => Held::No,
        }
    }

    /// A person pauses the lane, or takes that pause back.
    pub fn by_hand(&self, hand: Option<ByHand>) {
        self.0.send_modify(|state| state.hand = hand);
    }

    /// A person says that all is well again: the lane goes on at once, and finds out.
    pub fn resume(&self) {
        self.0.send_modify(|state| *state = State::default());
    }

    /// A fault pauses the lane. One that is paused so already stays as it is.
    pub(crate) fn begin(&self, pause: Pause) {
        self.0.send_if_modified(|state| {
            let is_new = state.fault.is_none();
            state.fault.get_or_insert(pause);
            is_new
        });
    }

    /// Learns from an attempt.
    pub(crate) fn learn(
        &self,
        lane: &AdapterName,
        reach: Reach,
        policy: BreakerPolicy,
        now: Timestamp,
    ) {
        let mut change = None;
        self.0.send_if_modified(|state| {
            change = state.breaker.learn(reach, policy, now);
            change.is_some()
        });
        match change {
            Some(Change::Opened) => tracing::warn!(
                adapter = %lane, code = "H0412", rest = ?policy.cooldown,
                "the adapter fails again and again: it is left alone for a while"
            ),
            Some(Change::Closed) => tracing::info!(adapter = %lane, "the adapter answers again"),
            None => {}
        }
    }

    /// Waits while the lane is held; none when it is to stop.
    pub(crate) async fn over(
        &self,
        clock: &dyn Clock,
        stopped: &mut watch::Receiver<bool>,
    ) -> Option<Go> {
        let mut changes = self.0.subscribe();
        loop {
            let now = clock.now();
            let held = self.held(now);
            if held == Held::No {
                let is_once = self.0.borrow().breaker.open_until().is_some();
                return Some(if is_once { Go::Once } else { Go::Freely });
            }
            let rest = match held {
                Held::Open(until) => Duration::try_from(until.duration_since(now)).ok(),
                Held::No | Held::ByFault(..) | Held::ByHand(_) => None,
            };
            tokio::select! {
                changed = changes.changed() => changed.ok()?,
                () = rest_for(rest) => {}
                // A sender that is gone means the same as its signal.
                _ = stopped.wait_for(|stopped| *stopped) => return None,
            }
        }
    }

    /// Probes the adapter whenever a fault has paused the lane, and ends the pause when that passes.
    /// Runs until it is aborted.
    pub(crate) async fn probe(self, lane: Arc<Lane>) {
        let mut paused = self.0.subscribe();
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
            while self.0.borrow().fault.is_some()
                && let Err(failure) = lane.adapter.probe().await
            {
                tracing::warn!(adapter = %lane.name, %failure, "the paused adapter's probe failed");
                wait = longer(wait);
                tokio::time::sleep(wait).await;
            }
            tracing::info!(adapter = %lane.name, "the adapter goes on");
            went_on = Some(Instant::now());
            self.0.send_modify(|state| state.fault = None);
        }
    }
}

async fn rest_for(rest: Option<Duration>) {
    match rest {
        // The index of what is due has milliseconds: never wake a moment too early.
        Some(rest) => tokio::time::sleep(rest + Duration::from_millis(1)).await,
        None => std::future::pending().await,
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
