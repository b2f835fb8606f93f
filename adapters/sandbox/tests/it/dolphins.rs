//! 3Dolphins: contract part 3 and domain part 1.

use std::time::Duration;

use omnihub_sandbox::{Sandbox, System};
use serde_json::{Value, json};

use crate::client::{Reply, call, sandbox, settings_with_clock};

const LOGIN: &str = "POST /dolphin/apiv1/graph/auth";

async fn login(sandbox: &Sandbox) -> Value {
    let body = json!({"username": "sandbox-user", "password": "sandbox-password"});
    call(sandbox, System::Dolphins, LOGIN).json(&body).send().await.json()
}

/// One logged-in user.
struct User<'a> {
    sandbox: &'a Sandbox,
    token: String,
}

impl<'a> User<'a> {
    async fn of(sandbox: &'a Sandbox) -> Self {
        let token = login(sandbox).await["token"].as_str().unwrap().to_owned();
        Self { sandbox, token }
    }

    async fn reply(&self, method: &str, path: &str, body: Value) -> Reply {
        let line = format!("{method} /dolphin/apiv1/graph/tickets{path}");
        let bearer = format!("Bearer {}", self.token);
        let call = call(self.sandbox, System::Dolphins, &line).header("authorization", &bearer);
        call.json(&body).send().await
    }

    /// What stands under `data`, after the envelope was checked.
    async fn data(&self, method: &str, path: &str, body: Value) -> Value {
        let reply = self.reply(method, path, body).await;
        let mut body = reply.json();
        let data = body["data"].take();
        let envelope = json!({
            "status": "success", "data": null,
            "hasMore": false, "nextIndex": 0, "prevIndex": 0, "totalResults": 0,
        });
        assert_eq!((reply.status, body), (200, envelope), "{method} {path}");
        data
    }

    async fn find(&self, path: &str) -> Value {
        self.data("GET", path, Value::Null).await
    }
}

#[tokio::test]
async fn a_login_gives_a_token_whose_expiry_is_printed_as_java_does() {
    let (settings, _) = settings_with_clock("2020-10-22T09:40:55.372Z");
    let sandbox = Sandbox::start(settings).await.unwrap();
    let answer = login(&sandbox).await;
    assert_eq!(answer["expireAt"], "2020-10-22T17:40:55.372+07:00[Asia/Jakarta]");
    assert_eq!(answer["token"].as_str().map(str::len), Some(32));
    for (body, status) in [
        (json!({"username": "sandbox-user", "password": "wrong"}), 401),
        (json!({"username": "sandbox-user"}), 400),
    ] {
        let reply = call(&sandbox, System::Dolphins, LOGIN).json(&body).send().await;
        assert_eq!(reply.status, status);
    }
}

#[tokio::test]
async fn a_missing_a_wrong_and_an_old_token_are_401_and_a_page() {
    let (mut settings, hands) = settings_with_clock("2026-01-01T00:00:00Z");
    settings.dolphins_token_life = Duration::from_secs(10);
    let sandbox = Sandbox::start(settings).await.unwrap();
    let user = User::of(&sandbox).await;
    hands.advance(9_999);
    assert_eq!(user.reply("GET", "/CHAT-1", Value::Null).await.status, 200);
    hands.advance(1);
    let reply = user.reply("GET", "/CHAT-1", Value::Null).await;
    assert_eq!((reply.status, reply.text.starts_with("<html>")), (401, true));
    let fresh = User::of(&sandbox).await;
    assert_eq!(fresh.reply("GET", "/CHAT-1", Value::Null).await.status, 200);
    sandbox.revoke_dolphins_tokens();
    assert_eq!(fresh.reply("GET", "/CHAT-1", Value::Null).await.status, 401);
    let bare = call(&sandbox, System::Dolphins, "GET /dolphin/apiv1/graph/tickets/CHAT-1");
    assert_eq!(bare.send().await.status, 401);
}

