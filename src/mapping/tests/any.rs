//! Any mapping that is checked: it never fails while it runs, but at a line that says `refuse`, and
//! what it gives is what the operation's table of fields asks for.

use omnihub_contract::{Event, EventKind, Field, FieldKind, Operation, Status, StatusWord, Ticket};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::catalogs::{compiled, file, shipped};
use super::faults::faults;
use super::samples::{created, receipts, tickets};
use super::updates::{attached, changed_to, commented};
use crate::adapters::KNOWN;
use crate::mapping::val::Ty;
use crate::mapping::{Facts, MapFailure, Mappings, Severity, codes, path};

/// Tables that lines may use: one has every priority, the other is not whole.
const TABLES: &str = "[tables.whole]\nLOW = 'l'\nMEDIUM = 'm'\nHIGH = 'h'\nURGENT = 'u'\n\
                      CRITICAL = 'c'\n[tables.part]\nclaim = 'c'\nCLAIM = 'c'\nCHAT = 'x'\n";

type Texts = BoxedStrategy<String>;

fn one_of(texts: &[&str]) -> Texts {
    select(texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>()).boxed()
}

/// Paths of that type which a rule on the event can read.
fn paths(ty: Ty, on: EventKind) -> Texts {
    let rows = path::ROWS.iter().filter(|row| row.ty == ty && row.of.is_none_or(|of| of == on));
    one_of(&rows.map(|row| row.name).collect::<Vec<_>>())
}

/// `path | transform`, most often of the kind.
fn piped(kind: FieldKind, on: EventKind) -> Texts {
    let with = |paths: Texts, transforms: &[&str]| {
        (paths, one_of(transforms)).prop_map(|(path, transforms)| path + &transforms).boxed()
    };
    let metadata =
        one_of(&["ticket.metadata.note", "ticket.metadata.claimAmount", "ticket.metadata.a.b"]);
    let receipts = one_of(&["receipts.helpdesk.ticketNumber", "receipts.hub.number"]);
    let text = [
        "",
        "",
        "",
        " | upper",
        " | trim",
        " | truncate(5)",
        " | last(3)",
        " | extend(9, '.')",
        " | digits",
        " | e164",
        " | local_phone",
        " | mask_card",
        " | time | iso",
        " | table(part)",
        " | lower | digits | truncate(3)",
    ];
    match kind {
        FieldKind::Text => prop_oneof![
            8 => with(paths(Ty::Text, on), &text),
            1 => with(Just("ticket.priority".to_owned()).boxed(), &[" | table(whole)", " | table(part)"]),
            2 => with(paths(Ty::Time, on), &[" | iso", " | format('%F')"]),
            1 => with(paths(Ty::Whole, on), &[" | text"]),
            1 => with(metadata, &[" | text", " | text | upper"]),
            1 => with(receipts, &text),
        ]
        .boxed(),
        FieldKind::Number => prop_oneof![
            3 => paths(Ty::Whole, on),
            3 => with(paths(Ty::Text, on), &[" | number", " | whole", " | digits | number"]),
            1 => with(metadata, &[" | number", " | whole"]),
            1 => with(receipts, &[" | number"]),
        ]
        .boxed(),
        FieldKind::Flag => with(metadata, &[" | flag"]),
        FieldKind::Object => prop_oneof![paths(Ty::Object, on), with(metadata, &[" | object"])].boxed(),
        FieldKind::List => with(metadata, &[" | list"]),
    }
}

fn conditions(on: EventKind) -> Texts {
    let asked = (paths(Ty::Text, on), one_of(&["{ present = true }", "{ present = false }"]))
        .prop_map(|(path, test)| format!("'{path}' = {test}"));
    let likely = one_of(&[
        "'ticket.kind' = 'claim'",
        "'ticket.kind' = 'ticket'",
        "'ticket.priority' = ['HIGH', 'LOW']",
        "'ticket.customer.email' = { present = true }",
        "'ticket.claim.amount' = { at_least = 9 }",
        "'ticket.claim' = { present = false }",
        "'ticket.claim.amount' = { below = 500_000_000 }",
        "'ticket.metadata.claimAmount' = { at_least = 1000 }",
    ]);
    prop_oneof![1 => asked, 4 => likely].boxed()
}

