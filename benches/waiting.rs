//! A store in which very many deliveries wait, beside one in which none do: what a ticket costs in each.
//!
//! `cargo bench --bench waiting [-- deliveries]`; a million unless told otherwise. Ratios of one run
//! count, since absolute figures differ from machine to machine and from hour to hour.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::print_stdout,
    clippy::clone_on_ref_ptr,
    reason = "a measuring program: it stops at the first surprise, and prints"
)]

use std::fmt::Debug;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use omnihub::clock::SystemClock;
use omnihub::store::{Acceptance, Due, Outcome, Store, StoreSettings, embedded};
use omnihub_contract::{Event, EventKind, Receipt, Source, Ticket};
use tracing::Subscriber;
use tracing::field::{Field, Visit};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

/// The hub's own allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const WAITING: usize = 1_000_000;

/// Tickets of one measurement.
const MEASURED: usize = 20_000;

/// Clients at once.
const WRITERS: usize = 64;

/// Measurements of each store, in turns.
const ROUNDS: usize = 3;

/// What one measurement came to.
#[derive(Clone, Copy, Default)]
struct Figures {
    open_ms: f64,
    start_ms: f64,
    accept_p50_us: f64,
    accept_p99_us: f64,
    accept_cpu_us: f64,
    dispatch_cpu_us: f64,
    dispatched_per_s: f64,
    resident_mb: f64,
}

type Column = (&'static str, fn(&Figures) -> f64);

const COLUMNS: [Column; 8] = [
    ("start: sled opens its file, ms", |it| it.open_ms),
    ("start: then to the first answer, ms", |it| it.start_ms),
    ("accept p50, us", |it| it.accept_p50_us),
    ("accept p99, us", |it| it.accept_p99_us),
    ("CPU per accept, us", |it| it.accept_cpu_us),
    ("CPU per accept and delivery, us", |it| it.dispatch_cpu_us),
    ("accepted and delivered per s", |it| it.dispatched_per_s),
    ("resident, MB", |it| it.resident_mb),
];

/// How long sled took to open its file the last time, as the store logs it.
static OPENED_US: AtomicU64 = AtomicU64::new(0);

struct Opened;

impl<S: Subscriber> Layer<S> for Opened {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        event.record(&mut Self);
    }
}

impl Visit for Opened {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "opened_us" {
            OPENED_US.store(value, Ordering::Relaxed);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

fn main() {
    let opened = Opened.with_filter(LevelFilter::INFO);
    tracing_subscriber::registry().with(opened).init();
    let waiting = std::env::args().find_map(|word| word.parse().ok()).unwrap_or(WAITING);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.expect("a runtime").block_on(compare(waiting));
}

async fn compare(waiting: usize) {
    let folders = [(); 2].map(|()| tempfile::tempdir_in(".").expect("a folder"));
    let store = open(folders[1].path());
    let began = Instant::now();
    accept(&store, waiting, "away").await;
    store.close().await;
    // Only then may the folder be opened again.
    drop(store);
    println!("{waiting} deliveries that wait, made in {:.0?}", began.elapsed());
    let mut figures = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for (at, folder) in folders.iter().enumerate() {
            figures[at].push(measure(folder.path()).await);
        }
    }
    println!("{:36} {:>10} {:>10} {:>6}", "", "none", "many", "ratio");
    for (name, of) in COLUMNS {
        let [none, many] = [0, 1].map(|at| median(figures[at].iter().map(of).collect()));
        println!("{name:36} {none:10.1} {many:10.1} {:6.2}", many / none);
    }
    let [none, many] = [0, 1].map(|at| bytes(folders[at].path()) as f64 / 1e6);
    println!("{:36} {none:10.0} {many:10.0}", "folder, MB");
    drain(folders[1].path(), waiting).await;
}

fn open(folder: &Path) -> Arc<dyn Store> {
    let numbering = "desk.number".parse().expect("a name");
    let settings = StoreSettings::of(9_000_000_000, numbering);
    embedded::open(folder, &settings, SystemClock::shared()).expect("a store")
}

async fn measure(folder: &Path) -> Figures {
    let began = Instant::now();
    let store = open(folder);
    accept(&store, 1, "off").await;
    let open_ms = OPENED_US.load(Ordering::Relaxed) as f64 / 1e3;
    let start_ms = began.elapsed().as_secs_f64() * 1e3 - open_ms;
    let before = cpu();
    let mut latencies = accept(&store, MEASURED, "off").await;
    let accept_cpu_us = per_ticket_us(cpu() - before);
    latencies.sort();
    let at = |part: usize| latencies[(latencies.len() - 1) * part / 100].as_secs_f64() * 1e6;
    let (before, began) = (cpu(), Instant::now());
    let delivered = tokio::spawn(deliver(store.clone(), "desk", MEASURED));
    accept(&store, MEASURED, "desk").await;
    delivered.await.expect("delivered");
    let figures = Figures {
        open_ms,
        start_ms,
        accept_p50_us: at(50),
        accept_p99_us: at(99),
        accept_cpu_us,
        dispatch_cpu_us: per_ticket_us(cpu() - before),
        dispatched_per_s: MEASURED as f64 / began.elapsed().as_secs_f64(),
        resident_mb: resident_mb(),
    };
    store.close().await;
    figures
}

async fn drain(folder: &Path, waiting: usize) {
    let store = open(folder);
    let began = Instant::now();
    deliver(store.clone(), "away", waiting).await;
    let rate = waiting as f64 / began.elapsed().as_secs_f64();
    println!(
        "drained into a sink that takes at once: {rate:.0} deliveries per s, {:.0} MB resident",
        resident_mb()
    );
    store.close().await;
}

/// Accepts so many tickets with one delivery each; gives how long each took.
async fn accept(store: &Arc<dyn Store>, tickets: usize, adapter: &'static str) -> Vec<Duration> {
    let left = Arc::new(AtomicUsize::new(tickets));
    let writers: Vec<_> = (0..WRITERS)
        .map(|_| {
            let (store, left) = (store.clone(), left.clone());
            tokio::spawn(async move {
                let mut latencies = Vec::new();
                let one = |left: usize| left.checked_sub(1);
                while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one).is_ok() {
                    let began = Instant::now();
                    store.accept(acceptance(&*store, adapter)).await.expect("kept");
                    latencies.push(began.elapsed());
                }
                latencies
            })
        })
        .collect();
    let mut latencies = Vec::with_capacity(tickets);
    for writer in writers {
        latencies.extend(writer.await.expect("a writer"));
    }
    latencies
}

