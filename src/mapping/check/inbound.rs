//! `[[inbound]]`: how what a system says becomes a status, an assignee and comments.

use omnihub_contract::{Field, Incoming, StatusWord};
use serde_json::Value;
use toml::de::DeTable;

use super::super::codes;
use super::super::inbound::{CommentLines, Section};
use super::super::near::suggestion;
use super::super::report::{Report, Span, issue};
use super::super::step::{Make, Operand, Plan, Source as ValueSource, Term};
use super::super::val::Ty;
use super::document;
use super::fields::{self, Slot};
use super::file::{Scope, Source};
use super::line::Line;
use super::operand::{Gathered, Reader};
use super::resolve::Site;

const KEYS: &[&str] = &["what", "status", "assignee", "priority", "created_at", "comment"];

/// What a comment is made of. `at` takes a time in any form that systems write.
static COMMENT: &[Field] = &[
    Field::text("id"),
    Field::text("content").mandatory(),
    Field::text("author"),
    Field::flag("is_from_support"),
];

/// The keys of `[inbound.comment]`.
pub(in crate::mapping) const COMMENT_KEYS: &[&str] =
    &["each", "id", "content", "author", "at", "is_from_support"];

/// Reads and checks the sections of a file.
pub(super) fn read(
    source: &Source<'_>,
    scope: &Scope<'_>,
    sections: &[(Span, &DeTable<'_>)],
    report: &mut Report<'_>,
) -> Vec<Section> {
    let mut read: Vec<Section> = Vec::new();
    for (span, table) in sections {
        document::check_keys(report, table, KEYS, "`[[inbound]]`");
        let Some(incoming) = what(scope, span, table, report) else { continue };
        if read.iter().any(|earlier| *earlier.what == *incoming.name) {
            let message = format!("`{}` is read twice", incoming.name);
            report.add(issue(codes::DUPLICATE, span, message));
            continue;
        }
        read.extend(section(source, scope, (incoming, span, table), report));
    }
    read
}

fn what(
    scope: &Scope<'_>,
    span: &Span,
    table: &DeTable<'_>,
    report: &mut Report<'_>,
) -> Option<&'static Incoming> {
    let Some((_, item)) = document::entry(table, "what") else {
        report.add(issue(codes::FORM, span, "this section needs the key `what`"));
        return None;
    };
    let name = document::text(report, item, "`what`")?;
    let catalog = scope.catalog;
    let found = catalog.incoming.iter().find(|incoming| incoming.name == name);
    if found.is_none() {
        let known = catalog.incoming.iter().map(|incoming| incoming.name);
        let message = format!("{} tells nothing that is called `{name}`", catalog.adapter);
        let help = suggestion(name, known);
        report.add(issue(codes::UNKNOWN_INCOMING, &item.span(), message).help(help));
    }
    found
}

fn section(
    source: &Source<'_>,
    scope: &Scope<'_>,
    (incoming, span, table): (&'static Incoming, &Span, &DeTable<'_>),
    report: &mut Report<'_>,
) -> Option<Section> {
    let mut gathered = Gathered::default();
    let site = Site::Incoming(incoming, None);
    let mut reader =
        Reader { scope, site, conditions: Vec::new(), gathered: &mut gathered, report };
    let zone = reader.default_zone(span)?;
    let status = document::entry(table, "status").and_then(|(_, item)| {
        let keys = item.get_ref().as_table();
        if let Some((at, _)) = keys.and_then(|keys| document::entry(keys, "otherwise")) {
            let message = "a status that is said takes no `otherwise`";
            let why = "a word that its table does not know becomes a finding on the ticket, so that a person sees it";
            reader.report.add(issue(codes::FORM, &at, message).why(why));
            return None;
        }
        let plan = Line::of("status", Slot::Field(&STATUS), reader.inner()).plan(item)?;
        check_status(&mut reader, &plan, &item.span());
        Some(plan)
    });
    let mut word = |field: &'static Field| {
        let (_, item) = document::entry(table, field.name)?;
        Line::of(field.name, Slot::Field(field), reader.inner()).plan(item)
    };
    let (assignee, priority, created_at) = (word(&ASSIGNEE), word(&PRIORITY), word(&CREATED_AT));
    let comment = document::entry(table, "comment").and_then(|(_, item)| {
        let lines = document::table(reader.report, item, "`comment`")?;
        comment(&mut reader, incoming, lines, &item.span())
    });
    if KEYS.iter().skip(1).all(|key| !table.contains_key(*key)) {
        let message = "this section reads nothing: it has neither `status` nor `comment`";
        reader.report.add(issue(codes::NO_EFFECT, span, message).warning());
    }
    let adapter = source.file.adapter.clone();
    let what = incoming.name.into();
    Some(Section { adapter, what, status, assignee, priority, created_at, comment, zone })
}