/// What always stands for itself in a field of that kind.
fn fitting(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Text => "{ value = 'x' }",
        FieldKind::Number => "7",
        FieldKind::Flag => "true",
        FieldKind::Object => "{ value = { a = 1 } }",
        FieldKind::List => "[1]",
    }
}

/// A way to a value of that kind, written in one line.
fn ways(kind: FieldKind, on: EventKind) -> Texts {
    let piped = piped(kind, on).prop_map(|pipe| format!("\"{pipe}\"")).boxed();
    let beside = one_of(&[
        "wait = false",
        "unless = 'ticket.customer.email'",
        "unless = 'ticket.title'",
        "when = { 'status.canonical' = 'OPEN' }",
        "when = { 'event.kind' = 'ticket.created' }",
    ]);
    let plain = prop_oneof![
        4 => piped.clone(),
        1 => Just(fitting(kind).to_owned()),
        2 => (piped.clone(), beside).prop_map(|(from, beside)| format!("{{ from = {from}, {beside} }}")),
        2 => (piped, conditions(on)).prop_map(|(from, when)| format!("{{ from = {from}, when = {{ {when} }} }}")),
    ];
    let texts = self::piped(FieldKind::Text, on)
        .prop_map(|pipe| format!("{{ text = \"No. {{{pipe}}}\" }}"));
    match kind {
        FieldKind::Text => prop_oneof![4 => plain, 1 => texts].boxed(),
        _ => plain.boxed(),
    }
}

/// A line for a field of that kind.
fn lines(kind: FieldKind, on: EventKind) -> Texts {
    let otherwise = prop_oneof![
        3 => one_of(&["'omit'", "'null'", "'refuse'"]),
        3 => Just(fitting(kind).to_owned()),
        1 => ways(kind, on),
    ]
    .boxed();
    let first = (prop::collection::vec(ways(kind, on), 1..4), otherwise.clone()).prop_map(
        |(ways, last)| format!("{{ first = [{}], otherwise = {last} }}", ways.join(", ")),
    );
    let plain = prop_oneof![1 => ways(kind, on), 5 => first].boxed();
    let inner = || {
        let text = ways(FieldKind::Text, on);
        (text, one_of(&["'omit'", "'refuse'", "'ticket.number'"]))
            .prop_map(|(way, last)| format!("{{ first = [{way}], otherwise = {last} }}"))
    };
    let list = (inner(), inner(), otherwise.clone()).prop_map(|(one, other, last)| {
        format!("{{ all = [{one}, {{ object = {{ a.b = {other} }} }}], otherwise = {last} }}")
    });
    let object = (inner(), inner(), otherwise).prop_map(|(one, other, last)| {
        format!("{{ object = {{ a = {one}, b = [{other}, 1] }}, otherwise = {last} }}")
    });
    match kind {
        FieldKind::List => prop_oneof![1 => plain, 3 => list].boxed(),
        FieldKind::Object => prop_oneof![1 => plain, 3 => object].boxed(),
        _ => plain,
    }
}

