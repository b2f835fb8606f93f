//! A disk that shows what a commit writes before the commit is on it, as the embedded one does.

use std::sync::mpsc::{Receiver, Sender, channel};

use futures_util::FutureExt;

use super::*;

/// Says how a commit ends.
type End = Sender<Result<(), StoreError>>;

/// A store on such a disk, and what tells of each commit when it shows: it is on disk once that is answered.
fn store() -> (Arc<Committed<Failing>>, Receiver<End>) {
    let (shows, shown) = channel();
    let commit = move |disk: &MemoryDisk, writes: Writes| {
        disk.commit(writes)?;
        let (sync, synced) = channel();
        shows.send(sync).unwrap();
        synced.recv().unwrap()
    };
    (Failing { commit: Arc::new(commit), ..Failing::new() }.store(), shown)
}

/// What `synced` says of a ticket that is read while its commit is under way, which then ends like this;
/// it says nothing before.
async fn synced_after(end: Result<(), StoreError>) -> Result<(), StoreError> {
    let (store, shown) = store();
    let accepting = Arc::clone(&store);
    tokio::spawn(async move { accepting.accept(acceptance(&*accepting, 7, true)).await });
    let sync = tokio::task::spawn_blocking(move || shown.recv().unwrap()).await.unwrap();
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
