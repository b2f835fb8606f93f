//! A committer that is a task of the caller's runtime, for simulations: it keeps that runtime's time,
//! and the same calls in the same order give the same groups.
//!
//! It waits for the disk on the runtime's own thread, so it is not for a hub that serves anybody.

use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::StoreError;
use super::committer::{After, Run};
use super::disk::Disk;
use super::owner::{Ended, Owner, Queue};
use super::transaction::Request;

/// Begins the task. It ends when the store is closed, its disk fails, or the store is dropped: then at
/// once, whatever is queued.
pub(super) fn on_task<D: Disk>(run: Run<D>) -> Result<(Queue, Owner), StoreError> {
    let (queue, waiting) = unbounded_channel();
    let task = tokio::spawn(forever(run, waiting));
    Ok((Queue::Task(queue), Owner::Task(Ended(task))))
}

async fn forever<D: Disk>(mut run: Run<D>, mut waiting: UnboundedReceiver<Request>) {
    while let Some(first) = next(run.rest(), &mut waiting).await {
        let group = run.gather(first, || waiting.try_recv().ok());
        match run.commit(group) {
            After::Kept => {}
            After::Closed | After::Failed => return,
        }
        // Whoever was answered has a turn before the next group.
        tokio::task::yield_now().await;
    }
}

/// The next transaction, or none when it is time to look at what is due; stops when all are gone.
async fn next(
    rest: Option<Duration>,
    waiting: &mut UnboundedReceiver<Request>,
) -> Option<Option<Request>> {
    match rest {
        Some(rest) => match tokio::time::timeout(rest, waiting.recv()).await {
            Ok(request) => request.map(Some),
            Err(_) => Some(None),
        },
        None => waiting.recv().await.map(Some),
    }
}
