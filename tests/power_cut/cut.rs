//! Rounds of: load, cut, look for everything that was acknowledged.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};

use omnihub_sandbox::{Sandbox, Settings, System};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::disk::{Disk, Mounted};
use super::harness::{Home, OPEN_DOOR, Random, client, is_long, post, say, ticket, until};

const ROUNDS: usize = 2;
const ROUNDS_LONG: usize = 20;

/// Clients at once.
const CLIENTS: usize = 16;

/// A ticket's description and metadata together, in bytes.
const BYTES: std::ops::Range<u64> = 1_000..40_000;

/// Longest description that the door takes.
const DESCRIPTION_MAX: usize = 10_000;

const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

pub(crate) fn main() {
    if !is_asked_for() {
        return;
    }
    if let Err(why) = Disk::new() {
        say(&format!("\npower_cut: SKIPPED: needs root, loop devices and fsfreeze ({why})\n"));
        return;
    }
    let rounds = if is_long() { ROUNDS_LONG } else { ROUNDS };
    let random = Arc::new(Mutex::new(Random::start("power_cut")));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let counts: Vec<_> = (1..=rounds).map(|at| runtime.block_on(round(at, &random))).collect();
    let (acknowledged, lost) =
        counts.iter().fold((0, 0), |sum, count| (sum.0 + count.0, sum.1 + count.1));
    say(&format!("power_cut: {rounds} rounds, {acknowledged} acknowledged, {lost} lost"));
    assert!(lost == 0 && acknowledged > 0);
}

/// `cargo test NAME` and `-- --list` come here too; the first is meant only where no other is named.
fn is_asked_for() -> bool {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut names = arguments.iter().filter(|argument| !argument.starts_with('-')).peekable();
    let is_named = names.peek().is_none() || names.any(|name| "power_cut".contains(name));
    is_named && !arguments.iter().any(|argument| argument == "--list")
}

/// A ticket that was acknowledged.
struct Acknowledged {
    number: String,
    notes: String,
}

/// One cut; says how many tickets were acknowledged before it, and how many of them are not there.
async fn round(at: usize, random: &Arc<Mutex<Random>>) -> (usize, usize) {
    let disk = Disk::new().unwrap();
    let sandbox = Sandbox::start(Settings::default()).await.unwrap();
    let home = Home::new(&config(disk.path(), &sandbox));
    let key = home.key("portal").await;
    let mut hub = home.serve().await;
    let clients = clients(hub.address, &key, random);
    let moment = random.lock().unwrap().moment(30, 1_500);
    let delivered = async || (sandbox.received_total(System::Helpdesk) > 0).then_some(());
    until("tickets are delivered", PATIENCE, delivered).await;
    tokio::time::sleep(moment).await;
    let image = disk.cut();
    hub.child.kill().unwrap();
    disk.restore();
    hub.kill();
    // No answer can have left since the cut: each waits for a sync that could not end.
    let acknowledged: Vec<Acknowledged> = clients.join_all().await.into_iter().flatten().collect();
    let lost = look_for(&acknowledged, &image, &key, &sandbox).await;
    say(&format!(
        "  round {at} cut after {moment:?} of load: {} acknowledged, {lost} lost, {} calls to the helpdesk",
        acknowledged.len(),
        sandbox.received_total(System::Helpdesk)
    ));
    (acknowledged.len(), lost)
}

/// Starts a hub on what the cut left, and asks for everything.
async fn look_for(of: &[Acknowledged], image: &Path, key: &str, sandbox: &Sandbox) -> usize {
    let disk = Mounted::open(image).unwrap();
    let home = Home::new(&config(&disk.point, sandbox));
    let hub = home.serve().await;
    let client = client();
    let mut lost = 0;
    for Acknowledged { number, notes } in of {
        let (status, shown) = ticket(&client, (hub.address, key), number).await;
        if status != 200 || shown["metadata"]["notes"].as_str() != Some(notes) {
            say(&format!("  {number} is lost: {status} {}", shown["message"]));
            lost += 1;
        }
    }
    let (_, body) = body(usize::MAX, 1_000);
    let (status, answer) = post(&client, (hub.address, key), "tickets", &body).await.unwrap();
    assert_eq!(status, 201, "{answer}");
    hub.kill();
    lost
}

fn config(disk: &Path, sandbox: &Sandbox) -> String {
    format!(
        "{OPEN_DOOR}[store]\nurl = \"sled:{}\"\n[adapters.helpdesk]\nbase_url = \"{}\"\napi_key = \"{}\"\nconcurrency = 8\n",
        disk.join("data").display(),
        sandbox.base_url(System::Helpdesk),
        sandbox.credentials().helpdesk_api_key,
    )
}

/// Posts tickets until nobody answers any more.
fn clients(
    address: SocketAddr,
    key: &str,
    random: &Arc<Mutex<Random>>,
) -> JoinSet<Vec<Acknowledged>> {
    let mut clients = JoinSet::new();
    for name in 0..CLIENTS {
        let (key, random) = (key.to_owned(), Arc::clone(random));
        clients.spawn(async move {
            let client = client();
            let mut acknowledged = Vec::new();
            for count in 0.. {
                let bytes = BYTES.start + random.lock().unwrap().below(BYTES.end - BYTES.start);
                let (notes, body) = body(count * CLIENTS + name, usize::try_from(bytes).unwrap());
                let Ok((status, answer)) = post(&client, (address, &key), "tickets", &body).await
                else {
                    break;
                };
                assert_eq!(status, 201, "{answer}");
                let number = answer["ticketNumber"].as_str().unwrap().to_owned();
                acknowledged.push(Acknowledged { number, notes });
            }
            acknowledged
        });
    }
    clients
}

/// A ticket of this size that is like no other, and the part of it that a GET shows.
fn body(which: usize, bytes: usize) -> (String, Value) {
    // Letters only: digits would be looked at for card numbers.
    let word: String = which.to_string().bytes().map(|digit| char::from(digit + 49)).collect();
    let text: String = format!("{word} ").chars().cycle().take(bytes).collect();
    let (description, notes) = text.split_at(bytes.min(DESCRIPTION_MAX) / 2);
    let description = format!("inquiry {description}");
    let body = json!({
        "channel": "EMAIL",
        "serviceType": "INQUIRY",
        "customer": { "name": "Jane Smith", "email": "jane.smith@email.com" },
        "ticket": { "description": description, "metadata": { "notes": notes } },
    });
    (notes.to_owned(), body)
}
