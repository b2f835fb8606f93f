//! The store alone: durable accepts per second, and accept → lease → settle, without HTTP.
//!
//! `cargo bench --bench store [-- folder]`

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::print_stdout,
    clippy::clone_on_ref_ptr,
    reason = "a measuring program: it stops at the first surprise, and prints"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use omnihub::clock::SystemClock;
use omnihub::store::{Acceptance, Due, Outcome, Store, StoreSettings, Track, embedded};
use omnihub_contract::{
    AdapterName, Channel, Claim, Event, EventKind, Kind, Medium, Priority, Receipt, ReceiptName,
    ServiceType, Source, Ticket, TicketId, TicketNumber,
};
use omnihub_kit::{bare_customer, bare_ticket};

const SECONDS: u64 = 3;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    for (what, is_delivered) in [("accept", false), ("accept, lease, settle", true)] {
        for writers in [1, 16, 64] {
            let folder = tempfile::tempdir_in(".").expect("a folder");
            let settings = StoreSettings::of(
                9_000_000_000,
                "helpdesk.ticketNumber".parse::<ReceiptName>().expect("a name"),
            );
            let store =
                embedded::open(folder.path(), &settings, SystemClock::shared()).expect("a store");
            let (done, mut latencies) = runtime.block_on(load(store, writers, is_delivered));
            latencies.sort();
            let at = |part: usize| latencies[(latencies.len() - 1) * part / 100];
            let rate = done as u64 / SECONDS;
            println!("{what:24} {writers:3} writers {rate:7}/s  p50 {:?} p99 {:?}", at(50), at(99));
        }
    }
}

async fn load(store: Arc<dyn Store>, writers: usize, is_delivered: bool) -> (usize, Vec<Duration>) {
    let until = Instant::now() + Duration::from_secs(SECONDS);
    let mut tasks = Vec::new();
    let settled = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    if is_delivered {
        let (store, settled) = (store.clone(), settled.clone());
        tokio::spawn(async move { deliver(store, settled).await });
    }
    for _ in 0..writers {
        let store = store.clone();
        tasks.push(tokio::spawn(async move {
            let mut latencies = Vec::new();
            while Instant::now() < until {
                let number = store.reserve_number();
                let began = Instant::now();
                store.accept(acceptance(number, is_delivered)).await.expect("kept");
                latencies.push(began.elapsed());
            }
            latencies
        }));
    }
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await.expect("a writer"));
    }
    let done = match is_delivered {
        true => settled.load(std::sync::atomic::Ordering::Relaxed),
        false => latencies.len(),
    };
    store.stop_leasing();
    store.close().await;
    (done, latencies)
}

async fn deliver(store: Arc<dyn Store>, settled: Arc<std::sync::atomic::AtomicUsize>) {
    let permits = Arc::new(tokio::sync::Semaphore::new(64));
    loop {
        let permit = permits.clone().acquire_owned().await.expect("open");
        drop(permit);
        let free = permits.available_permits().max(1);
        let leases = store.lease(AdapterName::from("helpdesk"), free).await.unwrap_or_default();
        if leases.is_empty() {
            return;
        }
        for lease in leases {
            let permit = permits.clone().acquire_owned().await.expect("open");
            let (store, settled) = (store.clone(), settled.clone());
            tokio::spawn(async move {
                let receipt = Receipt::of([("ticketNumber", lease.id.ticket.to_string())]);
                drop(store.settle(lease.id, Outcome::Delivered(receipt)).await);
                settled.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                drop(permit);
            });
        }
    }
}

fn acceptance(number: TicketNumber, is_delivered: bool) -> Acceptance {
    let now: Timestamp = "2024-12-19T10:30:00Z".parse().expect("a time");
    let due = Due {
        adapter: "helpdesk".into(),
        operation: "create_claim".into(),
        rule: "claim".into(),
        needs: Vec::new(),
        unsafe_repeat: true,
        blocks: true,
        sets_status: false,
        track: Track::Creates,
    };
    Acceptance {
        ticket: Arc::new(ticket(number, now)),
        event: Event::new(EventKind::TicketCreated, now, Source::Client),
        due: if is_delivered { vec![due] } else { Vec::new() },
        contents: Vec::new(),
        request: None,
        likeness: None,
        public_number: Some(number.to_string().into()),
    }
}

fn ticket(number: TicketNumber, now: Timestamp) -> Ticket {
    Ticket {
        id: TicketId(uuid::Uuid::now_v7()),
        kind: Kind::Claim,
        partner: "bench".into(),
        service_type: ServiceType::Claim,
        channel: Channel::WebPortal,
        priority: Priority::Medium,
        title: "KLAIM - OMNI - ATM - PEMBELIAN".into(),
        description: "ATM transaction failed but money was debited from account".into(),
        customer: bare_customer("John Doe"),
        claim: Some(Claim {
            medium: Some(Medium::Atm),
            transaction_type: Some("PEMBELIAN".into()),
            amount: Some(500_000),
            account_number: Some("1234567890".into()),
            card: Some("****1234".into()),
            reason: Some("Transaction failed but amount was deducted".into()),
            occurred_at: Some(now),
            transaction_id: Some("TXN123456789".into()),
            reference_number: Some("REF987654321".into()),
            atm_id: Some("ATM001".into()),
            ..Claim::default()
        }),
        ..bare_ticket(number, now)
    }
}
