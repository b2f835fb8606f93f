//! One connection, from its first byte to its end.
//!
//! An idle connection is closed after the header timeout, by hyper for HTTP/1.1 and by ourselves for
//! HTTP/2, for which hyper has no such thing: pings of its keep-alive are answered by clients that will
//! never ask for anything.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::response::Response;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::access::Peer;
use crate::http::tls::{Spoken, Tls};

/// Bytes of a head after which no more is read. Ours are far below one KB, a batch of a hundred numbers
/// below four; hyper's own bound is seven times as much, for each of thousands of connections.
const HEAD_BYTES_MAX: usize = 64 << 10;

/// Requests at once on one HTTP/2 connection: connections are counted, so these have to be too.
const STREAMS_MAX: u32 = 32;

/// Bytes of bodies that a client of HTTP/2 may send before anybody has asked for them.
const STREAM_WINDOW_BYTES: u32 = 64 << 10;

/// The same for a whole connection.
const CONNECTION_WINDOW_BYTES: u32 = 256 << 10;

/// Bytes of answers that an HTTP/2 connection keeps for a slow client, each stream.
const SEND_BYTES_MAX: usize = 64 << 10;

/// What all connections of a listener have in common.
pub(super) struct Connections {
    router: Router,
    tls: Option<Arc<Tls>>,
    idle_timeout: Duration,
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
    stopped: watch::Receiver<bool>,
}

/// Why a connection ended badly.
#[derive(Debug, thiserror::Error)]
enum Ended {
    #[error(transparent)]
    Http(#[from] hyper::Error),
    #[error("no TLS: {0}")]
    Handshake(std::io::Error),
    #[error("it was idle")]
    Idle,
}

impl Connections {
    pub(super) fn new(
        router: Router,
        tls: Option<Arc<Tls>>,
        idle_timeout: Duration,
        stopped: watch::Receiver<bool>,
    ) -> Self {
        let mut http1 = http1::Builder::new();
        http1.timer(TokioTimer::new()).header_read_timeout(idle_timeout);
        http1.max_buf_size(HEAD_BYTES_MAX);
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        http2
            .timer(TokioTimer::new())
            .max_concurrent_streams(STREAMS_MAX)
            .initial_stream_window_size(STREAM_WINDOW_BYTES)
            .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
            .max_send_buf_size(SEND_BYTES_MAX)
            .max_header_list_size(u32::try_from(HEAD_BYTES_MAX).unwrap_or(u32::MAX));
        Self { router, tls, idle_timeout, http1, http2, stopped }
    }

    /// Serves one connection until it ends, or until requests under way are done when stopping.
    pub(super) async fn serve<S>(&self, stream: S, peer: Peer)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let routes = TowerToHyperService::new(self.router.clone());
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(peer);
            routes.call(request)
        });
        let ended = match &self.tls {
            None => self.speak_http1(stream, service).await,
            // Boxed, so that plain connections do not carry its size.
            Some(tls) => Box::pin(self.serve_tls(tls, stream, service)).await,
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection ended badly");
        }
    }

    async fn serve_tls<S, H>(&self, tls: &Tls, stream: S, service: H) -> Result<(), Ended>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        H: Answers,
    {
        let mut stopped = self.stopped.clone();
        let shaken = tokio::select! {
            shaken = timeout(self.idle_timeout, tls.accept(stream)) => shaken,
            () = told(&mut stopped) => return Ok(()),
        };
        let (stream, spoken) = shaken.map_err(|_| Ended::Idle)?.map_err(Ended::Handshake)?;
        match spoken {
            Spoken::Http1 => self.speak_http1(stream, service).await,
            Spoken::Http2 => self.speak_http2(stream, service).await,
        }
    }

    async fn speak_http1<S, H>(&self, stream: S, service: H) -> Result<(), Ended>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        H: Answers,
    {
        let mut stopped = self.stopped.clone();
        let mut connection = pin!(self.http1.serve_connection(TokioIo::new(stream), service));
        tokio::select! {
            biased;
            ended = connection.as_mut() => return Ok(ended?),
            () = told(&mut stopped) => {}
        }
        connection.as_mut().graceful_shutdown();
        Ok(connection.await?)
    }

    /// Closes it, too, when there was no request for once to twice the idle timeout.
    async fn speak_http2<S, H>(&self, stream: S, service: H) -> Result<(), Ended>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        H: Answers,
    {
        let mut stopped = self.stopped.clone();
        let traffic = Arc::new(Traffic::default());
        let service = counted(service, Arc::clone(&traffic));
        let mut connection = pin!(self.http2.serve_connection(TokioIo::new(stream), service));
        let mut seen = 0;
        loop {
            tokio::select! {
                biased;
                ended = connection.as_mut() => return Ok(ended?),
                () = told(&mut stopped) => {
                    connection.as_mut().graceful_shutdown();
                    return Ok(connection.await?);
                }
                () = sleep(self.idle_timeout) => {}
            }
            if traffic.is_idle_since(&mut seen) {
                break;
            }
        }
        connection.as_mut().graceful_shutdown();
        // A client that is gone never says goodbye.
        Ok(timeout(self.idle_timeout, connection).await.map_err(|_| Ended::Idle)??)
    }
}

/// Waits until the listener stops.
async fn told(stopped: &mut watch::Receiver<bool>) {
    // A sender that is gone means the same as its signal.
    drop(stopped.wait_for(|stopped| *stopped).await);
}

/// What answers a connection's requests.
trait Answers:
    Service<
        Request<Incoming>,
        Response = Response,
        Error = Infallible,
        Future: Future<Output = Result<Response, Infallible>> + Send + 'static,
    > + Send
    + 'static
{
}

impl<T> Answers for T where
    T: Service<
            Request<Incoming>,
            Response = Response,
            Error = Infallible,
            Future: Future<Output = Result<Response, Infallible>> + Send + 'static,
        > + Send
        + 'static
{
}

/// The requests of a connection.
#[derive(Default)]
struct Traffic {
    begun: AtomicUsize,
    ended: AtomicUsize,
}

impl Traffic {
    /// Whether none is under way, nor was any since this many had begun.
    fn is_idle_since(&self, seen: &mut usize) -> bool {
        let before = std::mem::replace(seen, self.begun.load(Ordering::Relaxed));
        before == *seen && self.ended.load(Ordering::Relaxed) == *seen
    }
}

/// Counts a request's end, whether it was answered or its client went away.
struct Counted(Arc<Traffic>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::Relaxed);
    }
}

fn counted(service: impl Answers, traffic: Arc<Traffic>) -> impl Answers {
    service_fn(move |request| {
        traffic.begun.fetch_add(1, Ordering::Relaxed);
        let counted = Counted(Arc::clone(&traffic));
        let answer = service.call(request);
        async move {
            let answer = answer.await;
            drop(counted);
            answer
        }
    })
}
