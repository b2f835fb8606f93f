//! The names of requests, and methods that a path has not.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::Value;
use tokio::net::TcpStream;

use super::{CLAIM, CLAIMS, Edge, TICKETS, Wire, check_problem};

const REQUEST_ID: &str = "X-Request-Id";

#[tokio::test]
async fn a_request_keeps_its_name_if_it_has_a_sensible_one() {
    let edge = Edge::start().await;
    let long = "x".repeat(128);
    for id in ["req-1", "0b6e4b8a-7b7e-7d43-9d41-0f7d1a2b3c4d", &*long] {
        let answer = edge.ask(edge.post(CLAIMS, &[(REQUEST_ID, id)], CLAIM.as_bytes())).await;
        assert_eq!((answer.status, answer.header("x-request-id")), (201, Some(id)));
        let answer = edge.ask(edge.head("GET", "/nowhere", &[(REQUEST_ID, id)])).await;
        check_problem(&answer, 404, "Not found");
        assert_eq!(answer.header("x-request-id"), Some(id));
    }
    let mut made = std::collections::BTreeSet::new();
    for id in ["", "two words", "é", &"x".repeat(129)] {
        let answer = edge.ask(edge.head("GET", "/health/live", &[(REQUEST_ID, id)])).await;
        made.insert(answer.header("x-request-id").unwrap().to_owned());
    }
    assert_eq!(made.len(), 4, "{made:?}");
    edge.done().await;
}

#[tokio::test]
async fn a_method_that_a_path_has_not_is_told_those_that_it_has() {
    let edge = Edge::start().await;
    for (method, path, allow) in [
        ("GET", CLAIMS, "POST"),
        ("OPTIONS", CLAIMS, "POST"),
        ("DELETE", TICKETS, "POST,GET,HEAD"),
        ("OPTIONS", TICKETS, "POST,GET,HEAD"),
        ("POST", "/health/live", "GET,HEAD"),
        ("TRACE", "/health/live", "GET,HEAD"),
    ] {
        let answer = edge.ask(edge.head(method, path, &[])).await;
        check_problem(&answer, 405, "Method not allowed");
        assert_eq!(answer.header("allow"), Some(allow), "{method} {path}");
    }
    check_problem(&edge.ask(edge.head("OPTIONS", "*", &[])).await, 404, "Not found");
    edge.done().await;
}

#[tokio::test]
async fn head_is_a_get_whose_body_stays_at_the_hub() {
    let edge = Edge::start().await;
    let claim = edge.ask(edge.post(CLAIMS, &[], CLAIM.as_bytes())).await.json();
    let path = format!("{TICKETS}/{}", claim["ticketNumber"].as_str().unwrap());
    for (path, status) in [(&*path, 200), ("/api/omnichannel/tickets/1", 404)] {
        let full = edge.ask(edge.head("GET", path, &[])).await;
        let mut wire = edge.connect().await;
        wire.send(edge.head("HEAD", path, &[])).await;
        let head = super::Answer::of(&wire.head().await);
        assert_eq!((head.status, full.status), (status, status));
        assert_eq!(head.header("content-type"), full.header("content-type"));
        // The connection goes on, so nothing followed the head.
        wire.send(edge.head("GET", "/health/live", &[])).await;
        assert_eq!(wire.answer().await.status, 200);
    }
    edge.done().await;
}

#[tokio::test]
async fn every_line_of_a_request_carries_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let address = free_address();
    std::fs::write(folder.path().join("config.toml"), "").unwrap();
    let mut hub = Command::new(env!("CARGO_BIN_EXE_omnihub"))
        .args(["serve", "--config"])
        .arg(folder.path().join("config.toml"))
        .env("OMNIHUB_HTTP__LISTEN", address.to_string())
        .env("OMNIHUB_LOG__LEVEL", "info,omnihub::http=debug")
        .env("OMNIHUB_LOG__FORMAT", "json")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(hub.stderr.take().unwrap()).lines();
    let mut lines = lines.map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
    lines
        .find(|line| line["message"].as_str().unwrap().starts_with("listening on http://"))
        .unwrap();
    let mut wire = Wire::new(TcpStream::connect(address).await.unwrap());
    let path = "/api/omnichannel/tickets/1";
    wire.send(format!("GET {path}?secret=1 HTTP/1.1\r\nHost: hub\r\n{REQUEST_ID}: req-7\r\n\r\n"))
        .await;
    assert_eq!(wire.answer().await.status, 401);
    let line = lines.find(|line| line["message"] == "answered").unwrap();
    assert_eq!(line["span"]["id"], "req-7", "{line}");
    assert_eq!((&line["method"], &line["path"]), (&"GET".into(), &path.into()));
    assert_eq!(line["status"], 401);
    hub.kill().unwrap();
    hub.wait().unwrap();
}

fn free_address() -> std::net::SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}
