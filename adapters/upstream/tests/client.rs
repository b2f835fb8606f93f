//! The client against a scripted upstream: bounds, classification, and what must not be told.
#![cfg(test)]

use std::net::IpAddr;
use std::time::{Duration, Instant};

use http::Method;
use omnihub_contract::{Failure, Fault};
use omnihub_kit::{Reply, ScriptedUpstream, Step};
use omnihub_upstream::{Address, Answer, BadSettings, Call, Client, ClientSettings};

const TIMEOUT: Duration = Duration::from_secs(30);
const TIMEOUT_OF_HANG: Duration = Duration::from_secs(1);

fn client(base: &str, timeout: Duration) -> Client {
    Client::new(&ClientSettings { base_url: base.to_owned(), timeout }).unwrap()
}

async fn asked(base: &str) -> Result<Answer, Failure> {
    asked_within(TIMEOUT, base).await
}

async fn asked_within(timeout: Duration, base: &str) -> Result<Answer, Failure> {
    let client = client(base, timeout);
    let address = client.address("/x").unwrap().with_query("client_secret_key", "geheim");
    client.send(Call::new(Method::GET, &address)).await
}

async fn scripted(step: Step) -> Result<Answer, Failure> {
    let timeout = if matches!(step, Step::Hang) { TIMEOUT_OF_HANG } else { TIMEOUT };
    let upstream = ScriptedUpstream::start([step]).await;
    asked_within(timeout, &upstream.base_url()).await
}

#[tokio::test]
async fn an_answer_is_given_whatever_its_status() {
    let reply = Reply::text(418, "kopi").with("retry-after", "9");
    let answer = scripted(Step::Answer(reply)).await.unwrap();
    assert_eq!((answer.status, answer.body.as_ref()), (418, b"kopi".as_ref()));
    assert_eq!(answer.retry_after, Some(Duration::from_secs(9)));
    assert!(!format!("{answer:?}").contains("kopi"));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let upstream = ScriptedUpstream::start([Step::Answer(
        Reply::text(302, "").with("location", "/elsewhere"),
    )])
    .await;
    assert_eq!(asked(&upstream.base_url()).await.unwrap().status, 302);
    assert_eq!(upstream.calls(), 1);
}

#[tokio::test]
async fn an_answer_is_cut_at_the_limit() {
    for bytes in [Client::BODY_BYTES_MAX - 1, Client::BODY_BYTES_MAX, 3 * Client::BODY_BYTES_MAX] {
        let answer = scripted(Step::Answer(Reply::text(200, &"x".repeat(bytes)))).await.unwrap();
        assert_eq!(answer.body.len(), bytes.min(Client::BODY_BYTES_MAX));
    }
}

#[tokio::test]
async fn a_large_body_has_a_second_more_for_each_megabyte() {
    for (bytes, is_longer) in [(999_999, false), (1_000_000, true)] {
        let upstream = ScriptedUpstream::start([Step::Hang]).await;
        let client = client(&upstream.base_url(), Duration::from_millis(50));
        let to = client.address("/").unwrap();
        let began = Instant::now();
        let call = Call::new(Method::POST, &to).json(vec![b' '; bytes]);
        assert_eq!(client.send(call).await.unwrap_err().fault, Fault::Unknown);
        assert_eq!(began.elapsed() > Duration::from_secs(1), is_longer, "{bytes}");
    }
}

#[tokio::test]
async fn a_failure_never_tells_the_address() {
    let cut = Step::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc".to_vec());
    for step in [Step::Hang, Step::Close, Step::CloseUnread, cut, Step::Raw(b"?\r\n\r\n".to_vec())]
    {
        let failure = scripted(step).await.unwrap_err();
        assert_eq!(failure.fault, Fault::Unknown, "{failure}");
        check_silent(&failure);
    }
    let failure = asked(&ScriptedUpstream::nowhere().await).await.unwrap_err();
    assert_eq!(failure.message, "no connection: connection refused");
    assert_eq!(failure.fault, Fault::Unavailable);
}

#[tokio::test]
async fn a_name_that_nobody_knows_is_unavailable() {
    let failure = asked_within(TIMEOUT_OF_HANG, "http://nowhere.invalid").await.unwrap_err();
    assert_eq!(failure.fault, Fault::Unavailable, "{failure}");
    check_silent(&failure);
}

#[tokio::test]
async fn a_port_that_speaks_no_tls_is_unavailable() {
    let upstream = ScriptedUpstream::start([]).await;
    let address = upstream.base_url().replace("http:", "https:");
    // A machine without certificates of authorities cannot even try; that is the same fault.
    let client = Client::anywhere(TIMEOUT, None);
    let call = Call::new(Method::GET, &Address::parse(&address).unwrap());
    let failure = client.send(call).await.unwrap_err();
    assert_eq!(failure.fault, Fault::Unavailable, "{failure}");
}

#[tokio::test]
async fn a_screened_name_is_refused_before_anything_is_sent() {
    let upstream = ScriptedUpstream::start([]).await;
    let address = upstream.base_url().replace("127.0.0.1", "localhost");
    let call = || Call::new(Method::GET, &Address::parse(&address).unwrap());
    let is_public = |address: IpAddr| !address.is_loopback();
    let failure = Client::anywhere(TIMEOUT, Some(is_public)).send(call()).await.unwrap_err();
    assert_eq!(failure.fault, Fault::Refused, "{failure}");
    assert_eq!(upstream.calls(), 0);
    assert!(Client::anywhere(TIMEOUT, Some(|_| true)).send(call()).await.is_ok());
}

#[tokio::test]
async fn connections_are_kept_between_calls() {
    let answers = (0..3).map(|_| Step::Answer(Reply::text(200, "ok")));
    let upstream = ScriptedUpstream::start(answers).await;
    let client = client(&upstream.base_url(), TIMEOUT);
    for _ in 0..3 {
        let address = client.address("/x").unwrap();
        assert!(client.send(Call::new(Method::GET, &address)).await.is_ok());
    }
    assert_eq!(upstream.connections(), 1);
}

#[test]
fn settings_that_no_client_can_be_built_from_say_why() {
    let settings = ClientSettings { base_url: "desk.example".to_owned(), timeout: TIMEOUT };
    let error = Client::new(&settings).unwrap_err();
    assert!(matches!(error, BadSettings::Address(_)));
    assert_eq!(error.to_string(), "the address is not a URL");
}

#[track_caller]
fn check_silent(failure: &Failure) {
    let shown = format!("{failure} {failure:?}");
    assert!(!shown.contains("geheim") && !shown.contains("://"), "{shown}");
}