/// A rule that may be wrong, and what it is for.
#[derive(Debug)]
struct Written {
    adapter: &'static str,
    event: Event,
    head: String,
    lines: Vec<(&'static Field, String)>,
}

/// An operation of any adapter but the helpdesk, whose receipts the lines wait for.
fn operations() -> impl Strategy<Value = (&'static str, &'static Operation)> {
    let told = KNOWN.iter().filter(|known| known.name != "helpdesk");
    let all = told.flat_map(|known| known.operations.iter().map(|row| (known.name, row)));
    select(all.collect::<Vec<_>>())
}

fn events() -> impl Strategy<Value = Event> {
    let changed = select(StatusWord::WORDS).prop_map(changed_to);
    prop_oneof![4 => Just(created()), 1 => Just(commented()), 1 => changed, 1 => Just(attached())]
}

fn rules() -> impl Strategy<Value = Written> {
    (operations(), events()).prop_flat_map(|((adapter, operation), event)| {
        let on = event.kind;
        let lines: Vec<_> =
            operation.fields.iter().map(|field| (Just(field), lines(field.kind, on))).collect();
        (lines, prop::collection::vec(conditions(on), 0..2)).prop_map(move |(lines, when)| {
            let head = format!(
                "adapter = '{adapter}'\n[[rule]]\nname = 'r'\non = '{}'\nwhen = {{ {} }}\n\
                 operation = '{}'\n[rule.fields]\n",
                on.as_str(),
                when.join(", "),
                operation.name
            );
            Written { adapter, event: event.clone(), head, lines }
        })
    })
}

/// Mends a rule until it is taken: a line with an error becomes a literal. One whose head has an error
/// is given up.
fn checked(written: &mut Written) -> Option<Mappings> {
    let head_lines = written.head.lines().count();
    for _ in 0..3 {
        let lines: String = written
            .lines
            .iter()
            .map(|(field, line)| format!("'{}' = {line}\n", field.name))
            .collect();
        let mut files = shipped();
        files.retain(|file| file.adapter.as_str() == "helpdesk");
        files.push(file(written.adapter, &format!("{}{lines}{TABLES}", written.head)));
        let findings = match compiled(&files, false) {
            Ok(mappings) => return Some(mappings),
            Err(findings) => findings,
        };
        for finding in findings.iter().filter(|finding| finding.severity == Severity::Error) {
            let at = finding.line.checked_sub(head_lines + 1)?;
            let (field, line) = written.lines.get_mut(at)?;
            *line = fitting(field.kind).to_owned();
        }
    }
    panic!("{written:?}: a rule of nothing but literals is not taken")
}

fn check(mappings: &Mappings, adapter: &str, facts: &Facts<'_>) -> Result<(), TestCaseError> {
    let adapter = adapter.into();
    let rule = mappings.rules().find(|rule| *rule.adapter == adapter).unwrap();
    let mapped = mappings.map(&adapter, "r", facts);
    match &mapped {
        Ok(payload) => {
            prop_assert_eq!(faults(rule.operation.fields, payload), Vec::<String>::new());
        }
        Err(MapFailure::Refused { code, message }) => {
            prop_assert_ne!(*code, codes::BROKEN_PROMISE, "{}", message);
            let says = |field: &str| message.contains(&format!("`{field}`"));
            prop_assert!(rule.may_refuse.iter().any(|line| says(&line.field)), "{}", message);
        }
        Err(other) => return Err(TestCaseError::fail(other.to_string())),
    }
    let explained = mappings.explain(&adapter, "r", facts).unwrap();
    prop_assert_eq!(explained.payload, mapped);
    Ok(())
}

proptest! {
    #[test]
    fn whatever_is_checked_gives_what_the_fields_ask_for_and_fails_only_where_it_says_so(
        written in rules(),
        some in prop::collection::vec(tickets(), 4),
    ) {
        let mut written = written;
        let Some(mappings) = checked(&mut written) else { return Ok(()) };
        let Written { adapter, event, .. } = written;
        let files: &[Value] = &[json!({"filename": "a.txt", "content": "aGFsbw=="})];
        let (status, receipts) = (Status::open(), receipts("1446"));
        let matches = |ticket: &&Ticket| {
            mappings.route(ticket, &event).iter().any(|route| route.adapter.as_str() == adapter)
        };
        for ticket in some.iter().filter(matches) {
            let (event, status, receipts) = (&event, &status, &receipts);
            let has_files = !ticket.attachments.is_empty() || !event.attachments.is_empty();
            let attachments = if has_files { files } else { &[] };
            check(&mappings, adapter, &Facts { ticket, event, status, receipts, attachments })?;
        }
    }
}
