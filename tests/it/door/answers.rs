//! Answers are those of the documents, member by member (`fixtures/omni/answers`).

use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

use super::check_problem;
use crate::hub::samples::{claim, fixture, ticket, with};
use crate::hub::{Style, TestHub};

/// Checks that every member of a documented object is there with the documented type, where it is
/// not null; gives the names of members that the document does not show.
#[track_caller]
fn check_members(documented: &Value, answered: &Value) -> Vec<String> {
    let documented = documented.as_object().unwrap();
    let answered = answered.as_object().unwrap();
    for (name, sample) in documented {
        let value = answered.get(name).unwrap_or_else(|| panic!("no member {name}"));
        let same = |a: &Value, b: &Value| std::mem::discriminant(a) == std::mem::discriminant(b);
        assert!(
            value.is_null() || sample.is_null() || same(value, sample),
            "{name}: documented {sample}, answered {value}"
        );
    }
    answered.keys().filter(|name| !documented.contains_key(*name)).cloned().collect()
}

#[track_caller]
fn instant(value: &Value) -> Timestamp {
    value.as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_claim_is_answered_as_documented() {
    let hub = TestHub::start().await;
    let documented = fixture("answers", "claim_created").body;
    let request = fixture("create_claim", "atm_purchase").body;
    let answer = hub.client().post_claim(&request, 201).await.json();
    assert_eq!(check_members(&documented, &answer), ["metadata"]);
    for literal in ["success", "status", "message"] {
        assert_eq!(answer[literal], documented[literal]);
    }
    let number = answer["ticketNumber"].as_str().unwrap();
    assert_eq!(answer["trackingUrl"], format!("/tickets/{number}"));
    // The answer carries the hub's own number, and says so.
    assert!(number.len() == 10 && number.starts_with('9'), "{number}");
    assert_eq!(answer["metadata"], json!({ "provisional": true }));
    let created = hub.record(number).ticket.created_at;
    assert_eq!(instant(&answer["estimatedResolution"]), created + 72.hours());
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_ticket_is_answered_as_each_document_says() {
    let hub = TestHub::start().await;
    for (style, documented, request, hours, group) in [
        (Style::Bearer, "ticket_created_201", "technical_support", 24, "Technical Support"),
        (Style::ApiKey, "ticket_created_200", "atm_card_claim", 24, "Transaction Claims Support"),
    ] {
        let documented = fixture("answers", documented).body;
        let request = fixture("create_ticket", request).body;
        let request = with(request, "integration.webhookUrl", hub.receiver());
        let created = if style == Style::ApiKey { 200 } else { 201 };
        let client = hub.client().presenting(hub.key(), style);
        let answer = client.post_ticket(&request, created).await.json();
        assert!(check_members(&documented, &answer).is_empty());
        for literal in ["success", "status", "message"] {
            assert_eq!(answer[literal], documented[literal]);
        }
        let (metadata, number) = (&answer["metadata"], answer["ticketNumber"].as_str().unwrap());
        assert_eq!(check_members(&documented["metadata"], metadata), ["provisional"]);
        assert_eq!(metadata["provisional"], true);
        assert_eq!(metadata["slaHours"], hours);
        assert_eq!(metadata["supportGroup"], group);
        assert_eq!(answer["trackingUrl"], format!("/tickets/{number}"));
        let created = instant(&metadata["createdAt"]);
        assert_eq!(instant(&answer["estimatedResolution"]), created + hours.hours());
    }
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_ticket_is_shown_with_every_member_that_any_document_shows() {
    let hub = TestHub::start().await;
    let request = fixture("create_ticket", "technical_support").body;
    let request = with(request, "integration.webhookUrl", hub.receiver());
    let number = hub.client().post_ticket(&request, 201).await.number();
    let by_query = format!("/api/omnichannel/tickets?ticketNumber={number}");
    let by_path = hub.client().show(&number, 200).await.json();
    let by_query = hub.client().get(&by_query, 200).await.json();
    for (documented, answer) in [
        ("ticket_details", &by_path),
        ("ticket_details_with_omnichannel_data", &by_path),
        ("ticket_status", &by_query),
        ("ticket_status_batch", &by_query),
        ("ticket_status_summary", &by_query),
    ] {
        let documented = fixture("answers", documented).body;
        check_members(&documented, answer);
        check_members(
            &documented["sla"].as_object().cloned().map_or(json!({}), Value::Object),
            &answer["sla"],
        );
    }
    let documented = fixture("answers", "ticket_details").body;
    for section in ["service", "branch"] {
        check_members(&documented[section], &by_path[section]);
    }
    assert_eq!(by_path["ticketNumber"], number);
    assert_eq!((&by_path["status"], &by_path["priority"]), (&json!("OPEN"), &json!("HIGH")));
    assert_eq!(by_path["attachments"][0]["filename"], "error_screenshot.png");
    check_members(&documented["attachments"][0], &by_path["attachments"][0]);
    // 001 shows the client's metadata flat, 003 under omnichannelData (contract trap 14).
    let metadata = &by_path["metadata"];
    assert_eq!(metadata["errorCode"], "ERR_500");
    assert_eq!(metadata["omnichannelType"], "TECHNICAL_SUPPORT");
    assert_eq!(metadata["omnichannelData"], request["ticket"]["metadata"]);
    let (created, sla) = (instant(&by_path["createdAt"]), &by_path["sla"]);
    assert_eq!(instant(&sla["responseDeadline"]), created + 6.hours());
    assert_eq!(instant(&sla["resolutionDeadline"]), created + 24.hours());
    assert_eq!(sla["isBreached"], false);
    hub.done(&[]).await;
}

#[tokio::test]
async fn documented_errors_have_the_documented_texts() {
    let hub = TestHub::start().await;
    let client = hub.client();
    let documented = |name: &str| fixture("answers", name).body;
    let body = with(with(claim(), "namaNasabah", ""), "nominal", -1);
    let errors = check_problem(&client.post_claim(&body, 400).await, "Validation failed");
    assert_eq!(errors, documented("claim_not_valid")["errors"]);
    let body = with(with(ticket(), "serviceType", "CLAIM"), "customer.email", "nobody");
    let body = with(body, "ticket.metadata.claimType", "ATM_CARD_RETAINED");
    let errors = check_problem(&client.post_ticket(&body, 400).await, "Validation failed");
    assert_eq!(errors, documented("ticket_not_valid")["errors"]);
    for (path, documented_as, status) in [
        ("/api/omnichannel/tickets/12346", "ticket_not_found", 404),
        ("/api/omnichannel/tickets", "no_parameter", 400),
        ("/api/omnichannel/tickets?ticketNumber=", "no_parameter", 400),
        ("/api/omnichannel/tickets?page=1", "no_parameter", 400),
    ] {
        let text = documented(documented_as)["error"].clone();
        let errors = check_problem(&client.get(path, status).await, text.as_str().unwrap());
        assert!(errors.is_null());
    }
    let anybody = client.clone().bare();
    let answer = anybody.post_claim(&claim(), 401).await;
    check_members(&documented("unknown_key"), &answer.json());
    hub.done(&[]).await;
}
