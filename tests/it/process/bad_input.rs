//! What clients should not send, to the real program: a documented error each, and the hub goes on.

use std::net::SocketAddr;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::harness::{Home, OPEN_DOOR, Running, client, post};
use super::load;

/// A hub, a key for it, and a client.
struct Door {
    // Dropped in this order: the hub ends before its folder goes.
    hub: Running,
    _home: Home,
    key: String,
    client: reqwest::Client,
}

impl Door {
    async fn open() -> Self {
        let home = Home::new(OPEN_DOOR);
        let key = home.key("portal").await;
        let hub = home.serve().await;
        Self { hub, _home: home, key, client: client() }
    }

    fn call(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("http://{}{path}", self.hub.address))
    }

    /// A post with the key.
    fn post(&self, path: &str) -> RequestBuilder {
        self.call(Method::POST, &format!("/api/omnichannel/{path}")).bearer_auth(&self.key)
    }

    /// Sends it, checks the error's form, and that a good claim is taken afterwards.
    async fn check(&self, call: RequestBuilder, expected: (u16, &str)) -> Value {
        let answer = call.send().await.unwrap();
        let status = answer.status().as_u16();
        let body = answer.json().await.unwrap();
        check_error(status, &body, expected);
        self.goes_on().await;
        body
    }

    /// Checks which fields are complained of.
    async fn check_fields(&self, path: &str, body: &Value, fields: &[&str]) {
        let call = self.post(path).json(body);
        let answer = self.check(call, (400, "Validation failed")).await;
        let complained: Vec<_> = answer["errors"].as_object().unwrap().keys().collect();
        assert_eq!(complained, fields);
    }

    async fn goes_on(&self) {
        let address = self.hub.address;
        let claim = load::claim("GOOD");
        let (status, answer) =
            post(&self.client, (address, &self.key), "claims", &claim).await.unwrap();
        assert_eq!(status, 201, "{answer}");
    }
}

/// OMNI API 1.0, "Error Response Format", and Omnichannel payloads 1.0.0, "Error Responses".
#[track_caller]
fn check_error(status: u16, body: &Value, (expected, message): (u16, &str)) {
    assert_eq!((status, body["status"].as_u64()), (expected, Some(expected.into())), "{body}");
    assert_eq!(body["success"], false, "{body}");
    assert!(body["message"].as_str().unwrap().contains(message), "{body}");
    for text in ["error", "timestamp", "requestId"] {
        assert!(body[text].is_string(), "{text} of {body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_no_json_object_are_refused() {
    let door = Door::open().await;
    let whole = load::claim("CUT").to_string();
    let (cut, _) = whole.split_at(whole.len() / 2);
    for path in ["claims", "tickets"] {
        door.check(door.post(path).body(cut.to_owned()), (400, "")).await;
        door.check(door.post(path).body(""), (400, "")).await;
        door.check(door.post(path).body("[]"), (400, "")).await;
        door.check(door.post(path).body(vec![0xff, 0xfe, 0x00]), (400, "")).await;
        door.check(door.post(path).body("[".repeat(100_000)), (400, "")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_types_and_unknown_words_are_named_by_field() {
    let door = Door::open().await;
    let mut claim = load::claim("TYPES");
    claim["nominal"] = json!("500000");
    claim["namaNasabah"] = json!(["John"]);
    claim["mediaTransaksi"] = json!("CARRIER PIGEON");
    door.check_fields("claims", &claim, &["mediaTransaksi", "namaNasabah", "nominal"]).await;
    let mut ticket = load::ticket("TYPES");
    ticket["channel"] = json!("FAX");
    ticket["serviceType"] = json!(7);
    ticket["customer"] = json!("John Doe");
    ticket["ticket"]["priority"] = json!("SOON");
    let fields = ["channel", "customer", "serviceType", "ticket.priority"];
    door.check_fields("tickets", &ticket, &fields).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_far_too_large_is_refused_with_an_answer_that_arrives() {
    let door = Door::open().await;
    let mut claim = load::claim("LARGE");
    claim["description"] = json!("x".repeat(20_000_000));
    let claim = claim.to_string();
    door.check(door.post("claims").body(claim.clone()), (413, "larger than")).await;
    let chunked =
        reqwest::Body::wrap_stream(futures_util::stream::iter([Ok::<_, std::io::Error>(
            claim.clone(),
        )]));
    door.check(door.post("claims").body(chunked), (413, "larger than")).await;
    let piece = bytes::Bytes::from(vec![b' '; 1_000_000]);
    let pieces = std::iter::repeat_n(piece, 80).map(Ok::<_, std::io::Error>);
    let chunked = reqwest::Body::wrap_stream(futures_util::stream::iter(pieces));
    door.check(door.post("tickets").body(chunked), (413, "larger than")).await;
    // Refused before the body is read, and still the answer has to get through.
    let call = door.call(Method::POST, "/api/omnichannel/claims").bearer_auth("omni_no_key");
    door.check(call.body(claim.clone()), (401, "Unauthorized")).await;
    door.check(door.call(Method::POST, "/api/omnichannel/nothing").body(claim), (404, "Not found"))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_right_key_nothing_is_taken() {
    let door = Door::open().await;
    let claim = load::claim("KEY");
    let call = || door.call(Method::POST, "/api/omnichannel/claims").json(&claim);
    let unauthorized = (401, "Unauthorized");
    door.check(call(), unauthorized).await;
    door.check(call().bearer_auth(""), unauthorized).await;
    door.check(call().bearer_auth("omni_0123456789abcdef_0123456789abcdef"), unauthorized).await;
    door.check(call().bearer_auth(format!("{}0", door.key)), unauthorized).await;
    door.check(
        call().header("x-api-key", door.key.trim_end_matches(char::is_alphanumeric)),
        unauthorized,
    )
    .await;
    door.check(call().header("x-api-key", "another").bearer_auth(&door.key), unauthorized).await;
    let show = door.call(Method::GET, "/api/omnichannel/tickets/9000000000");
    door.check(show, unauthorized).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_paths_methods_and_tickets_are_told_in_the_same_form() {
    let door = Door::open().await;
    let none = door.call(Method::GET, "/api/omnichannel/tickets/1").bearer_auth(&door.key);
    door.check(none, (404, "Ticket not found")).await;
    door.check(door.call(Method::GET, "/"), (404, "Not found")).await;
    door.check(door.post("nothing"), (404, "Not found")).await;
    door.check(door.call(Method::PUT, "/api/omnichannel/claims"), (405, "Method not allowed"))
        .await;
    door.check(door.call(Method::DELETE, "/health/ready"), (405, "Method not allowed")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_ends_before_its_length_is_refused() {
    let door = Door::open().await;
    let head = format!(
        "POST /api/omnichannel/claims HTTP/1.1\r\nhost: hub\r\nauthorization: Bearer {}\r\n\
         content-length: 1000\r\n\r\n{{\"namaNasabah\":",
        door.key
    );
    let answer = half_closed(door.hub.address, head.as_bytes()).await;
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let body = serde_json::from_str(body).unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    check_error(400, &body, (400, "The request body was cut"));
    door.goes_on().await;
    let answer =
        half_closed(door.hub.address, b"\x16\x03\x01\x02\x00\x01\x00 not http\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    door.goes_on().await;
}

/// Sends bytes, says that there are no more, and reads what comes.
async fn half_closed(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}