#[tokio::test]
async fn a_known_number_is_a_ticket_and_another_is_the_string_of_an_empty_list() {
    let sandbox = sandbox().await;
    let user = User::of(&sandbox).await;
    let ticket = user.find("/CHAT-2024-003").await;
    assert_eq!(ticket["ticketNumber"], "CHAT-2024-003");
    assert_eq!((&ticket["status"], &ticket["parent"]), (&json!("Unassigned"), &json!(1)));
    assert!(ticket["contact"].is_object() && ticket["createdDate"].is_i64());
    assert_eq!(user.find("/CHAT-2024-003").await["id"], ticket["id"]);
    assert_eq!(user.find("/WA-1").await, json!("[]"));
    assert_eq!(sandbox.dolphins_tickets().len(), 1);
}

#[tokio::test]
async fn a_message_is_kept_and_shown_in_the_conversation() {
    let sandbox = sandbox().await;
    let user = User::of(&sandbox).await;
    let message = json!({
        "ticketNumber": "CHAT-1", "channelType": "webchat", "replyAgent": "agent-1",
        "message": "Tiket 1446 dibuat",
    });
    let sent = user.data("POST", "/sendMessage", message).await;
    assert_eq!(sent[0]["ticketNumber"], "CHAT-1");
    assert_eq!(sent[0].get("errorCode"), None);
    let talk = user.find("/conversations/CHAT-1?start=1&count=1").await;
    assert_eq!(talk.as_array().map(Vec::len), Some(1));
    assert_eq!(
        (&talk[0]["message"], &talk[0]["answer"]),
        (&json!("Tiket 1446 dibuat"), &json!(true))
    );
    assert_eq!((&talk[0]["replyAgent"], &talk[0]["parent"]), (&json!("agent-1"), &json!(0)));
    let held = &sandbox.dolphins_tickets()[0].messages;
    assert_eq!((held.len(), held[1].text.as_str()), (2, "Tiket 1446 dibuat"));
    let unknown = json!({"ticketNumber": "WA-1", "message": "x"});
    assert_eq!(user.data("POST", "/sendMessage", unknown).await, "[]");
    for body in [json!({"message": "x"}), json!({"ticketNumber": "CHAT-1"})] {
        let reply = user.reply("POST", "/sendMessage", body).await;
        assert_eq!((reply.status, &reply.json()["status"]), (200, &json!("error")));
    }
}

#[tokio::test]
async fn a_message_to_a_customer_who_left_succeeds_with_an_error_code() {
    let sandbox = sandbox().await;
    let user = User::of(&sandbox).await;
    let message = json!({"ticketNumber": "CHAT-OFFLINE-1", "message": "x"});
    let sent = user.data("POST", "/sendMessage", message).await;
    assert_eq!(sent[0]["errorCode"], "WC-Driver Exception");
    let updated = user.data("PUT", "/update", json!({"ticketNumber": "CHAT-OFFLINE-1"})).await;
    assert_eq!(updated["errorCode"], "WC-Driver Exception");
}

#[tokio::test]
async fn commands_change_the_ticket_that_the_body_names() {
    let sandbox = sandbox().await;
    let user = User::of(&sandbox).await;
    let mut body = json!({
        "ticketNumber": "CHAT-1", "teamMember": {"id": "agent-2"}, "supervisorId": "boss",
        "replyAgent": "agent-1",
    });
    for (path, status, member, value) in [
        ("/update", "Unassigned", "assignedAgent", json!("agent-1")),
        ("/update/reassign", "Assigned", "assignedAgent", json!("agent-2")),
        ("/update/escalate", "Assigned", "escalated", json!(true)),
        ("/update/escalate", "Assigned", "escalatedTo", json!("boss")),
        ("/update/close", "Closed", "closureType", json!("Resolved")),
        ("/update/transfer", "Unassigned", "transferedText", json!("true")),
        ("/update/transferToAgent", "Unassigned", "group", json!("Bot")),
        ("/update/reassign", "Assigned", "closureType", json!("Resolved")),
    ] {
        let ticket = user.data("PUT", path, body.clone()).await;
        assert_eq!((&ticket["status"], &ticket[member]), (&json!(status), &value), "{path}");
        assert_eq!(user.find("/CHAT-1").await["status"], status, "{path}");
    }
    // Closed once and assigned anew: the date stays (contract trap 71).
    assert!(user.find("/CHAT-1").await["closedDate"].is_i64());
    body["ticketNumber"] = json!("WA-1");
    assert_eq!(user.data("PUT", "/update/close", body.clone()).await, "[]");
    body["ticketNumber"].take();
    assert_eq!(user.reply("PUT", "/update/close", body).await.json()["status"], "error");
}

