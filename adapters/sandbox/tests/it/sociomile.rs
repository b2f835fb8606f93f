//! Sociomile: contract part 2 and domain part 3.

use omnihub_sandbox::{Sandbox, Settings, System};
use serde_json::{Value, json};

use crate::client::{Reply, call, sandbox};

const SECRET: &str = "?client_secret_key=sandbox-sociomile-secret";

async fn post(sandbox: &Sandbox, path: &str, body: &Value) -> Reply {
    let line = format!("POST /bank-sulut/{path}{SECRET}");
    call(sandbox, System::Sociomile, &line).json(body).send().await
}

fn helpdesk() -> Value {
    json!({
        "namaNasabah": "Alex", "ticketType": "helpdesk", "content": "halo", "connectID": "a@b.co",
        "mediaTransaksi": "ATM", "nominal": 200_000, "branchCode": "001",
        "branchName": "Cabang Utama", "atmName": "MOBIL KELILING", "atmId": "0126",
        "nomorTicketHelpdesk": 1446, "noRegPengaduanCabang": 101_892_087,
        "claimDate": "2025-10-23 16:54:08",
    })
}

fn voice() -> Value {
    json!({
        "customer_hp": "08356727289", "ticketType": "voice", "content": "halo",
        "customer_email": "a@b.co", "connectID": "x", "customer_name": "Alex",
    })
}

fn with(mut body: Value, name: &str, value: Value) -> Value {
    body[name] = value;
    body
}

#[tokio::test]
async fn a_create_gives_an_id_and_a_number_and_a_repeat_makes_another() {
    let sandbox = sandbox().await;
    for (body, number) in [(helpdesk(), 32_197), (helpdesk(), 32_198), (voice(), 32_199)] {
        let reply = post(&sandbox, "create", &body).await;
        let mut answer = reply.json();
        let id = answer["data"]["ticketId"].take();
        assert!(id.as_str().unwrap().chars().all(|c| c.is_ascii_hexdigit()), "{id}");
        assert_eq!((reply.status, id.as_str().map(str::len)), (200, Some(24)));
        let ids = json!({"ticketId": null, "ticket_number": number});
        let expected = json!({"success": true, "message": "success", "data": ids, "code": 200});
        assert_eq!(answer, expected);
    }
    let held = sandbox.sociomile_tickets();
    let types: Vec<_> = held.iter().map(|ticket| ticket.ticket_type.as_str()).collect();
    assert_eq!(types, ["helpdesk", "helpdesk", "voice"]);
    assert_eq!(held[0].fields["nomorTicketHelpdesk"], 1446);
}

#[tokio::test]
async fn a_wrong_secret_is_401_in_its_shape() {
    let sandbox = sandbox().await;
    for query in ["", "?client_secret_key=wrong", "?other=sandbox-sociomile-secret"] {
        let line = format!("POST /bank-sulut/create{query}");
        let reply = call(&sandbox, System::Sociomile, &line).json(&helpdesk()).send().await;
        assert_eq!((reply.status, &reply.json()["type"]), (401, &json!("error")));
    }
    assert!(sandbox.sociomile_tickets().is_empty());
}

