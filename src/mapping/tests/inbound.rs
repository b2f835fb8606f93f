//! The way back: what the systems say, in the hub's words, by the shipped files.

use omnihub_contract::{Status, StatusWord};
use serde_json::{Value, json};

use super::catalogs::{compiled, shipped};
use crate::mapping::{Inbound, codes};

fn said(adapter: &str, what: &str, said: &Value) -> Inbound {
    let mappings = compiled(&shipped(), false).unwrap_or_else(|findings| panic!("{findings}"));
    mappings.inbound(&adapter.into(), what, said)
}

#[track_caller]
fn check_status(adapter: &str, what: &str, word: &str, expected: StatusWord) {
    let inbound = said(adapter, what, &json!({"status": word}));
    let expected = Status { canonical: expected, raw: Some(word.to_owned()) };
    assert_eq!((inbound.status, inbound.findings), (Some(expected), vec![]), "{adapter} {word}");
}

/// Contract 4.2.
#[test]
fn every_word_that_sociomile_is_documented_to_say_is_a_status() {
    for (word, expected) in [
        ("Open", StatusWord::Open),
        ("InProgress", StatusWord::InProgress),
        ("Pending", StatusWord::Pending),
        ("Pending Approval", StatusWord::Pending),
        ("On Hold", StatusWord::OnHold),
        ("Close", StatusWord::Closed),
    ] {
        check_status("sociomile", "update_status", word, expected);
    }
    check_status("sociomile", "update_status", "close", StatusWord::Closed);
}

/// Contract 4.2 and the words seen in section 3.
#[test]
fn every_word_that_3dolphins_is_documented_to_say_is_a_status() {
    for (word, expected) in [
        ("Unassigned", StatusWord::Open),
        ("Assigned", StatusWord::Open),
        ("Open", StatusWord::InProgress),
        ("Pending", StatusWord::Pending),
        ("Closed", StatusWord::Closed),
    ] {
        check_status("dolphins", "ticket", word, expected.clone());
        check_status("dolphins", "ticket", &word.to_lowercase(), expected);
    }
}

/// The documented seven (contract 1.9) and the four that the real server has beside them (domain 2.8).
#[test]
fn every_word_that_the_helpdesk_says_is_a_status() {
    for word in StatusWord::WORDS {
        check_status("helpdesk", "ticket", word, StatusWord::from(*word));
    }
    for (word, expected) in [
        ("PENDING_APPROVAL", StatusWord::Pending),
        ("PENDING_VENDOR", StatusWord::OnHold),
        ("APPROVED", StatusWord::InProgress),
        ("REJECTED", StatusWord::Closed),
    ] {
        check_status("helpdesk", "ticket", word, expected);
    }
}

#[test]
fn an_unknown_word_is_a_finding_with_the_word_in_it_and_no_status() {
    let inbound =
        said("sociomile", "update_status", &json!({"status": "Eskalasi\n4111111111111111"}));
    assert_eq!(inbound.status, None);
    let [finding] = inbound.findings.as_slice() else { panic!("{inbound:?}") };
    assert_eq!(finding.code, codes::UNKNOWN_SAID);
    let expected =
        "sociomile says the status is `Eskalasi 411111******1111`, which its mapping does not know";
    assert_eq!(finding.message, expected);
}

#[test]
fn what_is_missing_or_strange_is_not_said_and_never_an_error() {
    for strange in [
        json!({}),
        json!({"status": null}),
        json!({"status": " "}),
        json!({"status": ["Open"]}),
        json!([1]),
        json!("Open"),
    ] {
        let inbound = said("sociomile", "update_status", &strange);
        assert_eq!(inbound, Inbound::default(), "{strange}");
    }
    let inbound = said("sociomile", "tickets", &json!({"status": "Open"}));
    assert_eq!(inbound.findings[0].code, codes::NOT_READ);
    assert_eq!(inbound.findings[0].message, "no mapping says how to read `tickets` of sociomile");
}

