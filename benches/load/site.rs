//! A hub to measure: a folder with its settings and a key, and the real program run in it.
//!
//! The folder lies under the current one, on a real disk: a store in memory would sync for nothing.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use crate::Failed;
use crate::claims::Claims;
use crate::figures::ms;
use crate::generator::Client;
use crate::sink::System;
use crate::usage;
use crate::wire::Wire;

/// Longest wait for the first answer.
const START_MAX: Duration = Duration::from_secs(60);

/// Between two tries to connect to a hub that does not listen yet: the runtime's shortest sleep.
const RETRY: Duration = Duration::from_millis(1);

/// How often a start is timed; the median counts.
const STARTS: usize = 5;

/// A folder that a hub can be started in, again and again.
pub(crate) struct Site {
    /// What is posted to it.
    pub(crate) claims: Arc<Claims>,
    address: SocketAddr,
    base: Base,
}

/// What every command needs.
struct Base {
    folder: TempDir,
    program: PathBuf,
    settings: Vec<(String, String)>,
}

/// From starting the program to its first answers, in milliseconds.
#[derive(Clone, Copy, Debug, Default, serde::Serialize)]
pub(crate) struct Start {
    /// 200 at `/health/ready`.
    pub(crate) ready_ms: f64,
    /// 201 for a claim.
    pub(crate) first_claim_ms: f64,
}

/// A running hub; dropping it kills it.
pub(crate) struct Hub {
    /// Its public listener.
    pub(crate) address: SocketAddr,
    /// How long it took to start.
    pub(crate) start: Start,
    child: Child,
}

impl Site {
    /// A new folder for this program, whose hub delivers to these systems, all at this address.
    pub(crate) fn new(
        program: &Path,
        systems: &[System],
        upstream: SocketAddr,
    ) -> Result<Self, Failed> {
        let here = std::env::current_dir()?;
        let folder = tempfile::Builder::new().prefix(".omnihub-load-").tempdir_in(here)?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let own = fs::read_to_string(program.with_file_name("config.toml"));
        let config = own.as_deref().unwrap_or(SHIPPED);
        fs::write(folder.path().join("config.toml"), config)?;
        let settings = settings(address, systems, upstream);
        let base = Base { folder, program: program.to_owned(), settings };
        let made = base.command(&["keys", "create", "--partner", "bench"]).output()?;
        if !made.status.success() {
            let why = String::from_utf8_lossy(&made.stderr);
            return Err(format!("no key could be made: {why}").into());
        }
        let claims = Arc::new(Claims::new(address, String::from_utf8(made.stdout)?.trim())?);
        Ok(Self { claims, address, base })
    }

    /// Starts a hub and waits for its first answers.
    pub(crate) async fn start(&self) -> Result<Hub, Failed> {
        let began = Instant::now();
        let child = self.base.command(&["serve"]).stdout(Stdio::null()).spawn()?;
        let mut hub = Hub { address: self.address, start: Start::default(), child };
        hub.start = timeout(START_MAX, self.first_answers(&mut hub, began)).await??;
        Ok(hub)
    }

    async fn first_answers(&self, hub: &mut Hub, began: Instant) -> Result<Start, Failed> {
        while !is_ready(self.address).await {
            if let Some(status) = hub.child.try_wait()? {
                return Err(format!("the hub ended at once: {status}").into());
            }
            sleep(RETRY).await;
        }
        let ready_ms = ms(began.elapsed());
        Client::connect(self.address, &self.claims).await?.post().await?;
        Ok(Start { ready_ms, first_claim_ms: ms(began.elapsed()) })
    }

    /// The median of some starts on what the store holds now. Each adds a claim to it.
    pub(crate) async fn starts(&self) -> Result<Start, Failed> {
        let mut starts = Vec::new();
        for _ in 0..STARTS {
            let hub = self.start().await?;
            starts.push(hub.start);
            hub.stop().await?;
        }
        starts.sort_by(|one, other| one.first_claim_ms.total_cmp(&other.first_claim_ms));
        Ok(*starts.get(STARTS / 2).ok_or("no start was timed")?)
    }

    /// What the store takes on disk, in MB.
    pub(crate) fn folder_mb(&self) -> Result<f64, Failed> {
        Ok(usage::folder_mb(&self.base.folder.path().join("data"))?)
    }
}

impl Hub {
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Stops it as an operator would, and waits until it has ended.
    pub(crate) async fn stop(mut self) -> Result<(), Failed> {
        Command::new("kill").arg(self.pid().to_string()).status()?;
        // Not on this thread: the sink has to go on answering what the hub still delivers.
        let status = tokio::task::spawn_blocking(move || self.child.wait()).await??;
        if status.success() { Ok(()) } else { Err(format!("the hub stopped with {status}").into()) }
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        // Both fail only where it has ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Base {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments).arg("--config").arg(self.folder.path().join("config.toml"));
        command.envs(self.settings.iter().cloned()).stdin(Stdio::null());
        command
    }
}

async fn is_ready(address: SocketAddr) -> bool {
    let Ok(mut wire) = Wire::connect(address).await else { return false };
    let ask = b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\n\r\n";
    wire.send(ask).await.is_ok()
        && wire.next().await.is_ok_and(|answer| answer.is_some_and(|it| it.status() == b"200"))
}

/// Everything as shipped, but that no limit is met and nobody reads a log.
const SHIPPED: &str = include_str!("../../config.toml");
const LOADED: &[(&str, &str)] = &[
    ("OMNIHUB_STORE__URL", "sled:data"),
    ("OMNIHUB_ACCEPT__WAIT_FOR_HELPDESK", "0s"),
    ("OMNIHUB_LIMITS__CREATE_PER_MINUTE", "1000000000"),
    ("OMNIHUB_LOG__LEVEL", "error"),
];

/// What is set for a system that is on, beside its address.
const HELPDESK: &[(&str, &str)] = &[("API_KEY", "bench"), ("CONCURRENCY", "64")];
const SOCIOMILE: &[(&str, &str)] =
    &[("CLIENT_SECRET_KEY", "bench"), ("CLAIMS_TOLD_BY", "hub"), ("CONCURRENCY", "64")];

/// The variables that make a hub listen here and deliver to these systems, all at one address.
fn settings(listen: SocketAddr, systems: &[System], upstream: SocketAddr) -> Vec<(String, String)> {
    let mut settings = vec![("OMNIHUB_HTTP__LISTEN".to_owned(), listen.to_string())];
    settings.extend(LOADED.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    for (adapter, system, keys) in [
        ("HELPDESK", Some(System::Helpdesk), HELPDESK),
        ("SOCIOMILE", Some(System::Sociomile), SOCIOMILE),
        ("DOLPHINS", None, &[]),
        ("WEBHOOK", None, &[]),
    ] {
        let name = |key: &str| format!("OMNIHUB_ADAPTERS__{adapter}__{key}");
        if system.is_some_and(|system| systems.contains(&system)) {
            settings.push((name("BASE_URL"), format!("http://{upstream}")));
            settings.extend(keys.iter().map(|(key, value)| (name(key), (*value).to_owned())));
        } else {
            settings.push((name("ENABLED"), "false".to_owned()));
        }
    }
    settings
}
