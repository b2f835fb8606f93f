//! Paths by name: where a line stands, and what it can read there.

use omnihub_contract::{EventKind, Field, FieldKind, Incoming};

use super::super::codes;
use super::super::near::{near, suggestion};
use super::super::path::{self, Read, Row};
use super::super::report::{Report, Span, issue};
use super::super::step::{Names, Source};
use super::super::val::Ty;

/// What stands around a line.
#[derive(Clone, Copy)]
pub(super) enum Site<'s> {
    /// A rule on that event; absent where the event has a finding.
    Rule(Option<EventKind>),
    /// A section that reads what a system says, and the list of which each member is looked at.
    Incoming(&'static Incoming, Option<&'s str>),
}

/// Who asks a path.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Asker {
    /// A line, or the `when` of one: it runs when the delivery goes out.
    Line,
    /// The `when` of a rule: it is asked when the event happens.
    Rule,
}

/// A path that was found.
pub(super) struct Found {
    pub(super) source: Source,
    pub(super) ty: Ty,
    /// Every word that it can be, where the door takes no other.
    pub(super) words: Option<&'static [&'static str]>,
    pub(super) always: bool,
    pub(super) is_personal: bool,
}

/// What paths begin with.
const ROOTS: &[&str] =
    &["ticket.", "status.", "event.", "receipts.", "settings.", "said.", "item."];

/// Whether a text was meant as a path.
pub(super) fn looks_like_a_path(text: &str) -> bool {
    ROOTS.iter().any(|root| text.starts_with(root))
}

/// What to write where a text was meant.
pub(super) fn as_literal(text: &str) -> String {
    format!("a text that stands for itself is written `{{ value = {text:?} }}`")
}

/// Finds a path of the canonical model, or of what a system says.
pub(super) fn find(
    site: Site<'_>,
    asker: Asker,
    (path, at): (&str, &Span),
    report: &mut Report<'_>,
) -> Option<Found> {
    match site {
        Site::Rule(on) => of_ticket(on, asker, (path, at), report),
        Site::Incoming(incoming, each) => of_incoming(incoming, each, (path, at), report),
    }
}

fn of_ticket(
    on: Option<EventKind>,
    asker: Asker,
    (path, at): (&str, &Span),
    report: &mut Report<'_>,
) -> Option<Found> {
    if let Some(names) = path.strip_prefix("ticket.metadata.") {
        let source = Source::Metadata(split(names));
        return Some(Found { source, ty: Ty::Any, words: None, always: false, is_personal: true });
    }
    let Some(row) = path::find(path) else {
        unknown(path, at, path::names().collect(), report);
        return None;
    };
    if asker == Asker::Rule && matches!(row.read, Read::Status(_) | Read::Kind) {
        let message = format!("`when` cannot ask `{path}`");
        let why = "a rule is chosen when the event that `on` names happens, by the ticket and what the event brought";
        let help = "the `when` of a line can: it is asked when the delivery goes out";
        report.add(issue(codes::UNKNOWN_PATH, at, message).why(why).help(help));
        return None;
    }
    is_of(row, on, at, report).then(|| Found {
        source: row.read.source(),
        ty: row.ty,
        words: row.words,
        always: row.always,
        is_personal: row.is_personal,
    })
}

/// Whether a rule on that event can read the path.
fn is_of(row: &Row, on: Option<EventKind>, at: &Span, report: &mut Report<'_>) -> bool {
    let (Some(of), Some(on)) = (row.of, on) else { return true };
    if of != on {
        let (name, of, on) = (row.name, of.as_str(), on.as_str());
        let message = format!("a rule on `{on}` cannot read `{name}`");
        report.add(issue(codes::UNKNOWN_PATH, at, message).why(format!("only `{of}` has it")));
    }
    of == on
}

fn of_incoming(
    incoming: &'static Incoming,
    each: Option<&str>,
    (path, at): (&str, &Span),
    report: &mut Report<'_>,
) -> Option<Found> {
    let said: Vec<(String, &Field)> = incoming
        .members
        .iter()
        .filter_map(|member| Some((path_of(member, each)?, member)))
        .collect();
    let Some((_, member)) = said.iter().find(|(name, _)| name == path) else {
        unknown(path, at, said.iter().map(|(name, _)| name.as_str()).collect(), report);
        return None;
    };
    let names = |path: &str| split(path.split_once('.').map_or("", |(_, names)| names));
    let source = match path.starts_with("item.") {
        true => Source::Item(names(path), member.kind),
        false => Source::Said(names(path), member.kind),
    };
    let ty = match member.kind {
        FieldKind::Text => Ty::Text,
        FieldKind::Number => Ty::Number,
        FieldKind::Flag => Ty::Flag,
        FieldKind::Object => Ty::Object,
        FieldKind::List => Ty::List,
    };
    Some(Found { source, ty, words: None, always: false, is_personal: true })
}

/// How a section writes a member: `said.…`, or `item.…` in the list that it looks at.
fn path_of(member: &Field, each: Option<&str>) -> Option<String> {
    match (member.name.split_once("[]."), each) {
        (None, _) => Some(format!("said.{}", member.name)),
        (Some((list, name)), Some(each)) => {
            (each.strip_prefix("said.") == Some(list)).then(|| format!("item.{name}"))
        }
        (Some(_), None) => None,
    }
}

fn split(names: &str) -> Names {
    names.split('.').map(Box::from).collect()
}

fn unknown(path: &str, at: &Span, known: Vec<&str>, report: &mut Report<'_>) {
    let root = |path: &str| path.split_once('.').map(|(root, _)| root.to_owned());
    let is_known_here = known.iter().any(|known| root(known) == root(path));
    let message = format!("there is no path `{path}`");
    let found = issue(codes::UNKNOWN_PATH, at, message);
    report.add(match near(path, known.iter().copied()) {
        _ if !looks_like_a_path(path) => found.help(as_literal(path)),
        _ if !is_known_here => found.help(match path.starts_with("said.") {
            true => "what a system says is read in `[[inbound]]`, not in a rule".to_owned(),
            false if path.starts_with("item.") => {
                "`item.…` is a member of the list that `each` names, in `[inbound.comment]`"
                    .to_owned()
            }
            false => format!("here only what the system says can be read: {}", listed(path, known)),
        }),
        Some(near) => found.help(format!("did you mean `{near}`?")),
        None => found.help(listed(path, known)),
    });
}

/// The known paths beside the one that was written, or all.
fn listed(path: &str, known: Vec<&str>) -> String {
    let group = path.rsplit_once('.').map_or("", |(group, _)| group);
    let beside: Vec<&str> =
        known.iter().copied().filter(|known| known.starts_with(group)).collect();
    let shown = if beside.is_empty() { known } else { beside };
    suggestion(path, shown)
}
