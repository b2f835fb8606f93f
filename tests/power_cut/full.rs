//! A disk that is full, or cannot be written to, and then is well again: the hub goes on by itself.
//!
//! Clients post all the while and do what a 503 tells them to: come again with the same request id.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use omnihub_sandbox::{Sandbox, Settings, System};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::disk::Mounted;
use super::harness::{Home, OPEN_DOOR, Running, client, post, say, ticket, until};

/// Room for a few of sled's segments, and quickly filled.
const DISK_MB: &str = "160M";

const CLIENTS: usize = 8;

/// Between two posts of one client.
const PACE: Duration = Duration::from_millis(10);

/// Posts that have to be acknowledged, or refused, before the next thing happens.
const ENOUGH: usize = 60;

/// One ticket in so many has a file.
const FILE_EVERY: usize = 3;

/// More tickets than any of these makes: one that is forgotten would be counted as lost.
const KEPT_MAX: usize = 1_000_000;

const PATIENCE: Duration = Duration::from_secs(60);

/// What is wrong with the disk.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Trouble {
    /// There is little room left, and the hub minds.
    AlmostFull,
    /// There is no room left, and the hub finds out by itself.
    Full,
    /// What is there must not be changed.
    Unwritable,
}

pub(crate) fn main() {
    let folder = tempfile::tempdir().unwrap();
    if let Err(why) = Mounted::image(&folder.path().join("try"), DISK_MB) {
        say(&format!("\nfull disk: SKIPPED: needs root and loop devices ({why})\n"));
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    for trouble in [Trouble::AlmostFull, Trouble::Full, Trouble::Unwritable] {
        runtime.block_on(check(trouble));
    }
}

/// What clients were told.
#[derive(Default)]
struct Told {
    acknowledged: AtomicUsize,
    refused: AtomicUsize,
    is_over: AtomicBool,
}

impl Told {
    /// Waits for so many more.
    async fn more(&self, of: &AtomicUsize, what: &str) {
        let from = of.load(Ordering::Relaxed);
        let enough = async || (of.load(Ordering::Relaxed) >= from + ENOUGH).then_some(());
        until(what, PATIENCE, enough).await;
    }
}

async fn check(trouble: Trouble) {
    let folder = tempfile::tempdir().unwrap();
    let disk = Mounted::image(&folder.path().join("disk"), DISK_MB).unwrap();
    let sandbox =
        Sandbox::start(Settings { tickets_max: KEPT_MAX, ..Settings::default() }).await.unwrap();
    let home = Home::new(&config(&disk.point, trouble, &sandbox));
    let key = home.key("portal").await;
    let hub = home.serve().await;
    let told = Arc::new(Told::default());
    let clients = clients(hub.address, &key, &told);
    told.more(&told.acknowledged, "tickets are acknowledged").await;
    make(trouble, &disk.point);
    told.more(&told.refused, "tickets are refused").await;
    until("the hub says that it is not ready", PATIENCE, async || is_ready(&hub, false).await)
        .await;
    mend(trouble, &disk.point);
    told.more(&told.acknowledged, "tickets are acknowledged again").await;
    until("the hub is ready", PATIENCE, async || is_ready(&hub, true).await).await;
    told.is_over.store(true, Ordering::Relaxed);
    let acknowledged: Vec<String> = clients.join_all().await.into_iter().flatten().collect();
    let delivered = look_for(&acknowledged, &hub, &key, &sandbox).await;
    let listed = home.run(&["deliveries", "list", "--json"]).await;
    assert_eq!(String::from_utf8_lossy(&listed.stdout).trim(), "[]", "nothing waits for a person");
    assert_eq!(left_over(&disk.point), 0, "files of tickets that were refused");
    say(&format!(
        "full disk: {trouble:?}: {} acknowledged, {} refused, {delivered} delivered, each once",
        acknowledged.len(),
        told.refused.load(Ordering::Relaxed)
    ));
    hub.kill();
}

fn config(disk: &Path, trouble: Trouble, sandbox: &Sandbox) -> String {
    let free = if trouble == Trouble::AlmostFull { "40MB" } else { "0KB" };
    format!(
        "{OPEN_DOOR}[store]\nurl = \"sled:{}\"\nfree_bytes_min = \"{free}\"\n[adapters.helpdesk]\nbase_url = \"{}\"\napi_key = \"{}\"\nconcurrency = 8\n\
         limits.create_concurrency = 8\nlimits.create_per_minute = 1000000\n",
        disk.join("data").display(),
        sandbox.base_url(System::Helpdesk),
        sandbox.credentials().helpdesk_api_key,
    )
}

fn make(trouble: Trouble, disk: &Path) {
    match trouble {
        Trouble::AlmostFull | Trouble::Full => {
            let mut file = File::create(disk.join("ballast")).unwrap();
            for piece in [1 << 20, 4 << 10, 1] {
                while file.write_all(&vec![0; piece]).is_ok() {}
            }
        }
        Trouble::Unwritable => immutable("+i", disk),
    }
}

fn mend(trouble: Trouble, disk: &Path) {
    match trouble {
        Trouble::AlmostFull | Trouble::Full => {
            std::fs::remove_file(disk.join("ballast")).unwrap();
        }
        Trouble::Unwritable => immutable("-i", disk),
    }
}

/// Root may write everything but this.
fn immutable(flag: &str, disk: &Path) {
    let data = disk.join("data");
    let places = [data.join("db"), data.join("contents/incoming"), data];
    let done = Command::new("chattr").arg(flag).args(places).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

async fn is_ready(hub: &Running, wanted: bool) -> Option<()> {
    let url = format!("http://{}/health/ready", hub.address);
    let answer = client().get(url).send().await.ok()?;
    (answer.status().is_success() == wanted).then_some(())
}

fn clients(address: SocketAddr, key: &str, told: &Arc<Told>) -> JoinSet<Vec<String>> {
    let mut clients = JoinSet::new();
    for name in 0..CLIENTS {
        let (key, told) = (key.to_owned(), Arc::clone(told));
        clients.spawn(async move {
            let client = client();
            let mut acknowledged = Vec::new();
            for count in 0.. {
                // Where files find no room any more, others still post what is none.
                let has_file = name % 2 == 0 && count % FILE_EVERY == 0;
                let body = body(&format!("REF-{name}-{count}"), has_file);
                let Some(number) = acknowledge(&client, (address, &key), &body, &told).await else {
                    break;
                };
                acknowledged.push(number);
            }
            acknowledged
        });
    }
    clients
}

/// Posts until it is acknowledged, or all is over.
async fn acknowledge(
    client: &reqwest::Client,
    hub: (SocketAddr, &str),
    body: &Value,
    told: &Told,
) -> Option<String> {
    let mut pace = tokio::time::interval(PACE);
    while !told.is_over.load(Ordering::Relaxed) {
        pace.tick().await;
        let (status, answer) = post(client, hub, "tickets", body).await.unwrap();
        if status == 201 {
            told.acknowledged.fetch_add(1, Ordering::Relaxed);
            return answer["ticketNumber"].as_str().map(str::to_owned);
        }
        assert_eq!((status, &answer["success"]), (503, &json!(false)), "{answer}");
        told.refused.fetch_add(1, Ordering::Relaxed);
    }
    None
}

fn body(reference: &str, has_file: bool) -> Value {
    let mut body = json!({
        "channel": "EMAIL",
        "serviceType": "INQUIRY",
        "customer": { "name": "Jane Smith", "email": "jane.smith@email.com" },
        "ticket": { "description": "inquiry", "metadata": { "notes": "note ".repeat(6_000) } },
        "integration": { "requestId": reference },
    });
    if has_file {
        let content = STANDARD.encode(reference.repeat(1_000));
        body["attachments"] = json!([{ "filename": "a", "mimeType": "a/b", "content": content }]);
    }
    body
}

/// Asks the hub for everything acknowledged, and waits until the helpdesk has each of them; says how
/// many it has, none of them twice.
async fn look_for(of: &[String], hub: &Running, key: &str, sandbox: &Sandbox) -> usize {
    let client = client();
    for number in of {
        let (status, shown) = ticket(&client, (hub.address, key), number).await;
        assert_eq!(status, 200, "{number}: {shown}");
    }
    let copies = until("everything is delivered", PATIENCE, async || {
        let mut copies = BTreeMap::<String, usize>::new();
        for ticket in sandbox.helpdesk_tickets() {
            let number = ticket.metadata["omnihubNumber"].to_string();
            *copies.entry(number.trim_matches('"').to_owned()).or_default() += 1;
        }
        of.iter().all(|number| copies.contains_key(number)).then_some(copies)
    })
    .await;
    let doubled: Vec<_> = copies.iter().filter(|(_, copies)| **copies > 1).collect();
    assert!(doubled.is_empty(), "{doubled:?}");
    copies.len()
}

/// Files that belong to no ticket.
fn left_over(disk: &Path) -> usize {
    std::fs::read_dir(disk.join("data/contents/incoming")).unwrap().count()
}
