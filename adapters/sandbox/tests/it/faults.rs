//! Every fault, set over HTTP and met by a client.

use std::num::NonZeroU64;

use omnihub_sandbox::{FaultRule, Sandbox, System, What};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

use crate::client::{Call, call, sandbox};

async fn set(sandbox: &Sandbox, rules: Value) {
    let put = call(sandbox, System::Helpdesk, "PUT /sandbox/faults").json(&rules);
    assert_eq!(put.send().await.status, 200);
}

fn claim(sandbox: &Sandbox) -> Call {
    let claims = call(sandbox, System::Helpdesk, "POST /api/omnichannel/claims");
    claims.header("x-api-key", "sandbox-helpdesk-key").json(&json!({
        "namaNasabah": "Budi", "mediaTransaksi": "QRIS", "nominal": 1,
    }))
}

fn outcomes(sandbox: &Sandbox) -> Vec<(Option<u16>, String)> {
    let received = sandbox.received(System::Helpdesk).into_iter();
    received.map(|call| (call.status, call.outcome.into_owned())).collect()
}

#[tokio::test]
async fn a_status_is_answered_instead_of_the_work() {
    let sandbox = sandbox().await;
    let what = json!({"status": 503, "body": {"error": "down"}, "headers": {"x-a": "b"}});
    set(&sandbox, json!([{"what": what, "times": 1}])).await;
    let reply = claim(&sandbox).send().await;
    assert_eq!((reply.status, reply.json()), (503, json!({"error": "down"})));
    assert_eq!(reply.header("x-a"), Some("b"));
    assert_eq!(claim(&sandbox).send().await.status, 200);
    assert_eq!(sandbox.helpdesk_tickets().len(), 1);
    assert_eq!(outcomes(&sandbox)[0], (Some(503), "fault: status".to_owned()));
}

#[tokio::test]
async fn a_status_after_the_work_hides_what_was_done() {
    let sandbox = sandbox().await;
    let what = json!({"status": 502, "body": "<html>Bad Gateway</html>", "after": true});
    set(&sandbox, json!([{"on": "namaNasabah=Budi", "what": what}])).await;
    let reply = claim(&sandbox).send().await;
    assert_eq!((reply.status, reply.text.as_str()), (502, "<html>Bad Gateway</html>"));
    assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(sandbox.helpdesk_tickets().len(), 1);
}

#[tokio::test]
async fn a_drop_before_does_nothing_and_a_drop_after_does_the_work() {
    let sandbox = sandbox().await;
    for (on, what, held) in [
        (Value::Null, "drop_before", 0),
        (json!("Budi"), "drop_before", 0),
        (Value::Null, "drop_after", 1),
    ] {
        set(&sandbox, json!([{"on": on, "what": what}])).await;
        assert!(claim(&sandbox).attempt().await.is_err(), "{what}");
        assert_eq!(sandbox.helpdesk_tickets().len(), held, "{what}");
        assert_eq!(outcomes(&sandbox).pop(), Some((None, format!("fault: {what}"))));
    }
}

#[tokio::test]
async fn a_hang_leaves_the_connection_open_until_the_sandbox_stops() {
    let sandbox = sandbox().await;
    set(&sandbox, json!([{"what": "hang"}])).await;
    let waiting = tokio::spawn(claim(&sandbox).attempt());
    sandbox.settled(System::Helpdesk, 1).await;
    assert_eq!(outcomes(&sandbox), [(None, "fault: hang".to_owned())]);
    assert!(!waiting.is_finished());
    assert!(sandbox.helpdesk_tickets().is_empty());
    sandbox.stop().await;
    assert!(waiting.await.unwrap().is_err());
}

#[tokio::test]
async fn a_throttled_call_is_told_when_to_come_again() {
    let sandbox = sandbox().await;
    set(&sandbox, json!([{"what": {"throttle": {"retry_after": 2}}}])).await;
    let reply = claim(&sandbox).send().await;
    assert_eq!((reply.status, reply.header("retry-after")), (429, Some("2")));
}

#[tokio::test]
async fn a_delay_waits_and_then_the_work_is_done() {
    let sandbox = sandbox().await;
    set(&sandbox, json!([{"what": {"delay_ms": 30}}])).await;
    let started = tokio::time::Instant::now();
    assert_eq!(claim(&sandbox).send().await.status, 200);
    assert!(started.elapsed().as_millis() >= 30);
}

#[tokio::test]
async fn a_rule_counts_its_calls_and_is_only_for_its_system_and_path() {
    let sandbox = sandbox().await;
    let second = NonZeroU64::new(2).unwrap();
    let rule = FaultRule::new(What::DropBefore).on("POST /api/omnichannel/claims").every(second);
    sandbox.set_faults(System::Helpdesk, vec![rule]);
    for is_answered in [true, false, true, false] {
        assert_eq!(claim(&sandbox).attempt().await.is_ok(), is_answered);
    }
    let read = call(&sandbox, System::Helpdesk, "GET /api/omnichannel/tickets/1446");
    assert_eq!(read.send().await.status, 401);
    assert_eq!(call(&sandbox, System::Webhook, "POST /webhook").send().await.status, 200);
    let shown = call(&sandbox, System::Helpdesk, "GET /sandbox/faults").send().await.json();
    assert_eq!((&shown[0]["matched"], &shown[0]["fired"]), (&json!(4), &json!(2)));
    let clear = call(&sandbox, System::Helpdesk, "DELETE /sandbox/faults").send().await;
    assert_eq!(clear.status, 204);
    assert!(claim(&sandbox).attempt().await.is_ok());
    assert!(claim(&sandbox).attempt().await.is_ok());
}

#[tokio::test]
async fn a_bad_rule_is_refused_and_the_old_ones_stay() {
    let sandbox = sandbox().await;
    set(&sandbox, json!([{"what": "drop_before"}])).await;
    let put = call(&sandbox, System::Helpdesk, "PUT /sandbox/faults");
    let reply = put.json(&json!([{"what": "hang", "when": 1}])).send().await;
    let why = reply.json()["error"].as_str().unwrap().to_owned();
    assert!(reply.status == 400 && why.starts_with("rule 0: unknown field `when`"), "{why}");
    assert!(claim(&sandbox).attempt().await.is_err());
}

#[tokio::test]
async fn a_drop_before_does_not_wait_for_the_body() {
    let sandbox = sandbox().await;
    set(&sandbox, json!([{"what": "drop_before"}])).await;
    let half = call(&sandbox, System::Helpdesk, "POST /api/omnichannel/claims");
    let mut connection = half.connect().await;
    let head = "POST /api/omnichannel/claims HTTP/1.1\r\nhost: s\r\ncontent-length: 9\r\n\r\n";
    tokio::io::AsyncWriteExt::write_all(&mut connection, head.as_bytes()).await.unwrap();
    let mut rest = Vec::new();
    // The body never comes; the connection ends all the same, with or without a reset.
    connection.read_to_end(&mut rest).await.unwrap_or_default();
    assert!(rest.is_empty());
    assert_eq!(outcomes(&sandbox), [(None, "fault: drop_before".to_owned())]);
}
