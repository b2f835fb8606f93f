//! The door's description of itself: complete, true, and readable without a network.

pub(crate) mod conforms;
mod drift;
mod page;

use std::collections::BTreeSet;

use omnihub::http::openapi;
use omnihub::hub::facts;
use omnihub_contract::{Category, Channel, Medium, Priority, ServiceType};
use serde_json::Value;

use crate::hub::TestHub;
use crate::hub::samples::{fixture, fixtures};
use conforms::{DOCUMENT, complaints, escaped};

#[tokio::test]
async fn it_is_served_without_a_key() {
    let hub = TestHub::start().await;
    let served = hub.client().bare().get("/openapi.json", 200).await.json();
    let described = openapi::document(&facts(hub.config()));
    assert!(served == described, "it is not what its settings make it");
    hub.done(&[]).await;
}

#[tokio::test]
async fn its_numbers_are_those_of_the_settings() {
    let hub = TestHub::start_with(|config| {
        config.limits.create_per_minute = 1234;
        config.http.body_bytes_max.0 = 77_000;
        config.idempotency.keep.0 = std::time::Duration::from_secs(30 * 3600);
    })
    .await;
    let answer = hub.client().bare().get("/openapi.json", 200).await;
    let text = String::from_utf8(answer.bytes.to_vec()).unwrap();
    for number in ["create 1234 claims", "At most 77000 bytes", "for 30 hours"] {
        assert!(text.contains(number), "{number}");
    }
    hub.done(&[]).await;
}

/// Each operation, by its place in the document.
fn operations() -> Vec<(String, &'static Value)> {
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(move |(method, operation)| {
            (format!("/paths/{}/{method}", escaped(path)), operation)
        })
    });
    operations.collect()
}

#[test]
fn every_example_is_valid_by_its_own_schema() {
    let mut count = 0;
    for (place, operation) in operations() {
        let answers = operation["responses"].as_object().unwrap().keys();
        let answers = answers.map(|status| format!("{place}/responses/{status}"));
        for place in answers.chain([format!("{place}/requestBody")]) {
            let content = format!("{place}/content/application~1json");
            let examples = DOCUMENT.pointer(&format!("{content}/examples"));
            for (name, example) in examples.and_then(Value::as_object).into_iter().flatten() {
                let wrong = complaints(&DOCUMENT, &format!("{content}/schema"), &example["value"]);
                assert!(wrong.is_empty(), "{place} {name}: {wrong:?}");
                count += 1;
            }
        }
    }
    assert!(count > 80, "{count}");
}

#[test]
fn every_request_of_the_documents_is_an_example() {
    for (folder, path, method) in [
        ("create_claim", "/api/omnichannel/claims", "post"),
        ("create_ticket", "/api/omnichannel/tickets", "post"),
        ("update_ticket", "/api/omnichannel/tickets/{ticketNumber}", "patch"),
    ] {
        let examples = &DOCUMENT["paths"][path][method]["requestBody"]["content"]["application/json"]
            ["examples"];
        let names: BTreeSet<&String> = examples.as_object().unwrap().keys().collect();
        let fixtures = fixtures(folder);
        assert_eq!(names, fixtures.iter().map(|fixture| &fixture.name).collect());
        for fixture in &fixtures {
            assert_eq!(examples[&fixture.name]["value"], fixture.body);
        }
    }
}

/// Checks that what a document shows has the described kinds; it may leave members out.
#[track_caller]
fn check_documented(schema: &str, name: &str) {
    let place = format!("/components/schemas/{schema}");
    let body = fixture("answers", name).body;
    let wrong = complaints(&DOCUMENT, &place, &body);
    let wrong: Vec<&String> =
        wrong.iter().filter(|wrong| !wrong.ends_with("is a required property")).collect();
    assert!(wrong.is_empty(), "{name}: {wrong:?}");
}

#[test]
fn every_answer_of_the_documents_is_of_the_described_kinds() {
    for (schema, names) in [
        ("ClaimCreated", &["claim_created"][..]),
        ("TicketCreated", &["ticket_created_200", "ticket_created_201"]),
        ("TicketDetail", &["ticket_details", "ticket_details_with_omnichannel_data"]),
        ("TicketDetail", &["ticket_status", "ticket_status_batch", "ticket_status_summary"]),
        ("TicketUpdated", &["attachments_added", "status_updated", "status_updated_summary"]),
        (
            "TicketUpdated",
            &["comment_added", "comment_added_about_incident", "comment_added_summary"],
        ),
        (
            "Problem",
            &["claim_not_valid", "ticket_not_valid", "update_not_valid", "ticket_is_final"],
        ),
        ("Problem", &["create_failed", "no_parameter", "no_permission", "ticket_not_found"]),
        ("Problem", &["unknown_key", "error_format_with_status", "error_format_with_success"]),
    ] {
        names.iter().for_each(|name| check_documented(schema, name));
    }
}

#[test]
fn its_words_are_those_of_the_canonical_ticket() {
    let words = |name: &str| -> Vec<&str> {
        let words = DOCUMENT["components"]["schemas"][name]["enum"].as_array().unwrap();
        words.iter().map(|word| word.as_str().unwrap()).collect()
    };
    assert_eq!(words("Channel"), Channel::WORDS);
    assert_eq!(words("ServiceType"), ServiceType::WORDS);
    assert_eq!(words("ServiceType").len(), 14);
    assert_eq!(words("Priority"), Priority::WORDS);
    assert_eq!(words("Category"), Category::WORDS);
    assert_eq!(words("Medium"), Medium::WORDS);
}
