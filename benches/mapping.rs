//! The mapping alone: one claim for all four adapters, and loading the shipped set.
//!
//! `cargo bench --bench mapping`. It fails where the measured is over its limit: 15 µs and 50 ms.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a measuring program: it stops at the first surprise, and prints"
)]

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use omnihub::adapters::{self, Listed, Needs};
use omnihub::config::{self, Config};
use omnihub::hub::{self, StartOptions};
use omnihub::mapping::{Facts, Mappings};
use omnihub_contract::{
    Channel, Claim, Customer, Event, EventKind, Kind, Medium, PartnerId, Priority, Receipts,
    Secret, ServiceType, SigningSecrets, Source, Status, Ticket, TicketId, TicketNumber,
};
use omnihub_kit::{bare_customer, bare_ticket};

/// One claim, routed and mapped for all four adapters.
const CLAIM_MAX: Duration = Duration::from_micros(15);
/// Reading and checking the shipped files.
const LOAD_MAX: Duration = Duration::from_millis(50);

const CLAIMS: u32 = 20_000;
const LOADS: u32 = 50;

fn main() {
    let (config, listed) = settings();
    let load = || hub::compile(&config, &listed, StartOptions::default()).expect("good files");
    let mappings = load();
    let (ticket, event, status, receipts) = (ticket(), event(), Status::open(), receipts());
    let facts = Facts {
        ticket: &ticket,
        event: &event,
        status: &status,
        receipts: &receipts,
        attachments: &[],
    };
    let fields = map_all(&mappings, &facts);
    println!("{} adapters, {fields} fields", mappings.route(&ticket, &event).len());
    check("map a claim for all four", CLAIMS, CLAIM_MAX, || {
        black_box(map_all(&mappings, black_box(&facts)));
    });
    check("load the shipped set", LOADS, LOAD_MAX, || {
        black_box(load());
    });
}

/// The middle of the times that one run takes.
fn check(what: &str, runs: u32, limit: Duration, mut run: impl FnMut()) {
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let began = Instant::now();
            run();
            began.elapsed()
        })
        .collect();
    times.sort();
    let at = |part: usize| times.get((times.len() - 1) * part / 100).copied().unwrap_or_default();
    println!("{what:26} p50 {:?}  p99 {:?}  (limit {limit:?})", at(50), at(99));
    assert!(at(50) < limit, "{what} takes {:?}", at(50));
}

fn map_all(mappings: &Mappings, facts: &Facts<'_>) -> usize {
    let routes = mappings.route(facts.ticket, facts.event);
    let payloads = routes.iter().map(|route| mappings.map(&route.adapter, &route.rule, facts));
    payloads.map(|payload| payload.expect("a payload").len()).sum()
}

fn settings() -> (Config, Vec<Listed>) {
    let text = config::SHIPPED.replace("link_channels = []", "link_channels = [\"CHAT\"]");
    let config = config::read(Path::new("config.toml"), &text).expect("the shipped settings");
    let listed = adapters::all(&config, &Needs { secrets: Arc::new(NoSecrets) });
    (config, listed.expect("the adapters"))
}

fn ticket() -> Ticket {
    let created_at: Timestamp = "2024-12-19T16:30:00Z".parse().expect("a time");
    Ticket {
        id: TicketId("0193ddf0-7c00-7000-8000-00000000002a".parse().expect("an id")),
        kind: Kind::Claim,
        partner: "chat-bot".into(),
        service_type: ServiceType::Claim,
        channel: Channel::Chat,
        channel_reference_id: Some("c0ffee".to_owned()),
        priority: Priority::High,
        title: "Klaim ATM".into(),
        description: "Uang tidak keluar tetapi saldo terpotong".into(),
        customer: Customer {
            email: Some("budi@contoh.example".into()),
            branch_code: Some("001".to_owned()),
            branch_name: Some("Cabang Utama".to_owned()),
            ..bare_customer("Budi Contoh")
        },
        claim: Some(Claim {
            medium: Some(Medium::Atm),
            transaction_type: Some("PEMBELIAN".to_owned()),
            amount: Some(500_000),
            account_number: Some("1234567890".into()),
            card: Some("411111******1234".into()),
            reason: Some("Uang tidak keluar".into()),
            occurred_at: Some(created_at),
            transaction_id: Some("TRX-1".to_owned()),
            reference_number: Some("REF-1".to_owned()),
            atm_id: Some("0126".to_owned()),
            ..Claim::default()
        }),
        webhook_url: Some("https://partner.example/hook".to_owned()),
        ..bare_ticket(TicketNumber(9_000_000_042), created_at)
    }
}

fn event() -> Event {
    let at = "2024-12-19T16:30:00.25Z".parse().expect("a time");
    Event::new(EventKind::TicketCreated, at, Source::Client)
}

fn receipts() -> Receipts {
    let mut receipts = Receipts::default();
    receipts.fix_public_number("1446");
    let given = [("ticketNumber".to_owned(), "1446".to_owned())];
    receipts.add(&"helpdesk".into(), given.into_iter().collect());
    receipts
}

/// Nothing is signed here.
struct NoSecrets;

impl SigningSecrets for NoSecrets {
    fn newest_first(&self, _: &PartnerId) -> Vec<Secret> {
        Vec::new()
    }
}
