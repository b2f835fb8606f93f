//! The helpdesk: domain part 2 line by line.

use omnihub_sandbox::{Door, Sandbox, Settings, System};
use serde_json::{Value, json};

use crate::client::{Call, Reply, call, sandbox, settings_with_clock};

const KEY: &str = "sandbox-helpdesk-key";
const CLAIMS: &str = "POST /api/omnichannel/claims";
const TICKETS: &str = "POST /api/omnichannel/tickets";

fn ask(sandbox: &Sandbox, line: &str) -> Call {
    call(sandbox, System::Helpdesk, line).header("authorization", &format!("Bearer {KEY}"))
}

async fn post(sandbox: &Sandbox, line: &str, body: &Value) -> Reply {
    ask(sandbox, line).json(body).send().await
}

fn claim() -> Value {
    json!({
        "namaNasabah": "John Doe", "mediaTransaksi": "ATM", "jenisTransaksi": "PEMBELIAN",
        "nominal": 500_000, "nomorRekening": "1234567890", "nomorKartu": "****1234",
        "claimReason": "Transaction failed but amount was deducted",
        "claimDate": "2024-12-19T10:30:00Z", "atmId": "ATM001",
        "description": "hub number 9000000001",
    })
}

fn ticket(service_type: &str) -> Value {
    json!({
        "channel": "WHATSAPP", "channelReferenceId": "WA-1", "serviceType": service_type,
        "customer": {"name": "Jane Smith"},
        "ticket": {"title": "Title", "description": "A description of enough letters"},
    })
}

/// The body with members set by dotted path; null removes.
fn with(mut body: Value, changes: &[(&str, Value)]) -> Value {
    for (path, value) in changes {
        let (parents, name) = path.rsplit_once('.').unwrap_or(("", path));
        let mut at = &mut body;
        for parent in parents.split('.').filter(|parent| !parent.is_empty()) {
            at = at.as_object_mut().unwrap().entry(parent).or_insert(json!({}));
        }
        match value {
            Value::Null => at.as_object_mut().unwrap().remove(name),
            value => at.as_object_mut().unwrap().insert((*name).to_owned(), value.clone()),
        };
    }
    body
}

#[tokio::test]
async fn a_claim_gets_the_next_number_under_data() {
    let (settings, _) = settings_with_clock("2026-01-02T03:04:05.6Z");
    let sandbox = Sandbox::start(settings).await.unwrap();
    let reply = post(&sandbox, CLAIMS, &claim()).await;
    let body = reply.json();
    assert_eq!((reply.status, &body["success"]), (200, &json!(true)));
    assert_eq!(body["timestamp"], "2026-01-02T03:04:05.600Z");
    let mut answer = body["data"].clone();
    let id = answer["ticketId"].take();
    assert!(id.as_str().is_some_and(|id| id.len() == 25 && id.starts_with('c')), "{id}");
    assert_eq!(
        answer,
        json!({
            "success": true, "ticketNumber": "1446", "ticketId": null, "status": "OPEN",
            "estimatedResolution": "2026-01-05T03:04:05.600Z", "trackingUrl": "/tickets/1446",
            "message": "KLAIM-OMNI ticket created successfully",
        })
    );
    let held = sandbox.helpdesk_tickets();
    assert_eq!(
        (held[0].title.as_str(), held[0].priority),
        ("KLAIM - OMNI - ATM - PEMBELIAN", "MEDIUM")
    );
    assert!(held[0].description.contains("hub number 9000000001"));
}

#[tokio::test]
async fn flat_answers_are_as_the_documents_show_them() {
    let settings = Settings { nested_answers: false, ..Settings::default() };
    let sandbox = Sandbox::start(settings).await.unwrap();
    let body = post(&sandbox, CLAIMS, &claim()).await.json();
    assert_eq!((&body["ticketNumber"], body.get("data")), (&json!("1446"), None));
    let body = ask(&sandbox, "GET /api/omnichannel/tickets?ticketNumber=1446").send().await.json();
    assert_eq!((&body["status"], &body["success"]), (&json!("OPEN"), &json!(true)));
}

