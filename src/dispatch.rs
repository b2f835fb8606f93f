//! The dispatcher: lease → map → deliver → settle, for each adapter, for ever.
//!
//! It takes no input. A fresh delivery, a retry, one released by a receipt and one found after a
//! crash take the same code: the store says what is due, this says what became of it. It knows no
//! vendor and no HTTP, and keeps nothing between attempts but who is held back.
//!
//! Its parts: [`decide`] (pure: from a failure to what happens next), [`retry`] (pure: how long to
//! wait), [`rest`] (pure: a wait that no clock makes longer), [`attempt`](mod@attempt) (one lease through mapping and adapter), `trace` (what is kept of
//! it), `files` (what a delivery carries), [`breaker`] (pure: who is left alone), [`brakes`] (by whom,
//! until when), [`budget`] (how much a minute), `plan` (pure: what may be asked for now) and `running`
//! (the loop of a lane).
//!
//! Invariants:
//! - At most `concurrency` attempts of an adapter are under way; a slot is free again when its
//!   settle is on disk.
//! - A panic in an adapter or a mapping leaves one delivery held and visible, never the lane.

pub mod attempt;
pub mod brakes;
pub mod breaker;
pub mod budget;
pub mod decide;
mod files;
pub mod originals;
mod plan;
pub mod promptness;
mod questions;
pub mod rest;
pub mod retry;
mod running;
mod trace;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use arc_swap::ArcSwap;
use futures_util::FutureExt;
use omnihub_contract::{Adapter, AdapterName, Effect};
use tokio::sync::watch;

use crate::clock::Clock;
use crate::mapping::Mappings;
use crate::metrics::Attempts;
use crate::store::attempt::Attempt;
use crate::store::{Lease, Note, Outcome, Store};
use brakes::Brakes;
use breaker::BreakerPolicy;
use budget::Budget;
use decide::Next;
pub use files::FileRoom;
use originals::Originals;
use promptness::Promptness;
use retry::RetryPolicies;
use running::Running;
use trace::Trace;

/// An adapter and how it is to be used.
pub struct Lane {
    /// Its name.
    pub name: AdapterName,
    /// How to reach it.
    pub adapter: Arc<dyn Adapter>,
    /// Attempts that may be under way at once, at least 1.
    pub concurrency: usize,
    /// Creates among them, at least 1.
    pub create_concurrency: usize,
    /// When to try again.
    pub retry: RetryPolicies,
    /// Operations that are repeated although their outcome is unknown: the operator prefers a
    /// duplicate to a held delivery.
    pub repeat_unknown: Vec<String>,
    /// When it is left alone because it fails.
    pub breaker: BreakerPolicy,
    /// What holds it.
    pub brakes: Brakes,
    /// How many calls it takes, for whoever calls it.
    pub budget: Budget,
    /// What is known of how promptly it delivers.
    pub promptness: Arc<Promptness>,
    /// Counts its attempts.
    pub counts: Arc<Attempts>,
}

/// What all lanes share.
#[derive(Clone)]
pub struct Shared {
    /// Where deliveries come from and go to.
    pub store: Arc<dyn Store>,
    /// The compiled mappings of now.
    pub mappings: Arc<ArcSwap<Mappings>>,
    /// The compiled mappings of before, for deliveries that are to go by them.
    pub originals: Arc<Originals>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Seed of the retries' jitter.
    pub seed: u64,
    /// What the files under way may take in memory.
    pub file_room: FileRoom,
    /// True from the moment the hub is told to stop: a paused lane does not wait for its probe then.
    pub stopped: watch::Receiver<bool>,
}

/// Runs one lane until the store stops leasing, then waits for what is under way.
pub async fn run(lane: Arc<Lane>, shared: Shared) {
    let probing = tokio::spawn(lane.brakes.clone().probe(Arc::clone(&lane)));
    Running::new(lane, shared).until_stopped().await;
    probing.abort();
}

/// Whether a leased delivery is attempted.
enum Turn {
    Attempt,
    /// Not now: what follows instead.
    Not(Next),
}

/// One lease to its end: attempt, settle, and whatever brake that puts on.
async fn one(
    lane: &Lane,
    shared: &Shared,
    lease: Lease,
    turn: Turn,
    (class, destination): (Effect, Option<&str>),
) {
    let id = lease.id;
    let (next, attempt) = match turn {
        Turn::Attempt => tried(lane, shared, &lease).await,
        Turn::Not(next) => (next, None),
    };
    let told = (next.reach, next.throttle, next.pause.as_ref());
    lane.brakes.learn(lane, told, (class, destination), shared.clock.now());
    lane.promptness.learn(&lease, &next.outcome, shared.clock.now());
    if let Err(error) = shared.store.settle_attempt(id, next.outcome, attempt).await {
        tracing::error!(delivery = %id, %error, "an attempt's outcome could not be kept");
    }
}

/// The mappings that a delivery goes by: those of the day, unless a person said otherwise.
fn by(shared: &Shared, lease: &Lease) -> Result<Arc<Mappings>, String> {
    let today = shared.mappings.load_full();
    match &lease.pinned {
        Some(digest) if **digest != *today.short_digest() => shared.originals.find(digest),
        Some(_) | None => Ok(today),
    }
}

/// The attempt, and what is to be kept of it. It ends with the mappings that it began with.
async fn tried(lane: &Lane, shared: &Shared, lease: &Lease) -> (Next, Option<Attempt>) {
    let mappings = match by(shared, lease) {
        Ok(mappings) => mappings,
        Err(words) => {
            let gone = Note { code: "H0308".into(), words };
            return (Next::settle(Outcome::Dead(gone)), None);
        }
    };
    let began = shared.clock.now();
    let mut trace = Trace::default();
    let attempt = attempt::attempt(lane, shared, &mappings, lease, &mut trace);
    let tried = AssertUnwindSafe(attempt).catch_unwind().await;
    let next = tried.unwrap_or_else(|_| {
        let words = "our own fault: the attempt panicked; see the log".to_owned();
        Next::settle(Outcome::Held(Note { code: "H0501".into(), words }))
    });
    let kept = trace.attempt(began, shared.clock.now(), mappings.short_digest(), &next);
    (next, kept)
}
