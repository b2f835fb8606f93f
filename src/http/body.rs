//! Reading a body within its limit.
//!
//! A body that is refused is read on and thrown away for a while, because a client that is still
//! writing when the connection closes sees a reset instead of the answer.

use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use http::header::EXPECT;
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt;

use super::reply::Problem;

/// Bytes of a refused body which are still read.
const DRAINED_BYTES_MAX: usize = 64 << 20;

/// How long a body may take. Slower than the slowest sensible line with the largest body.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// The whole body, at most `bytes_max` of it.
pub(crate) async fn read(body: Body, bytes_max: usize) -> Result<Bytes, Problem> {
    let read = tokio::time::timeout(BODY_TIMEOUT, gather(body, bytes_max)).await;
    read.unwrap_or_else(|_| {
        Err(Problem::of(StatusCode::REQUEST_TIMEOUT, "The request body took too long"))
    })
}

/// Throws a body away that will not be looked at. One that the client has not begun to send is not
/// asked for.
pub(crate) async fn discard(headers: &HeaderMap, body: Body) {
    if !headers.contains_key(EXPECT) {
        // Whoever takes longer than that has had the time to read the answer.
        drop(tokio::time::timeout(BODY_TIMEOUT, drain(body, 0)).await);
    }
}

/// The answer to a request that goes no further.
pub(crate) async fn refuse(request: Request, problem: Problem) -> Response {
    let (parts, body) = request.into_parts();
    discard(&parts.headers, body).await;
    problem.into_response()
}

async fn gather(mut body: Body, bytes_max: usize) -> Result<Bytes, Problem> {
    let mut whole = BytesMut::new();
    let mut seen = 0;
    let mut first = None;
    while let Some(frame) = body.frame().await {
        let cut = |_| Problem::of(StatusCode::BAD_REQUEST, "The request body was cut");
        let Ok(piece) = frame.map_err(cut)?.into_data() else { continue };
        seen += piece.len();
        if seen > bytes_max {
            drain(body, seen).await;
            let text = format!("The request body is larger than {bytes_max} bytes");
            return Err(Problem::of(StatusCode::PAYLOAD_TOO_LARGE, text));
        }
        // Nearly every body comes in one piece, and then needs no copy.
        match first.take() {
            None if whole.is_empty() => first = Some(piece),
            None => whole.extend_from_slice(&piece),
            Some(earlier) => {
                whole.extend_from_slice(&earlier);
                whole.extend_from_slice(&piece);
            }
        }
    }
    Ok(first.unwrap_or_else(|| whole.freeze()))
}

async fn drain(mut body: Body, mut seen: usize) {
    while seen < DRAINED_BYTES_MAX
        && let Some(Ok(frame)) = body.frame().await
    {
        seen += frame.data_ref().map_or(0, Bytes::len);
    }
}