#[tokio::test]
async fn updates_by_number_and_by_document_are_partial() {
    let sandbox = sandbox().await;
    let user = User::of(&sandbox).await;
    let change = json!({"severity": "High", "priority": true, "status": "Nonsense"});
    let ticket = user.data("PUT", "/update/CHAT-1", change).await;
    assert_eq!((&ticket["partial"], &ticket["severity"]), (&json!(true), &json!("High")));
    assert_eq!(ticket["severityStyle"], "severity-high");
    assert_eq!(ticket["status"], "Unassigned");
    let talk = user.find("/conversations/CHAT-1").await;
    let path = format!("/update/id/{}", talk[0]["id"].as_str().unwrap());
    let message = user.data("PUT", &path, json!({})).await;
    assert_eq!((&message["partial"], &message["id"]), (&json!(true), &talk[0]["id"]));
}

#[tokio::test]
async fn lists_are_filtered_and_paged_and_an_empty_one_is_a_string() {
    let sandbox = sandbox().await;
    let user = User::of(&sandbox).await;
    for path in ["?start=0&count=1", "/assignment?status=pending", "/priority?start=0&count=1"] {
        assert_eq!(user.find(path).await, "[]", "{path}");
    }
    for number in ["CHAT-1", "CHAT-2"] {
        let body = json!({"ticketNumber": number, "teamMember": {"id": "a"}});
        user.data("PUT", "/update/reassign", body).await;
    }
    user.data("PUT", "/update/CHAT-2", json!({"status": "Pending", "priority": true})).await;
    let numbers = |list: Value| -> Vec<String> {
        let tickets = list.as_array().unwrap().iter();
        tickets.map(|ticket| ticket["ticketNumber"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(numbers(user.find("").await), ["CHAT-1", "CHAT-2"]);
    assert_eq!(numbers(user.find("?start=1&count=5").await), ["CHAT-2"]);
    let query = "/assignment?status=pending&sort=desc&isToday=true&start=0&count=1";
    assert_eq!(numbers(user.find(query).await), ["CHAT-2"]);
    assert_eq!(numbers(user.find("/priority?start=0&count=1").await), ["CHAT-2"]);
    assert_eq!(user.find("/data/CHAT-1/channelType/webchat").await["ticketNumber"], "CHAT-1");
    assert_eq!(user.find("/data/CHAT-1/channelType/telegram").await, "[]");
    assert!(user.find("/data/CHAT-1").await.is_object());
    let filter = |kind: &str| json!({"channel_type": kind});
    let found = user.data("POST", "/data/CHAT-1?start=0&count=1", filter("webchat")).await;
    assert_eq!(found[0]["parent"], 0);
    assert_eq!(user.data("POST", "/data/CHAT-1", filter("email")).await, "[]");
}

#[tokio::test]
async fn literal_segments_win_over_parameters() {
    let sandbox = sandbox().await;
    let user = User::of(&sandbox).await;
    user.find("/CHAT-1").await;
    for path in [
        "/conversations/webchat/customer-CHAT-1/history?count=1",
        "/conversations/webchat/key/customer-CHAT-1?count=1",
        "/conversations/channelId/channel/customer-CHAT-1?count=1",
        "/conversations/webchat/customer-CHAT-1",
    ] {
        let talk = user.find(path).await;
        assert_eq!(talk[0]["ticketNumber"], "CHAT-1", "{path}");
    }
    assert_eq!(user.find("/conversations/webchat/nobody/history").await, "[]");
    assert_eq!(user.find("/queue/customer-CHAT-1").await, 0);
}

#[tokio::test]
async fn files_answer_with_the_callers_token_and_buttons_without_an_envelope() {
    let sandbox = sandbox().await;
    let user = User::of(&sandbox).await;
    for path in ["/files", "/files/media"] {
        let link = format!("null?access_token=Bearer {}", user.token);
        assert_eq!(user.data("POST", path, json!({})).await, link.as_str());
    }
    let bare = user.reply("POST", "/transformButtonMessage", json!({})).await.json();
    assert_eq!((&bare["severity"], bare.get("data")), (&json!("Medium"), None));
}
