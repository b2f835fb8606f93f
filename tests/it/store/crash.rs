//! What the embedded store does after a process that ended without closing it.
//!
//! The store is dropped without `close`: what was acknowledged is on disk, what was in memory is gone.

use std::path::Path;

use omnihub::store::recent::Likeness;
use omnihub::store::{Acceptance, Accepted, LANE_MAX, Note, Outcome, Store, StoreError};

use super::in_folder;
use super::samples::{accept, acceptance, create, delivered, lease, needing, tell, ticket};

/// Waits until the folder's lock is free, as it is once the committer's thread has ended.
pub(super) fn reopened(folder: &Path) -> std::sync::Arc<dyn Store> {
    let settings = super::settings();
    loop {
        match omnihub::store::embedded::open(
            folder,
            &settings,
            omnihub::clock::SystemClock::shared(),
        ) {
            Ok(store) => return store,
            Err(StoreError::Open { .. }) => std::thread::yield_now(),
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_in_flight_is_leased_again_and_what_cannot_be_repeated_is_of_unknown_outcome() {
    let folder = tempfile::tempdir().unwrap();
    let store = in_folder(folder.path());
    accept(&*store, vec![create("helpdesk"), tell("webhook")]).await;
    assert!(!lease(&*store, "helpdesk").await[0].unknown);
    assert!(!lease(&*store, "webhook").await[0].unknown);
    drop(store);
    let store = reopened(folder.path());
    assert!(lease(&*store, "helpdesk").await[0].unknown, "it may have arrived");
    assert!(!lease(&*store, "webhook").await[0].unknown, "a repeat is safe");
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_without_a_request_id_are_known_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = in_folder(folder.path());
    let like = |store: &dyn Store, whole| Acceptance {
        likeness: Some(Likeness {
            whole: [whole; 16],
            subject: [whole; 16],
            until: "2999-01-01T00:00:00Z".parse().unwrap(),
        }),
        ..acceptance(&ticket(store.reserve_number(), "a claim"), vec![])
    };
    // More than are read at once.
    for whole in 0..=255 {
        assert_eq!(store.accept(like(&*store, whole)).await.unwrap(), Accepted::Kept);
    }
    drop(store);
    let store = reopened(folder.path());
    for whole in [0, 128, 255] {
        let told = store.accept(like(&*store, whole)).await.unwrap();
        assert!(matches!(told, Accepted::Same(_)), "{whole}: {told:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_ready_waiting_or_settled_is_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let store = in_folder(folder.path());
    accept(
        &*store,
        vec![create("helpdesk"), needing(create("sociomile"), "helpdesk.ticketNumber")],
    )
    .await;
    let second = accept(&*store, vec![create("helpdesk")]).await;
    let leases = lease(&*store, "helpdesk").await;
    store.settle(leases[0].id, delivered("ticketNumber", "1446")).await.unwrap();
    drop(store);
    let store = reopened(folder.path());
    let sociomile = lease(&*store, "sociomile").await;
    assert_eq!(sociomile[0].receipts.find("helpdesk", "ticketNumber"), Some("1446"));
    let helpdesk = lease(&*store, "helpdesk").await;
    assert_eq!(helpdesk.len(), 1);
    assert_eq!(helpdesk[0].id.ticket, second);
    let next = store.reserve_number();
    assert_eq!(next.0, second.0 + 1, "numbers go on after the last");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_survives_and_keeps_its_history() {
    let folder = tempfile::tempdir().unwrap();
    let store = in_folder(folder.path());
    accept(&*store, vec![create("helpdesk")]).await;
    let first = lease(&*store, "helpdesk").await;
    let note = Note { code: "H0405".into(), words: "connection refused".into() };
    let due = "2024-12-19T10:30:01Z".parse().unwrap();
    let outcome = Outcome::Retry { due, counts: true, unknown: false, note };
    store.settle(first[0].id, outcome).await.unwrap();
    drop(store);
    let store = reopened(folder.path());
    let again = lease(&*store, "helpdesk").await;
    assert_eq!((again.len(), again[0].attempts, again[0].unknown), (1, 1, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backlog_larger_than_memory_is_leased_once_each() {
    let folder = tempfile::tempdir().unwrap();
    let store = in_folder(folder.path());
    let count = LANE_MAX + 300;
    for _ in 0..count {
        accept(&*store, vec![tell("webhook")]).await;
    }
    let mut seen = std::collections::BTreeSet::new();
    for lease in lease(&*store, "webhook").await {
        store.settle(lease.id, delivered("x", "y")).await.unwrap();
        seen.insert(lease.id);
    }
    drop(store);
    let store = reopened(folder.path());
    while seen.len() < count {
        for lease in lease(&*store, "webhook").await {
            store.settle(lease.id, delivered("x", "y")).await.unwrap();
            assert!(seen.insert(lease.id), "{} was leased after it was settled", lease.id);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_another_hub_has_open_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let store = in_folder(folder.path());
    let refuse = |folder: &Path| {
        let settings = super::settings();
        let clock = omnihub::clock::SystemClock::shared();
        omnihub::store::embedded::open(folder, &settings, clock).err().expect("refused").to_string()
    };
    assert!(refuse(folder.path()).contains("another omnihub has it open"));
    store.close().await;
}