#[tokio::test]
async fn keys_are_taken_in_two_headers_and_refused_with_the_servers_texts() {
    let sandbox = sandbox().await;
    let bare = "No API key provided. Include in Authorization header as";
    for (header, value, status, text) in [
        ("authorization", "Bearer sandbox-helpdesk-key", 400, "Validation failed"),
        ("authorization", "Bearer sandbox-helpdesk-key-2", 400, "Validation failed"),
        ("x-api-key", KEY, 400, "Validation failed"),
        ("authorization", KEY, 401, bare),
        ("x-other", KEY, 401, bare),
        ("x-api-key", "wrong", 401, "Invalid API key"),
        ("x-api-key", "sandbox-helpdesk-inactive", 401, "API key is inactive"),
        ("x-api-key", "sandbox-helpdesk-expired", 401, "API key has expired"),
        ("x-api-key", "sandbox-helpdesk-reader", 403, "Insufficient permissions to create claims"),
    ] {
        let claims = call(&sandbox, System::Helpdesk, CLAIMS).header(header, value);
        let reply = claims.json(&json!({})).send().await;
        let body = reply.json();
        assert_eq!((reply.status, &body["status"]), (status, &json!(status)), "{header}: {value}");
        assert!(body["error"].as_str().unwrap().starts_with(text), "{body}");
        assert!(body["timestamp"].is_string() && body.as_object().unwrap().len() == 3, "{body}");
    }
}

#[tokio::test]
async fn a_claim_is_validated() {
    let sandbox = sandbox().await;
    for (changes, wrong) in [
        (vec![("namaNasabah", json!(null))], "namaNasabah: is required"),
        (vec![("mediaTransaksi", json!("EDC"))], "mediaTransaksi: is none of ATM"),
        (vec![("jenisTransaksi", json!(null))], "jenisTransaksi: is required"),
        (vec![("jenisTransaksi", json!("PENARIKAN"))], "jenisTransaksi: is none of"),
        (vec![("nominal", json!(null))], "nominal: Nominal is required"),
        (vec![("nominal", json!(0))], "nominal: Nominal must be positive"),
        (vec![("nominal", json!(1_000_000_001))], "nominal: Nominal exceeds maximum"),
        (vec![("nominal", json!("500000"))], "nominal: Nominal must be a number"),
        (vec![("nomorKartu", json!("411111******1111"))], "nomorKartu: is no masked card"),
        (vec![("description", json!(7))], "description: is no string"),
    ] {
        let reply = post(&sandbox, CLAIMS, &with(claim(), &changes)).await;
        // The server drops the map of fields (domain 2.3); only the list of calls has them.
        assert_eq!((reply.status, &reply.json()["error"]), (400, &json!("Validation failed")));
        let outcome = sandbox.received(System::Helpdesk).pop().unwrap().outcome;
        assert!(outcome.contains(wrong), "{outcome}");
    }
    for changes in [
        vec![("mediaTransaksi", json!("QRIS")), ("jenisTransaksi", json!(null))],
        vec![("nominal", json!(1_000_000_000)), ("unknownMember", json!(1))],
    ] {
        assert_eq!(post(&sandbox, CLAIMS, &with(claim(), &changes)).await.status, 200);
    }
    let held = sandbox.helpdesk_tickets();
    assert_eq!((held[1].priority, held[1].metadata.get("unknownMember")), ("HIGH", None));
}

