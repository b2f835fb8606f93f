//! Who owns the engine, and how transactions reach it: a thread, or for simulations a task.
//!
//! It does not know what a transaction does; what both do with a group is in `committer`.

use std::sync::mpsc;
use std::thread;

use tokio::sync::mpsc::UnboundedSender;
use tokio::task;

use super::StoreError;
use super::transaction::Request;

/// How transactions reach the engine's owner.
pub(super) enum Queue {
    /// A thread: it may wait for a disk.
    Thread(mpsc::Sender<Request>),
    /// A task of the caller's runtime: it keeps that runtime's time.
    Task(UnboundedSender<Request>),
}

impl Queue {
    /// Queues a transaction, unless the owner is gone.
    pub(super) fn send(&self, request: Request) -> Result<(), StoreError> {
        let sent = match self {
            Self::Thread(queue) => queue.send(request).is_ok(),
            Self::Task(queue) => queue.send(request).is_ok(),
        };
        if sent { Ok(()) } else { Err(StoreError::Closed) }
    }
}

/// The engine's owner, to be waited for.
pub(super) enum Owner {
    /// A thread.
    Thread(thread::JoinHandle<()>),
    /// A task.
    Task(Ended),
}

/// A task that ends with this: what is queued for it is then not done.
pub(super) struct Ended(pub(super) task::JoinHandle<()>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Owner {
    /// Waits until it is gone of its own accord.
    pub(super) async fn gone(self) {
        match self {
            Self::Thread(thread) => drop(task::spawn_blocking(move || thread.join()).await),
            Self::Task(mut task) => drop((&mut task.0).await),
        }
    }
}