static STATUS: Field = Field::text("status").mandatory();
static ASSIGNEE: Field = Field::text("assignee");
static PRIORITY: Field = Field::text("priority");
static CREATED_AT: Field = Field::text("created_at");

/// A status comes out of a table that knows only statuses, or is one.
fn check_status(reader: &mut Reader<'_, '_>, plan: &Plan, at: &Span) {
    for way in &plan.terms {
        if let Some(word) = literal_of(way) {
            check_word(reader, word, at);
            continue;
        }
        let Some(name) = table_of(way) else {
            let message = "what is said of a status has to pass through a table";
            let why = "every system has words of its own, and the hub has seven";
            let help = "add `table = \"…\"`, with rows such as `OPEN = \"their word\"`";
            reader.report.add(issue(codes::TYPE, at, message).why(why).help(help));
            continue;
        };
        let Some(written) = reader.scope.written.get(name) else { continue };
        for (word, at) in written.words() {
            check_word(reader, word, at);
        }
    }
}

fn check_word(reader: &mut Reader<'_, '_>, word: &str, at: &Span) {
    if !StatusWord::WORDS.contains(&word) {
        let message = format!("`{word}` is no status of the hub");
        let help = suggestion(word, StatusWord::WORDS.iter().copied());
        reader.report.add(issue(codes::UNKNOWN_WORD, at, message).help(help));
    }
}

/// The table that a way ends with.
fn table_of(way: &Term) -> Option<&str> {
    let Make::Read(Operand { steps, .. }) = &way.make else { return None };
    steps.last()?.written.strip_prefix("table(")?.strip_suffix(')')
}

/// The word that a way always gives.
fn literal_of(way: &Term) -> Option<&str> {
    match &way.make {
        Make::Read(Operand {
            source: ValueSource::Literal(Value::String(word)), steps, ..
        }) if steps.is_empty() => Some(word),
        _ => None,
    }
}

fn comment(
    reader: &mut Reader<'_, '_>,
    incoming: &'static Incoming,
    table: &DeTable<'_>,
    span: &Span,
) -> Option<CommentLines> {
    document::check_keys(reader.report, table, COMMENT_KEYS, "a comment");
    let each = match document::entry(table, "each") {
        None => None,
        Some((_, item)) => {
            let text = document::text(reader.report, item, "`each`")?;
            let list = reader.pipeline(text, &item.span(), true)?;
            if list.ty != Ty::List {
                let message =
                    format!("`each` takes a list, and {} is {}", list.what, list.ty.as_str());
                reader.report.add(issue(codes::TYPE, &item.span(), message));
                return None;
            }
            Some((text, list.it))
        }
    };
    let mut inner = reader.inner();
    inner.site = Site::Incoming(incoming, each.as_ref().map(|(text, _)| *text));
    let mut members = Vec::new();
    for (key, at, item) in document::in_order(table) {
        let slot = match COMMENT.iter().find(|field| field.name == key) {
            Some(field) => Slot::Field(field),
            None if key == "at" => Slot::Inside,
            None => continue,
        };
        if let Some(plan) = Line::of(key, slot, inner.inner()).plan(item) {
            fields::plant(&mut members, (key, &at), plan, inner.report);
        }
    }
    if !table.contains_key("content") {
        let message = "a comment needs the key `content`";
        inner.report.add(issue(codes::FORM, span, message));
    }
    let each = each.map(|(_, list)| list);
    Some(CommentLines { each, members })
}
