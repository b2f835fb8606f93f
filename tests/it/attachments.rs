//! Attachments from the door to the helpdesk: whole, within their limits, or not at all.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use http::Method;
use omnihub::config::Config;
use omnihub_sandbox::{Received, System};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::hub::samples::{ticket, with};
use crate::hub::{Answer, TestHub, answer};

const MB: usize = 1024 * 1024;

/// Bytes that are like no others.
fn content(bytes: usize, seed: usize) -> Vec<u8> {
    (seed..seed + bytes).map(|at| at.wrapping_mul(at).to_le_bytes()[1]).collect()
}

fn file(content: impl Into<Value>) -> Value {
    let content = content.into();
    json!({ "filename": "bukti.jpg", "mimeType": "image/jpeg", "size": 1, "content": content })
}

fn files(contents: &[Vec<u8>]) -> Value {
    contents.iter().map(|content| file(STANDARD.encode(content))).collect()
}

async fn post(hub: &TestHub, attachments: Value, expected: u16) -> Answer {
    hub.client().post_ticket(&with(ticket(), "attachments", attachments), expected).await
}

async fn add(hub: &TestHub, number: &str, attachments: Value, expected: u16) -> Answer {
    let body = json!({ "action": "ADD_ATTACHMENT", "attachments": attachments });
    let path = format!("/api/omnichannel/tickets/{number}");
    hub.client().call(Method::PATCH, &path, Some(body.to_string().into()), expected).await
}

/// Checksums of the files that a call brought.
fn checksums(call: &Received) -> Vec<Vec<u8>> {
    let body = call.json().unwrap();
    let files = body["attachments"].as_array().unwrap();
    let content = |file: &Value| STANDARD.decode(file["content"].as_str().unwrap()).unwrap();
    files.iter().map(|file| checksum(&content(file))).collect()
}

fn checksum(content: &[u8]) -> Vec<u8> {
    Sha256::digest(content).to_vec()
}

