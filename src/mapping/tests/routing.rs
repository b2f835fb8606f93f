//! Which deliveries an event makes.

use omnihub_contract::{Channel, Event, EventKind, Priority, Source, Ticket};

use super::catalogs::{compiled, file, shipped, the_banks};
use super::samples::{bare_claim, bare_ticket, created};
use crate::mapping::{Mappings, WhyNot};

/// Rules of 3Dolphins' `ticket` with these conditions, named by their place.
fn rules(conditions: &[&str]) -> Mappings {
    let rule = |(at, when): (usize, &&str)| {
        format!(
            "[[rule]]\nname = \"{at}\"\non = \"ticket.created\"\nalso = true\noperation = \"ticket\"\n\
             when = {{ {when} }}\n[rule.fields]\nticketNumber = \"ticket.number\"\n"
        )
    };
    let text: String = conditions.iter().enumerate().map(rule).collect();
    let files = [file("dolphins", &format!("adapter = \"dolphins\"\n{text}"))];
    compiled(&files, false).unwrap_or_else(|findings| panic!("{findings}"))
}

#[track_caller]
fn check_matches(ticket: &Ticket, when: &str, expected: bool) {
    let routes = rules(&[when]).route(ticket, &created());
    assert_eq!(!routes.is_empty(), expected, "{when}");
}

#[test]
fn a_condition_asks_for_words_presence_and_limits() {
    let mut ticket = bare_claim();
    ticket.metadata.insert("urgent".into(), true.into());
    for (when, expected) in [
        ("'ticket.kind' = 'claim'", true),
        ("'ticket.kind' = 'ticket'", false),
        ("'ticket.channel' = ['EMAIL', 'WHATSAPP']", true),
        ("ticket.channel = 'EMAIL'", false),
        ("'ticket.channel' = { any_of = 'settings.link_channels' }", false),
        ("'ticket.claim' = { present = true }", true),
        ("'ticket.customer.email' = { present = true }", false),
        ("'ticket.customer.email' = { present = false }", true),
        ("'ticket.attachments' = { present = false }", true),
        ("'ticket.claim.amount' = { at_least = 500_000, below = 500_001 }", true),
        ("'ticket.claim.amount' = { below = 500_000 }", false),
        ("ticket.metadata.urgent = true", true),
        ("ticket.metadata.missing = 'x'", false),
        ("'ticket.kind' = 'claim', 'ticket.channel' = 'EMAIL'", false),
    ] {
        check_matches(&ticket, when, expected);
    }
    check_matches(&bare_ticket(), "'ticket.claim' = { present = true }", false);
}

#[test]
fn every_rule_that_matches_makes_a_delivery_in_the_order_of_the_file() {
    let mappings = rules(&["", "'ticket.kind' = 'claim'", "'ticket.kind' = 'ticket'"]);
    let names: Vec<String> = mappings
        .route(&bare_ticket(), &created())
        .iter()
        .map(|route| route.rule.to_string())
        .collect();
    assert_eq!(names, ["0", "2"]);
}

#[test]
fn a_change_is_never_told_to_the_system_that_it_came_from() {
    let mappings = rules(&[""]);
    let from = |adapter: &str| Event { source: Source::Adapter(adapter.into()), ..created() };
    assert_eq!(mappings.route(&bare_ticket(), &from("dolphins")).len(), 0);
    assert_eq!(mappings.route(&bare_ticket(), &from("helpdesk")).len(), 1);
}

#[test]
fn a_rule_that_is_switched_off_makes_no_delivery_but_in_the_sandbox() {
    let call = Ticket { priority: Priority::Low, ..bare_ticket() };
    let count = |switched_off_rules| {
        compiled(&the_banks(), switched_off_rules).unwrap().route(&call, &created()).len()
    };
    assert_eq!((count(false), count(true)), (1, 2));
}

#[test]
fn the_digest_follows_what_can_change_a_payload() {
    let digest = |files: &[_], switched_off_rules| {
        compiled(files, switched_off_rules).unwrap().digest().to_owned()
    };
    let before = digest(&shipped(), false);
    assert_eq!(before.len(), 64);
    assert_eq!(digest(&shipped(), false), before);
    assert_ne!(digest(&shipped(), true), before);
    let mut files = shipped();
    files[0].text.push_str("# changed\n");
    assert_ne!(digest(&files, false), before);
    let mut files = shipped();
    files[0].path.push_str(".moved");
    assert_eq!(digest(&files, false), before);
}

#[test]
fn a_rule_says_what_it_waits_for_and_what_it_may_refuse() {
    let mappings = compiled(&shipped(), false).unwrap();
    let rule = mappings.rules().find(|rule| rule.operation.name == "create_helpdesk").unwrap();
    let needs: Vec<String> = rule.needs.iter().map(ToString::to_string).collect();
    assert_eq!(needs, ["helpdesk.ticketNumber"]);
    assert_eq!((rule.file, rule.line, rule.enabled), ("mappings/sociomile.toml", 8, true));
    let refusing: Vec<&str> = rule.may_refuse.iter().map(|line| &*line.field).collect();
    assert_eq!(refusing, ["nomorTicketHelpdesk", "noRegPengaduanCabang"]);
    assert_eq!(mappings.rules().filter(|rule| !rule.enabled).count(), 9);
}

#[track_caller]
fn check_why(mappings: &Mappings, event: &Event, expected: &[&str]) {
    let whys = mappings.why_not(&bare_claim(), event);
    let told: Vec<String> = whys.iter().map(|(_, why)| why.to_string()).collect();
    assert_eq!(told, expected);
}

#[test]
fn a_rule_that_makes_no_delivery_says_what_stands_in_its_way() {
    let whens = [
        "'ticket.kind' = 'claim'",
        "'ticket.channel' = ['SMS', 'EMAIL'], 'ticket.kind' = 'ticket'",
        "'ticket.customer.email' = { present = true }",
        "'ticket.customer.name' = { present = false }",
        "'ticket.claim.amount' = { at_least = 1_000_000 }",
        "'ticket.claim.amount' = { below = 100 }",
        "'ticket.metadata.vip' = true",
        "'ticket.channel' = { any_of = 'settings.link_channels' }",
    ];
    let expected = [
        "ticket.channel should be one of EMAIL, SMS, and is \"WHATSAPP\"",
        "ticket.customer.email should be there, and is absent",
        "ticket.customer.name should be absent, and is \"Budi Contoh\"",
        "ticket.claim.amount should be at least 1000000, and is 500000",
        "ticket.claim.amount should be below 100, and is 500000",
        "ticket.metadata.vip should be true, and is absent",
        "ticket.channel should be CHAT, and is \"WHATSAPP\"",
    ];
    let mappings = rules(&whens);
    check_why(&mappings, &created(), &expected);
    assert_eq!(mappings.route(&bare_claim(), &created()).len(), 1);
    let from_there = Event { source: Source::Adapter("dolphins".into()), ..created() };
    check_why(&mappings, &from_there, &[&["the change came from there"], &expected[..]].concat());
    let later = Event { kind: EventKind::TicketCommented, ..created() };
    check_why(&mappings, &later, &["it is for ticket.created"; 8]);
    let off = compiled(&shipped(), false).unwrap();
    let voice = Ticket { channel: Channel::Email, ..bare_ticket() };
    let whys = off.why_not(&voice, &created());
    let is_off = |(rule, why): &(_, WhyNot)| -> bool {
        let rule: &crate::mapping::RuleSummary<'_> = rule;
        &**rule.name == "every other channel as voice" && *why == WhyNot::SwitchedOff
    };
    assert!(whys.iter().any(is_off), "{whys:?}");
}
