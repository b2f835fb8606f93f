//! The committer's own thread, which comes back after a failure.
//!
//! Nobody knows what a disk kept of a commit that failed, so nothing goes on from there: everybody who
//! waits is told so, the disk is let go of and opened anew, and a fresh engine begins with what is
//! really on it. What dispatchers had under way is still theirs, and its settles wait meanwhile.

use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use super::run::{After, Run};
use crate::store::StoreError;
use crate::store::disk::Disk;
use crate::store::owner::{Owner, Queue};
use crate::store::transaction::Request;

/// Begins the thread.
pub(super) fn begin<D: Disk>(run: Run<D>) -> Result<(Queue, Owner), StoreError> {
    let (queue, waiting) = channel();
    let thread = std::thread::Builder::new()
        .name("committer".into())
        .spawn(move || forever(run, &waiting))
        .map_err(|error| StoreError::Disk(error.to_string().into()))?;
    Ok((Queue::Thread(queue), Owner::Thread(thread)))
}

fn forever<D: Disk>(mut run: Run<D>, waiting: &Receiver<Request>) {
    while let Some(first) = next(&run, waiting) {
        let group = run.gather(first, || waiting.try_recv().ok());
        let goes_on = match run.commit(group) {
            After::Kept => true,
            After::Closed => false,
            After::Failed => comes_back(&mut run, waiting),
        };
        if !goes_on {
            break;
        }
    }
    run.close();
}

/// The next transaction, or none when it is time to look at what is due; stops when all are gone.
fn next<D: Disk>(run: &Run<D>, waiting: &Receiver<Request>) -> Option<Option<Request>> {
    let Some(rest) = run.rest() else { return waiting.recv().ok().map(Some) };
    match waiting.recv_timeout(rest) {
        Ok(request) => Some(Some(request)),
        Err(RecvTimeoutError::Timeout) => Some(None),
        Err(RecvTimeoutError::Disconnected) => None,
    }
}

/// Opens the disk anew, as often as it takes; false when the store is to be closed instead.
fn comes_back<D: Disk>(run: &mut Run<D>, waiting: &Receiver<Request>) -> bool {
    let mut told = String::new();
    while refuse_for(run, waiting, run.home.reopen_after()) {
        match run.reopen() {
            Ok(()) => {
                tracing::info!(code = "H0901", "the disk is back; everything goes on");
                return true;
            }
            Err(error) => {
                run.let_go();
                let words = error.to_string();
                if words != told {
                    tracing::warn!(code = "H0901", "the disk is not back: {words}");
                    told = words;
                }
            }
        }
    }
    false
}

/// Tells everybody who comes meanwhile; false when the store is to be closed.
fn refuse_for<D: Disk>(run: &mut Run<D>, waiting: &Receiver<Request>, time: Duration) -> bool {
    let until = Instant::now() + time;
    loop {
        match waiting.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(Request::Close { reply }) => {
                Request::Close { reply }.refuse(Ok(()));
                return false;
            }
            Ok(Request::StopLeasing) => run.engine.lease_nothing(),
            Ok(request) => {
                if matches!(request, Request::Accept { .. }) {
                    run.accepts_waiting.fetch_sub(1, Ordering::Relaxed);
                }
                request.refuse(Err(StoreError::Away));
            }
            Err(RecvTimeoutError::Timeout) => return true,
            Err(RecvTimeoutError::Disconnected) => return false,
        }
    }
}
