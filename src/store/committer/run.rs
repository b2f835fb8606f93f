//! What whoever owns the engine does with it: gather a group, have it committed, answer all of it.
//!
//! It does not know whether that is a thread or a task, and does not come back from a failure by
//! itself. Invariant: the store's health says that it is away before anybody is told of a failure, and
//! that it is well only after a commit on the disk that was opened anew.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::clock::Clock;
use crate::metrics::Commits;
use crate::store::contents::Keeper;
use crate::store::disk::{Disk, Writes};
use crate::store::engine::Engine;
use crate::store::slot::{Home, Slot};
use crate::store::transaction::Request;
use crate::store::{StoreError, layout};

/// Transactions in one group: beyond this a group no longer gains from being larger.
const GROUP_MAX: usize = 256;

/// Bytes of new tickets in one group, so that one group of large tickets does not delay everybody.
const GROUP_BYTES_MAX: usize = 1 << 20;

/// Longest rest before looking at the clock again: it may have been set, or the machine been asleep,
/// and neither ends a rest.
const REST_MAX: Duration = Duration::from_secs(5);

/// How the store is.
#[derive(Debug, Default)]
pub(crate) struct Health {
    /// Whether its disk failed and is not back.
    pub(crate) is_away: bool,
    /// Whether it was told to lease nothing more: nobody waits for a disk then.
    pub(crate) is_stopping: bool,
    /// Whether it was closed in order.
    pub(crate) is_closed: bool,
    /// Whether its thread is gone.
    pub(crate) has_ended: bool,
}

/// What became of a group.
pub(crate) enum After {
    /// It is kept; more may come.
    Kept,
    /// The store was closed with it.
    Closed,
    /// The disk failed.
    Failed,
}

/// What the engine's owner has.
pub(crate) struct Run<D: Disk> {
    pub(super) home: Arc<dyn Home<Disk = D>>,
    pub(super) slot: Slot<D>,
    pub(super) keeper: Arc<Keeper>,
    pub(super) engine: Engine<Slot<D>>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) accepts_waiting: Arc<AtomicUsize>,
    pub(super) health: Arc<watch::Sender<Health>>,
    pub(super) counts: Arc<Commits>,
}

/// However it ends: also by a panic, which is a fault of ours.
impl<D: Disk> Drop for Run<D> {
    fn drop(&mut self) {
        self.health.send_modify(|health| health.has_ended = true);
    }
}

impl<D: Disk> Run<D> {
    /// How long until something is due; none while nobody waits for it.
    pub(crate) fn rest(&self) -> Option<Duration> {
        let now = layout::epoch_ms(self.clock.now());
        let rest = |at: u64| Duration::from_millis(at.saturating_sub(now)).min(REST_MAX);
        self.engine.wake_at().map(rest)
    }

    /// What goes into one group: the first and those that wait behind it.
    pub(crate) fn gather(
        &self,
        first: Option<Request>,
        mut more: impl FnMut() -> Option<Request>,
    ) -> Vec<Request> {
        let mut bytes = 0;
        let mut accepts = 0;
        let mut group = Vec::with_capacity(GROUP_MAX);
        let mut next = first;
        while let Some(request) = next {
            if let Request::Accept { new, .. } = &request {
                bytes += new.bytes.len();
                accepts += 1;
            }
            group.push(request);
            let is_full = group.len() >= GROUP_MAX || bytes >= GROUP_BYTES_MAX;
            next = if is_full { None } else { more() };
        }
        self.accepts_waiting.fetch_sub(accepts, Ordering::Relaxed);
        group
    }

    /// Does a group and answers all of it.
    pub(crate) fn commit(&mut self, group: Vec<Request>) -> After {
        let is_last = group.iter().any(|request| matches!(request, Request::Close { .. }));
        let (transactions, began) = (group.len(), Instant::now());
        let (replies, done) = self.engine.step(group, self.clock.now());
        if transactions > 0 {
            self.counts.done(transactions, began.elapsed(), done.is_ok());
        }
        let done = done.map_err(|error| self.leave(&error));
        if is_last {
            self.close();
        }
        for reply in replies {
            reply.send(done.clone());
        }
        match done {
            _ if is_last => After::Closed,
            Ok(()) => After::Kept,
            Err(_) => After::Failed,
        }
    }

    pub(super) fn close(&self) {
        self.health.send_modify(|health| health.is_closed = true);
    }

    /// Lets go of a disk that failed; gives what those are told who were in the group.
    fn leave(&mut self, error: &StoreError) -> StoreError {
        tracing::error!(code = "H0901", %error, "a commit failed; nothing is taken in until the disk is back");
        self.health.send_modify(|health| health.is_away = true);
        self.engine.fail();
        self.let_go();
        match error {
            StoreError::Disk(_) => error.clone(),
            // Whatever it was, it concerns the group and not who asked.
            error => StoreError::Disk(error.to_string().into()),
        }
    }

    /// sled syncs once more when it is dropped, and panics where that fails.
    pub(super) fn let_go(&self) {
        if catch_unwind(AssertUnwindSafe(|| self.slot.put(None))).is_err() {
            tracing::warn!("the failed disk could not be closed in order");
        }
    }

    /// Opens the disk anew, and begins anew on it.
    pub(super) fn reopen(&mut self) -> Result<(), StoreError> {
        let disk = catch_unwind(AssertUnwindSafe(|| self.home.open()))
            .unwrap_or_else(|_| Err(StoreError::Away))?;
        let now = self.clock.now();
        let mut writes = Writes::default();
        writes.put(layout::opened(), layout::epoch_ms(now).to_be_bytes().to_vec());
        disk.commit(writes)?;
        self.slot.put(Some(disk));
        self.engine.begin_anew(now)?;
        self.keeper.end_rest(&self.slot);
        self.health.send_modify(|health| health.is_away = false);
        Ok(())
    }
}
