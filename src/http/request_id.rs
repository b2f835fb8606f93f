//! The name of each request: the client's own where it is sensible, else one of ours.
//!
//! It is in the answer, and in every line that is logged while the request is under way. Who asked for
//! what, and how long it took, is logged at `debug`: a line for each of thousands a second helps nobody,
//! while whatever goes wrong tells of itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderValue, Method};
use tracing::{Instrument, Level};

use super::Door;
use super::reply::Problem;

/// The header that names a request.
const REQUEST_ID: &str = "x-request-id";

/// Longest id that is taken over from a client.
const REQUEST_ID_CHARS_MAX: usize = 128;

/// Gives a request its name, and a problem its answer with it.
pub(crate) async fn with_request_id(
    State(door): State<Arc<Door>>,
    request: Request,
    next: Next,
) -> Response {
    let id = request.headers().get(REQUEST_ID).filter(|id| is_sensible(id)).cloned();
    let id = id.unwrap_or_else(|| door.request_ids.next());
    // Of the highest level, so that it is there at whatever level a line inside it is logged.
    let span = tracing::error_span!("request", id = id.to_str().unwrap_or_default());
    let answer = async {
        let access = Access::of(&request);
        let mut answer = next.run(request).await;
        if let Some(problem) = answer.extensions_mut().remove::<Problem>() {
            answer = problem.into_answer(&id, door.clock.now());
        }
        door.counts.answered(answer.status().as_u16());
        if let Some(access) = access {
            access.log(&answer);
        }
        answer.headers_mut().insert(REQUEST_ID, id);
        answer
    };
    answer.instrument(span).await
}

fn is_sensible(id: &HeaderValue) -> bool {
    let is_visible = |byte: &u8| byte.is_ascii_graphic();
    (1..=REQUEST_ID_CHARS_MAX).contains(&id.len()) && id.as_bytes().iter().all(is_visible)
}

/// Makes names of requests: one part for the process, one that counts.
pub struct RequestIds {
    process: u32,
    count: AtomicU64,
}

impl RequestIds {
    /// Names that begin with this number of the process.
    pub fn new(process: u32) -> Self {
        Self { process, count: AtomicU64::new(1) }
    }

    fn next(&self) -> HeaderValue {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let id = format!("{:08x}-{count}", self.process);
        HeaderValue::from_str(&id).unwrap_or(HeaderValue::from_static("unnamed"))
    }
}

/// What was asked for. Not the query, which may say more than a log should.
struct Access {
    method: Method,
    path: String,
    began: Instant,
}

impl Access {
    /// Only if somebody reads it.
    fn of(request: &Request) -> Option<Self> {
        tracing::enabled!(Level::DEBUG).then(|| Self {
            method: request.method().clone(),
            path: request.uri().path().to_owned(),
            began: Instant::now(),
        })
    }

    fn log(&self, answer: &Response) {
        let Self { method, path, began } = self;
        tracing::debug!(
            %method,
            path,
            status = answer.status().as_u16(),
            took = ?began.elapsed(),
            "answered"
        );
    }
}
