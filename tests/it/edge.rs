//! The edge of HTTP: how bodies come in, how long a client may take, TLS, and the names of requests.
//!
//! Clients that misbehave are written by hand here, byte by byte ([`Wire`]); nothing is delivered, since
//! no system has an address.

mod bodies;
mod connections;
mod naming;
mod tls;
mod wire;

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use omnihub::access::{self, NewKey, Permission, Scope};
use omnihub::clock::{Clock, SystemClock};
use omnihub::config::{self, Config};
use omnihub::hub::{Hub, StartOptions};
use omnihub_contract::ExposeSecret;
use tempfile::TempDir;
use tokio::net::TcpStream;

use wire::{Answer, Wire};

const CLAIMS: &str = "/api/omnichannel/claims";
const TICKETS: &str = "/api/omnichannel/tickets";

/// OMNI API 1.0, use case "Simple Transaction Claim".
const CLAIM: &str = r#"{"namaNasabah":"Ahmad Suryanto","mediaTransaksi":"ATM","jenisTransaksi":"PEMBAYARAN","nominal":150000,"nomorKartu":"****5678","claimReason":"ATM tidak mengeluarkan uang tetapi saldo terpotong","atmId":"ATM_JKT_001"}"#;

/// Longest wait for anything: so long that only a hub that is stuck meets it.
const PATIENCE: Duration = Duration::from_secs(60);

/// Between two tries of what will be so in a moment.
const LOOK: Duration = Duration::from_millis(5);

/// A running hub, and a key to it.
struct Edge {
    hub: Hub,
    key: String,
    folder: TempDir,
}

impl Edge {
    /// A hub with the shipped settings, but for limits that nobody meets.
    async fn start() -> Self {
        Self::start_with(|_, _| {}).await
    }

    /// The same with settings changed; the path is that of its folder.
    async fn start_with(change: impl FnOnce(&mut Config, &Path)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = settings(folder.path(), change);
        let hub = Hub::start(&config, StartOptions::default()).await.unwrap();
        let new = NewKey {
            partner: "web-portal".into(),
            permissions: Permission::ALL.to_vec(),
            scope: Scope::Own,
        };
        let (_, key) = access::create(hub.store.as_ref(), new, SystemClock.now()).await.unwrap();
        Self { hub, key: key.expose_secret().to_owned(), folder }
    }

    async fn connect(&self) -> Wire<TcpStream> {
        Wire::new(TcpStream::connect(self.hub.address).await.unwrap())
    }

    /// A whole POST.
    fn post(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
        let length = body.len().to_string();
        let headers = [headers, &[("Content-Length", &*length)]].concat();
        [self.head("POST", path, &headers).as_bytes(), body].concat()
    }

    /// The head of a request with the key.
    fn head(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> String {
        let key = &self.key;
        let headers: String =
            headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        format!(
            "{method} {path} HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer {key}\r\n{headers}\r\n"
        )
    }

    /// The answer to a request on a connection of its own.
    async fn ask(&self, request: impl AsRef<[u8]>) -> Answer {
        let mut wire = self.connect().await;
        wire.send(request).await;
        wire.answer().await
    }

    async fn done(self) {
        tokio::time::timeout(PATIENCE, self.hub.stop()).await.expect("the hub does not stop");
    }
}

fn settings(folder: &Path, change: impl FnOnce(&mut Config, &Path)) -> Config {
    omnihub_upstream::install_tls();
    let mut config = config::read(&folder.join("config.toml"), config::SHIPPED).unwrap();
    config.http.listen = SocketAddr::from(([127, 0, 0, 1], 0));
    config.limits.create_per_minute = 1_000_000;
    config.limits.read_per_minute = 1_000_000;
    change(&mut config, folder);
    config
}

/// Waits until it is so.
async fn until<T, F: Future<Output = Option<T>>>(mut look: impl FnMut() -> F) -> T {
    let so = async {
        loop {
            if let Some(so) = look().await {
                return so;
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::time::timeout(PATIENCE, so).await.expect("waited in vain")
}

/// Checks an error in the documented shape, with this text.
#[track_caller]
fn check_problem(answer: &Answer, status: u16, message: &str) {
    let body = answer.json();
    assert_eq!((answer.status, &body["message"]), (status, &message.into()), "{body}");
    assert_eq!((&body["success"], &body["status"]), (&false.into(), &status.into()));
    assert_eq!(body["requestId"].as_str(), answer.header("x-request-id"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
}
