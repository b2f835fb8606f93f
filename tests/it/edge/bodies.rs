//! Bodies: packed or not, too large, too slow, too many at once.

use std::io::Write;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::{CLAIM, CLAIMS, Edge, TICKETS, check_problem, until};

const GZIP: (&str, &str) = ("Content-Encoding", "gzip");

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A claim of so many bytes.
fn padded(bytes: usize) -> Vec<u8> {
    [CLAIM.as_bytes(), &vec![b' '; bytes - CLAIM.len()]].concat()
}

#[tokio::test]
async fn a_body_that_came_as_gzip_is_the_same_as_without() {
    let edge = Edge::start().await;
    let (one, other) = CLAIM.as_bytes().split_at(50);
    for (coding, body) in [
        ("gzip", gzip(CLAIM.as_bytes())),
        ("GZip", gzip(CLAIM.as_bytes())),
        ("x-gzip", gzip(CLAIM.as_bytes())),
        ("gzip", [gzip(one), gzip(other)].concat()),
        ("identity", CLAIM.as_bytes().to_vec()),
    ] {
        let headers = [("Content-Encoding", coding), ("Idempotency-Key", "once")];
        let answer = edge.ask(edge.post(CLAIMS, &headers, &body)).await;
        assert_eq!(answer.status, 201, "{coding}: {answer:?}");
        assert_eq!(answer.json()["ticketNumber"], "9000000000");
    }
    edge.done().await;
}

#[tokio::test]
async fn gzip_that_is_none_is_refused() {
    let edge = Edge::start().await;
    let whole = gzip(CLAIM.as_bytes());
    let mut damaged = whole.clone();
    damaged[whole.len() - 6] ^= 1;
    for body in [
        CLAIM.as_bytes(),
        b"",
        &whole[..whole.len() - 1],
        &whole[..5],
        &damaged,
        &[&whole, &b"and more"[..]].concat(),
    ] {
        let answer = edge.ask(edge.post(CLAIMS, &[GZIP], body)).await;
        check_problem(&answer, 400, "The request body is not the gzip that its header says");
    }
    edge.done().await;
}

#[tokio::test]
async fn other_codings_are_refused_and_the_right_one_is_named() {
    let edge = Edge::start().await;
    let text = "This Content-Encoding is not supported: send gzip, or none";
    for coding in ["br", "deflate", "zstd", "gzip, gzip", "gzip, br", ""] {
        let head = [("Content-Encoding", coding)];
        let answer = edge.ask(edge.post(CLAIMS, &head, CLAIM.as_bytes())).await;
        check_problem(&answer, 415, text);
        assert_eq!(answer.header("accept-encoding"), Some("gzip"));
    }
    let twice = edge.post(CLAIMS, &[GZIP, GZIP], &gzip(&gzip(CLAIM.as_bytes())));
    check_problem(&edge.ask(twice).await, 415, text);
    edge.done().await;
}

#[tokio::test]
async fn what_a_body_unpacks_to_counts() {
    let edge = Edge::start_with(|config| config.http.body_bytes_max.0 = 100_000).await;
    let text = "The request body is larger than 100000 bytes";
    let fits = gzip(&padded(100_000));
    assert_eq!(edge.ask(edge.post(CLAIMS, &[GZIP], &fits)).await.status, 201);
    let bomb = gzip(&vec![b' '; 50_000_000]);
    assert!(bomb.len() < 100_000);
    for body in [gzip(&padded(100_001)), bomb] {
        check_problem(&edge.ask(edge.post(CLAIMS, &[GZIP], &body)).await, 413, text);
    }
    // A connection goes on after a body that was read to its end.
    let mut wire = edge.connect().await;
    wire.send(edge.post(CLAIMS, &[], &padded(100_001))).await;
    check_problem(&wire.answer().await, 413, text);
    wire.send(edge.post(CLAIMS, &[], &padded(100_000))).await;
    assert_eq!(wire.answer().await.status, 201);
    edge.done().await;
}

#[tokio::test]
async fn only_where_attachments_may_come_bodies_may_be_larger() {
    let edge = Edge::start_with(|config| {
        config.http.body_bytes_max.0 = 2_000;
        config.http.attachment_body_bytes_max.0 = 3_000_000;
    })
    .await;
    let answer = edge.ask(edge.post(CLAIMS, &[], &padded(2_001))).await;
    check_problem(&answer, 413, "The request body is larger than 2000 bytes");
    // A claim is no ticket, but it was read.
    let answer = edge.ask(edge.post(TICKETS, &[], &padded(3_000_000))).await;
    check_problem(&answer, 400, "Validation failed");
    let answer = edge.ask(edge.post(TICKETS, &[], &padded(3_000_001))).await;
    check_problem(&answer, 413, "The request body is larger than 3000000 bytes");
    edge.done().await;
}