fn fixture(name: &str) -> Value {
    let path = format!("{}/fixtures/omni/answers/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let fixture: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    fixture["body"].clone()
}

#[test]
fn the_documented_answers_of_the_helpdesk_give_status_and_comments() {
    let inbound = said("helpdesk", "ticket", &fixture("ticket_details"));
    assert_eq!(inbound.status.unwrap().canonical, StatusWord::InProgress);
    let comments: Vec<_> = inbound
        .comments
        .iter()
        .map(|comment| {
            let author = comment.author.as_ref().map(|author| author.reveal().to_owned());
            (author.unwrap(), comment.at.unwrap().to_string(), comment.is_from_support.unwrap())
        })
        .collect();
    let expected = [
        ("John Tech".to_owned(), "2024-12-19T14:22:00Z".to_owned(), true),
        ("Jane Smith".to_owned(), "2024-12-19T14:45:00Z".to_owned(), false),
    ];
    assert_eq!(comments, expected);
    let inbound = said("helpdesk", "webhook", &fixture("webhook_status_changed_with_comment"));
    assert_eq!(inbound.status.unwrap().canonical, StatusWord::InProgress);
    assert_eq!(inbound.comments[0].content.reveal(), "Ticket assigned to technician");
    assert_eq!(inbound.comments[0].author, None);
}

#[test]
fn a_webhook_without_a_status_of_its_own_says_one_by_its_event() {
    let event = |event: &str| said("helpdesk", "webhook", &json!({"event": event, "data": {}}));
    assert_eq!(event("TICKET_RESOLVED").status.unwrap().canonical, StatusWord::Resolved);
    assert_eq!(event("TICKET_CLOSED").status.unwrap().canonical, StatusWord::Closed);
    assert_eq!(event("TICKET_CREATED"), Inbound::default());
    let unknown = json!({"event": "STATUS_CHANGED", "data": {"newStatus": "ESCALATED"}});
    assert_eq!(said("helpdesk", "webhook", &unknown).findings.len(), 1);
}

#[test]
fn an_incoming_message_is_a_comment_of_the_customers() {
    let message = json!({
        "ticketNumber": "c0ffee", "message": "Sudah ada kabar?", "customerName": "Budi Contoh",
        "createdDate": "2024-12-19T10:30:00.000",
    });
    let inbound = said("dolphins", "incoming_message", &message);
    let comment = &inbound.comments[0];
    assert_eq!(
        (comment.content.reveal(), comment.is_from_support),
        ("Sudah ada kabar?", Some(false))
    );
    assert_eq!(comment.at.unwrap().to_string(), "2024-12-19T03:30:00Z", "it is written in Jakarta");
}

#[test]
fn more_comments_than_are_read_at_once_are_a_finding() {
    let many = vec![json!({"content": "x"}); 101];
    let inbound = said("helpdesk", "ticket", &json!({"status": "OPEN", "comments": many}));
    assert_eq!((inbound.comments.len(), inbound.findings.len()), (100, 1));
}

/// Contract 4.2, the way out: three of our words become one of theirs, and the file says so.
#[test]
fn what_sociomile_is_told_of_a_status_is_in_its_words() {
    let mappings = compiled(&shipped(), false).unwrap_or_else(|findings| panic!("{findings}"));
    for (word, expected) in [
        ("OPEN", "Open"),
        ("IN_PROGRESS", "InProgress"),
        ("PENDING", "Pending"),
        ("ON_HOLD", "On Hold"),
        ("RESOLVED", "Close"),
        ("CLOSED", "Close"),
        ("CANCELLED", "Close"),
    ] {
        let rule = "status of a disputed transaction";
        let sent = super::updates::mapped_by(&mappings, "sociomile", rule, word);
        let ids = json!({"sociomile_ticket_id": "691d2c9e", "bsg_ticket_id": "1446"});
        let told = json!({"status": expected});
        let expected = [ids, told].into_iter().flat_map(|part| part.as_object().unwrap().clone());
        assert_eq!(sent, Value::Object(expected.collect()), "{word}");
    }
}
