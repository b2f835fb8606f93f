//! A sandbox on free ports and an HTTP client of a few lines, with nothing between it and the wire.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use omnihub_sandbox::{Sandbox, Settings, System};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A call that is not sent yet.
pub(crate) struct Call {
    address: String,
    head: String,
    body: String,
}

pub(crate) fn call(sandbox: &Sandbox, system: System, line: &str) -> Call {
    let address = sandbox.base_url(system).trim_start_matches("http://").to_owned();
    Call { address, head: format!("{line} HTTP/1.1\r\nhost: sandbox\r\n"), body: String::new() }
}

impl Call {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.head.push_str(&format!("{name}: {value}\r\n"));
        self
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.body("application/json", &body.to_string())
    }

    pub(crate) fn body(mut self, content_type: &str, body: &str) -> Self {
        body.clone_into(&mut self.body);
        self.header("content-type", content_type)
    }

    pub(crate) async fn send(self) -> Reply {
        self.attempt().await.expect("an answer")
    }

    /// Sends it on a connection of its own; an error means that no whole answer came.
    pub(crate) async fn attempt(self) -> io::Result<Reply> {
        let mut connection = BufReader::new(TcpStream::connect(&self.address).await?);
        self.send_on(&mut connection).await
    }

    pub(crate) async fn send_on(self, connection: &mut BufReader<TcpStream>) -> io::Result<Reply> {
        let Self { head, body, .. } = self;
        let call = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
        connection.write_all(call.as_bytes()).await?;
        read_reply(connection).await
    }

    pub(crate) async fn connect(&self) -> BufReader<TcpStream> {
        BufReader::new(TcpStream::connect(&self.address).await.unwrap())
    }
}

async fn read_reply(connection: &mut BufReader<TcpStream>) -> io::Result<Reply> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(connection.read_u8().await?);
    }
    let head = String::from_utf8(head).unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let mut body = vec![0; length.map_or(0, |(_, length)| length.parse().unwrap())];
    connection.read_exact(&mut body).await?;
    Ok(Reply { status, headers, text: String::from_utf8(body).unwrap() })
}

pub(crate) async fn sandbox() -> Sandbox {
    Sandbox::start(Settings::default()).await.unwrap()
}

/// A clock that the test moves, in milliseconds.
#[derive(Clone)]
pub(crate) struct Hands(Arc<AtomicI64>);

impl Hands {
    pub(crate) fn advance(&self, milliseconds: i64) {
        self.0.fetch_add(milliseconds, Ordering::Relaxed);
    }
}

pub(crate) fn settings_with_clock(start: &str) -> (Settings, Hands) {
    let start: Timestamp = start.parse().unwrap();
    let hands = Hands(Arc::new(AtomicI64::new(start.as_millisecond())));
    let read = hands.clone();
    let clock = move || Timestamp::from_millisecond(read.0.load(Ordering::Relaxed)).unwrap();
    (Settings { clock: Arc::new(clock), ..Settings::default() }, hands)
}
