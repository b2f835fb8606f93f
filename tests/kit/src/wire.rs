//! Just enough HTTP/1.1 for a test tool: a request with a `Content-Length`, an answer with one.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::scripted::{Reply, Seen};

/// A request's head is shorter than this in every test.
const HEAD_BYTES_MAX: usize = 64 * 1024;

/// The path and query of the request that stands next in the connection, which stays unread.
pub(crate) async fn next_target(stream: &TcpStream) -> io::Result<Option<String>> {
    let mut bytes = vec![0; HEAD_BYTES_MAX];
    loop {
        let read = stream.peek(&mut bytes).await?;
        let text = String::from_utf8_lossy(bytes.get(..read).unwrap_or_default());
        if read == 0 {
            return Ok(None);
        }
        if let Some((line, _)) = text.split_once("\r\n") {
            return Ok(Some(line.split(' ').nth(1).unwrap_or_default().to_owned()));
        }
        tokio::task::yield_now().await;
    }
}

/// The next request, whole.
pub(crate) async fn read(stream: &mut TcpStream) -> io::Result<Seen> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let text = String::from_utf8_lossy(&head).into_owned();
    let mut lines = text.split("\r\n");
    let mut words = lines.next().unwrap_or_default().split(' ').map(str::to_owned);
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut seen = Seen { method, target, headers, body: Vec::new(), head };
    let length = seen.header("content-length").and_then(|text| text.parse().ok());
    seen.body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut seen.body).await?;
    Ok(seen)
}

/// Writes an answer that keeps the connection open.
pub(crate) async fn write(stream: &mut TcpStream, reply: &Reply) -> io::Result<()> {
    let mut head = format!("HTTP/1.1 {} Scripted\r\n", reply.status);
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {}\r\n\r\n", reply.body.len()));
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(&reply.body);
    stream.write_all(&bytes).await
}
