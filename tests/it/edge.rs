//! The edge of HTTP: how bodies come in, how long a client may take, TLS, and the names of requests.
//!
//! Clients that misbehave are written by hand here, byte by byte ([`Wire`]).

mod bodies;
mod connections;
mod naming;
mod tls;
mod wire;

use std::time::Duration;

use omnihub::config::Config;
use tokio::net::TcpStream;

use crate::hub::TestHub;
use wire::{Answer, Wire};

const CLAIMS: &str = "/api/omnichannel/claims";
const TICKETS: &str = "/api/omnichannel/tickets";

/// OMNI API 1.0, use case "Simple Transaction Claim".
const CLAIM: &str = r#"{"namaNasabah":"Ahmad Suryanto","mediaTransaksi":"ATM","jenisTransaksi":"PEMBAYARAN","nominal":150000,"nomorKartu":"****5678","claimReason":"ATM tidak mengeluarkan uang tetapi saldo terpotong","atmId":"ATM_JKT_001"}"#;

/// Longest wait for anything: so long that only a hub that is stuck meets it.
const PATIENCE: Duration = Duration::from_secs(60);

/// Between two tries of what will be so in a moment.
const LOOK: Duration = Duration::from_millis(5);

/// A running hub whose clients are written by hand.
struct Edge(TestHub);

impl Edge {
    async fn start() -> Self {
        Self(TestHub::start().await)
    }

    async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        Self(TestHub::start_with(change).await)
    }

    async fn connect(&self) -> Wire<TcpStream> {
        Wire::new(TcpStream::connect(self.0.address()).await.unwrap())
    }

    /// A whole POST.
    fn post(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
        let length = body.len().to_string();
        let headers = [headers, &[("Content-Length", &*length)]].concat();
        [self.head("POST", path, &headers).as_bytes(), body].concat()
    }

    /// The head of a request with the key.
    fn head(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> String {
        let key = self.0.key();
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

    /// Ends it, whatever is still to be delivered: here it is only about the door.
    async fn done(self) {
        self.0.done_early().await;
    }
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
