//! What lines can say, each on a webhook's free `data`, where every type may stand.

use omnihub_contract::{Phone, Ticket};
use serde_json::{Value, json};

use super::catalogs::{compiled, file, shipped};
use super::samples::{bare_claim, receipts, with_facts};
use crate::mapping::Mappings;

/// A claim with something of everything.
pub(super) fn ticket() -> Ticket {
    let mut ticket = bare_claim();
    ticket.title = "Uang Hilang".into();
    let raw = "(0812) 3456-789".into();
    ticket.customer.phone = Some(Phone { e164: Some("+628123456789".into()), raw });
    let claim = ticket.claim.as_mut().unwrap();
    claim.card = Some("411111******1111".into());
    claim.occurred_at = Some("2024-12-19T16:30:00Z".parse().unwrap());
    claim.account_number = Some("0012".into());
    ticket.metadata = json!({"count": "12", "deep": {"rate": 1.5}, "list": [1], "blank": " ", "is_urgent": true, "date": "2024-12-19 23:30:00"})
        .as_object()
        .unwrap()
        .clone();
    ticket
}

/// A webhook's rule for claims with these lines, and this after the rule.
#[track_caller]
pub(super) fn webhook(lines: &str, rest: &str) -> Mappings {
    let head = "adapter = 'webhook'\n[[rule]]\nname = 'r'\non = 'ticket.created'\n\
                operation = 'send'\nwhen = { ticket.kind = 'claim' }\n[rule.fields]\n\
                url = { value = 'https://x.example' }\nevent = { value = 'E' }\n\
                ticketNumber = 'ticket.number'\ntimestamp = 'event.at | iso'\n";
    let files = [shipped().remove(0), file("webhook", &format!("{head}{lines}\n{rest}"))];
    compiled(&files, false).unwrap_or_else(|findings| panic!("{findings}"))
}

/// `data` of a webhook with these lines under `data`, and this after the rule.
#[track_caller]
pub(super) fn data(lines: &str, rest: &str) -> Value {
    let mappings = webhook(lines, rest);
    let mapped = with_facts(&ticket(), &receipts("0099"), |facts| {
        mappings.map(&"webhook".into(), "r", facts)
    });
    mapped.unwrap().remove("data").unwrap_or_default()
}

#[track_caller]
pub(super) fn check_line(line: &str, expected: impl Into<Value>) {
    assert_eq!(data(&format!("data.x = {line}"), "")["x"], expected.into(), "{line}");
}

#[test]
fn a_line_is_a_path_a_literal_a_choice_or_a_text() {
    check_line("'ticket.title'", json!("Uang Hilang"));
    check_line("{ value = 'ticket.title' }", json!("ticket.title"));
    check_line("{ value = ['a', 1] }", json!(["a", 1]));
    check_line("7", json!(7));
    check_line("true", json!(true));
    check_line("{ first = ['ticket.customer.email', 'ticket.title'] }", json!("Uang Hilang"));
    check_line("{ first = ['ticket.customer.email', { value = 'none' }] }", json!("none"));
    check_line(
        "{ text = '{{{ticket.claim.amount}}}: {ticket.title | upper}' }",
        json!("{500000}: UANG HILANG"),
    );
}

#[test]
fn otherwise_says_what_happens_without_a_value() {
    check_line("{ from = 'ticket.customer.email', otherwise = 'null' }", json!(null));
    check_line("{ from = 'ticket.customer.email', otherwise = { value = 'omit' } }", json!("omit"));
    check_line(
        "{ from = 'ticket.customer.email', otherwise = 'ticket.title' }",
        json!("Uang Hilang"),
    );
    check_line("{ from = 'ticket.customer.email', otherwise = 0 }", json!(0));
    check_line(
        "{ text = 'to {ticket.customer.email}', otherwise = { text = '#{ticket.number}' } }",
        json!("#9000000042"),
    );
    assert_eq!(
        data("data.x = { from = 'ticket.customer.email', otherwise = 'omit' }", ""),
        json!(null)
    );
}