/// What an error says, after its shape was checked.
fn error(reply: &Reply, has_status: bool) -> String {
    let body = reply.json();
    assert_eq!(body["type"], "error", "{body}");
    assert_eq!(body["trace_id"].as_str().map(str::len), Some(8));
    assert!(body["file"].as_str().unwrap().starts_with("/app/"));
    assert!(body["line"].is_u64());
    assert_eq!(body.get("status"), has_status.then_some(&json!(false)));
    body["message"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn missing_fields_are_named_one_at_a_time_in_the_documents_order() {
    let sandbox = sandbox().await;
    for (full, expected) in [
        (
            helpdesk(),
            vec![
                "NamaNasabah",
                "TicketType",
                "Content",
                "ConnectID",
                "MediaTransaksi",
                "Nominal",
                "BranchCode",
                "BranchName",
                "AtmName",
                "AtmId",
                "NomorTicketHelpdesk",
                "NoRegPengaduanCabang",
            ],
        ),
        (
            with(json!({}), "ticketType", json!("voice")),
            vec!["Customer_hp", "Content", "Customer_email", "ConnectID", "Customer_name"],
        ),
    ] {
        let is_voice = full["ticketType"] == "voice" && full.get("content").is_none();
        let source = if is_voice { voice() } else { helpdesk() };
        let mut body = if is_voice { full } else { json!({}) };
        let mut named = Vec::new();
        for _ in 0..expected.len() {
            let reply = post(&sandbox, "create", &body).await;
            assert_eq!(reply.status, 200);
            let text = error(&reply, true);
            let name = text.strip_suffix(" required").unwrap().to_owned();
            let field =
                source.as_object().unwrap().keys().find(|key| key.eq_ignore_ascii_case(&name));
            body[field.unwrap()] = source[field.unwrap()].clone();
            named.push(name);
        }
        assert_eq!(named, expected);
        assert_eq!(post(&sandbox, "create", &body).await.json()["success"], true);
    }
}

#[tokio::test]
async fn empty_and_null_are_missing_and_wrong_types_are_invalid() {
    let sandbox = sandbox().await;
    for (body, text) in [
        (with(helpdesk(), "content", json!("")), "Content required"),
        (with(helpdesk(), "nominal", json!(null)), "Nominal required"),
        (with(helpdesk(), "nominal", json!("200000")), "Nominal invalid"),
        (with(helpdesk(), "nomorTicketHelpdesk", json!("1446")), "NomorTicketHelpdesk invalid"),
        (with(helpdesk(), "nomorKartu", json!("****1234")), "NomorKartu invalid"),
        (with(helpdesk(), "branchCode", json!(1)), "BranchCode invalid"),
        (with(helpdesk(), "claimDate", json!("2025-10-23T16:54:08Z")), "ClaimDate invalid"),
        (with(helpdesk(), "ticketType", json!("omnyx")), "TicketType invalid"),
        (with(voice(), "customer_hp", json!(8356)), "Customer_hp invalid"),
        (json!([]), "NamaNasabah required"),
    ] {
        assert_eq!(error(&post(&sandbox, "create", &body).await, true), text);
    }
    assert!(sandbox.sociomile_tickets().is_empty());
}

#[tokio::test]
async fn a_form_is_taken_as_well_as_json() {
    let sandbox = sandbox().await;
    let form = |body: Value| {
        let mut form = form_urlencoded::Serializer::new(String::new());
        for (name, value) in body.as_object().unwrap() {
            form.append_pair(name, value.as_str().unwrap_or(&value.to_string()));
        }
        form.finish()
    };
    let line = format!("POST /bank-sulut/create{SECRET}");
    let content_type = "application/x-www-form-urlencoded";
    for (body, success) in [
        (form(helpdesk()), json!(true)),
        (form(with(helpdesk(), "nominal", json!("2e5"))), json!(null)),
    ] {
        let create = call(&sandbox, System::Sociomile, &line).body(content_type, &body);
        assert_eq!(create.send().await.json()["success"], success);
    }
}

#[tokio::test]
async fn a_status_is_updated_with_one_of_six_exact_words() {
    let sandbox = sandbox().await;
    let created = post(&sandbox, "create", &voice()).await.json();
    let id = &created["data"]["ticketId"];
    let update = |status: &str| json!({"sociomile_ticket_id": id, "bsg_ticket_id": "1446", "status": status});
    for status in ["Open", "InProgress", "Pending", "Pending Approval", "On Hold", "Close"] {
        let body = post(&sandbox, "update-status", &update(status)).await.json();
        assert_eq!((&body["success"], &body["status"]), (&json!(true), &json!(true)));
        assert_eq!(body["ticket"]["data"]["Status"], status);
        assert_eq!(body["ticket"]["data"]["Nomor Hanphone "], "08356727289");
        assert_eq!(sandbox.sociomile_tickets()[0].status, status);
    }
    for (body, text) in [
        (json!({}), "sociomile_ticket_id required"),
        (json!({"sociomile_ticket_id": id}), "bsg_ticket_id required"),
        (json!({"sociomile_ticket_id": id, "bsg_ticket_id": "1"}), "status required"),
        (update("CLOSED"), "status invalid"),
        (update("open"), "status invalid"),
        (with(update("Open"), "sociomile_ticket_id", json!("0")), "Ticket not found"),
    ] {
        assert_eq!(error(&post(&sandbox, "update-status", &body).await, false), text);
    }
}

#[tokio::test]
async fn errors_have_the_http_status_of_the_setting_and_unknown_paths_the_third_shape() {
    let settings = Settings { sociomile_error_status: 422, ..Settings::default() };
    let sandbox = Sandbox::start(settings).await.unwrap();
    assert_eq!(post(&sandbox, "create", &json!({})).await.status, 422);
    let reply = post(&sandbox, "updatestatus", &json!({})).await;
    assert_eq!((reply.status, &reply.json()["errors"]["line"]), (404, &json!(229)));
}
