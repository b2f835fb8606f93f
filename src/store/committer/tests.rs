//! Disks that fail at one moment and are well again, that are counted, and that show too early.

pub(crate) mod ahead;
mod cost;

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use jiff::Timestamp;
use omnihub_contract::{EventKind, Receipt, Source};
use tokio::sync::mpsc;

use super::*;
use crate::clock::SystemClock;
use crate::store::disk::{Pair, Writes};
use crate::store::memory::{MemoryDisk, MemoryShelf};
use crate::store::outbox::{DeliveryState, Phase};
use crate::store::{Due, Lease, NewRequest, Note, Track};

/// What the disk has of a commit that failed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kept {
    Nothing,
    All,
}

type Commit = dyn Fn(&MemoryDisk, Writes) -> Result<(), StoreError> + Send + Sync;

#[derive(Clone)]
struct Failing {
    disk: MemoryDisk,
    /// Commits until one fails, and how.
    fails: Arc<Mutex<Option<(usize, Kept)>>>,
    /// How a commit that does not fail is done.
    commit: Arc<Commit>,
    is_full: Arc<AtomicBool>,
}

impl Failing {
    fn new() -> Self {
        let (disk, fails) = (MemoryDisk::default(), Arc::default());
        let commit = Arc::new(|disk: &MemoryDisk, writes| disk.commit(writes));
        Self { disk, fails, commit, is_full: Arc::default() }
    }

    fn fail(&self, after: usize, kept: Kept) {
        *self.fails.lock().unwrap() = Some((after, kept));
    }

    fn store(&self) -> Arc<Committed<Self>> {
        let settings = StoreSettings::of(9_000_000_000, "desk.number".parse().unwrap());
        let shelf = Arc::new(MemoryShelf::default());
        let clock = SystemClock::shared();
        Arc::new(Committed::start(self.clone(), shelf, &settings, clock).unwrap())
    }
}

impl Disk for Failing {
    fn read(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.disk.read(key)
    }

    fn scan(&self, prefix: &[u8], after: &[u8], limit: usize) -> Result<Vec<Pair>, StoreError> {
        self.disk.scan(prefix, after, limit)
    }

    fn scan_back(&self, from: &[u8], before: &[u8], limit: usize) -> Result<Vec<Pair>, StoreError> {
        self.disk.scan_back(from, before, limit)
    }

    fn last(&self, prefix: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.disk.last(prefix)
    }

    fn commit(&self, writes: Writes) -> Result<(), StoreError> {
        let mut fails = self.fails.lock().unwrap();
        match *fails {
            Some((0, kept)) => {
                *fails = None;
                if kept == Kept::All {
                    self.disk.commit(writes)?;
                }
                Err(StoreError::Disk("no space left on device".into()))
            }
            Some((after, kept)) => {
                *fails = Some((after - 1, kept));
                self.disk.commit(writes)
            }
            None => (self.commit)(&self.disk, writes),
        }
    }
}

impl Home for Failing {
    type Disk = Self;

    fn open(&self) -> Result<Self, StoreError> {
        Ok(self.clone())
    }

    fn reopen_after(&self) -> Duration {
        Duration::from_millis(1)
    }

    fn has_room(&self) -> Result<(), StoreError> {
        match self.is_full.load(Ordering::Relaxed) {
            true => Err(StoreError::Full { free: 0, wanted: 1 }),
            false => Ok(()),
        }
    }
}

fn acceptance(store: &dyn Store, request: u8, unsafe_repeat: bool) -> Acceptance {
    let now: Timestamp = "2024-12-19T10:30:00Z".parse().unwrap();
    let ticket = serde_json::json!({
        "id": uuid::Uuid::nil(), "number": store.reserve_number(), "kind": "ticket",
        "partner": "p", "service_type": "OTHER", "channel": "CHAT", "priority": "LOW",
        "title": "t", "description": "d", "customer": { "name": "n" },
        "sla": { "hours": 1, "response_due": now, "resolution_due": now }, "created_at": now,
    });
    let due = Due {
        adapter: "desk".into(),
        operation: "create".into(),
        rule: "create".into(),
        needs: Vec::new(),
        unsafe_repeat,
        blocks: true,
        sets_status: false,
        track: Track::Creates,
    };
    let until = "2999-01-01T00:00:00Z".parse().unwrap();
    let key = [request; 32];
    Acceptance {
        ticket: serde_json::from_value(ticket).unwrap(),
        event: Event::new(EventKind::TicketCreated, now, Source::Client),
        due: vec![due],
        contents: Vec::new(),
        request: Some(NewRequest { key, fingerprint: key, status: 201, until }),
        likeness: None,
        public_number: None,
    }
}

/// Posts as a client does who is told to come again, and gives the number of its one ticket.
async fn accepted(
    store: &Committed<Failing>,
    request: u8,
    unsafe_repeat: bool,
) -> (TicketNumber, usize) {
    for refusals in 0.. {
        let acceptance = acceptance(store, request, unsafe_repeat);
        let number = acceptance.ticket.number;
        match store.accept(acceptance).await {
            Ok(Accepted::Kept) => return (number, refusals),
            Ok(Accepted::Repeated(prior)) => return (prior.number, refusals),
            Ok(other) => panic!("{other:?}"),
            Err(error) => assert!(error.passes(), "{error}"),
        }
        assert!(store.comes_back().await);
    }
    unreachable!()
}