#[tokio::test]
async fn a_ticket_is_validated_more_strictly_than_documented() {
    let sandbox = sandbox().await;
    let file =
        |size: u64| json!({"filename": "a", "mimeType": "b", "content": "YQ==", "size": size});
    let ten_mb = 10 * 1024 * 1024;
    for (service_type, changes, wrong) in [
        ("NONE", vec![], "serviceType: is none of"),
        ("OTHER", vec![("channel", json!(null))], "channel: is required"),
        ("OTHER", vec![("customer.name", json!(null))], "customer.name: is required"),
        ("OTHER", vec![("ticket.description", json!("too short"))], "fewer than 10"),
        ("OTHER", vec![("ticket.priority", json!("URGENT"))], "ticket.priority: is none"),
        ("OTHER", vec![("ticket.category", json!("SERVICE_QUALITY"))], "ticket.category"),
        ("OTHER", vec![("ticket.category", json!("COMPLAINT"))], "ticket.category"),
        ("OTHER", vec![("customer.phone", json!("0812/345"))], "customer.phone"),
        ("OTHER", vec![("customer.email", json!("nobody"))], "Invalid email format"),
        ("OTHER", vec![("attachments", json!([file(ten_mb + 1)]))], "one is over 10 MB"),
        ("OTHER", vec![("attachments", json!(vec![file(ten_mb); 6]))], "over 50 MB"),
        ("OTHER", vec![("attachments", json!([{"filename": "a"}]))], "lacks"),
        ("CLAIM", vec![], "customer.email: is required"),
        ("CLAIM", vec![("ticket.metadata.claimAmount", json!(0))], "must be positive"),
        ("REIMBURSEMENT", vec![], "ticket.metadata.claimAmount: is required"),
        ("DISPUTE", vec![], "ticket.metadata.transactionId: is required"),
        ("ATM_ISSUE", vec![], "ticket.metadata.atmId: is required"),
        ("COMPLAINT", vec![], "customer.email: is required"),
        ("ACCOUNT_ISSUE", vec![], "customer.identifier: is required"),
        ("CARD_ISSUE", vec![("customer.email", json!("a@b.co"))], "customer.identifier"),
        ("MOBILE_BANKING", vec![("customer.phone", json!("0812"))], "customer.identifier"),
        ("INTERNET_BANKING", vec![], "customer.identifier: is required"),
    ] {
        let reply = post(&sandbox, TICKETS, &with(ticket(service_type), &changes)).await;
        let outcome = sandbox.received(System::Helpdesk).pop().unwrap().outcome;
        assert_eq!(reply.status, 400, "{service_type} {changes:?}");
        assert!(outcome.contains(wrong), "{outcome} lacks {wrong}");
    }
    assert_eq!(sandbox.helpdesk_tickets().len(), 0);
}

#[tokio::test]
async fn every_service_type_passes_with_what_it_needs() {
    let sandbox = sandbox().await;
    for (service_type, changes, priority) in [
        ("FEEDBACK", vec![], "LOW"),
        ("OTHER", vec![("ticket.priority", json!("CRITICAL"))], "CRITICAL"),
        ("COMPLAINT", vec![("customer.phone", json!("+62 812-3456"))], "MEDIUM"),
        ("CARD_ISSUE", vec![("customer.identifier", json!("CIF1"))], "HIGH"),
        ("INQUIRY", vec![("ticket.metadata.urgent", json!(true))], "MEDIUM"),
        (
            "REIMBURSEMENT",
            vec![
                ("customer.email", json!("a@b.co")),
                ("ticket.metadata.claimAmount", json!(50_000_000)),
            ],
            "HIGH",
        ),
    ] {
        let reply = post(&sandbox, TICKETS, &with(ticket(service_type), &changes)).await;
        assert_eq!(reply.status, 200, "{service_type}: {}", reply.text);
        assert_eq!(sandbox.helpdesk_tickets().pop().unwrap().priority, priority, "{service_type}");
    }
}

#[tokio::test]
async fn a_request_id_makes_one_ticket_whatever_the_key_and_the_body() {
    let sandbox = sandbox().await;
    let keyed = with(ticket("OTHER"), &[("integration.requestId", json!("omnihub:1"))]);
    let first = post(&sandbox, TICKETS, &keyed).await.json();
    let other = with(keyed, &[("ticket.title", json!("Another"))]);
    let tickets = call(&sandbox, System::Helpdesk, TICKETS);
    let again = tickets.header("x-api-key", "sandbox-helpdesk-key-2").json(&other).send().await;
    let again = again.json();
    assert_eq!(first["data"]["message"], "Ticket created successfully");
    assert_eq!(again["data"]["message"], "Ticket already exists (duplicate request)");
    assert_eq!(first["data"]["ticketId"], again["data"]["ticketId"]);
    assert_eq!(first["data"]["ticketNumber"], again["data"]["ticketNumber"]);
    assert_eq!(sandbox.helpdesk_tickets().len(), 1);
}

