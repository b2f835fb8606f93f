//! The bare server that the hub is compared with: hyper's HTTP/1.1 as the hub uses it, and nothing
//! else. It reads the claim and answers 201 with a body like the hub's.

use std::convert::Infallible;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::sync::oneshot;

/// The documented answer and the additions that the hub makes, about 450 bytes.
const ANSWER: &str = r#"{"success":true,"ticketNumber":"9000000001","ticketId":"01940a3c-7d1e-7b3a-9c55-0f4b8a6d2e71","status":"OPEN","estimatedResolution":"2024-12-22T10:30:00.000000000Z","trackingUrl":"/tickets/9000000001","message":"KLAIM-OMNI ticket created successfully","metadata":{"provisional":true,"createdAt":"2024-12-19T10:30:00.000000000Z","assignedTo":"Support Team","supportGroup":"Card Operations","slaHours":72,"numbers":{"hub":"9000000001"}}}"#;

/// As the hub's default.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);

/// Starts it on a thread of its own; dropping the handle stops it.
pub(crate) fn start() -> io::Result<(SocketAddr, oneshot::Sender<Infallible>)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (handle, stopped) = oneshot::channel();
    thread::spawn(move || {
        runtime.block_on(async {
            tokio::select! {
                served = serve(listener) => served,
                _ = stopped => Ok(()),
            }
        })
    });
    Ok((address, handle))
}

async fn serve(listener: TcpListener) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(builder.serve_connection(TokioIo::new(stream), service_fn(answer)));
    }
}

async fn answer(request: Request<Incoming>) -> hyper::Result<Response<Full<Bytes>>> {
    request.into_body().collect().await?;
    let mut response = Response::new(Full::from(ANSWER));
    *response.status_mut() = StatusCode::CREATED;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}
