//! Lists and objects inside lines, lines with conditions, groups of lines, and bodies that no
//! document fixes.

use omnihub_contract::{Effect, Field, Operation, Repeat};
use serde_json::{Map, Value, json};

use super::language::{check_line, data, ticket};
use super::samples::{receipts, with_facts};
use crate::mapping::{Catalog, CompileOptions, MapFailure, MappingFile, Mappings, compile};

#[test]
fn a_list_holds_lines_and_leaves_out_what_has_no_value() {
    check_line("['ticket.number', { value = 'x' }, 3]", json!(["9000000042", "x", 3]));
    check_line(
        "['ticket.kind', { from = 'ticket.customer.email', otherwise = 'omit' }, { from = 'ticket.category', otherwise = 'null' }]",
        json!(["claim", null]),
    );
    check_line(
        "{ all = [{ from = 'ticket.customer.email', otherwise = 'omit' }], otherwise = 'null' }",
        json!(null),
    );
    check_line("[['ticket.kind'], [1, 2]]", json!([["claim"], [1, 2]]));
}

#[test]
fn an_object_inside_a_list_or_a_line_is_made_of_lines() {
    check_line(
        "[{ label = 'ticket.title', on.kind = 'ticket.kind' }, { label = { value = 'b' } }]",
        json!([{"label": "Uang Hilang", "on": {"kind": "claim"}}, {"label": "b"}]),
    );
    check_line(
        "{ object = { text = 'ticket.title', 'from' = { value = 'hub' } } }",
        json!({"text": "Uang Hilang", "from": "hub"}),
    );
    check_line(
        "{ first = [{ object = { mail = { from = 'ticket.customer.email', otherwise = 'omit' } } }, { object = { none = true } }] }",
        json!({"none": true}),
    );
}

#[test]
fn tables_of_toml_are_lists_of_objects_too() {
    let lines = "[[rule.fields.data.x]]\nname = 'ticket.title'\n[[rule.fields.data.x]]\nname = { value = 'b' }\nat.day = 1\n";
    let expected = json!([{"name": "Uang Hilang"}, {"name": "b", "at": {"day": 1}}]);
    assert_eq!(data(lines, "")["x"], expected);
}

#[test]
fn a_line_may_have_conditions_of_its_own_and_they_prove_what_they_ask_for() {
    check_line(
        "{ from = 'ticket.claim.card', when = { 'ticket.claim.card' = { present = true } }, otherwise = 'omit' }",
        json!("411111******1111"),
    );
    check_line(
        "{ from = 'ticket.claim.amount', when = { 'ticket.claim.amount' = { below = 1000 } }, otherwise = 'null' }",
        json!(null),
    );
    check_line(
        "{ first = ['ticket.title'], when = { 'status.canonical' = 'CLOSED' }, otherwise = { value = 'open' } }",
        json!("open"),
    );
    check_line(
        "{ first = [{ value = 'big', when = { 'ticket.claim.amount' = { at_least = 500_000 } } }, { value = 'small' }] }",
        json!("big"),
    );
    check_line(
        "{ value = 'many', when = { 'ticket.metadata.count' = { at_least = 12 } }, otherwise = 'null' }",
        json!("many"),
    );
}

#[test]
fn what_metadata_is_comes_before_what_is_done_to_it() {
    check_line(
        "{ from = 'ticket.metadata.date', as = 'time', format = '%d.%m. %H:%M', timezone = 'UTC', otherwise = 'omit' }",
        json!("19.12. 23:30"),
    );
    check_line(
        "{ from = 'ticket.metadata.date', as = 'time', format = '%FT%T%:z', timezone = 'Asia/Makassar', otherwise = 'omit' }",
        json!("2024-12-19T23:30:00+08:00"),
    );
    check_line(
        "{ from = 'ticket.metadata.is_urgent', as = 'flag', otherwise = false }",
        json!(true),
    );
    check_line("{ from = 'ticket.metadata.list', as = 'list', otherwise = 'null' }", json!([1]));
    check_line(
        "{ from = 'ticket.metadata.deep', as = 'object', otherwise = 'null' }",
        json!({"rate": 1.5}),
    );
    let line = "data.x = { from = 'ticket.metadata.count', as = 'text', table = 'counts', otherwise = 'omit' }";
    assert_eq!(data(line, "[tables.counts]\n12 = 'a dozen'\n")["x"], "a dozen");
}

#[test]
fn rules_share_groups_of_fields_and_their_own_lines_win() {
    let rest = "[[rule]]\nname = 'grouped'\non = 'ticket.created'\noperation = 'send'\nalso = true\n\
                groups = ['head', 'more']\n[rule.fields]\ndata.note = { value = 'own' }\n\
                [groups.head]\nurl = { value = 'https://x.example' }\nevent = { value = 'E' }\n\
                ticketNumber = 'ticket.number'\ntimestamp = 'event.at | iso'\n\
                [groups.more.data]\nnote = { value = 'shared' }\nkind = 'ticket.kind'\n";
    let mappings = super::language::webhook("", rest);
    let mapped = with_facts(&ticket(), &receipts("1"), |facts| {
        mappings.map(&"webhook".into(), "grouped", facts)
    });
    assert_eq!(mapped.unwrap()["data"], json!({"note": "own", "kind": "claim"}));
}

/// As 3Dolphins prints "Update Ticket": a PUT whose body no document says (contract D9).
static OPEN: &[Operation] = &[Operation {
    name: "update",
    method: "PUT",
    path: "/update",
    fields: &[Field::text("ticketNumber").mandatory(), Field::others()],
    gives: &[],
    repeat: Repeat::Safe,
    effect: Effect::Change,
}];

fn open(lines: &str) -> Result<Mappings, String> {
    let head = "adapter = 'open'\n[[rule]]\nname = 'r'\non = 'ticket.created'\noperation = 'update'\n[rule.fields]\n";
    let file = MappingFile {
        adapter: "open".into(),
        path: "open.toml".to_owned(),
        text: format!("{head}{lines}"),
    };
    let settings = Map::new();
    let catalog = Catalog { adapter: "open".into(), operations: OPEN, incoming: &[], settings };
    compile(&[file], &[catalog], CompileOptions::default()).map_err(|found| found.to_string())
}

#[test]
fn a_body_that_no_document_fixes_takes_any_member_and_still_its_own_fields() {
    let lines = "ticketNumber = 'ticket.number'\nteamMember.id = { value = 'A-1' }\n\
                 tags = ['ticket.kind']\nbuttons = [{ label = 'ticket.title' }]";
    let mapped: Result<Map<String, Value>, MapFailure> =
        with_facts(&ticket(), &receipts("1"), |facts| {
            open(lines).unwrap().map(&"open".into(), "r", facts)
        });
    let expected = json!({
        "ticketNumber": "9000000042", "teamMember": {"id": "A-1"}, "tags": ["claim"],
        "buttons": [{"label": "Uang Hilang"}],
    });
    assert_eq!(mapped.map(Value::Object), Ok(expected));
    let missing = open("teamMember.id = 'ticket.number'").unwrap_err();
    assert!(missing.contains("does not fill the mandatory field `ticketNumber`"), "{missing}");
    let wrong = open("ticketNumber = 7").unwrap_err();
    assert!(wrong.contains("`ticketNumber` takes text"), "{wrong}");
}
