//! A disk that shows what a commit writes before the commit is on it, as the embedded one does.

use std::pin::pin;
use std::sync::mpsc::{Sender, channel};

use futures_util::FutureExt;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::*;

/// Says how a commit ends.
type End = Sender<Result<(), StoreError>>;

/// Commits that show: each is on disk once that is said.
pub(crate) struct Shown(UnboundedReceiver<End>);

impl Shown {
    /// The next one.
    pub(crate) async fn next(&mut self) -> End {
        self.0.recv().await.expect("a store commits")
    }

    /// Does something whose commits are on disk at once.
    pub(crate) async fn kept<T>(&mut self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return done,
                end = self.next() => end.send(Ok(())).unwrap(),
            }
        }
    }
}

/// A store on such a disk.
pub(crate) fn store() -> (Arc<dyn Store>, Shown) {
    let (shows, shown) = unbounded_channel();
    let commit = move |disk: &MemoryDisk, writes: Writes| {
        disk.commit(writes)?;
        let (sync, synced) = channel();
        shows.send(sync).unwrap();
        synced.recv().unwrap()
    };
    (Failing { commit: Arc::new(commit), ..Failing::new() }.store(), Shown(shown))
}

/// What `synced` says of a ticket that is read while its commit is under way, which then ends like this;
/// it says nothing before.
async fn synced_after(end: Result<(), StoreError>) -> Result<(), StoreError> {
    let (store, mut shown) = store();
    let accepting = Arc::clone(&store);
    tokio::spawn(async move { accepting.accept(acceptance(&*accepting, 7, true)).await });
    let sync = shown.next().await;
    assert!(store.find_request(&[7; 32]).unwrap().is_some(), "it shows");
    let mut synced = store.synced();
    assert!((&mut synced).now_or_never().is_none(), "it is not on disk yet");
    sync.send(end).unwrap();
    synced.await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_before_it_is_on_disk_is_waited_for() {
    synced_after(Ok(())).await.unwrap();
    let full = StoreError::Disk("no space left on device".into());
    assert!(synced_after(Err(full)).await.unwrap_err().passes());
}