#[tokio::test]
async fn equal_claims_make_a_ticket_each() {
    let sandbox = sandbox().await;
    let keyed = with(claim(), &[("integration.requestId", json!("x"))]);
    for number in ["1446", "1447"] {
        let body = post(&sandbox, CLAIMS, &keyed).await.json();
        assert_eq!(body["data"]["ticketNumber"], number);
    }
    assert!(sandbox.helpdesk_tickets().iter().all(|ticket| ticket.request_id.is_none()));
}

#[tokio::test]
async fn a_ticket_of_type_claim_makes_a_twin_that_only_its_reference_finds() {
    let sandbox = sandbox().await;
    let changes = [
        ("customer.email", json!("a@b.co")),
        ("ticket.metadata.claimType", json!("ATM_CARD_RETAINED")),
        ("ticket.metadata.claimAmount", json!(500_000)),
        ("integration.requestId", json!("r1")),
    ];
    let claim = with(ticket("CLAIM"), &changes);
    assert_eq!(post(&sandbox, TICKETS, &claim).await.json()["data"]["ticketNumber"], "1446");
    assert_eq!(post(&sandbox, TICKETS, &claim).await.json()["data"]["ticketNumber"], "1446");
    let held = sandbox.helpdesk_tickets();
    let doors: Vec<_> = held.iter().map(|ticket| (ticket.number.as_str(), ticket.door)).collect();
    assert_eq!(doors, [("1446", Door::Tickets), ("1447", Door::Twin)]);
    let line = "GET /api/omnichannel/tickets?channelReferenceId=KLAIM-WA-1";
    let twin = ask(&sandbox, line).send().await.json();
    assert_eq!(twin["data"]["ticketNumber"], "1447");
    assert_eq!(held[1].title, "KLAIM - OMNI - ATM - ATM_CARD_RETAINED");
}

#[tokio::test]
async fn a_ticket_is_found_by_number_and_by_reference() {
    let sandbox = sandbox().await;
    let body = with(ticket("OTHER"), &[("channelReferenceId", json!("wa/1 +é"))]);
    post(&sandbox, TICKETS, &body).await;
    let encoded = "wa%2F1%20%2B%C3%A9";
    for line in [
        "GET /api/omnichannel/tickets?ticketNumber=1446".to_owned(),
        format!("GET /api/omnichannel/tickets?channelReferenceId={encoded}"),
        "GET /api/omnichannel/tickets/1446".to_owned(),
        format!("GET /api/omnichannel/tickets/{encoded}"),
    ] {
        let reply = ask(&sandbox, &line).send().await;
        assert_eq!((reply.status, &reply.json()["data"]["ticketNumber"]), (200, &json!("1446")));
    }
    for (line, status, text) in [
        (
            "GET /api/omnichannel/tickets",
            400,
            "Either ticketNumber or channelReferenceId is required",
        ),
        ("GET /api/omnichannel/tickets?ticketNumber=9", 404, "Ticket not found"),
        ("GET /api/omnichannel/tickets/01446", 404, "Ticket not found"),
    ] {
        let reply = ask(&sandbox, line).send().await;
        assert_eq!((reply.status, &reply.json()["error"]), (status, &json!(text)));
    }
}

async fn patch(sandbox: &Sandbox, body: Value) -> Reply {
    post(sandbox, "PATCH /api/omnichannel/tickets/1446", &body).await
}

#[tokio::test]
async fn a_ticket_takes_comments_statuses_and_attachments() {
    let sandbox = sandbox().await;
    post(&sandbox, TICKETS, &ticket("OTHER")).await;
    let body = patch(&sandbox, json!({"action": "ADD_COMMENT", "comment": "Hello"})).await.json();
    assert_eq!(body["data"]["result"]["comment"]["content"], "[Via Omnichannel] Hello");
    assert_eq!(body["data"]["message"], "Ticket updated successfully");
    let body =
        patch(&sandbox, json!({"action": "UPDATE_STATUS", "status": "PENDING"})).await.json();
    assert_eq!(body["data"]["result"], json!({"status": "PENDING"}));
    let file = json!({"filename": "a.txt", "mimeType": "text/plain", "size": 3, "content": "YWJj"});
    let body = patch(&sandbox, json!({"action": "ADD_ATTACHMENT", "attachments": [file]})).await;
    let filed = json!({"attachments": [{"filename": "a.txt", "size": 3}]});
    assert_eq!(body.json()["data"]["result"], filed);
    let shown = ask(&sandbox, "GET /api/omnichannel/tickets/1446").send().await.json();
    let comments = shown["data"]["comments"].as_array().unwrap();
    assert_eq!(comments[0]["content"], "[Omnichannel Update] Status changed to PENDING");
    assert_eq!(comments[1]["content"], "[Via Omnichannel] Hello");
    assert_eq!(shown["data"]["attachments"][0]["filename"], "a.txt");
    assert_eq!(shown["data"]["metadata"]["omnichannelType"], "OTHER");
}

