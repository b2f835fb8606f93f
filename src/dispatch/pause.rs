//! Pauses: a lane whose credentials or address are wrong is left alone until its probe passes.
//!
//! It decides nothing about deliveries; they wait in the store. A pause is in memory only: after a
//! restart the first attempt finds out anew.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::Lane;
use super::decide::Pause;

/// First wait before a paused adapter is probed; it doubles up to [`PROBE_MAX`].
const PROBE_FIRST: Duration = Duration::from_secs(5);

/// Longest wait before a paused adapter is probed again.
const PROBE_MAX: Duration = Duration::from_secs(300);

/// Whether a lane is paused, and why; shared by the lane, its attempts and its prober.
#[derive(Clone)]
pub(crate) struct Pauses(Arc<watch::Sender<Option<Pause>>>);

impl Pauses {
    pub(crate) fn none() -> Self {
        Self(Arc::new(watch::Sender::new(None)))
    }

    /// Why the lane is paused, if it is.
    pub(crate) fn current(&self) -> Option<Pause> {
        self.0.borrow().clone()
    }

    /// Pauses the lane. One that is paused already stays as it is.
    pub(crate) fn begin(&self, pause: Pause) {
        self.0.send_if_modified(|current| {
            let is_new = current.is_none();
            current.get_or_insert(pause);
            is_new
        });
    }

    /// Waits while the lane is paused; false when it is to stop.
    pub(crate) async fn over(&self, stopped: &mut watch::Receiver<bool>) -> bool {
        let mut paused = self.0.subscribe();
        if paused.borrow().is_none() {
            return true;
        }
        // A sender that is gone means the same as its signal, here as there.
        tokio::select! {
            over = paused.wait_for(Option::is_none) => over.is_ok(),
            _ = stopped.wait_for(|stopped| *stopped) => false,
        }
    }

    /// Probes the adapter whenever the lane is paused, and ends the pause when that passes. Runs until
    /// it is aborted.
    pub(crate) async fn probe(self, lane: Arc<Lane>) {
        let mut paused = self.0.subscribe();
        let mut wait = PROBE_FIRST;
        let mut went_on: Option<Instant> = None;
        while let Ok(pause) = paused.wait_for(Option::is_some).await.map(|pause| pause.clone()) {
            tell(&lane, pause);
            // Who is paused again at once passes its probe for nothing.
            let is_at_once = went_on.is_some_and(|at| at.elapsed() < wait);
            wait = if is_at_once { longer(wait) } else { PROBE_FIRST };
            tokio::time::sleep(wait).await;
            while let Err(failure) = lane.adapter.probe().await {
                tracing::warn!(adapter = %lane.name, %failure, "the paused adapter's probe failed");
                wait = longer(wait);
                tokio::time::sleep(wait).await;
            }
            tracing::info!(adapter = %lane.name, "the adapter goes on");
            went_on = Some(Instant::now());
            self.0.send_replace(None);
        }
    }
}

fn longer(wait: Duration) -> Duration {
    (wait * 2).min(PROBE_MAX)
}

fn tell(lane: &Lane, pause: Option<Pause>) {
    let Some(Pause { code, reason }) = pause else { return };
    tracing::error!(
        adapter = %lane.name, code, %reason,
        "the adapter is paused: nothing is lost, it goes on when its probe passes"
    );
}
