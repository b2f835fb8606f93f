//! Explanations: the same payload, and where each field came from.

use serde_json::json;

use super::catalogs::{compiled, shipped};
use super::language::webhook;
use super::samples::{bare_claim, created, receipts, told, with_facts};
use crate::mapping::{LineStep, MapFailure};

#[test]
fn an_explanation_has_the_payload_and_every_step_to_it() {
    let lines = "data.name = \"ticket.customer.name | upper | truncate(4)\"\n\
                 data.mail = { first = ['ticket.customer.email', { value = 'none' }] }\n\
                 data.list = ['ticket.kind', { from = 'ticket.category', otherwise = 'omit' }]\n\
                 data.skip = { value = 1, when = { 'ticket.channel' = 'EMAIL' }, otherwise = 'null' }";
    let mappings = webhook(lines, "");
    let (explained, mapped) = with_facts(&bare_claim(), &told(), |facts| {
        let adapter = "webhook".into();
        (mappings.explain(&adapter, "r", facts).unwrap(), mappings.map(&adapter, "r", facts))
    });
    assert_eq!(explained.payload, mapped);
    assert_eq!(explained.file, "mappings/webhook.toml");
    let line = |field: &str| explained.lines.iter().find(|line| line.field == field).unwrap();
    let name = line("data.name");
    assert_eq!((name.value.clone(), name.is_personal), (Some(json!("BUDI")), true));
    let read = |path: &str, value| LineStep::Read { path: path.to_owned(), value };
    let transform = |transform: &str, value| LineStep::Transform {
        transform: transform.to_owned(),
        value: Some(value),
    };
    let expected = [
        read("ticket.customer.name", Some(json!("Budi Contoh"))),
        transform("upper", json!("BUDI CONTOH")),
        transform("truncate(4)", json!("BUDI")),
    ];
    assert_eq!(name.steps, expected);
    let expected = [read("ticket.customer.email", None), read("", Some(json!("none")))];
    assert_eq!((&line("data.mail").steps[..], line("data.mail").line), (&expected[..], 13));
    assert_eq!(line("data.list").value, Some(json!(["claim"])));
    assert_eq!(line("data.list[1]").steps[1], LineStep::Otherwise { word: "omit" });
    let expected = LineStep::Closed { path: "ticket.channel".to_owned() };
    assert_eq!(line("data.skip").steps[0], expected);
    assert!(!line("ticketNumber").is_personal);
}

#[test]
fn every_line_is_explained_although_one_refuses_or_waits() {
    let mappings = compiled(&shipped(), false).unwrap();
    let rule = "disputed transaction to the complaint desk";
    let explain = |receipts| {
        with_facts(&bare_claim(), &receipts, |facts| {
            mappings.explain(&"sociomile".into(), rule, facts).unwrap()
        })
    };
    let refused = explain(receipts("INC-1"));
    assert!(matches!(refused.payload, Err(MapFailure::Refused { .. })));
    let number = refused.lines.iter().find(|line| line.field == "nomorTicketHelpdesk").unwrap();
    assert_eq!(number.steps.last(), Some(&LineStep::Otherwise { word: "refuse" }));
    let waits = explain(told());
    assert!(matches!(waits.payload, Err(MapFailure::Waits(_))));
    assert_eq!(waits.lines.len(), refused.lines.len());
}

#[test]
fn a_payload_of_the_shipped_files_is_explained_in_full() {
    let mappings = compiled(&shipped(), true).unwrap();
    for route in mappings.route(&bare_claim(), &created()) {
        let explained = with_facts(&bare_claim(), &receipts("1446"), |facts| {
            mappings.explain(&route.adapter, &route.rule, facts).unwrap()
        });
        let payload = explained.payload.unwrap();
        for name in payload.keys() {
            let has_line = |line: &crate::mapping::Line| {
                line.field == *name || line.field.starts_with(&format!("{name}."))
            };
            assert!(explained.lines.iter().any(has_line), "{name}");
        }
    }
}
