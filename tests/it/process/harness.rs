//! A hub as its operator has it: a folder with a `config.toml`, and the real program run on it.
//!
//! It knows no upstream and no test; what one needs beyond this is in the file beside it.

use std::fs::File;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

/// Between two looks at what is waited for.
const LOOK: Duration = Duration::from_millis(5);

/// Longest wait for a hub to start, on a machine that does other things too.
pub(crate) const START_MAX: Duration = Duration::from_secs(30);

/// Longest wait for one answer.
const ANSWER_MAX: Duration = Duration::from_secs(60);

/// A free port, and limits that no test meets by accident.
pub(crate) const OPEN_DOOR: &str = "\
[http]
listen = \"127.0.0.1:0\"
[accept]
wait_for_helpdesk = \"0s\"
[limits]
create_per_minute = 10000000
read_per_minute = 10000000
[breaker]
cooldown = \"100ms\"
";

/// A folder with a `config.toml`; dropping it removes it.
pub(crate) struct Home {
    folder: TempDir,
}

/// A hub that runs; dropping it kills it.
pub(crate) struct Running {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// The process.
    pub(crate) child: Child,
    log: PathBuf,
}

impl Home {
    pub(crate) fn new(config: &str) -> Self {
        let home = Self { folder: tempfile::tempdir().unwrap() };
        home.write("config.toml", config);
        home
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    /// The program with these arguments and this folder's settings.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program();
        command.args(arguments).arg("--config").arg(self.path("config.toml"));
        command
    }

    /// Runs a command to its end.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Output {
        output(self.command(arguments)).await
    }

    /// A new key of this partner.
    pub(crate) async fn key(&self, partner: &str) -> String {
        let made = self.run(&["keys", "create", "--partner", partner]).await;
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        String::from_utf8(made.stdout).unwrap().trim_end().to_owned()
    }

    /// Starts the hub, and returns when it says that it is ready.
    pub(crate) async fn serve(&self) -> Running {
        let log = self.path("hub.log");
        let errors = File::create(&log).unwrap();
        let mut command = self.command(&["serve"]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(errors);
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut running = Running { address: nowhere, child: command.spawn().unwrap(), log };
        running.address = until("the hub listens", START_MAX, async || running.listening()).await;
        let url = format!("http://{}/health/ready", running.address);
        let client = client();
        let ready = async || {
            let answer = client.get(&url).send().await.ok()?;
            answer.status().is_success().then_some(())
        };
        until("the hub is ready", START_MAX, ready).await;
        running
    }
}

impl Running {
    /// What it wrote to standard error so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Ends it with SIGKILL.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn listening(&mut self) -> Option<SocketAddr> {
        let log = self.log();
        if let Some(status) = self.child.try_wait().unwrap() {
            panic!("the hub ended with {status} instead of starting:\n{log}");
        }
        let (_, rest) = log.split_once("listening on http://")?;
        rest.split_once('\n')?.0.trim().parse().ok()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Mostly it has ended already, and then there is nothing to kill.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The program, without the variables of whoever runs the tests.
pub(crate) fn program() -> Command {
    let mut command = Command::new(Path::new(env!("CARGO_BIN_EXE_omnihub")));
    let names = std::env::vars_os().map(|(name, _)| name);
    for name in names.filter(|name| name.to_string_lossy().starts_with("OMNIHUB_")) {
        command.env_remove(name);
    }
    command
}

/// Runs a command to its end without holding up who else runs in this test.
pub(crate) async fn output(mut command: Command) -> Output {
    command.stdin(Stdio::null());
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

/// A client as OMNI clients have it.
pub(crate) fn client() -> reqwest::Client {
    omnihub_upstream::install_tls();
    let builder = reqwest::Client::builder().no_proxy().tls_certs_only([]).timeout(ANSWER_MAX);
    builder.build().unwrap()
}

/// Posts a create.
///
/// # Errors
/// When no whole answer came.
pub(crate) async fn post(
    client: &reqwest::Client,
    (address, key): (SocketAddr, &str),
    path: &str,
    body: &Value,
) -> reqwest::Result<(u16, Value)> {
    let url = format!("http://{address}/api/omnichannel/{path}");
    let answer = client.post(url).bearer_auth(key).json(body).send().await?;
    let status = answer.status().as_u16();
    Ok((status, answer.json().await?))
}

/// Asks for a ticket.
pub(crate) async fn ticket(
    client: &reqwest::Client,
    (address, key): (SocketAddr, &str),
    number: &str,
) -> (u16, Value) {
    let url = format!("http://{address}/api/omnichannel/tickets/{number}");
    let answer = client.get(url).bearer_auth(key).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// Looks again and again until there is something.
pub(crate) async fn until<T>(
    what: &str,
    longest: Duration,
    mut look: impl AsyncFnMut() -> Option<T>,
) -> T {
    let began = std::time::Instant::now();
    loop {
        if let Some(seen) = look().await {
            return seen;
        }
        assert!(began.elapsed() < longest, "waited {longest:?} in vain until {what}");
        tokio::time::sleep(LOOK).await;
    }
}

/// Whether the long forms are asked for.
pub(crate) fn is_long() -> bool {
    std::env::var("OMNIHUB_TESTS").is_ok_and(|value| value == "long")
}

/// Writes a line that is seen even when the test passes: these runs are counted, not only passed.
pub(crate) fn say(line: &str) {
    drop(writeln!(std::io::stderr().lock(), "{line}"));
}

/// Random numbers that can be had again: `OMNIHUB_SEED` sets where they begin.
pub(crate) struct Random(u64);

impl Random {
    /// Begins anywhere, and says where.
    pub(crate) fn start(of: &str) -> Self {
        use std::hash::{BuildHasher, RandomState};
        let given = std::env::var("OMNIHUB_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = given.unwrap_or_else(|| RandomState::new().hash_one(of) >> 32);
        say(&format!("{of}: OMNIHUB_SEED={seed}"));
        Self(seed)
    }

    /// The next number below a bound (splitmix64).
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    /// A length of time between two bounds, in milliseconds.
    pub(crate) fn moment(&mut self, from_ms: u64, to_ms: u64) -> Duration {
        Duration::from_millis(from_ms + self.below(to_ms - from_ms))
    }
}