#[tokio::test]
async fn whoever_asks_first_is_told_before_it_sends() {
    let edge = Edge::start().await;
    let head = |length: usize| {
        let length = length.to_string();
        edge.head("POST", CLAIMS, &[("Content-Length", &*length), ("Expect", "100-continue")])
    };
    let answer = edge.ask(head(1_000_001)).await;
    check_problem(&answer, 413, "The request body is larger than 1000000 bytes");
    let mut wire = edge.connect().await;
    wire.send(head(CLAIM.len())).await;
    assert_eq!(wire.head().await, "HTTP/1.1 100 Continue\r\n\r\n");
    wire.send(CLAIM).await;
    assert_eq!(wire.answer().await.status, 201);
    edge.done().await;
}

#[tokio::test]
async fn a_body_that_takes_too_long_is_answered_408_and_the_connection_closed() {
    let edge = Edge::start_with(|config| {
        config.http.request_timeout.0 = Duration::from_millis(100);
    })
    .await;
    let whole = edge.post(CLAIMS, &[], CLAIM.as_bytes());
    for begun in [&whole[..whole.len() - 1], edge.head("POST", CLAIMS, &[CHUNKED]).as_bytes()] {
        let mut wire = edge.connect().await;
        wire.send(begun).await;
        check_problem(&wire.answer().await, 408, "The request body took too long");
        wire.closed().await;
    }
    edge.done().await;
}

const CHUNKED: (&str, &str) = ("Transfer-Encoding", "chunked");

#[tokio::test]
async fn bodies_beyond_what_all_may_take_are_asked_to_come_again() {
    let edge = Edge::start_with(|config| {
        config.http.body_bytes_max.0 = 2_000;
        config.http.attachment_body_bytes_max.0 = 2_000;
        config.http.body_bytes_in_flight_max.0 = 3_000; // of which a small body may have all
    })
    .await;
    let (large, small) = (padded(1_500), gzip(&padded(1_500)));
    let mut slow = edge.connect().await;
    let whole = edge.post(CLAIMS, &[], &padded(2_000));
    slow.send(&whole[..whole.len() - 1]).await;
    for (headers, body) in [(&[][..], &large), (&[GZIP], &small)] {
        let refused = until(|| async {
            let answer = edge.ask(edge.post(CLAIMS, headers, body)).await;
            (answer.status != 201).then_some(answer)
        });
        let refused = refused.await;
        check_problem(&refused, 503, "Too many large requests at once: try again shortly");
        assert_eq!(refused.header("retry-after"), Some("1"));
    }
    assert_eq!(edge.ask(edge.post(CLAIMS, &[], CLAIM.as_bytes())).await.status, 201);
    slow.send(&whole[whole.len() - 1..]).await;
    assert_eq!(slow.answer().await.status, 201);
    for body in [&large, &padded(2_000)] {
        assert_eq!(edge.ask(edge.post(CLAIMS, &[], body)).await.status, 201);
    }
    edge.done().await;
}

#[tokio::test]
async fn bodies_that_come_slowly_keep_nobody_else_waiting() {
    let edge = Edge::start_with(|config| {
        config.http.requests_max = 1;
        config.http.body_bytes_max.0 = 300_000;
        config.http.attachment_body_bytes_max.0 = 300_000;
        config.http.body_bytes_in_flight_max.0 = 400_000;
    })
    .await;
    let whole = edge.post(CLAIMS, &[], &padded(200_000));
    let mut slow = edge.connect().await;
    slow.send(&whole[..whole.len() - 1]).await;
    // The large ones' share is taken now, but neither that of small ones nor the place of a request.
    let refused = until(|| async {
        let answer = edge.ask(edge.post(CLAIMS, &[], &padded(150_000))).await;
        (answer.status != 201).then_some(answer)
    });
    check_problem(&refused.await, 503, "Too many large requests at once: try again shortly");
    for _ in 0..3 {
        assert_eq!(edge.ask(edge.post(CLAIMS, &[], CLAIM.as_bytes())).await.status, 201);
    }
    slow.send(&whole[whole.len() - 1..]).await;
    assert_eq!(slow.answer().await.status, 201);
    edge.done().await;
}