#[tokio::test]
async fn only_the_five_newest_comments_are_shown() {
    let sandbox = sandbox().await;
    post(&sandbox, CLAIMS, &claim()).await;
    for number in 1..=7 {
        let comment = json!({"action": "ADD_COMMENT", "comment": number.to_string()});
        assert_eq!(patch(&sandbox, comment).await.status, 200);
    }
    let shown = ask(&sandbox, "GET /api/omnichannel/tickets/1446").send().await.json();
    let comments = shown["data"]["comments"].as_array().unwrap();
    assert_eq!((comments.len(), &comments[0]["content"]), (5, &json!("[Via Omnichannel] 7")));
}

#[tokio::test]
async fn a_bad_update_and_one_of_a_closed_ticket_are_refused() {
    let sandbox = sandbox().await;
    post(&sandbox, TICKETS, &ticket("OTHER")).await;
    for (body, text) in [
        (json!({"action": "NONE"}), "Invalid update data"),
        (json!({"action": "ADD_COMMENT"}), "Comment content is required"),
        (json!({"action": "UPDATE_STATUS"}), "Status is required"),
        (json!({"action": "UPDATE_STATUS", "status": "CLOSED"}), "Invalid update data"),
        (json!({"action": "ADD_ATTACHMENT", "attachments": []}), "Attachments are required"),
    ] {
        let reply = patch(&sandbox, body).await;
        assert_eq!((reply.status, &reply.json()["error"]), (400, &json!(text)));
    }
    let comment = json!({"action": "ADD_COMMENT", "comment": "x"});
    for (status, expected) in [("CANCELLED", 200), ("RESOLVED", 400), ("CLOSED", 400)] {
        assert!(sandbox.act_in_helpdesk("1446", Some(status), None));
        assert_eq!(patch(&sandbox, comment.clone()).await.status, expected, "{status}");
    }
    let refused = patch(&sandbox, comment).await.json();
    assert_eq!(refused["error"], "Cannot update closed or resolved tickets");
}

#[tokio::test]
async fn what_is_no_json_and_no_path_is_answered_as_a_web_framework_does() {
    let sandbox = sandbox().await;
    let reply = ask(&sandbox, CLAIMS).body("application/json", "{").send().await;
    assert_eq!((reply.status, &reply.json()["status"]), (500, &json!(500)));
    let reply = ask(&sandbox, "POST /api/omnichannel/other").send().await;
    assert_eq!(
        (reply.status, reply.header("content-type")),
        (404, Some("text/html; charset=utf-8"))
    );
    let reply = ask(&sandbox, "DELETE /api/omnichannel/claims").send().await;
    assert_eq!(reply.status, 405);
}

#[tokio::test]
async fn old_tickets_make_room_and_take_their_keys_along() {
    let settings = Settings { tickets_max: 2, ..Settings::default() };
    let sandbox = Sandbox::start(settings).await.unwrap();
    for name in ["a", "b", "c"] {
        let changes = [("integration.requestId", json!(name)), ("channelReferenceId", json!(name))];
        post(&sandbox, TICKETS, &with(ticket("OTHER"), &changes)).await;
    }
    let numbers: Vec<_> = sandbox.helpdesk_tickets().into_iter().map(|t| t.number).collect();
    assert_eq!(numbers, ["1447", "1448"]);
    for (reference, status) in [("a", 404), ("c", 200)] {
        let line = format!("GET /api/omnichannel/tickets?channelReferenceId={reference}");
        assert_eq!(ask(&sandbox, &line).send().await.status, status);
    }
}
