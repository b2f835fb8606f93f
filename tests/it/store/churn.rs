//! Rounds of tickets that are accepted, delivered, looked at by the SLA's clock and removed: what the folder
//! takes is what stays.

use std::io::Write as _;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use jiff::SignedDuration;
use omnihub::store::judgement::Judgement;
use omnihub::store::{Store, StoreSettings, Survey, embedded};

use super::retention::{KEEP, Set, keep_house};
use super::samples::{acceptance, create, delivered, ticket};
use super::settings;

const ROUNDS: usize = 10;

/// Tickets of a round.
const TICKETS: usize = 4_000;
const TICKETS_LONG: usize = 100_000;

/// Tickets at once.
const AT_ONCE: usize = 200;

/// After a round: kilobytes of the folder, and of what is in it.
type Size = (u64, u64);

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_reaches_a_steady_size_when_tickets_come_and_go() {
    let sizes = churn(KEEP).await;
    // Between cleanings it swings by some segments, so that one round alone says little.
    let (first, last) = (largest(&sizes[..3]), largest(&sizes[7..]));
    assert!(last * 10 <= first * 12, "{sizes:?}");
    // The last ticket stays, so that its number is not given again.
    assert!(sizes[9].1 < 100, "{sizes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stays_of_tickets_takes_thrice_its_size_at_most() {
    let sizes = churn(Duration::ZERO).await;
    let (third, tenth) = (sizes[2], sizes[9]);
    // Twice, once the cleaner has caught up.
    assert!(tenth.0.saturating_sub(third.0) <= (tenth.1 - third.1) * 3, "{sizes:?}");
}

/// Ten rounds, after which the numbers of what was purged go or, with zero, stay.
async fn churn(keep_numbers: Duration) -> Vec<Size> {
    let (clock, folder) = (Set::new(), tempfile::tempdir().unwrap());
    let settings = StoreSettings { keep: KEEP, keep_numbers, ..settings() };
    let store = embedded::open(folder.path(), &settings, Arc::new(clock.clone())).unwrap();
    let tickets = if is_long() { TICKETS_LONG } else { TICKETS };
    let mut sizes = Vec::new();
    for _ in 0..ROUNDS {
        for _ in 0..tickets / AT_ONCE {
            come_and_go(&*store).await;
        }
        for _ in 0..2 {
            clock.on(SignedDuration::from_hours(24 * 11));
            look_at_slas(&*store).await;
            keep_house(&*store).await;
        }
        sizes.push((bytes(folder.path()) / 1_000, live(&*store) / 1_000));
    }
    store.close().await;
    let told = format!("churn of {tickets} tickets a round, kB of the folder and live: {sizes:?}");
    drop(writeln!(std::io::stderr().lock(), "{told}"));
    sizes
}

/// The largest folder of some rounds.
fn largest(sizes: &[Size]) -> u64 {
    sizes.iter().map(|(folder, _)| *folder).max().unwrap()
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

/// What the SLA's clock does; here nothing comes of it.
async fn look_at_slas(store: &dyn Store) {
    loop {
        let dues = store.due_slas(AT_ONCE).unwrap();
        let is_last = dues.len() < AT_ONCE;
        let turns = dues
            .into_iter()
            .map(|due| store.turn(due, Box::new(|_, _| (Judgement::default(), None))));
        join_all(turns).await.into_iter().for_each(|heard| {
            heard.unwrap();
        });
        if is_last {
            return;
        }
    }
}

/// Bytes of what is stored.
fn live(store: &dyn Store) -> u64 {
    let mut sum = Survey::default();
    let mut after = Some(Vec::new());
    while let Some(place) = after {
        sum.add(store.survey(&place).unwrap());
        after = sum.next.clone();
    }
    sum.bytes
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
