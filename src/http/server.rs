//! Connections: our own accept loop on hyper, with every wait and number bounded.
//!
//! Plain connections speak HTTP/1.1; under TLS the client may choose HTTP/2 by ALPN. Not `axum::serve`,
//! which sets no timer and so has no header timeout at all; nor hyper-util's `auto`, which has none
//! while it finds out the version.
//!
//! What is no HTTP hyper answers by itself, before there is a request that an answer of ours could be
//! to: an empty 400, or 431 for a head that is too large. It closes the connection then.

mod connection;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use rustix::net::sockopt::set_tcp_user_timeout;
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::sync::{Semaphore, watch};

use super::tls::Tls;
use crate::access::Peer;
use connection::Connections;

/// What connections come from.
pub trait Listen: Send + 'static {
    /// A connection.
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    /// The next connection, and who is at its other end.
    fn next(&self) -> impl Future<Output = io::Result<(Self::Stream, Peer)>> + Send;
}

impl Listen for TcpListener {
    type Stream = TcpStream;

    async fn next(&self) -> io::Result<(TcpStream, Peer)> {
        let (stream, address) = self.accept().await?;
        // Answers are one small write each: waiting for more to send only delays them.
        stream.set_nodelay(true)?;
        Ok((stream, Peer(Some(address.ip()))))
    }
}

impl Listen for UnixListener {
    type Stream = UnixStream;

    async fn next(&self) -> io::Result<(UnixStream, Peer)> {
        Ok((self.accept().await?.0, Peer(None)))
    }
}

/// Bounds of a listener.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Connections at once; more wait in the listener's backlog.
    pub connections_max: usize,
    /// Longest wait for a TLS handshake, and for the next request's head, also on an idle connection.
    pub header_timeout: Duration,
    /// Longest wait for requests under way when stopping.
    pub stop_timeout: Duration,
}

/// Listens here. A client that takes in none of an answer for so long loses its connection: nothing
/// else would end the wait for it.
///
/// # Errors
/// When the address cannot be listened on.
pub async fn bind(address: SocketAddr, answer_timeout: Duration) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address).await?;
    // Connections inherit it from their listener.
    let timeout = u32::try_from(answer_timeout.as_millis()).unwrap_or(u32::MAX);
    set_tcp_user_timeout(&listener, timeout)?;
    Ok(listener)
}

/// Lets the process open as many files, and so connections, as the system allows it: shells and
/// service managers start programs with fewer, commonly 1,024.
pub fn raise_open_files() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "the number of open files could not be raised");
    }
}

/// Wait after a failed accept, which is nearly always a lack of file handles.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves until `stop` ends, then lets requests under way finish.
pub async fn serve(
    listener: impl Listen,
    router: Router,
    bounds: Bounds,
    tls: Option<Arc<Tls>>,
    stop: impl Future<Output = ()>,
) {
    let (stopping, stopped) = watch::channel(false);
    let connections = Arc::new(Connections::new(router, tls, bounds.header_timeout, stopped));
    let free = Arc::new(Semaphore::new(bounds.connections_max));
    tokio::pin!(stop);
    loop {
        let accepted = async {
            let permit = Arc::clone(&free).acquire_owned().await;
            (listener.next().await, permit)
        };
        let (accepted, permit) = tokio::select! {
            accepted = accepted => accepted,
            () = &mut stop => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let connections = Arc::clone(&connections);
                tokio::spawn(async move {
                    connections.serve(stream, peer).await;
                    drop(permit);
                });
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    drop(connections);
    stopping.send_replace(true);
    // Closed when the last connection has dropped its end.
    if tokio::time::timeout(bounds.stop_timeout, stopping.closed()).await.is_err() {
        tracing::warn!("requests were still under way when the time to stop was over");
    }
}

/// Whether only the client that was about to connect went away.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
