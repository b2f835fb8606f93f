//! Rounds of tickets that are accepted, delivered and removed: the folder reaches a steady size.

use std::io::Write as _;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;

use futures_util::future::join_all;
use jiff::SignedDuration;
use omnihub::store::{Store, StoreSettings, embedded};

use super::retention::{KEEP, Set, keep_house};
use super::samples::{acceptance, create, delivered, ticket};
use super::settings;

const ROUNDS: usize = 10;

/// Tickets of a round.
const TICKETS: usize = 2_000;
const TICKETS_LONG: usize = 100_000;

/// Tickets at once.
const AT_ONCE: usize = 200;

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_reaches_a_steady_size_when_tickets_come_and_go() {
    let (clock, folder) = (Set::new(), tempfile::tempdir().unwrap());
    let settings = StoreSettings { keep: KEEP, keep_numbers: KEEP, ..settings() };
    let store = embedded::open(folder.path(), &settings, Arc::new(clock.clone())).unwrap();
    let tickets = if is_long() { TICKETS_LONG } else { TICKETS };
    let mut sizes = Vec::new();
    for _ in 0..ROUNDS {
        for _ in 0..tickets / AT_ONCE {
            come_and_go(&*store).await;
        }
        for _ in 0..2 {
            clock.on(SignedDuration::from_hours(24 * 11));
            keep_house(&*store).await;
        }
        sizes.push(bytes(folder.path()));
    }
    store.close().await;
    let megabytes: Vec<u64> = sizes.iter().map(|bytes| bytes / 1_000_000).collect();
    let told = format!("churn of {tickets} tickets a round, MB of the folder: {megabytes:?}");
    drop(writeln!(std::io::stderr().lock(), "{told}"));
    assert!(sizes[9] * 10 <= sizes[2] * 12, "{megabytes:?}");
}

async fn come_and_go(store: &dyn Store) {
    let accepts = (0..AT_ONCE).map(|_| async {
        let ticket = ticket(store.reserve_number(), &"some words of a customer ".repeat(20));
        store.accept(acceptance(&ticket, vec![create("helpdesk")])).await.unwrap();
    });
    join_all(accepts).await;
    let mut left = AT_ONCE;
    while left > 0 {
        let leases = store.lease("helpdesk".into(), left).await.unwrap();
        left -= leases.len();
        let settles = leases.iter().map(|lease| {
            store.settle(
                lease.id,
                delivered("ticketNumber", &(lease.id.ticket.0 % 1_000_000_000).to_string()),
            )
        });
        join_all(settles).await.into_iter().for_each(Result::unwrap);
    }
}

/// Whether the long forms are asked for.
fn is_long() -> bool {
    std::env::var("OMNIHUB_TESTS").is_ok_and(|value| value == "long")
}

/// What a folder takes on disk.
fn bytes(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    files
        .map(|entry| match entry.metadata().unwrap() {
            about if about.is_dir() => bytes(&entry.path()),
            about => about.blocks() * 512,
        })
        .sum()
}