/// Leases and settles so many deliveries.
async fn deliver(store: Arc<dyn Store>, adapter: &'static str, mut left: usize) {
    while left > 0 {
        let leases = store.lease(adapter.into(), left.min(256)).await.expect("leases");
        left -= leases.len();
        let settles = leases.into_iter().map(|lease| {
            let receipt = Receipt::of([("id", lease.id.ticket.to_string())]);
            store.settle(lease.id, Outcome::Delivered(receipt))
        });
        for settled in futures_util::future::join_all(settles).await {
            settled.expect("settled");
        }
    }
}

fn acceptance(store: &dyn Store, adapter: &str) -> Acceptance {
    let now = "2024-12-19T10:30:00Z";
    let ticket = serde_json::json!({
        "id": uuid::Uuid::now_v7(), "number": store.reserve_number(), "kind": "ticket",
        "partner": "bench", "service_type": "INQUIRY", "channel": "EMAIL", "priority": "LOW",
        "title": "Balance", "description": "A customer asks about a balance. ".repeat(20),
        "customer": { "name": "Jane Smith" },
        "sla": { "hours": 72, "response_due": now, "resolution_due": now }, "created_at": now,
    });
    let ticket: Ticket = serde_json::from_value(ticket).expect("a ticket");
    let due = Due {
        adapter: adapter.into(),
        operation: "tell".into(),
        rule: "ticket".into(),
        needs: Vec::new(),
        unsafe_repeat: false,
        blocks: true,
        sets_status: false,
        track: omnihub::store::Track::Creates,
    };
    Acceptance {
        event: Event::new(EventKind::TicketCreated, ticket.created_at, Source::Client),
        ticket: Arc::new(ticket),
        due: vec![due],
        contents: Vec::new(),
        request: None,
        likeness: None,
        public_number: None,
    }
}

fn per_ticket_us(spent: Duration) -> f64 {
    spent.as_secs_f64() * 1e6 / MEASURED as f64
}

/// Processor time of this process.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    // After the name in brackets: the 12th and 13th are user and system time, in hundredths of a second.
    let (_, rest) = stat.rsplit_once(')').expect("a name");
    let ticks = |at: usize| rest.split_whitespace().nth(at)?.parse::<u64>().ok();
    Duration::from_millis((ticks(11).expect("user") + ticks(12).expect("system")) * 10)
}

fn resident_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its size");
    let kilobytes = line.split_whitespace().next().and_then(|word| word.parse::<f64>().ok());
    kilobytes.expect("a number") / 1024.0
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// What a folder takes on disk.
fn bytes(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder).expect("a folder").flatten();
    files
        .map(|entry| match entry.metadata().expect("a file") {
            about if about.is_dir() => bytes(&entry.path()),
            about => about.blocks() * 512,
        })
        .sum()
}
