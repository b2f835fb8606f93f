//! HTTP/1.1 as far as the generator and the sink need it, at the least cost.
//!
//! It understands `Content-Length` and keep-alive; no chunked bodies, no pipelining. The hub uses
//! neither towards either of them, and a peer that does ends the measurement with an error.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Room for a claim or an answer in one read.
const BUFFER_BYTES: usize = 4096;

/// More than any claim or answer has; a peer that sends more is broken.
const FRAME_BYTES_MAX: usize = 1 << 20;

/// A connection that carries one whole text at a time.
pub(crate) struct Wire {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// The two halves of a request or of an answer to one.
#[derive(Clone, Copy)]
pub(crate) struct Frame<'a> {
    /// The first line and the headers.
    pub(crate) head: &'a [u8],
    /// What follows them.
    pub(crate) body: &'a [u8],
}

impl Wire {
    pub(crate) async fn connect(address: SocketAddr) -> io::Result<Self> {
        Self::over(TcpStream::connect(address).await?)
    }

    pub(crate) fn over(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(BUFFER_BYTES) })
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await
    }

    /// The next frame; nothing when the peer has closed the connection between two.
    pub(crate) async fn next(&mut self) -> io::Result<Option<Frame<'_>>> {
        self.buffer.clear();
        let body_at = loop {
            let is_first = self.buffer.is_empty();
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return if is_first { Ok(None) } else { Err(ErrorKind::UnexpectedEof.into()) };
            }
            if let Some(body_at) = whole(&self.buffer)? {
                break body_at;
            }
        };
        Ok(self.buffer.split_at_checked(body_at).map(|(head, body)| Frame { head, body }))
    }
}

impl Frame<'_> {
    /// The status of an answer, as its three digits.
    pub(crate) fn status(&self) -> &[u8] {
        self.head.get("HTTP/1.1 ".len().."HTTP/1.1 200".len()).unwrap_or_default()
    }
}

/// Where the body begins, once the buffer holds exactly one frame.
fn whole(buffer: &[u8]) -> io::Result<Option<usize>> {
    const END: &[u8] = b"\r\n\r\n";
    let broken = |why: &str| Err(io::Error::new(ErrorKind::InvalidData, why));
    let Some(body_at) = find(buffer, END).map(|at| at + END.len()) else {
        return if buffer.len() > FRAME_BYTES_MAX {
            broken("a head without end")
        } else {
            Ok(None)
        };
    };
    let length = buffer.get(..body_at).and_then(content_length).unwrap_or(0);
    match buffer.len().checked_sub(body_at) {
        _ if length > FRAME_BYTES_MAX => broken("a body that is far too long"),
        Some(have) if have > length => broken("more than one frame at a time"),
        Some(have) if have == length => Ok(Some(body_at)),
        _ => Ok(None),
    }
}

fn content_length(head: &[u8]) -> Option<usize> {
    const NAME: &[u8] = b"content-length:";
    let value = head.split(|byte| *byte == b'\n').find_map(|line| {
        let (name, value) = line.split_at_checked(NAME.len())?;
        name.eq_ignore_ascii_case(NAME).then_some(value)
    })?;
    str::from_utf8(value).ok()?.trim().parse().ok()
}

/// Where this text stands first.
pub(crate) fn find(bytes: &[u8], text: &[u8]) -> Option<usize> {
    bytes.windows(text.len()).position(|window| window == text)
}

/// The number that follows this mark.
pub(crate) fn number_after(bytes: &[u8], mark: &[u8]) -> Option<u64> {
    let digits = bytes.get(find(bytes, mark)? + mark.len()..)?;
    let length = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    str::from_utf8(digits.get(..length)?).ok()?.parse().ok()
}
