//! The control routes, the bounds, starting and stopping.

use omnihub_sandbox::{Sandbox, Settings, System};
use serde_json::{Value, json};

use crate::client::{call, sandbox};

async fn control(sandbox: &Sandbox, system: System, line: &str) -> Value {
    let reply = call(sandbox, system, line).send().await;
    assert_eq!(reply.status, 200, "{line}");
    reply.json()
}

async fn post_webhooks(sandbox: &Sandbox, names: &[&str]) {
    for name in names {
        let webhook = call(sandbox, System::Webhook, &format!("POST /webhook/{name}?secret=s"));
        webhook.json(&json!({"name": name})).send().await;
    }
}

#[tokio::test]
async fn the_index_says_what_there_is() {
    let sandbox = sandbox().await;
    for system in System::ALL {
        let index = control(&sandbox, system, "GET /sandbox").await;
        assert_eq!(index["sandbox"], system.as_str());
        assert!(index["routes"].as_array().unwrap().len() >= 6);
        assert_eq!(system.as_str().parse(), Ok(system));
        let unknown = call(&sandbox, system, "GET /sandbox/other").send().await;
        assert_eq!(unknown.status, 404);
        let tickets = control(&sandbox, system, "GET /sandbox/tickets").await;
        assert_eq!(tickets, json!({"total": 0, "tickets": []}));
    }
    assert!("other".parse::<System>().is_err());
}

#[tokio::test]
async fn received_calls_are_listed_in_order_filtered_and_cleared() {
    let sandbox = sandbox().await;
    post_webhooks(&sandbox, &["a", "b", "c"]).await;
    let names = |list: Value| -> Vec<String> {
        let calls = list.as_array().unwrap().iter();
        calls.map(|call| call["body"]["name"].as_str().unwrap().to_owned()).collect()
    };
    let all = control(&sandbox, System::Webhook, "GET /sandbox/received").await;
    assert_eq!((&all[0]["seq"], &all[0]["path"]), (&json!(1), &json!("/webhook/a")));
    assert_eq!((&all[0]["status"], &all[0]["outcome"]), (&json!(200), &json!("answered")));
    assert_eq!((&all[0]["method"], &all[0]["query"]), (&json!("POST"), &json!([["secret", "s"]])));
    assert_eq!(all[0]["headers"]["content-type"], "application/json");
    assert_eq!(names(all), ["a", "b", "c"]);
    let newest = control(&sandbox, System::Webhook, "GET /sandbox/received?limit=2").await;
    assert_eq!(names(newest), ["b", "c"]);
    let found =
        control(&sandbox, System::Webhook, "GET /sandbox/received?contains=webhook/b").await;
    assert_eq!(names(found), ["b"]);
    let unknown = call(&sandbox, System::Webhook, "GET /sandbox/received?limits=2").send().await;
    assert_eq!(unknown.status, 400);
    let cleared = call(&sandbox, System::Webhook, "DELETE /sandbox/received").send().await;
    assert_eq!(cleared.status, 204);
    post_webhooks(&sandbox, &["d"]).await;
    let rest = control(&sandbox, System::Webhook, "GET /sandbox/received").await;
    assert_eq!((&rest[0]["seq"], names(rest.clone())), (&json!(4), vec!["d".to_owned()]));
}

#[tokio::test]
async fn the_list_of_received_calls_is_a_ring_with_a_count() {
    let settings = Settings { received_max: 3, ..Settings::default() };
    let sandbox = Sandbox::start(settings).await.unwrap();
    post_webhooks(&sandbox, &["a", "b", "c", "d", "e"]).await;
    let kept: Vec<_> = sandbox.received(System::Webhook).iter().map(|call| call.seq).collect();
    assert_eq!((kept, sandbox.received_total(System::Webhook)), (vec![3, 4, 5], 5));
}

#[tokio::test]
async fn an_agent_resolves_a_ticket_in_the_helpdesk() {
    let sandbox = sandbox().await;
    let claims = call(&sandbox, System::Helpdesk, "POST /api/omnichannel/claims");
    let claim = json!({"namaNasabah": "Budi", "mediaTransaksi": "QRIS", "nominal": 1});
    claims.header("x-api-key", "sandbox-helpdesk-key").json(&claim).send().await;
    let act = |number: &str, body: Value| {
        let line = format!("PATCH /sandbox/tickets/{number}");
        call(&sandbox, System::Helpdesk, &line).json(&body).send()
    };
    assert_eq!(act("1446", json!({"status": "RESOLVED", "comment": "Done"})).await.status, 200);
    assert_eq!(act("1447", json!({"status": "RESOLVED"})).await.status, 404);
    assert_eq!(act("1446", json!({"state": "RESOLVED"})).await.status, 400);
    let held = control(&sandbox, System::Helpdesk, "GET /sandbox/tickets").await;
    let ticket = &held["tickets"][0];
    assert_eq!((&ticket["status"], &ticket["door"]), (&json!("RESOLVED"), &json!("claims")));
    assert_eq!(ticket["comments"][0]["content"], "Done");
}

#[tokio::test]
async fn an_agent_and_a_customer_speak_in_a_conversation_of_3dolphins() {
    let sandbox = sandbox().await;
    let act = |number: &str, body: Value| {
        let line = format!("PATCH /sandbox/tickets/{number}");
        call(&sandbox, System::Dolphins, &line).json(&body).send()
    };
    let pending = json!({"status": "Pending", "message": "We look into it"});
    assert_eq!(act("CHAT-1", pending).await.status, 200);
    assert_eq!(act("CHAT-1", json!({"customer_message": "Any news?"})).await.status, 200);
    assert_eq!(act("WA-1", json!({"status": "Closed"})).await.status, 404);
    assert_eq!(act("WA-1", json!({"customer_message": "Hello"})).await.status, 404);
    assert_eq!(act("CHAT-1", json!({"comment": "Done"})).await.status, 400);
    let untold = act("CHAT-1", json!({"status": "Closed", "call": "http://127.0.0.1:9"})).await;
    assert_eq!(untold.status, 400);
    assert!(untold.text.contains("customer_message"), "{}", untold.text);
    let held = control(&sandbox, System::Dolphins, "GET /sandbox/tickets").await;
    let ticket = &held["tickets"][0];
    assert_eq!((&ticket["status"], &held["total"]), (&json!("Pending"), &json!(1)));
    let said: Vec<_> = ticket["messages"].as_array().unwrap().iter().skip(1).collect();
    assert_eq!((&said[0]["text"], &said[0]["answer"]), (&json!("We look into it"), &json!(true)));
    assert_eq!((&said[1]["text"], &said[1]["answer"]), (&json!("Any news?"), &json!(false)));
}

#[tokio::test]
async fn a_connection_serves_many_calls() {
    let sandbox = sandbox().await;
    let first = call(&sandbox, System::Webhook, "POST /webhook/a");
    let mut connection = first.connect().await;
    assert_eq!(first.send_on(&mut connection).await.unwrap().status, 200);
    let second = call(&sandbox, System::Webhook, "POST /webhook/b");
    assert_eq!(second.send_on(&mut connection).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_stopped_sandbox_gives_its_ports_back() {
    let sandbox = sandbox().await;
    let address = sandbox.base_url(System::Helpdesk).trim_start_matches("http://").to_owned();
    sandbox.stop().await;
    let helpdesk = address.parse().unwrap();
    let again = Sandbox::start(Settings { helpdesk, ..Settings::default() }).await.unwrap();
    assert_eq!(again.base_url(System::Helpdesk), format!("http://{address}"));
    again.stop().await;
    assert!(tokio::net::TcpStream::connect(&address).await.is_err());
}
