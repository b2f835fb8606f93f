//! The schemas beside the mapping files: that they are what the code gives, and what they catch.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::catalogs::{catalogs, shipped};
use super::validator::takes;
use crate::mapping::schemas;

#[test]
fn the_schemas_on_disk_are_those_that_the_code_makes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings/schema");
    for (adapter, schema) in schemas(&catalogs()) {
        let written = fs::read_to_string(folder.join(format!("{adapter}.json"))).unwrap();
        let made = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        assert!(written == made, "{adapter}: run `omnihub check --schema`");
    }
}

#[test]
fn every_shipped_file_names_its_schema_and_is_taken_by_it() {
    let schemas = schemas(&catalogs());
    for file in shipped() {
        let expected = format!("#:schema ./schema/{}.json", file.adapter);
        assert_eq!(file.text.lines().next(), Some(&*expected));
        let (_, schema) = schemas.iter().find(|(adapter, _)| *adapter == file.adapter).unwrap();
        let value: Value = toml::from_str(&file.text).unwrap();
        assert!(takes(schema, schema, &value), "{}", file.path);
    }
}

#[track_caller]
fn check_takes(rest: &str, expected: bool) {
    let head = "adapter = 'helpdesk'\n[[rule]]\nname = 'r'\non = 'ticket.created'\noperation = 'create_ticket'\n";
    let text = format!("{head}{rest}");
    let value: Value = toml::from_str(&text).unwrap_or_else(|error| panic!("{error}"));
    let (_, schema) = schemas(&catalogs()).remove(0);
    assert_eq!(takes(&schema, &schema, &value), expected, "{rest}");
}

#[test]
fn a_schema_takes_every_form_of_a_line() {
    for line in [
        "customer.name = 'ticket.customer.name'",
        "'customer.name' = 'ticket.customer.name'",
        "ticket.metadata.x = 7\n'ticket.metadata.a.b' = true",
        "ticket = { metadata = { from = 'ticket.metadata', otherwise = 'omit' } }",
        "attachments = ['ticket.kind', { a = 'ticket.kind', b.c = { value = 'x' } }]",
        "ticket.title = { first = ['ticket.category', { text = '{ticket.title}' }], when = { ticket.kind = 'claim' }, otherwise = { value = 'x' } }",
        "ticket.metadata.o = { object = { text = 'ticket.title' }, otherwise = 'null' }",
    ] {
        check_takes(&format!("[rule.fields]\n{line}"), true);
    }
    check_takes("when = { 'ticket.kind' = 'claim', ticket.claim.amount = { at_least = 1 } }", true);
    check_takes("when = { 'ticket.metadata.vip' = true, ticket.channel = ['CHAT'] }", true);
}

#[test]
fn a_schema_catches_what_is_misspelt() {
    for line in [
        "customer.nama = 'ticket.customer.name'",
        "'customer.nama' = 'ticket.customer.name'",
        "ticket.title = { form = 'ticket.title', otherwise = 'omit', from = 'ticket.title' }",
        "ticket.title = { from = 'ticket.title', as = 'integer' }",
    ] {
        check_takes(&format!("[rule.fields]\n{line}"), false);
    }
    for rest in [
        "when = { 'ticket.kind' = 'clam' }",
        "when = { 'ticket.kinds' = 'claim' }",
        "when = { 'ticket.claim.amount' = { least = 1 } }",
        "enable = true",
        "also = 'yes'",
        "[[inbound]]\nwhat = 'tickets'",
        "[[inbound]]\nwhat = 'ticket'\n[inbound.comment]\nauthor = 'said.currentAssignee'",
        "[tables.a]\nX = { value = 'x', loosy = true }",
    ] {
        check_takes(rest, false);
    }
}
