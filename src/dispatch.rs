//! The dispatcher: lease → map → deliver → settle, for each adapter, for ever.
//!
//! It takes no input. A fresh delivery, a retry, one released by a receipt and one found after a
//! crash take the same code: the store says what is due, this says what became of it. It knows no
//! vendor and no HTTP, and keeps nothing between attempts but who is paused.
//!
//! Its parts: [`decide`] (pure: from a failure to what happens next), [`retry`] (pure: how long to
//! wait), [`attempt`](mod@attempt) (one lease through mapping and adapter) and this
//! loop.
//!
//! Invariants:
//! - At most `concurrency` attempts of an adapter are under way; a slot is free again when its
//!   settle is on disk.
//! - A panic in an adapter or a mapping leaves one delivery held and visible, never the lane.

pub mod attempt;
pub mod decide;
pub mod retry;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use futures_util::FutureExt;
use omnihub_contract::{Adapter, AdapterName};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::mapping::Mappings;
use crate::store::{Lease, Note, Outcome, Store};
use decide::{Next, Pause};
use retry::RetryPolicy;

/// First wait before a paused adapter is probed; it doubles up to [`PROBE_MAX`].
const PROBE_FIRST: Duration = Duration::from_secs(5);

/// Longest wait before a paused adapter is probed again.
const PROBE_MAX: Duration = Duration::from_secs(300);

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
}

/// What all lanes share.
#[derive(Clone)]
pub struct Shared {
    /// Where deliveries come from and go to.
    pub store: Arc<dyn Store>,
    /// The compiled mappings of now.
    pub mappings: Arc<ArcSwap<Mappings>>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Seed of the retries' jitter.
    pub seed: u64,
}

/// Runs one lane until the store stops leasing, then waits for what is under way.
pub async fn run(lane: Arc<Lane>, shared: Shared) {
    let free = Arc::new(Semaphore::new(lane.concurrency.max(1)));
    let (pauses, mut paused) = watch::channel(None::<Pause>);
    let pauses = Arc::new(pauses);
    let mut attempts = JoinSet::new();
    loop {
        wait_while_paused(&lane, &mut paused, &pauses).await;
        while attempts.try_join_next().is_some() {}
        let Ok(first) = Arc::clone(&free).acquire_owned().await else { break };
        let at_most = 1 + free.available_permits();
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
            let (lane, shared, pauses) = (Arc::clone(&lane), shared.clone(), Arc::clone(&pauses));
            attempts.spawn(async move {
                one(&lane, &shared, &pauses, lease).await;
                drop(permit);
            });
        }
    }
    while attempts.join_next().await.is_some() {}
}

/// One lease to its end: attempt, settle, and pause the lane if that is what it takes.
async fn one(lane: &Lane, shared: &Shared, pauses: &watch::Sender<Option<Pause>>, lease: Lease) {
    let id = lease.id;
    let tried = AssertUnwindSafe(attempt::attempt(lane, shared, &lease)).catch_unwind().await;
    let next = tried.unwrap_or_else(|_| {
        let words = "our own fault: the attempt panicked; see the log".to_owned();
        Next::settle(Outcome::Held(Note { code: "H0501".into(), words }))
    });
    if let Some(pause) = next.pause {
        pauses.send_if_modified(|current| current.replace(pause).is_none());
    }
    if let Err(error) = shared.store.settle(id, next.outcome).await {
        tracing::error!(delivery = %id, %error, "an attempt's outcome could not be kept");
    }
}

/// Waits until a paused lane's probe passes; each pause that follows at once waits twice as long.
async fn wait_while_paused(
    lane: &Lane,
    paused: &mut watch::Receiver<Option<Pause>>,
    pauses: &watch::Sender<Option<Pause>>,
) {
    let Some(pause) = paused.borrow_and_update().clone() else { return };
    tracing::error!(
        adapter = %lane.name, code = pause.code, reason = %pause.reason,
        "the adapter is paused: nothing is lost, it goes on when its probe passes"
    );
    let mut wait = PROBE_FIRST;
    loop {
        tokio::time::sleep(wait).await;
        match lane.adapter.probe().await {
            Ok(()) => break,
            Err(failure) => {
                tracing::warn!(adapter = %lane.name, %failure, "the paused adapter's probe failed");
            }
        }
        wait = (wait * 2).min(PROBE_MAX);
    }
    pauses.send_replace(None);
    paused.mark_unchanged();
    tracing::info!(adapter = %lane.name, "the adapter goes on");
}
