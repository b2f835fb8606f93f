//! Bodies that are no good, and requests that lead nowhere: an answer in the one shape, and no ticket.

use http::Method;
use serde_json::json;

use super::check_problem;
use crate::hub::TestHub;
use crate::hub::samples::{claim, ticket};

const CLAIMS: &str = "/api/omnichannel/claims";
const TICKETS: &str = "/api/omnichannel/tickets";

#[tokio::test]
async fn a_body_that_is_no_json_object_is_told_where_it_goes_wrong() {
    let hub = TestHub::start().await;
    let whole = claim().to_string();
    let cut = whole.strip_suffix('}').unwrap().to_owned();
    let at = cut.len();
    let eof =
        |at| format!("the body is not JSON: EOF while parsing an object at line 1, column {at}");
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let deep = "{\"metadata\":".to_owned() + &deep + "}";
    for (body, text) in [
        (cut, eof(at)),
        (
            String::new(),
            "the body is not JSON: EOF while parsing a value at line 1, column 0".into(),
        ),
        ("[]".into(), "the body is not a JSON object".into()),
        ("\"x\"".into(), "the body is not a JSON object".into()),
        ("null".into(), "the body is not a JSON object".into()),
        (deep, "the body is not JSON: nested too deep at line 1, column 139".into()),
    ] {
        for path in [CLAIMS, TICKETS] {
            check_problem(&hub.client().post(path, body.clone(), 400).await, &text);
        }
    }
    let not_text = b"{\"namaNasabah\":\"\xff\"}".to_vec();
    hub.client().post(CLAIMS, not_text, 400).await;
    hub.done(&[]).await;
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_at_once_by_its_path() {
    let hub = TestHub::start().await;
    let body = json!({
        "channel": "FAX", "serviceType": 7, "customer": { "name": ["x"], "email": "no" },
        "ticket": { "description": {}, "priority": "high", "metadata": [] },
        "attachments": {}, "integration": { "webhookUrl": "http://example.com/hook" }
    });
    let errors = check_problem(&hub.client().post_ticket(&body, 400).await, "Validation failed");
    let wrong: Vec<&str> = errors.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        wrong,
        [
            "attachments",
            "channel",
            "customer.email",
            "customer.name",
            "integration.webhookUrl",
            "serviceType",
            "ticket.description",
            "ticket.metadata",
            "ticket.priority",
        ]
    );
    let body = json!({ "namaNasabah": 1, "mediaTransaksi": "TELLER", "nominal": "150000" });
    let errors = check_problem(&hub.client().post_claim(&body, 400).await, "Validation failed");
    let wrong: Vec<&str> = errors.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(wrong, ["mediaTransaksi", "namaNasabah", "nominal"]);
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_body_may_be_as_large_as_the_setting_says_and_no_larger() {
    let hub = TestHub::start_with(|config| config.http.attachment_body_bytes_max.0 = 2000).await;
    let body = ticket().to_string();
    let padded = |bytes: usize| body.clone() + &" ".repeat(bytes - body.len());
    hub.client().post(TICKETS, padded(2000), 201).await;
    for bytes in [2001, 300_000] {
        let answer = hub.client().post(TICKETS, padded(bytes), 413).await;
        check_problem(&answer, "The request body is larger than 2000 bytes");
    }
    hub.client().post(TICKETS, padded(2000), 201).await;
    hub.done(&[]).await;
}

#[tokio::test]
async fn unknown_paths_and_methods_are_answered_in_the_same_shape() {
    let hub = TestHub::start().await;
    for (method, path, status, text) in [
        (Method::GET, "/", 404, "Not found"),
        (Method::POST, "/api/omnichannel/claim", 404, "Not found"),
        (Method::GET, "/hub/keys", 404, "Not found"),
        (Method::GET, "/hub/deliveries", 404, "Not found"),
        (Method::GET, CLAIMS, 405, "Method not allowed"),
        (Method::DELETE, TICKETS, 405, "Method not allowed"),
        (Method::POST, "/api/omnichannel/tickets/1", 405, "Method not allowed"),
        (Method::POST, "/health/live", 405, "Method not allowed"),
    ] {
        check_problem(&hub.client().call(method, path, None, status).await, text);
    }
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_request_keeps_the_id_that_its_client_gave_it_if_that_is_sensible() {
    let hub = TestHub::start().await;
    for id in ["req-1", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", &"x".repeat(128)]
    {
        let client = hub.client().with("x-request-id", id);
        let answer = client.show("1", 404).await;
        check_problem(&answer, "Ticket not found");
        assert_eq!(answer.header("x-request-id"), Some(id));
        assert_eq!(client.get("/health/live", 200).await.header("x-request-id"), Some(id));
    }
    let mut made = std::collections::BTreeSet::new();
    for id in [None, Some(""), Some("two words"), Some(&*"x".repeat(129))] {
        let client = hub.client();
        let client = id.map_or(client.clone(), |id| client.with("x-request-id", id));
        let answer = client.show("1", 404).await;
        check_problem(&answer, "Ticket not found");
        let id = answer.header("x-request-id").unwrap().to_owned();
        assert!(!id.is_empty());
        made.insert(id);
    }
    assert_eq!(made.len(), 4);
    hub.done(&[]).await;
}
