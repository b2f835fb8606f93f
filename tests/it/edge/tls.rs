//! TLS: what is spoken, for how long, and with which certificate.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use omnihub::config::{self, Config, Span};
use omnihub::hub::{Hub, StartOptions};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::{CLAIM, CLAIMS, Edge, Wire, until};

const SOON: Span = Span(Duration::from_millis(300));

/// A certificate and its key, in PEM form.
struct Pair {
    cert: String,
    key: String,
    der: CertificateDer<'static>,
}

fn pair() -> Pair {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["hub.example".to_owned()]).unwrap();
    Pair { cert: cert.pem(), key: signing_key.serialize_pem(), der: cert.der().clone() }
}

fn secured(config: &mut Config) {
    let folder = config.mappings.dir.parent().unwrap();
    let (cert, key) = (folder.join("door.pem"), folder.join("door.key"));
    (config.http.tls_cert, config.http.tls_key) = (Some(cert), Some(key));
}

/// Writes the files that the settings name.
fn write(config: &Config, cert: &str, key: &str) {
    std::fs::write(config.http.tls_cert.as_ref().unwrap(), cert).unwrap();
    std::fs::write(config.http.tls_key.as_ref().unwrap(), key).unwrap();
}

async fn start(pair: &Pair) -> Edge {
    let edge = Edge::start_with(|config| {
        secured(config);
        write(config, &pair.cert, &pair.key);
        config.http.header_timeout = SOON;
    });
    edge.await
}

/// A client that trusts this certificate only and offers these protocols.
async fn shake(
    edge: &Edge,
    trusted: &Pair,
    alpn: &[&str],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.der.clone()).unwrap();
    let mut config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    let stream = TcpStream::connect(edge.0.address()).await.unwrap();
    let name = ServerName::try_from("hub.example").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

#[tokio::test]
async fn without_a_choice_of_its_own_a_client_gets_http_1() {
    let pair = pair();
    let edge = start(&pair).await;
    assert!(edge.0.url().starts_with("https://"));
    for alpn in [&[][..], &["http/1.1"], &["http/1.0", "http/1.1"]] {
        let mut wire = Wire::new(shake(&edge, &pair, alpn).await.unwrap());
        wire.send(edge.post(CLAIMS, &[], CLAIM.as_bytes())).await;
        assert_eq!(wire.answer().await.status, 201);
        let length = ("Content-Length", "1000001");
        wire.send(edge.head("POST", CLAIMS, &[length, ("Expect", "100-continue")])).await;
        assert_eq!(wire.answer().await.status, 413);
    }
    assert!(shake(&edge, &pair, &["spdy/3"]).await.is_err());
    edge.done().await;
}

#[tokio::test]
async fn a_client_that_offers_http_2_gets_it_and_is_closed_when_idle() {
    let pair = pair();
    let edge = start(&pair).await;
    let stream = shake(&edge, &pair, &["http/1.1", "h2"]).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (mut send, connection) =
        http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    let connection = tokio::spawn(connection);
    let url = format!("{}{CLAIMS}", edge.0.url());
    let began = Instant::now();
    // Busy for longer than an idle connection lives.
    while began.elapsed() < SOON.0 * 3 {
        let claim =
            http::Request::post(&url).header("authorization", format!("Bearer {}", edge.0.key()));
        let claim = claim.body(Full::new(Bytes::from(CLAIM))).unwrap();
        let answer = send.send_request(claim).await.unwrap();
        assert_eq!(answer.status(), 201);
        assert!(answer.headers().contains_key("x-request-id"));
        answer.into_body().collect().await.unwrap();
    }
    // It ends by a goodbye, not by a cut.
    tokio::time::timeout(super::PATIENCE, connection).await.unwrap().unwrap().unwrap();
    edge.done().await;
}

#[tokio::test]
async fn whoever_does_not_shake_hands_or_says_nothing_then_is_closed() {
    let pair = pair();
    let edge = start(&pair).await;
    edge.connect().await.closed().await;
    let mut silent = Wire::new(shake(&edge, &pair, &["http/1.1"]).await.unwrap());
    silent.closed().await;
    // Not a word of HTTP/2, though it was chosen: the hub's own settings, its goodbye, and the end.
    let mut silent = shake(&edge, &pair, &["h2"]).await.unwrap();
    assert!(!until_closed(&mut silent).await.is_empty());
    // Plain HTTP is no handshake: an alert, which is no text, and the end.
    let mut plain = edge.connect().await;
    plain.send(edge.head("GET", "/health/live", &[])).await;
    let said = until_closed(&mut plain.stream).await;
    assert!(!said.starts_with(b"HTTP"), "{said:?}");
    edge.done().await;
}