#[test]
fn a_way_is_left_out_where_another_value_is_there() {
    check_line(
        "{ from = 'ticket.title', unless = 'ticket.customer.phone', otherwise = 'null' }",
        json!(null),
    );
    check_line(
        "{ from = 'ticket.title', unless = 'ticket.customer.email', otherwise = 'null' }",
        json!("Uang Hilang"),
    );
}

#[test]
fn metadata_has_no_type_until_a_line_gives_it_one() {
    let taken = |path: &str, how: &str| {
        format!("{{ from = 'ticket.metadata.{path}', as = '{how}', otherwise = 'null' }}")
    };
    check_line(&taken("count", "text"), json!("12"));
    check_line(&taken("count", "whole"), json!(12));
    check_line(&taken("deep.rate", "number"), json!(1.5));
    check_line(&taken("deep.rate", "whole"), json!(null));
    check_line(&taken("list", "text"), json!(null));
    check_line(&taken("blank", "text"), json!(null));
    check_line(&taken("missing", "text"), json!(null));
    check_line(
        "{ from = 'ticket.metadata', otherwise = 'omit' }",
        Value::Object(ticket().metadata),
    );
}

#[test]
fn transforms_do_what_their_names_say() {
    for (pipeline, expected) in [
        ("ticket.title | lower | truncate(4)", "uang"),
        ("ticket.title | last(6)", "Hilang"),
        ("ticket.title | extend(14, '.')", "Uang Hilang..."),
        ("ticket.customer.phone | local_phone", "08123456789"),
        ("ticket.customer.phone_raw | e164", "+628123456789"),
        ("ticket.customer.phone_raw | digits", "08123456789"),
        ("ticket.claim.card | mask_card", "****1111"),
        ("ticket.claim.occurred_at | iso", "2024-12-19T16:30:00Z"),
        ("ticket.claim.occurred_at | format('%d %B %Y')", "19 December 2024"),
        ("ticket.claim.medium | table(media)", "kode QR"),
        ("ticket.claim.amount | text", "500000"),
    ] {
        let line = format!("data.x = {{ from = \"{pipeline}\", otherwise = 'omit' }}");
        let tables = "[tables.media]\nQRIS = 'kode QR'\n";
        assert_eq!(data(&line, tables)["x"], json!(expected), "{pipeline}");
    }
}

#[test]
fn a_time_is_written_in_the_zone_that_its_line_names() {
    let line = "data.x = { from = 'ticket.claim.occurred_at', format = '%F %T', timezone = 'Asia/Makassar', otherwise = 'omit' }";
    assert_eq!(data(line, "")["x"], "2024-12-20 00:30:00");
}

#[test]
fn a_number_that_would_change_is_no_number() {
    check_line(
        "{ from = 'ticket.claim.account_number', as = 'number', otherwise = 'null' }",
        json!(null),
    );
    check_line(
        "{ from = 'receipts.helpdesk.ticketNumber', as = 'number', otherwise = 'null' }",
        json!(null),
    );
    check_line("'receipts.helpdesk.ticketNumber'", json!("0099"));
}

#[test]
fn dotted_names_may_be_quoted_nested_or_both() {
    let expected = json!({"a": {"b": 1, "c": 2}, "from": 3});
    assert_eq!(data("data.a.b = 1\n'data.a.c' = 2\n'data.from' = 3", ""), expected);
    assert_eq!(data("[rule.fields.data]\na.b = 1\n'a.c' = 2\n", "")["a"], expected["a"]);
    let line = "'data' = { from = 'ticket.metadata', otherwise = 'omit' }\n'data.count' = 1";
    assert_eq!(data(line, "")["count"], 1);
    assert_eq!(data(line, "")["list"], json!([1]));
}
