//! The dispatcher: lease → map → deliver → settle, for each adapter, for ever.
//!
//! It takes no input. A fresh delivery, a retry, one released by a receipt and one found after a
//! crash take the same code: the store says what is due, this says what became of it. It knows no
//! vendor and no HTTP, and keeps nothing between attempts but who is held back.
//!
//! Its parts: [`decide`] (pure: from a failure to what happens next), [`retry`] (pure: how long to
//! wait), [`attempt`](mod@attempt) (one lease through mapping and adapter), `trace` (what is kept of
//! it), `files` (what a delivery carries), [`breaker`] (pure: who is left alone), [`brakes`] (by whom,
//! until when), [`budget`] (how much a minute) and this loop.
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
pub mod promptness;
mod questions;
pub mod retry;
mod trace;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use arc_swap::ArcSwap;
use futures_util::FutureExt;
use omnihub_contract::{Adapter, AdapterName};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::mapping::Mappings;
use crate::store::attempt::Attempt;
use crate::store::{Lease, Note, Outcome, Store};
use brakes::{Brakes, Go, Held};
use breaker::BreakerPolicy;
use budget::Budget;
use decide::Next;
pub use files::FileRoom;
use originals::Originals;
use promptness::Promptness;
use retry::RetryPolicy;
use trace::Trace;

/// An adapter and how it is to be used.
pub struct Lane {
    /// Its name.
    pub name: AdapterName,
    /// How to reach it.
    pub adapter: Arc<dyn Adapter>,
    /// Attempts that may be under way at once, at least 1.
    pub concurrency: usize,
    /// When to try again.
    pub retry: RetryPolicy,
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
pub async fn run(lane: Arc<Lane>, mut shared: Shared) {
    let free = Arc::new(Semaphore::new(lane.concurrency.max(1)));
    let probing = tokio::spawn(lane.brakes.clone().probe(Arc::clone(&lane)));
    let mut attempts = JoinSet::new();
    loop {
        while attempts.try_join_next().is_some() {}
        let Ok(first) = Arc::clone(&free).acquire_owned().await else { break };
        let Some(go) = lane.brakes.over(&*shared.clock, &mut shared.stopped).await else { break };
        let at_most = match go {
            Go::Freely => 1 + free.available_permits(),
            Go::Once => 1,
        };
        let leases = match shared.store.lease(lane.name.clone(), at_most).await {
            Ok(leases) if leases.is_empty() => break,
            Ok(leases) => leases,
            Err(error) => {
                tracing::error!(adapter = %lane.name, %error, "the lane stops: the store leases nothing");
                break;
            }
        };
        let mut permits = vec![first];
        permits
            .extend((1..leases.len()).filter_map(|_| Arc::clone(&free).try_acquire_owned().ok()));
        for (lease, permit) in leases.into_iter().zip(permits) {
            let (lane, shared) = (Arc::clone(&lane), shared.clone());
            attempts.spawn(async move {
                one(&lane, &shared, lease).await;
                drop(permit);
            });
        }
        while go == Go::Once && attempts.join_next().await.is_some() {}
    }
    while attempts.join_next().await.is_some() {}
    probing.abort();
}

/// One lease to its end: attempt, settle, and pause the lane if that is what it takes.
async fn one(lane: &Lane, shared: &Shared, lease: Lease) {
    let id = lease.id;
    let (next, attempt) = match lane.brakes.held(shared.clock.now()) {
        Held::No => tried(lane, shared, &lease).await,
        // It was asked for before the brakes were on.
        held => (decide::put_back(&held, shared.clock.now()), None),
    };
    if let Some(pause) = next.pause {
        lane.brakes.begin(pause);
    }
    lane.brakes.learn(&lane.name, next.reach, lane.breaker, shared.clock.now());
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
