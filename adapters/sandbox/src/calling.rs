//! What a stand-in calls of its own accord: the hub's callbacks, as the real systems would.
//!
//! One plain HTTP/1.1 call to this machine and its answer; there is no TLS and no retry here.

use std::io;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// As long as the helpdesk is known to wait (domain 2.10).
const PATIENCE: Duration = Duration::from_secs(30);
/// Largest answer that is read.
const ANSWER_BYTES_MAX: u64 = 64 << 10;

/// A call that is made.
pub(crate) struct Calling<'a> {
    /// What stands before the path: `http://127.0.0.1:8080`.
    pub(crate) hub: &'a str,
    /// Path and query.
    pub(crate) path: &'a str,
    /// A header of its own.
    pub(crate) header: Option<(&'a str, String)>,
    pub(crate) body: String,
}

/// Makes the call; gives the answer's status and body, or why there is none.
pub(crate) async fn call(calling: Calling<'_>) -> Value {
    match tokio::time::timeout(PATIENCE, attempt(calling)).await {
        Ok(Ok((status, body))) => json!({ "status": status, "body": body }),
        Ok(Err(error)) => json!({ "error": error.to_string() }),
        Err(_) => json!({ "error": "no answer in time" }),
    }
}

async fn attempt(calling: Calling<'_>) -> io::Result<(u16, Value)> {
    let host = calling.hub.trim_start_matches("http://").trim_end_matches('/');
    let own = calling.header.map(|(name, value)| format!("{name}: {value}\r\n"));
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: {host}\r\nuser-agent: BankSulutGo-ServiceDesk/1.0\r\n\
         content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n{}\r\n",
        calling.path,
        calling.body.len(),
        own.unwrap_or_default(),
    );
    let mut connection = TcpStream::connect(host).await?;
    connection.write_all(head.as_bytes()).await?;
    connection.write_all(calling.body.as_bytes()).await?;
    let mut answer = String::new();
    connection.take(ANSWER_BYTES_MAX).read_to_string(&mut answer).await?;
    let no_http = || io::Error::new(io::ErrorKind::InvalidData, "the answer is no HTTP");
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body).unwrap_or_default();
    let body = serde_json::from_str(body).unwrap_or_else(|_| Value::from(body));
    Ok((status.ok_or_else(no_http)?, body))
}