/// All that the hub says until it closes the connection, in whatever way.
async fn until_closed(stream: &mut (impl AsyncRead + Unpin)) -> Vec<u8> {
    let mut said = Vec::new();
    let end = stream.read_to_end(&mut said);
    drop(tokio::time::timeout(super::PATIENCE, end).await.expect("it stays open"));
    said
}

#[tokio::test]
async fn changed_files_are_served_and_wrong_ones_passed_over() {
    let (old, new) = (pair(), pair());
    let edge = start(&old).await;
    let config = edge.0.config();
    let mut kept = Wire::new(shake(&edge, &old, &[]).await.unwrap());
    kept.send(edge.head("GET", "/health/live", &[])).await;
    assert_eq!(kept.answer().await.status, 200);
    // The first of these makes a pair that does not match; nobody is to notice.
    write(config, &new.cert, &old.key);
    let began = Instant::now();
    while began.elapsed() < WRONG_FOR {
        shake(&edge, &old, &[]).await.unwrap();
        tokio::time::sleep(super::LOOK).await;
    }
    write(config, &new.cert, &new.key);
    until(|| async { shake(&edge, &new, &[]).await.ok() }).await;
    assert!(shake(&edge, &old, &[]).await.is_err());
    std::fs::remove_file(config.http.tls_key.as_ref().unwrap()).unwrap();
    write(config, &old.cert, &old.key);
    until(|| async { shake(&edge, &old, &[]).await.ok() }).await;
    edge.done().await;
}

/// Longer than the hub takes to look at changed files and to judge them.
const WRONG_FOR: Duration = Duration::from_millis(3_500);

#[tokio::test]
async fn a_hub_does_not_start_with_a_certificate_that_it_cannot_serve() {
    omnihub_upstream::install_tls();
    let (one, other) = (pair(), pair());
    let missing = "http.tls_cert names ";
    for (cert, key, why) in [
        (None, None, missing),
        (Some("no PEM"), Some(&*one.key), "door.pem, which holds no certificates in PEM form"),
        (Some(&*one.key), Some(&*one.key), "door.pem, which holds no certificates in PEM form"),
        (Some(&*one.cert), Some("no PEM"), "door.key, which holds no private key in PEM form"),
        (Some(&*one.cert), Some(&*one.cert), "door.key, which holds no private key in PEM form"),
        (Some(&*one.cert), Some(&*other.key), "cannot be served"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mut config = config::read(&folder.path().join("config.toml"), "").unwrap();
        secured(&mut config);
        if let (Some(cert), Some(key)) = (cert, key) {
            write(&config, cert, key);
        }
        let Err(error) = Hub::start(&config, StartOptions::default()).await else {
            panic!("started, and was to say: {why}");
        };
        let error = error.to_string();
        assert!(error.contains(why), "{error}");
        assert!(!error.contains("PRIVATE KEY"), "{error}");
    }
}

#[test]
fn a_certificate_without_its_key_and_bodies_that_cannot_fit_are_told_of() {
    for (text, why) in [
        ("[http]\ntls_cert = \"a\"", "http: set both http.tls_cert and http.tls_key, or neither"),
        ("[http]\ntls_key = \"a\"", "http: set both http.tls_cert and http.tls_key, or neither"),
        ("[http]\nbody_bytes_in_flight_max = \"95MB\"", "http.body_bytes_in_flight_max: one of"),
    ] {
        let error = config::read(Path::new("config.toml"), text).unwrap_err().to_string();
        assert!(error.starts_with(why), "{error}");
    }
    let text = "[http]\ntls_cert = \"a.pem\"\ntls_key = \"/b.key\"";
    let config = config::read(Path::new("/etc/omnihub/config.toml"), text).unwrap();
    assert_eq!(config.http.tls_cert, Some("/etc/omnihub/a.pem".into()));
    assert_eq!(config.http.tls_key, Some("/b.key".into()));
}