/// Leases for ever, as a lane with room does.
fn leases(store: &Arc<Committed<Failing>>) -> mpsc::UnboundedReceiver<Lease> {
    let (told, leases) = mpsc::unbounded_channel();
    let store = Arc::clone(store);
    tokio::spawn(async move {
        loop {
            let leased = store.lease("desk".into(), 10).await.unwrap();
            if leased.is_empty() {
                return;
            }
            leased.into_iter().for_each(|lease| told.send(lease).unwrap());
        }
    });
    leases
}

fn again() -> Outcome {
    let note = Note { code: "H0405".into(), words: "away".into() };
    Outcome::Retry { due: Timestamp::UNIX_EPOCH, counts: true, unknown: false, note }
}

fn delivered() -> Outcome {
    Outcome::Delivered(Receipt::of([("number", "17".to_owned())]))
}

fn delivery(store: &Committed<Failing>, number: TicketNumber) -> DeliveryState {
    store.record(number).unwrap().unwrap().state.deliveries.remove(0)
}

/// Two tickets' whole lives over a disk whose commit of this place fails: each delivery is handed out
/// twice, since its first attempt is told to be repeated, and no attempt is ever taken for unknown.
async fn check_lives(fails_at: usize, kept: Kept, unsafe_repeat: bool) {
    let what = format!("commit {fails_at} fails, {kept:?} kept, unsafe: {unsafe_repeat}");
    let disk = Failing::new();
    let store = disk.store();
    disk.fail(fails_at, kept);
    let mut leases = leases(&store);
    let (first, _) = accepted(&store, 1, unsafe_repeat).await;
    let mut handed_out = BTreeMap::<TicketNumber, usize>::new();
    let mut others = Vec::new();
    while handed_out.values().sum::<usize>() < 4 {
        let lease = leases.recv().await.unwrap();
        assert!(!lease.unknown, "{what}");
        // Others come while it is under way.
        others.push(accepted(&store, 2, unsafe_repeat).await.0);
        let times = handed_out.entry(lease.id.ticket).or_default();
        *times += 1;
        let outcome = if *times == 1 { again() } else { delivered() };
        store.settle(lease.id, outcome).await.unwrap();
    }
    let second = others[0];
    assert!(others.iter().all(|other| *other == second), "{what}");
    assert_eq!(handed_out, BTreeMap::from([(first, 2), (second, 2)]), "{what}");
    for number in [first, second] {
        assert_eq!(delivery(&store, number).phase, Phase::Delivered, "{what}");
    }
    store.stop_leasing();
    assert!(leases.recv().await.is_none(), "{what}: nothing more is due");
    store.close().await;
    // What is left in the indexes is dropped when it is met, and never handed out.
    let store = disk.store();
    let (third, _) = accepted(&store, 3, unsafe_repeat).await;
    let lease = store.lease("desk".into(), 10).await.unwrap();
    assert_eq!(lease.iter().map(|lease| lease.id.ticket).collect::<Vec<_>>(), [third], "{what}");
}

#[tokio::test]
async fn a_commit_that_fails_at_any_moment_loses_nothing_and_nothing_goes_out_twice() {
    for fails_at in 0..10 {
        for kept in [Kept::Nothing, Kept::All] {
            for unsafe_repeat in [false, true] {
                check_lives(fails_at, kept, unsafe_repeat).await;
            }
        }
    }
}

#[tokio::test]
async fn who_asks_while_the_disk_is_away_is_told_so_and_who_comes_back_is_served() {
    let disk = Failing::new();
    let store = disk.store();
    for kept in [Kept::Nothing, Kept::All] {
        disk.fail(0, kept);
        let request = if kept == Kept::All { 2 } else { 1 };
        let (number, refusals) = accepted(&store, request, false).await;
        assert_eq!(refusals, 1, "{kept:?}");
        assert!(store.trouble().is_none() && store.record(number).unwrap().is_some());
    }
}

#[tokio::test]
async fn who_waits_for_a_delivery_is_told_of_a_failure() {
    let disk = Failing::new();
    let store = disk.store();
    let (ticket, _) = accepted(&store, 1, false).await;
    let waiting = Arc::clone(&store);
    let waiting =
        tokio::spawn(async move { waiting.finished(DeliveryId { ticket, ordinal: 1 }).await });
    tokio::task::yield_now().await;
    disk.fail(0, Kept::Nothing);
    assert_eq!(accepted(&store, 2, false).await.1, 1);
    assert!(waiting.await.unwrap().unwrap_err().passes());
}

#[tokio::test]
async fn a_full_disk_takes_in_nothing_new_and_what_is_there_goes_on() {
    let disk = Failing::new();
    let store = disk.store();
    let (number, _) = accepted(&store, 1, true).await;
    disk.is_full.store(true, Ordering::Relaxed);
    let refused = store.accept(acceptance(&*store, 2, true)).await;
    assert!(matches!(refused, Err(StoreError::Full { .. })), "{refused:?}");
    assert!(matches!(store.trouble(), Some(StoreError::Full { .. })));
    let lease = store.lease("desk".into(), 1).await.unwrap().remove(0);
    store.settle(lease.id, delivered()).await.unwrap();
    assert_eq!(delivery(&store, number).phase, Phase::Delivered);
    disk.is_full.store(false, Ordering::Relaxed);
    assert_eq!(accepted(&store, 2, true).await.1, 0);
}

#[tokio::test]
async fn a_store_that_is_closed_while_its_disk_is_away_ends() {
    let disk = Failing::new();
    let store = disk.store();
    disk.fail(0, Kept::Nothing);
    store.accept(acceptance(&*store, 1, true)).await.unwrap_err();
    store.close().await;
    let after = store.accept(acceptance(&*store, 2, true)).await;
    assert!(after.is_err(), "{after:?}");
}