/// Calls to the helpdesk that carried files.
fn carried(hub: &TestHub) -> Vec<Received> {
    let calls = hub.sandbox.received(System::Helpdesk).into_iter();
    calls.filter(|call| call.contains("\"attachments\"")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_megabytes_in_five_files_arrive_byte_for_byte_and_at_the_helpdesk_only() {
    let hub = TestHub::start_with(|config| {
        config.adapters.get_mut("helpdesk").unwrap().timeout.0 *= 6;
    })
    .await;
    let contents: Vec<Vec<u8>> = (0..5).map(|at| content(10 * MB, at * 7919)).collect();
    let receiver = hub.receiver();
    let body = with(ticket(), "attachments", files(&contents));
    let body = with(body, "integration.webhookUrl", receiver);
    let number = hub.client().post_ticket(&body, 201).await.number();
    hub.settled(&[]).await;
    let calls = carried(&hub);
    assert_eq!(calls.len(), 1);
    let expected: Vec<Vec<u8>> = contents.iter().map(|content| checksum(content)).collect();
    assert!(checksums(&calls[0]) == expected);
    let told = hub.sandbox.received(System::Webhook);
    assert!(!told.is_empty() && told.iter().all(|call| call.body.len() < 10_000));
    let shown = hub.client().show(&number, 200).await;
    assert!(shown.bytes.len() < 10_000);
    hub.done(&[]).await;
}

#[tokio::test]
async fn base64_in_all_its_forms_arrives_as_the_same_file() {
    let hub = TestHub::start().await;
    let content = content(100_001, 3);
    let broken = STANDARD.encode(&content);
    let lines: Vec<&str> =
        broken.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let forms = [
        STANDARD.encode(&content),
        STANDARD_NO_PAD.encode(&content),
        URL_SAFE.encode(&content),
        URL_SAFE_NO_PAD.encode(&content),
        lines.join("\r\n"),
        format!(" {}\n", lines.join(" \t")),
    ];
    post(&hub, forms.into_iter().map(file).collect(), 201).await;
    hub.settled(&[]).await;
    assert!(checksums(&carried(&hub)[0]) == vec![checksum(&content); 6]);
    hub.done(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_byte_or_one_file_more_than_a_ticket_may_have_is_told_at_its_place() {
    let hub = TestHub::start().await;
    let ten = content(10 * MB, 1);
    let complaint = |refused: &Answer| {
        let errors = refused.json()["errors"].clone();
        assert_eq!(errors.as_object().unwrap().len(), 1, "{errors}");
        errors
    };
    let over = complaint(&post(&hub, files(&[content(10 * MB + 1, 1)]), 400).await);
    assert_eq!(over["attachments[0].content"], "Content is larger than 10 MB");
    let six = [&vec![ten.clone(); 5][..], &[vec![1]]].concat();
    let over = complaint(&post(&hub, files(&six), 400).await);
    assert_eq!(over["attachments[5].content"], "Attachments are larger than 50 MB together");
    let over = complaint(&post(&hub, files(&vec![vec![1]; 21]), 400).await);
    assert_eq!(over["attachments"], "Attachments are more than 20");
    // Those that a ticket has already count, and their true sizes do.
    let number = post(&hub, files(&[ten.clone(), ten.clone()]), 201).await.number();
    add(&hub, &number, files(&[ten.clone(), ten.clone(), content(10 * MB - 1, 1)]), 200).await;
    let over = complaint(&add(&hub, &number, files(&[vec![1], vec![2]]), 400).await);
    assert_eq!(over["attachments[1].content"], "Attachments are larger than 50 MB together");
    add(&hub, &number, files(&[vec![1]]), 200).await;
    let many = complaint(&add(&hub, &number, files(&vec![vec![]; 15]), 400).await);
    assert_eq!(many["attachments"], "Attachments are more than 20");
    hub.done_early().await;
}

fn small_room(config: &mut Config) {
    config.http.attachment_body_bytes_max.0 = 3 * MB;
    config.http.body_bytes_in_flight_max.0 = 4 * MB;
}

#[tokio::test(flavor = "multi_thread")]
async fn large_bodies_at_once_are_taken_as_far_as_there_is_room_and_the_room_is_given_back() {
    let hub = TestHub::start_with(small_room).await;
    let attachments = files(&[content(2 * MB, 1)]);
    let body = with(ticket(), "attachments", attachments).to_string();
    let url = format!("{}/api/omnichannel/tickets", hub.url());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let posted = (0..8).map(|_| {
        let post = client.post(&url).bearer_auth(hub.key()).body(body.clone()).send();
        async move { post.await.unwrap().status().as_u16() }
    });
    let mut statuses = futures_util::future::join_all(posted).await;
    statuses.sort_unstable();
    assert!(statuses.iter().all(|status| [201, 503].contains(status)), "{statuses:?}");
    assert_eq!(statuses[0], 201);
    // One after the other each finds the whole room.
    for at in 0..8 {
        post(&hub, files(&[content(2 * MB, at)]), 201).await;
    }
    hub.done_early().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_wait_for_the_helpdesk_over_a_restart() {
    let mut hub = TestHub::start().await;
    let down = || answer("", 503, json!({}), 1_000_000);
    hub.fail(System::Helpdesk, [down()]);
    let contents = [content(MB, 1), content(10, 2)];
    let number = post(&hub, files(&contents), 201).await.number();
    add(&hub, &number, files(&contents[..1]), 200).await;
    hub.restart().await;
    hub.fail(System::Helpdesk, []);
    hub.settled(&[]).await;
    let accepted: Vec<Received> =
        carried(&hub).into_iter().filter(|call| call.status == Some(200)).collect();
    let sums: Vec<Vec<Vec<u8>>> = accepted.iter().map(checksums).collect();
    let [one, two] = [checksum(&contents[0]), checksum(&contents[1])];
    assert!(sums == [vec![one.clone(), two], vec![one]]);
    hub.done(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_changed_on_disk_is_never_sent_and_somebody_is_told() {
    let hub = TestHub::start().await;
    hub.fail(System::Helpdesk, [answer("", 503, json!({}), 1_000_000)]);
    let number = post(&hub, files(&[content(1_000, 1)]), 201).await.number();
    let contents = hub.data_folder().join("contents");
    let folder = contents.join((number.parse::<u64>().unwrap() / 10_000).to_string());
    let file = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    std::fs::write(file, content(1_000, 2)).unwrap();
    hub.until(|hub| hub.delivery(&number, "helpdesk").state == "dead").await;
    assert_eq!(hub.delivery(&number, "helpdesk").code.as_deref(), Some("H0503"));
    assert!(carried(&hub).iter().all(|call| checksums(call) == [checksum(&content(1_000, 1))]));
    hub.done(&["helpdesk dead H0503"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_files_cannot_be_kept_the_client_is_told_to_come_again() {
    let hub = TestHub::start().await;
    let (incoming, away) =
        (hub.data_folder().join("contents/incoming"), hub.data_folder().join("away"));
    std::fs::rename(&incoming, &away).unwrap();
    let body = with(ticket(), "integration.requestId", "once");
    let body = with(body, "attachments", files(&[content(1_000, 1)]));
    let refused = hub.client().post_ticket(&body, 503).await;
    let text = "The attachments cannot be kept now: try again later";
    assert_eq!(refused.json()["message"], text);
    assert_eq!(refused.header("retry-after"), Some("30"));
    // What brings no files is taken all the same.
    hub.client().post_ticket(&ticket(), 201).await;
    std::fs::rename(&away, &incoming).unwrap();
    assert!(!hub.client().post_ticket(&body, 201).await.is_replay());
    hub.done(&[]).await;
}
