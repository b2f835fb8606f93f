//! The stand-ins against the documents' own examples in `fixtures/<system>/answers`.

use std::path::Path;

use omnihub_sandbox::{Sandbox, Settings, System};
use serde_json::{Value, json};

use crate::client::call;

fn fixture(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let text = std::fs::read_to_string(folder.join(name)).unwrap();
    serde_json::from_str::<Value>(&text).unwrap()["body"].take()
}

/// Every member of the example is there, with a value of the same type.
#[track_caller]
fn check_shape(at: &str, example: &Value, actual: &Value) {
    match (example, actual) {
        (Value::Object(example), Value::Object(actual)) => {
            for (name, value) in example {
                let found = actual.get(name).unwrap_or_else(|| panic!("{at} lacks {name}"));
                check_shape(&format!("{at}.{name}"), value, found);
            }
        }
        (Value::Null, _) | (_, Value::Null) => {}
        _ => assert_eq!(kind(example), kind(actual), "{at}"),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

async fn answer(sandbox: &Sandbox, system: System, line: &str, auth: &str, body: &Value) -> Value {
    call(sandbox, system, line).header("authorization", auth).json(body).send().await.json()
}

#[tokio::test]
async fn the_helpdesk_answers_in_the_documents_shapes() {
    let settings = Settings { nested_answers: false, ..Settings::default() };
    let sandbox = Sandbox::start(settings).await.unwrap();
    let claim = json!({"namaNasabah": "Budi", "mediaTransaksi": "QRIS", "nominal": 1});
    let ticket = json!({
        "channel": "EMAIL", "serviceType": "INQUIRY", "customer": {"name": "Budi"},
        "ticket": {"description": "A long description"},
    });
    let file = json!({"filename": "a", "mimeType": "b", "size": 1, "content": "YQ=="});
    for (line, body, example) in [
        ("POST /api/omnichannel/claims", claim, "claim_created"),
        ("POST /api/omnichannel/tickets", ticket, "ticket_created_201"),
        (
            "PATCH /api/omnichannel/tickets/1447",
            json!({"action": "ADD_COMMENT", "comment": "x"}),
            "comment_added_by_omnichannel",
        ),
        (
            "PATCH /api/omnichannel/tickets/1447",
            json!({"action": "ADD_ATTACHMENT", "attachments": [file]}),
            "attachments_added",
        ),
        (
            "PATCH /api/omnichannel/tickets/1447",
            json!({"action": "UPDATE_STATUS", "status": "CANCELLED"}),
            "status_updated",
        ),
        (
            "GET /api/omnichannel/tickets?ticketNumber=1447",
            Value::Null,
            "ticket_status_with_success",
        ),
        ("GET /api/omnichannel/tickets", Value::Null, "error_missing_parameters"),
        ("GET /api/omnichannel/tickets/9", Value::Null, "error_not_found"),
    ] {
        let actual =
            answer(&sandbox, System::Helpdesk, line, "Bearer sandbox-helpdesk-key", &body).await;
        check_shape(line, &fixture(&format!("helpdesk/answers/{example}.json")), &actual);
    }
    let line = "GET /api/omnichannel/tickets/1447";
    let actual =
        answer(&sandbox, System::Helpdesk, line, "Bearer sandbox-helpdesk-key", &Value::Null).await;
    let mut example = fixture("helpdesk/answers/ticket_details_omnichannel_metadata.json");
    example["metadata"]["omnichannelData"] = json!({});
    check_shape(line, &example, &actual);
}

#[tokio::test]
async fn sociomile_answers_in_the_documents_shapes() {
    let sandbox = Sandbox::start(Settings::default()).await.unwrap();
    let secret = "?client_secret_key=sandbox-sociomile-secret";
    let voice = json!({
        "customer_hp": "0812", "ticketType": "voice", "content": "halo",
        "customer_email": "a@b.co", "connectID": "x", "customer_name": "Alex",
    });
    let line = format!("POST /bank-sulut/create{secret}");
    let created = answer(&sandbox, System::Sociomile, &line, "", &voice).await;
    check_shape("create", &fixture("sociomile/answers/created_voice.json"), &created);
    let refused = answer(&sandbox, System::Sociomile, &line, "", &json!({})).await;
    check_shape("refused", &fixture("sociomile/answers/error_create_helpdesk.json"), &refused);
    let id = &created["data"]["ticketId"];
    let update = json!({"sociomile_ticket_id": id, "bsg_ticket_id": "1", "status": "Close"});
    let line = format!("POST /bank-sulut/update-status{secret}");
    let updated = answer(&sandbox, System::Sociomile, &line, "", &update).await;
    check_shape("update", &fixture("sociomile/answers/status_updated.json"), &updated);
    let refused = answer(&sandbox, System::Sociomile, &line, "", &json!({})).await;
    check_shape("refused", &fixture("sociomile/answers/error_update_status.json"), &refused);
    let line = "POST /other";
    let unknown = answer(&sandbox, System::Sociomile, line, "", &json!({})).await;
    check_shape(line, &fixture("sociomile/answers/error_exception.json"), &unknown);
}

/// 3Dolphins shows fewer members than the page, but none that the page does not have, and each
/// with the page's type.
#[tokio::test]
async fn dolphins_shows_nothing_that_its_page_does_not() {
    let sandbox = Sandbox::start(Settings::default()).await.unwrap();
    let login = json!({"username": "sandbox-user", "password": "sandbox-password"});
    let line = "POST /dolphin/apiv1/graph/auth";
    let token = answer(&sandbox, System::Dolphins, line, "", &login).await;
    check_shape(line, &fixture("dolphins/answers/login.json"), &token);
    let bearer = format!("Bearer {}", token["token"].as_str().unwrap());
    for (line, body, example) in [
        ("GET /CHAT-1", Value::Null, "d1_ticket"),
        (
            "PUT /update",
            json!({"ticketNumber": "CHAT-OFFLINE", "replyAgent": "a"}),
            "d11_updated_with_error_code",
        ),
        ("POST /sendMessage", json!({"ticketNumber": "CHAT-1", "message": "x"}), "d5_message_sent"),
        ("GET /assignment?status=pending", Value::Null, "d6_nothing_assigned"),
        ("GET /queue/x", Value::Null, "d17_queue_number"),
        ("POST /files", Value::Null, "d18_file"),
        ("POST /transformButtonMessage", Value::Null, "d24_button_transformed"),
    ] {
        let line = line.replacen(" /", " /dolphin/apiv1/graph/tickets/", 1);
        let actual = answer(&sandbox, System::Dolphins, &line, &bearer, &body).await;
        let mut example = fixture(&format!("dolphins/answers/{example}.json"));
        // The page's samples differ in which of its 164 members they show (contract 3.1).
        for other in ["d1_ticket", "d11_updated_with_error_code"] {
            let other = fixture(&format!("dolphins/answers/{other}.json"))["data"].take();
            merge(example.pointer_mut("/data/0").unwrap_or(&mut Value::Null), &other);
            merge(example.pointer_mut("/data").unwrap_or(&mut Value::Null), &other);
        }
        let first = |value: &Value| value.pointer("/data/0").or(value.get("data")).cloned();
        let (shown, known) = (first(&actual), first(&example));
        check_shape(&line, &shown.unwrap_or(actual), &known.unwrap_or(example));
    }
}

fn merge(example: &mut Value, other: &Value) {
    if let (Value::Object(example), Value::Object(other)) = (example, other) {
        for (name, value) in other {
            merge(example.entry(name.clone()).or_insert_with(|| value.clone()), value);
        }
    }
}
