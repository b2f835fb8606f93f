use serde_json::json;

use super::*;

const WORDS: &str = "Still no answer";

/// What the detail says, at 10:30, of a comment in these words; the comments are of 10 o'clock and so
/// many minutes.
#[track_caller]
fn check(shown: &[(i64, &str)], expected: &LookUp) {
    let at =
        |minute: i64| -> Timestamp { format!("2024-12-19T10:{minute:02}:00Z").parse().unwrap() };
    let shown: Vec<Value> = shown
        .iter()
        .map(|(minute, content)| json!({"content": content, "timestamp": at(*minute)}))
        .collect();
    assert_eq!(among(&shown, WORDS, at(30)), *expected, "{shown:?}");
}

fn found() -> LookUp {
    LookUp::Found(Receipt::default())
}

#[test]
fn the_same_words_after_the_clients_are_the_comment() {
    let ours = "[Via Omnichannel] Still no answer";
    check(&[(30, ours)], &found());
    check(&[(31, "Please wait"), (30, ours), (10, ours)], &found());
}

#[test]
fn the_same_words_before_it_are_an_earlier_comment() {
    let ours = "[Via Omnichannel] Still no answer";
    check(&[(10, ours)], &LookUp::Absent);
    // The helpdesk's clock may be behind.
    check(&[(27, ours)], &LookUp::CannotSay);
}

#[test]
fn words_that_only_hold_it_decide_nothing() {
    check(&[(31, "Still no answer")], &LookUp::CannotSay);
    check(&[(31, "[Via Omnichannel] Still no answer!")], &LookUp::CannotSay);
    check(&[(10, "Still no answer")], &LookUp::Absent);
}

#[test]
fn newer_comments_may_have_taken_its_place() {
    let other = |minute| (minute, "Please wait");
    check(&[], &LookUp::Absent);
    check(&[31, 32, 33, 34].map(other), &LookUp::Absent);
    check(&[31, 32, 33, 34, 35].map(other), &LookUp::CannotSay);
    check(&[10, 32, 33, 34, 35].map(other), &LookUp::Absent);
}
