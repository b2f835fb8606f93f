//! Connections: idle ones, slow ones, greedy ones, and those that speak no HTTP.

use std::time::{Duration, Instant};

use omnihub::config::{Config, Span};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::{CLAIM, CLAIMS, Edge, Wire, until};

const SOON: Span = Span(Duration::from_millis(200));

fn impatient(config: &mut Config) {
    config.http.header_timeout = SOON;
}

#[tokio::test]
async fn silent_slow_and_idle_connections_are_closed_at_the_header_timeout() {
    let edge = Edge::start_with(impatient).await;
    let mut silent = edge.connect().await;
    let mut slow = edge.connect().await;
    slow.send("POST /api/omnichannel/claims HTTP/1.1\r\nHost: h").await;
    let mut idle = edge.connect().await;
    idle.send(edge.post(CLAIMS, &[], CLAIM.as_bytes())).await;
    assert_eq!(idle.answer().await.status, 201);
    let began = Instant::now();
    for wire in [&mut silent, &mut slow, &mut idle] {
        wire.closed().await;
    }
    assert!(began.elapsed() < SOON.0 * 10, "{:?}", began.elapsed());
    edge.done().await;
}

/// Connections that are open and say nothing.
const IDLE: usize = 1_000;

/// Claims whose time is taken.
const CLAIMS_TIMED: usize = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_idle_connections_and_a_slow_head_disturb_nobody() {
    let edge = Edge::start_with(|config| config.http.header_timeout = Span(SOON.0 * 300)).await;
    let alone = median(&edge).await;
    let mut idle = Vec::new();
    for _ in 0..IDLE {
        idle.push(edge.connect().await);
    }
    let mut slow = edge.connect().await;
    let dripping = tokio::spawn({
        let head = edge.post(CLAIMS, &[], CLAIM.as_bytes());
        async move {
            for byte in head {
                slow.send([byte]).await;
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            slow.answer().await
        }
    });
    let among = median(&edge).await;
    // So wide that only waiting for one of the others exceeds it: other tests run beside this one.
    assert!(among < alone * 5 + SOON.0, "{alone:?} alone, {among:?} among them");
    assert_eq!(dripping.await.unwrap().status, 201);
    // All were accepted, not left in the queue, and all still work.
    for wire in &mut idle {
        wire.send("GET /health/live HTTP/1.1\r\nHost: hub\r\n\r\n").await;
        assert_eq!(wire.answer().await.status, 200);
    }
    edge.done().await;
}

/// How long a claim takes, the median of some.
async fn median(edge: &Edge) -> Duration {
    let mut wire = edge.connect().await;
    let mut took = Vec::new();
    for _ in 0..CLAIMS_TIMED {
        let began = Instant::now();
        wire.send(edge.post(CLAIMS, &[], CLAIM.as_bytes())).await;
        assert_eq!(wire.answer().await.status, 201);
        took.push(began.elapsed());
    }
    took.sort();
    took[CLAIMS_TIMED / 2]
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_for_one_to_close() {
    let edge = Edge::start_with(|config| config.http.connections_max = 1).await;
    let mut first = edge.connect().await;
    first.send(edge.head("GET", "/health/live", &[])).await;
    assert_eq!(first.answer().await.status, 200);
    let second = tokio::spawn({
        let head = edge.head("GET", "/health/live", &[]);
        let mut second = edge.connect().await;
        async move {
            second.send(head).await;
            second.answer().await
        }
    });
    first.send(edge.head("GET", "/health/live", &[])).await;
    assert_eq!(first.answer().await.status, 200);
    assert!(!second.is_finished());
    drop(first);
    assert_eq!(second.await.unwrap().status, 200);
    edge.done().await;
}

#[tokio::test]
async fn a_client_that_takes_in_none_of_its_answers_loses_its_connection() {
    let edge = Edge::start_with(|config| {
        config.http.connections_max = 1;
        config.http.request_timeout = SOON;
    })
    .await;
    let mut greedy = edge.connect().await;
    let asked = edge.head("GET", "/health/live", &[]).repeat(1_000);
    // Until the hub has nowhere to put its answers, and so reads no more.
    while tokio::time::timeout(SOON.0, greedy.stream.write_all(asked.as_bytes())).await.is_ok() {}
    let answer = edge.ask(edge.head("GET", "/health/live", &[])).await;
    assert_eq!(answer.status, 200);
    edge.done().await;
}

#[tokio::test]
async fn what_is_no_http_is_told_so_and_the_connection_closed() {
    let edge = Edge::start().await;
    for (said, status) in [
        ("HELLO\r\n\r\n".to_owned(), 400),
        ("GET / HTTP/1.1\r\nHost: hub\r\nno colon\r\n\r\n".to_owned(), 400),
        ("GET / HTTP/1.1\r\nHost: hub\r\nContent-Length: x\r\n\r\n".to_owned(), 400),
        (endless("GET /"), 431),
        (endless("GET / HTTP/1.1\r\nHost: hub\r\nX: "), 431),
        (format!("GET / HTTP/1.1\r\nHost: hub\r\n{}\r\n", "X: y\r\n".repeat(200)), 431),
    ] {
        let mut wire = edge.connect().await;
        wire.send(&said).await;
        let answer = wire.answer().await;
        assert_eq!(answer.status, status, "{}", said.get(..60).unwrap_or(&said));
        wire.closed().await;
    }
    // HTTP/2 is spoken under TLS only.
    let mut wire = edge.connect().await;
    wire.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
    wire.closed().await;
    edge.done().await;
}

/// A head that has no end, up to where the hub stops reading. One byte more could cost the client the
/// answer: a connection that is closed before all was read is reset.
fn endless(begun: &str) -> String {
    begun.to_owned() + &"x".repeat((64 << 10) - begun.len())
}

#[tokio::test]
async fn stopping_closes_idle_connections_and_finishes_what_is_under_way() {
    let edge = Edge::start().await;
    let mut idle = edge.connect().await;
    idle.send(edge.head("GET", "/health/live", &[])).await;
    assert_eq!(idle.answer().await.status, 200);
    let whole = edge.post(CLAIMS, &[("Expect", "100-continue")], CLAIM.as_bytes());
    let (head, body) = whole.split_at(whole.len() - CLAIM.len());
    let mut busy = edge.connect().await;
    busy.send(head).await;
    // The hub has begun to read it.
    assert_eq!(busy.head().await, "HTTP/1.1 100 Continue\r\n\r\n");
    let address = edge.0.address();
    let stopping = tokio::spawn(edge.done());
    idle.closed().await;
    until(|| async { TcpStream::connect(address).await.is_err().then_some(()) }).await;
    busy.send(body).await;
    let answer = busy.answer().await;
    assert_eq!((answer.status, answer.header("connection")), (201, Some("close")));
    stopping.await.unwrap();
}

#[tokio::test]
async fn requests_that_come_at_once_are_answered_in_their_order() {
    let edge = Edge::start().await;
    let mut wire: Wire<TcpStream> = edge.connect().await;
    let claim = edge.post(CLAIMS, &[], CLAIM.as_bytes());
    let live = edge.head("GET", "/health/live", &[]);
    wire.send([&claim, live.as_bytes(), &claim].concat()).await;
    for status in [201, 200, 201] {
        assert_eq!(wire.answer().await.status, status);
    }
    edge.done().await;
}
