//! Serves one stand-in: the accept loop, the way of a call through faults, work and journal.
//!
//! It does not know any system's routes; they come as an axum router.
//!
//! Invariants:
//! - Every call but those under `/sandbox` is in the journal before its work begins.
//! - A dropped call gets no byte of an answer.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::DefaultBodyLimit;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::RETRY_AFTER;
use http::request::Parts;
use http::{HeaderValue, Request, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::answer::{Answer, Reason};
use crate::fault::{Call, Faults, Verdict, What};
use crate::journal::Journal;
use crate::settings::Clock;

/// 72 MB is what the hub's own door takes with attachments; base64 and JSON around 50 MB of them.
const BODY_BYTES_MAX: usize = 80 * 1024 * 1024;
/// More than any load test opens; a leak of connections is seen before the machine suffers.
const CONNECTIONS_MAX: usize = 4096;
/// A client that sends no head for so long is gone.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
/// When the process is out of file descriptors, accepting again at once would spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// One stand-in: its routes and what surrounds them.
pub(crate) struct Stand {
    routes: TowerToHyperService<Router>,
    control: TowerToHyperService<Router>,
    journal: Arc<Journal>,
    faults: Arc<Faults>,
    clock: Clock,
}

impl Stand {
    pub(crate) fn new(
        routes: Router,
        control: Router,
        journal: Arc<Journal>,
        faults: Arc<Faults>,
        clock: Clock,
    ) -> Self {
        // The body was read and bounded before it gets to a route.
        let unbounded =
            |router: Router| TowerToHyperService::new(router.layer(DefaultBodyLimit::disable()));
        Self { routes: unbounded(routes), control: unbounded(control), journal, faults, clock }
    }
}

/// Accepts connections until it is aborted, which closes them all.
pub(crate) async fn serve(listener: TcpListener, stand: Arc<Stand>) {
    let permits = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    while let Ok(permit) = Arc::clone(&permits).acquire_owned().await {
        match listener.accept().await {
            Ok((stream, _)) => {
                let stand = Arc::clone(&stand);
                connections.spawn(async move {
                    converse(stream, stand).await;
                    drop(permit);
                });
            }
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn converse(stream: TcpStream, stand: Arc<Stand>) {
    // Without it, small answers wait for the peer's delayed acknowledgement; that it failed only
    // means that the peer is gone, which the next read says.
    drop(stream.set_nodelay(true));
    let service = service_fn(move |call| {
        let stand = Arc::clone(&stand);
        async move { stand.answer(call).await }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service);
    // A connection that breaks, or that a fault breaks, ends here and only here.
    drop(connection.await);
}

/// A call whose connection is closed without an answer.
#[derive(Debug)]
struct Dropped;

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("dropped by a fault rule")
    }
}

impl std::error::Error for Dropped {}

impl Stand {
    async fn answer(&self, call: Request<Incoming>) -> Result<Response, Dropped> {
        let (parts, incoming) = call.into_parts();
        if is_control(parts.uri.path()) {
            let call = Request::from_parts(parts, Body::new(incoming));
            return Ok(run(&self.control, call).await);
        }
        let early = (!self.faults.read_bodies()).then(|| self.judge(&parts, b""));
        if let Some(Verdict { delay_ms: 0, what: Some(What::DropBefore) }) = early {
            return Err(self.drop_call(self.open(&parts, Bytes::new()), "fault: drop_before"));
        }
        let Ok(body) = axum::body::to_bytes(Body::new(incoming), BODY_BYTES_MAX).await else {
            let seq = self.open(&parts, Bytes::new());
            let status = StatusCode::PAYLOAD_TOO_LARGE;
            let answer = Answer::any(status, None).because("body cut short or over 80 MB");
            return Ok(self.close(seq, answer.into_response()));
        };
        let verdict = early.unwrap_or_else(|| self.judge(&parts, &body));
        let seq = self.open(&parts, body.clone());
        if verdict.delay_ms > 0 {
            tokio::time::sleep(Duration::from_millis(verdict.delay_ms)).await;
        }
        self.carry_out(verdict.what, seq, Request::from_parts(parts, Body::from(body))).await
    }

    async fn carry_out(
        &self,
        what: Option<What>,
        seq: u64,
        call: Request<Body>,
    ) -> Result<Response, Dropped> {
        match what {
            None | Some(What::Delay(_)) => {
                let answer = run(&self.routes, call).await;
                Ok(self.close(seq, answer))
            }
            Some(What::DropBefore) => Err(self.drop_call(seq, "fault: drop_before")),
            Some(What::DropAfter) => {
                run(&self.routes, call).await;
                Err(self.drop_call(seq, "fault: drop_after"))
            }
            Some(What::Hang) => {
                self.journal.settle(seq, None, Cow::Borrowed("fault: hang"));
                std::future::pending().await
            }
            Some(What::Throttle(seconds)) => Ok(self.close(seq, throttled(seconds))),
            Some(What::Status { status, body, headers, after }) => {
                if after {
                    run(&self.routes, call).await;
                }
                let reason = if after { "fault: status after the work" } else { "fault: status" };
                let answer = Answer::any(status, body.as_ref()).because(reason);
                let mut answer = answer.into_response();
                for (name, value) in headers {
                    answer.headers_mut().insert(name, value);
                }
                Ok(self.close(seq, answer))
            }
        }
    }

    fn judge(&self, parts: &Parts, body: &[u8]) -> Verdict {
        let query = parts.uri.query().unwrap_or_default();
        let (method, path) = (&parts.method, parts.uri.path());
        self.faults.judge(&Call { method, path, query, body })
    }

    fn open(&self, parts: &Parts, body: Bytes) -> u64 {
        self.journal.open((self.clock)(), parts, body)
    }

    fn close(&self, seq: u64, mut answer: Response) -> Response {
        let reason = answer.extensions_mut().remove::<Reason>();
        let outcome = reason.map_or(Cow::Borrowed("answered"), |reason| reason.0);
        self.journal.settle(seq, Some(answer.status().as_u16()), outcome);
        answer
    }

    fn drop_call(&self, seq: u64, outcome: &'static str) -> Dropped {
        self.journal.settle(seq, None, Cow::Borrowed(outcome));
        Dropped
    }
}

fn is_control(path: &str) -> bool {
    path.strip_prefix("/sandbox").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

async fn run(routes: &TowerToHyperService<Router>, call: Request<Body>) -> Response {
    match routes.call(call).await {
        Ok(answer) => answer,
        Err(never) => match never {},
    }
}

fn throttled(seconds: u64) -> Response {
    // The text is that of the helpdesk's table of codes (OMNI payloads, "Common HTTP status codes").
    let body = json!({"error": "Rate Limit Exceeded", "status": 429});
    let answer = Answer::json(StatusCode::TOO_MANY_REQUESTS, &body).because("fault: throttle");
    let mut answer = answer.into_response();
    answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    answer
}
