//! Rounds of: load, cut, look for everything that was acknowledged.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use omnihub::clock::SystemClock;
use omnihub::store::{StoreSettings, embedded};
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

/// One ticket in so many has a file.
const FILE_EVERY: u64 = 4;

/// A file, in bytes.
const FILE_BYTES: std::ops::Range<u64> = 1_000..3_000_000;

/// Longest description that the door takes.
const DESCRIPTION_MAX: usize = 10_000;

const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

pub(crate) fn main() {
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
    say(&format!(
        "power_cut: {rounds} rounds, {acknowledged} acknowledged, {lost} lost or damaged"
    ));
    assert!(lost == 0 && acknowledged > 0);
}

/// `cargo test NAME` and `-- --list` come here too; the first is meant only where no other is named.
pub(crate) fn is_asked_for() -> bool {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut names = arguments.iter().filter(|argument| !argument.starts_with('-')).peekable();
    let is_named = names.peek().is_none() || names.any(|name| "power_cut".contains(name));
    is_named && !arguments.iter().any(|argument| argument == "--list")
}

/// A ticket that was acknowledged.
struct Acknowledged {
    number: String,
    notes: String,
    file: Option<Vec<u8>>,
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
        "  round {at} cut after {moment:?} of load: {} acknowledged, {} of them with a file, {lost} lost, {} calls to the helpdesk",
        acknowledged.len(),
        acknowledged.iter().filter(|it| it.file.is_some()).count(),
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
    for Acknowledged { number, notes, .. } in of {
        let (status, shown) = ticket(&client, (hub.address, key), number).await;
        if status != 200 || shown["metadata"]["notes"].as_str() != Some(notes) {
            say(&format!("  {number} is lost: {status} {}", shown["message"]));
            lost += 1;
        }
    }
    let (_, body) = body(usize::MAX, 1_000, None);
    let (status, answer) = post(&client, (hub.address, key), "tickets", &body).await.unwrap();
    assert_eq!(status, 201, "{answer}");
    hub.kill();
    lost + damaged_files(of, &disk.point)
}

/// Files of acknowledged tickets that the store does not have exactly as they were posted.
fn damaged_files(of: &[Acknowledged], disk: &Path) -> usize {
    let settings = StoreSettings::of(9_000_000_000, "helpdesk.ticketNumber".parse().unwrap());
    let store = embedded::open(&disk.join("data"), &settings, SystemClock::shared()).unwrap();
    let is_damaged = |of: &&Acknowledged| {
        let Some(file) = &of.file else { return false };
        let ticket = store.find(&of.number).unwrap().unwrap().ticket;
        match store.content(ticket.number, &ticket.attachments[0]) {
            Ok(content) => content != *file,
            Err(error) => {
                say(&format!("  the file of {} is lost: {error}", of.number));
                true
            }
        }
    };
    of.iter().filter(is_damaged).count()
}

fn config(disk: &Path, sandbox: &Sandbox) -> String {
    format!(
        "{OPEN_DOOR}[store]\nurl = \"sled:{}\"\n[adapters.helpdesk]\nbase_url = \"{}\"\napi_key = \"{}\"\nlimits.create_concurrency = 8\nlimits.create_per_minute = 1000000\nlimits.update_per_minute = 1000000\n",
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
                let file = file(&mut random.lock().unwrap());
                let bytes = usize::try_from(bytes).unwrap();
                let (notes, body) = body(count * CLIENTS + name, bytes, file.as_deref());
                let Ok((status, answer)) = post(&client, (address, &key), "tickets", &body).await
                else {
                    break;
                };
                assert_eq!(status, 201, "{answer}");
                let number = answer["ticketNumber"].as_str().unwrap().to_owned();
                acknowledged.push(Acknowledged { number, notes, file });
            }
            acknowledged
        });
    }
    clients
}

/// A ticket of this size that is like no other, and the part of it that a GET shows.
fn body(which: usize, bytes: usize, file: Option<&[u8]>) -> (String, Value) {
    // Letters only: digits would be looked at for card numbers.
    let word: String = which.to_string().bytes().map(|digit| char::from(digit + 49)).collect();
    let text: String = format!("{word} ").chars().cycle().take(bytes).collect();
    let (description, notes) = text.split_at(bytes.min(DESCRIPTION_MAX) / 2);
    let description = format!("inquiry {description}");
    let mut body = json!({
        "channel": "EMAIL",
        "serviceType": "INQUIRY",
        "customer": { "name": "Jane Smith", "email": "jane.smith@email.com" },
        "ticket": { "description": description, "metadata": { "notes": notes } },
    });
    if let Some(file) = file {
        let content = STANDARD.encode(file);
        body["attachments"] = json!([{ "filename": "a", "mimeType": "a/b", "content": content }]);
    }
    (notes.to_owned(), body)
}

/// A file for one ticket in some.
fn file(random: &mut Random) -> Option<Vec<u8>> {
    if random.below(FILE_EVERY) > 0 {
        return None;
    }
    let bytes = FILE_BYTES.start + random.below(FILE_BYTES.end - FILE_BYTES.start);
    let seed = random.below(u64::MAX);
    Some((0..bytes).map(|at| at.wrapping_mul(seed).to_le_bytes()[3]).collect())
}
