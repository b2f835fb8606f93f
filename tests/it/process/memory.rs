//! How much memory the real program takes while large attachments come from many clients at once.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use omnihub_sandbox::{Sandbox, Settings, System};
use serde_json::json;

use super::harness::{Home, OPEN_DOOR, client, is_long, say, until};

/// Clients that post at once, each one ticket.
const CLIENTS: usize = 3;
const CLIENTS_LONG: usize = 8;

/// Bytes of each of a ticket's five files: 50 MB together, as much as the door takes.
const FILE_BYTES: usize = 10 << 20;

/// What the settings bound: bodies and what is made of them, files that are being delivered, and the
/// program itself with its store.
const RESIDENT_MB_MAX: u64 = 900;

const PATIENCE: Duration = Duration::from_secs(300);

#[tokio::test(flavor = "multi_thread")]
async fn fifty_megabytes_from_each_of_many_clients_stay_within_the_bounds_of_memory() {
    let clients = if is_long() { CLIENTS_LONG } else { CLIENTS };
    let sandbox = Sandbox::start(Settings::default()).await.unwrap();
    let home = Home::new(&format!(
        "{OPEN_DOOR}[adapters.helpdesk]\nbase_url = \"{}\"\napi_key = \"{}\"\ntimeout = \"60s\"\n",
        sandbox.base_url(System::Helpdesk),
        sandbox.credentials().helpdesk_api_key,
    ));
    let key = home.key("portal").await;
    let hub = home.serve().await;
    let before = resident_mb(&hub);
    let began = Instant::now();
    let body = bytes::Bytes::from(body());
    let posted = (0..clients).map(|_| post(hub.address, &key, body.clone()));
    let refused: usize = futures_util::future::join_all(posted).await.into_iter().sum();
    let taken = began.elapsed();
    let delivered = async || (sandbox.helpdesk_tickets().len() >= clients).then_some(());
    until("all are delivered", PATIENCE, delivered).await;
    let peak = resident_mb(&hub);
    say(&format!(
        "memory: {clients} clients with 50 MB each: peak {peak} MB ({before} MB before), taken in {taken:?} \
         with {refused} refusals, delivered in {:?}",
        began.elapsed()
    ));
    assert!(peak < RESIDENT_MB_MAX, "{peak} MB");
}

/// A ticket with as much as it may have attached.
fn body() -> String {
    let content = STANDARD
        .encode((0..FILE_BYTES).map(|at| at.wrapping_mul(at).to_le_bytes()[1]).collect::<Vec<_>>());
    let file = json!({ "filename": "a", "mimeType": "a/b", "content": content });
    let body = json!({
        "channel": "EMAIL",
        "serviceType": "INQUIRY",
        "customer": { "name": "Jane Smith", "email": "jane.smith@email.com" },
        "ticket": { "description": "As much as may be attached" },
        "attachments": vec![file; 5],
    });
    body.to_string()
}

/// Posts until it is taken, as the hub says; gives how often it was told to come again.
async fn post(address: SocketAddr, key: &str, body: bytes::Bytes) -> usize {
    let client = client();
    let url = format!("http://{address}/api/omnichannel/tickets");
    for refused in 0.. {
        let answer = client.post(&url).bearer_auth(key).body(body.clone()).send().await.unwrap();
        match answer.status().as_u16() {
            201 => return refused,
            status => assert_eq!(status, 503),
        }
        let wait = answer.headers()["retry-after"].to_str().unwrap().parse().unwrap();
        tokio::time::sleep(Duration::from_secs(wait)).await;
    }
    0
}

/// The most memory that the process ever had, in MB.
fn resident_mb(hub: &super::harness::Running) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", hub.child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() * 1024 / 1_000_000
}
