//! Reading a body: unpacked, within its limit, in time, and within what all bodies may take together.
//!
//! Here is no parsing. A body that is refused is read on and thrown away for a while, because a client
//! that is still writing when the connection closes sees a reset instead of the answer. One that asked
//! first (`Expect: 100-continue`) has not begun to write, and is answered at once.

mod gather;
mod room;

use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CONTENT_ENCODING, EXPECT};
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout, timeout_at};

use super::reply::Problem;
use gather::{Gathered, Unpacked, too_many};
pub(crate) use room::Place;
pub use room::Room;

/// Bounds of bodies.
pub struct Bodies {
    /// Largest body, in bytes, counted after unpacking.
    pub bytes_max: usize,
    /// The same where attachments may come.
    pub attachment_bytes_max: usize,
    /// Longest wait for a whole body.
    pub timeout: Duration,
    /// What all bodies may take together.
    pub room: Room,
    /// Large bodies that may be parsed and checked at once.
    pub turns: Semaphore,
}

/// A whole body, and its place among all others: to be kept as long as what is made of it is in memory.
pub(crate) type Whole = (Bytes, Place);

/// Bytes of a refused body that are still read: those of the largest that a client sends by mistake.
const DRAINED_BYTES_MAX: usize = 128 << 20;

/// What gzip may add to a body that it cannot make smaller: a name, and five bytes every 32 KB.
const PACKED_EXTRA_BYTES_MAX: usize = 64 << 10;

/// The whole body, unpacked, at most `bytes_max` of it.
pub(crate) async fn read(
    bodies: &Bodies,
    headers: &HeaderMap,
    mut body: Body,
    bytes_max: usize,
) -> Result<Whole, Problem> {
    let deadline = Instant::now() + bodies.timeout;
    let refused = match Coding::of_body(headers, &body, bytes_max) {
        Err(refused) if headers.contains_key(EXPECT) => return Err(refused),
        Err(refused) => refused,
        // So that those who come do not take the room from those who are nearly there.
        Ok(_) if !bodies.room.has(declared(&body)) => too_many(),
        Ok(coding) => {
            let gathered = Gathered::new(bodies.room.place(), bytes_max, declared(&body));
            match timeout_at(deadline, gather(&mut body, coding, gathered)).await {
                Ok(Ok(whole)) => return Ok(whole),
                Ok(Err(refused)) => refused,
                Err(_) => return Err(too_slow()),
            }
        }
    };
    // Whoever is still writing when the time is over does without the answer.
    drop(timeout_at(deadline, drain(body)).await);
    Err(refused)
}

/// Throws a body away that will not be looked at. One that the client has not begun to send is not
/// asked for.
pub(crate) async fn discard(bodies: &Bodies, headers: &HeaderMap, body: Body) {
    if !headers.contains_key(EXPECT) {
        // Whoever takes longer than that has had the time to read the answer.
        drop(timeout(bodies.timeout, drain(body)).await);
    }
}

/// The answer to a request that goes no further.
pub(crate) async fn refuse(bodies: &Bodies, request: Request, problem: Problem) -> Response {
    let (parts, body) = request.into_parts();
    discard(bodies, &parts.headers, body).await;
    problem.into_response()
}

/// How a body is packed.
#[derive(Clone, Copy)]
enum Coding {
    Plain,
    Gzip,
}

impl Coding {
    /// How this body is packed, unless what its head says is enough to refuse it.
    fn of_body(headers: &HeaderMap, body: &Body, bytes_max: usize) -> Result<Self, Problem> {
        let coding = Self::of(headers)?;
        match declared(body) > coding.bytes_max(bytes_max) {
            true => Err(too_large(bytes_max)),
            false => Ok(coding),
        }
    }

    fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let mut codings = headers.get_all(CONTENT_ENCODING).iter();
        let coding = codings.next().map_or(Ok("identity"), |coding| coding.to_str());
        match (coding, codings.next()) {
            (Ok(coding), None) if coding.eq_ignore_ascii_case("identity") => Ok(Self::Plain),
            // RFC 9110, 8.4.1.3: a recipient should take x-gzip for gzip.
            (Ok(coding), None)
                if ["gzip", "x-gzip"].iter().any(|name| coding.eq_ignore_ascii_case(name)) =>
            {
                Ok(Self::Gzip)
            }
            _ => Err(Problem::of(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "This Content-Encoding is not supported: send gzip, or none",
            )),
        }
    }

    /// Most bytes on the wire of a body that has at most so many unpacked.
    fn bytes_max(self, unpacked_max: usize) -> usize {
        match self {
            Self::Plain => unpacked_max,
            Self::Gzip => unpacked_max.saturating_add(PACKED_EXTRA_BYTES_MAX),
        }
    }
}

/// What its Content-Length says; nothing where it has none.
fn declared(body: &Body) -> usize {
    let bytes = body.size_hint().upper().unwrap_or_default();
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

async fn gather(body: &mut Body, coding: Coding, mut gathered: Gathered) -> Result<Whole, Problem> {
    if let Coding::Gzip = coding {
        return unpack(body, gathered).await;
    }
    while let Some(piece) = next(body).await? {
        gathered.add(piece)?;
    }
    Ok(gathered.into_whole())
}

async fn unpack(body: &mut Body, gathered: Gathered) -> Result<Whole, Problem> {
    let bytes_max = gathered.bytes_max();
    let mut unpacked = Unpacked::new(gathered);
    let mut seen = 0;
    while let Some(piece) = next(body).await? {
        seen += piece.len();
        if seen > Coding::Gzip.bytes_max(bytes_max) {
            return Err(too_large(bytes_max));
        }
        unpacked.add(&piece).await?;
    }
    unpacked.finish().map(Gathered::into_whole)
}

/// The next piece of data; nothing at the end.
async fn next(body: &mut Body) -> Result<Option<Bytes>, Problem> {
    while let Some(frame) = body.frame().await {
        let cut = |_| Problem::of(StatusCode::BAD_REQUEST, "The request body was cut");
        if let Ok(piece) = frame.map_err(cut)?.into_data() {
            return Ok(Some(piece));
        }
    }
    Ok(None)
}

async fn drain(mut body: Body) {
    let mut seen = 0;
    while seen < DRAINED_BYTES_MAX
        && let Some(Ok(frame)) = body.frame().await
    {
        seen += frame.data_ref().map_or(0, Bytes::len);
    }
}

fn too_large(bytes_max: usize) -> Problem {
    let text = format!("The request body is larger than {bytes_max} bytes");
    Problem::of(StatusCode::PAYLOAD_TOO_LARGE, text)
}

fn too_slow() -> Problem {
    Problem::of(StatusCode::REQUEST_TIMEOUT, "The request body took too long")
}
