//! Every rule of `PATCH /tickets/{ticketNumber}` (contract 1.6, domain 2.9).

use std::collections::BTreeSet;

use omnihub::intake::{
    Attached, AttachmentLimits, Document, IntakeError, Policy, Update, UpdateDoor, update,
};
use omnihub_contract::{Personal, StatusWord};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::fixtures::{fixture, names};
use super::properties::{text, value};
use super::{check_told, decoded, unmeasured, with, without};

const CARD: &str = "4111111111111111";

/// Takes updates of a ticket of this customer's, which has so much attached.
struct Bench {
    customer: Personal,
    attached: Attached,
    policy: Policy,
}

impl Default for Bench {
    fn default() -> Self {
        let customer = "Jane Smith".into();
        Self { customer, attached: Attached::default(), policy: Policy::default() }
    }
}

impl Bench {
    fn take(&self, body: &[u8]) -> Result<Update, IntakeError> {
        let door = UpdateDoor {
            now: "2024-12-19T15:30:00Z".parse().unwrap(),
            id: "0193df2a-8a80-7000-8000-000000000002".to_owned(),
            author: &self.customer,
            attached: self.attached,
            policy: &self.policy,
        };
        update(&mut Document::parse(body)?, &door)
    }

    fn take_value(&self, body: &Value) -> Result<Update, IntakeError> {
        self.take(body.to_string().as_bytes())
    }
}

#[track_caller]
fn check(body: &Value, expected: &[(&str, &str)]) {
    check_told(Bench::default().take_value(body), expected, body);
}

#[track_caller]
fn words_of(bench: &Bench, body: &Value) -> (String, String) {
    match bench.take_value(body) {
        Ok(Update::Comment(comment)) => {
            (comment.content.reveal().to_owned(), comment.author.reveal().to_owned())
        }
        other => panic!("{other:?}"),
    }
}

fn comment() -> Value {
    json!({ "action": "ADD_COMMENT", "comment": "Still no answer" })
}

fn status(word: &str) -> Value {
    json!({ "action": "UPDATE_STATUS", "status": word })
}

fn files(contents: &[&str]) -> Value {
    let file = |content: &&str| json!({ "filename": "a.txt", "mimeType": "text/plain", "content": content });
    let files: Vec<Value> = contents.iter().map(file).collect();
    json!({ "action": "ADD_ATTACHMENT", "attachments": files })
}

#[test]
fn every_documented_update_is_taken() {
    let comment = |words: &str| {
        json!({
            "id": "0193df2a-8a80-7000-8000-000000000002", "content": words,
            "author": "Jane Smith", "is_from_support": false, "at": "2024-12-19T15:30:00Z"
        })
    };
    let expected = [
        (
            "add_comment.json",
            comment("I have restarted my phone and cleared all app data, but the issue persists."),
        ),
        (
            "add_comment_about_incident.json",
            comment("Customer provided additional information about the incident"),
        ),
        (
            "add_log_file.json",
            json!([{ "filename": "system_logs.txt", "mime_type": "text/plain", "size": 1024 }]),
        ),
        (
            "add_two_files.json",
            json!([
                { "filename": "additional_doc.pdf", "mime_type": "application/pdf", "size": 204_800 },
                { "filename": "photo.jpg", "mime_type": "image/jpeg", "size": 512_000 }
            ]),
        ),
        ("cancel.json", json!("CANCELLED")),
    ];
    let tested: BTreeSet<String> = expected.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names("update_ticket"), tested);
    for (name, expected) in expected {
        let body = fixture("update_ticket", name)["body"].take();
        let told = match Bench::default().take_value(&body).unwrap() {
            Update::Comment(comment) => serde_json::to_value(comment),
            Update::Status(word) => serde_json::to_value(word),
            Update::Attachments { attachments, contents } => {
                assert_eq!(contents.len(), attachments.len());
                Ok(unmeasured(serde_json::to_value(attachments).unwrap()))
            }
        };
        assert_eq!(told.unwrap(), expected, "{name}");
    }
}

#[test]
fn an_update_says_one_of_three_actions() {
    let actions = "Action must be one of ADD_COMMENT, UPDATE_STATUS, ADD_ATTACHMENT";
    check(&without(comment(), "action"), &[("action", "Action is required")]);
    check(&json!({}), &[("action", "Action is required")]);
    check(&with(comment(), "action", json!("ASSIGN")), &[("action", actions)]);
    check(&with(comment(), "action", json!("add_comment")), &[("action", actions)]);
    check(&with(comment(), "action", json!(1)), &[("action", "Action must be text")]);
}

#[test]
fn each_action_needs_its_member() {
    let required = [("comment", "Comment content is required")];
    for value in [json!(null), json!(""), json!(" \n ")] {
        check(&with(comment(), "comment", value), &required);
    }
    check(&without(status("PENDING"), "status"), &[("status", "Status is required")]);
    let required = [("attachments", "Attachments are required")];
    check(&without(files(&["QQ=="]), "attachments"), &required);
    check(&files(&[]), &required);
    // Another action's member does not do.
    let body = with(comment(), "action", json!("ADD_ATTACHMENT"));
    check(&body, &required);
}

#[test]
fn a_comment_is_text_within_limits() {
    check(&with(comment(), "comment", json!(7)), &[("comment", "Comment content must be text")]);
    check(&with(comment(), "comment", json!("é".repeat(10_000))), &[]);
    let long = [("comment", "Comment content is longer than 10000 characters")];
    check(&with(comment(), "comment", json!("é".repeat(10_001))), &long);
    let control = [("comment", "Comment content must not contain control characters")];
    check(&with(comment(), "comment", json!("a\u{0}b")), &control);
    check(&with(comment(), "comment", json!("two\r\n\tlines")), &[]);
}

#[test]
fn a_comment_is_the_customers_and_shows_no_card() {
    let body = with(comment(), "comment", json!(format!(" kartu {CARD} tertelan\n")));
    let kept = "kartu 411111******1111 tertelan".to_owned();
    assert_eq!(words_of(&Bench::default(), &body), (kept.clone(), "Jane Smith".to_owned()));
    let nameless = Bench { customer: " ".into(), ..Bench::default() };
    assert_eq!(words_of(&nameless, &body), (kept, "Customer".to_owned()));
}

#[test]
fn clients_may_cancel_and_park_and_nothing_else() {
    let listed = [("status", "Status must be one of CANCELLED, PENDING")];
    for word in StatusWord::WORDS {
        let is_taken = ["CANCELLED", "PENDING"].contains(word);
        check(&status(word), if is_taken { &[] } else { &listed });
    }
    check(&status("cancelled"), &listed);
    check(&with(status(""), "status", json!(5)), &[("status", "Status must be text")]);
}

#[test]
fn files_are_taken_as_at_the_create() {
    let Ok(Update::Attachments { attachments, contents }) =
        Bench::default().take_value(&files(&["+/+/QQ", "-_-_QQ=="]))
    else {
        panic!("it should be taken")
    };
    assert_eq!(decoded(contents), [[0xfb, 0xff, 0xbf, b'A'], [0xfb, 0xff, 0xbf, b'A']]);
    assert_eq!(attachments[0].size, 4);
    check(&files(&["A"]), &[("attachments[0].content", "Content must be base64")]);
    let no_list = with(files(&[]), "attachments", json!("x"));
    check(&no_list, &[("attachments", "Attachments must be a list")]);
}

#[test]
fn what_a_ticket_has_attached_already_counts() {
    let attachments = AttachmentLimits { count_max: 3, bytes_max: 6, ticket_bytes_max: 9 };
    let policy = Policy { attachments, ..Policy::default() };
    let mut bench = Bench { policy, ..Bench::default() };
    let told = |bench: &Bench, contents: &[&str], expected: &[(&str, &str)]| {
        check_told(bench.take_value(&files(contents)), expected, &json!(contents));
    };
    bench.attached = Attached { count: 1, bytes: 6 };
    told(&bench, &["QQ==", "QUI="], &[]);
    told(&bench, &["QQ==", "QQ==", "QQ=="], &[("attachments", "Attachments are more than 3")]);
    let together = [("attachments[1].content", "Attachments are larger than 9 bytes together")];
    told(&bench, &["QUJD", "QQ=="], &together);
    bench.attached = Attached { count: 4, bytes: usize::MAX };
    told(&bench, &["QQ=="], &[("attachments", "Attachments are more than 3")]);
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let body = json!({ "comment": 5, "integration": { "requestId": 1 } });
    let request_id = ("integration.requestId", "Request id must be text");
    check(&body, &[("action", "Action is required"), request_id]);
    let body = with(body, "action", json!("ADD_COMMENT"));
    check(&body, &[("comment", "Comment content must be text"), request_id]);
}

#[test]
fn nothing_that_was_sent_is_printed() {
    let taken =
        [comment(), files(&["UmFoYXNpYQ=="])].map(|body| Bench::default().take_value(&body));
    let shown = format!("{taken:?}");
    assert!(!shown.contains("answer") && !shown.contains("a.txt") && !shown.contains("82"));
    let wrong = json!({ "action": "Rahasia", "comment": "Rahasia\u{7}", "status": "Rahasia" });
    for action in ["Rahasia", "ADD_COMMENT", "UPDATE_STATUS"] {
        let error = Bench::default().take_value(&with(wrong.clone(), "action", json!(action)));
        assert!(!format!("{:?}", error.unwrap_err()).contains("Rahasia"));
    }
}

/// Bodies with an action that is known, and anything beside it.
fn bodies() -> impl Strategy<Value = Value> {
    let action = prop::sample::select(&["ADD_COMMENT", "UPDATE_STATUS", "ADD_ATTACHMENT"]);
    let member = || prop_oneof![value(), text().prop_map(Value::from)];
    (action, member(), member(), member()).prop_map(|(action, comment, status, attachments)| {
        json!({ "action": action, "comment": comment, "status": status, "attachments": attachments })
    })
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Bench::default().take(&body).is_err());
    }

    #[test]
    fn a_body_taken_twice_gives_the_same_update(body in bodies()) {
        let once = Bench::default().take_value(&body);
        prop_assert_eq!(once, Bench::default().take_value(&body));
    }

    #[test]
    fn what_was_taken_is_taken_again_unchanged(words in "\\PC{1,40}", card in any::<bool>()) {
        let sent = if card { format!("{words} {CARD}") } else { words };
        if let Ok(Update::Comment(taken)) = Bench::default().take_value(&with(comment(), "comment", json!(sent))) {
            let words = taken.content.reveal();
            prop_assert!(!words.contains(CARD));
            let again = words_of(&Bench::default(), &with(comment(), "comment", json!(words)));
            prop_assert_eq!(&again.0, words);
        }
    }
}
