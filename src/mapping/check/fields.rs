//! `[rule.fields]`: finds the operation's field for every line, and the fields that have no line.

use omnihub_contract::{Field, FieldKind, Operation};
use toml::de::DeTable;

use super::super::codes;
use super::super::near::{near, suggestion};
use super::super::report::{Report, Span, issue};
use super::super::step::{Member, Plan};
use super::super::val::Ty;
use super::document::{self, Item};
use super::line::Line;
use super::nested::is_given;
use super::operand::Reader;
use super::term;

/// What the lines fill.
pub(super) struct Target<'t> {
    pub(super) operation: &'static Operation,
    /// Where the rule names its operation.
    pub(super) asked: Span,
    /// The rule's name, for findings in groups of fields.
    pub(super) rule: &'t str,
}

/// A table of lines: the rule's own, or a group's.
pub(super) struct Lines<'t, 'd> {
    /// The group's name.
    pub(super) group: Option<&'t str>,
    pub(super) table: &'t DeTable<'d>,
}

/// One line of the file and the field that it fills.
pub(super) struct Row<'t, 'd> {
    pub(super) name: String,
    pub(super) at: Span,
    pub(super) item: &'t Item<'d>,
    field: Slot,
}

/// What a dotted name is to an operation.
#[derive(Clone, Copy)]
pub(super) enum Slot {
    /// One of its fields.
    Field(&'static Field),
    /// A free member: of one of its objects, or of its body.
    Inside,
    /// The beginning of the names of its fields.
    Above,
    Unknown,
}

/// Reads and checks the lines of a rule, its own and those of its groups; its own win.
pub(super) fn read(
    reader: &mut Reader<'_, '_>,
    target: &Target<'_>,
    lines: &[Lines<'_, '_>],
) -> Vec<Member> {
    let mut members = Vec::new();
    let mut given: Vec<(String, bool)> = Vec::new();
    let mut own: Vec<String> = Vec::new();
    let mut meant: Vec<&'static str> = Vec::new();
    for lines in lines {
        let mark = reader.report.findings.len();
        let mut rows = Vec::new();
        let operation = Some(target.operation);
        meant.extend(walk(operation, lines.table, "", &mut rows, reader.report));
        for row in rows.iter().filter(|row| !own.contains(&row.name)) {
            let plan = Line::of(&row.name, row.field, reader.inner()).plan(row.item);
            // A line with a finding of its own counts as given: its field is not missing too.
            given.push((row.name.clone(), plan.as_ref().is_none_or(is_given)));
            if let Some(plan) = plan {
                plant(&mut members, (&row.name, &row.at), plan, reader.report);
            }
        }
        match lines.group {
            None => own = given.iter().map(|(name, _)| name.clone()).collect(),
            Some(_) => reader.report.say_of_rule(mark, target.rule),
        }
    }
    // A field whose name is misspelt is not missing too.
    given.extend(meant.into_iter().map(|name| (name.to_owned(), true)));
    check_mandatory(target, &given, reader.report);
    members
}

/// Finds the lines, which TOML nests where names have dots. Without an operation every name is free.
/// Gives the fields that were meant by names that do not exist.
pub(super) fn walk<'t, 'd>(
    operation: Option<&'static Operation>,
    table: &'t DeTable<'d>,
    prefix: &str,
    rows: &mut Vec<Row<'t, 'd>>,
    report: &mut Report<'_>,
) -> Vec<&'static str> {
    let mut meant = Vec::new();
    for (key, at, item) in document::in_order(table) {
        let name = format!("{prefix}{key}");
        let field = operation.map_or(Slot::Inside, |operation| slot(operation, &name));
        let inner = item.get_ref().as_table();
        let is_free = match field {
            Slot::Field(field) => field.kind == FieldKind::Object,
            Slot::Inside | Slot::Above => true,
            Slot::Unknown => false,
        };
        match (field, inner) {
            (_, Some(inner)) if is_free && !term::is_step(inner) => {
                meant.extend(walk(operation, inner, &format!("{name}."), rows, report));
            }
            (Slot::Field(_) | Slot::Inside, _) => rows.push(Row { name, at, item, field }),
            (Slot::Above | Slot::Unknown, _) => {
                meant
                    .extend(operation.and_then(|operation| unknown(operation, &name, &at, report)));
            }
        }
    }
    meant
}

fn slot(operation: &'static Operation, name: &str) -> Slot {
    let begins = |whole: &str, part: &str| {
        whole.strip_prefix(part).is_some_and(|rest| rest.starts_with('.'))
    };
    let mut fields = operation.named_fields();
    if let Some(field) = fields.clone().find(|field| field.name == name) {
        Slot::Field(field)
    } else if fields
        .clone()
        .any(|field| field.kind == FieldKind::Object && begins(name, field.name))
    {
        Slot::Inside
    } else if fields.any(|field| begins(field.name, name)) {
        Slot::Above
    } else if operation.takes_others() {
        Slot::Inside
    } else {
        Slot::Unknown
    }
}

/// Reports a name that is no field, and gives the field that was probably meant.
fn unknown(
    operation: &'static Operation,
    name: &str,
    at: &Span,
    report: &mut Report<'_>,
) -> Option<&'static str> {
    let known = operation.named_fields().map(|field| field.name);
    let message = format!("the operation `{}` has no field `{name}`", operation.name);
    report.add(issue(codes::UNKNOWN_FIELD, at, message).help(suggestion(name, known.clone())));
    near(name, known)
}

/// Adds a line to the tree of members, or a finding where its place is taken.
pub(super) fn plant(
    members: &mut Vec<Member>,
    (name, at): (&str, &Span),
    plan: Plan,
    report: &mut Report<'_>,
) {
    if !put(members, name, plan) {
        let message = format!("`{name}` is given twice");
        report.add(issue(codes::FORM, at, message));
    }
}

fn put(members: &mut Vec<Member>, name: &str, plan: Plan) -> bool {
    let (key, deeper) = match name.split_once('.') {
        Some((key, deeper)) => (key, Some(deeper)),
        None => (name, None),
    };
    let mut found = members.iter_mut().find(|member| *member.key == *key);
    if found.is_none() {
        members.push(Member { key: key.into(), whole: None, parts: Vec::new() });
        found = members.last_mut();
    }
    match (found, deeper) {
        (Some(member), Some(deeper)) => put(&mut member.parts, deeper, plan),
        (Some(member), None) if member.whole.is_none() => {
            member.whole = Some(plan);
            true
        }
        _ => false,
    }
}

fn check_mandatory(target: &Target<'_>, given: &[(String, bool)], report: &mut Report<'_>) {
    for field in target.operation.fields.iter().filter(|field| field.mandatory) {
        let fills = |(name, always): &(String, bool)| {
            let is_part = name.strip_prefix(field.name).is_some_and(|rest| rest.starts_with('.'));
            name == field.name || (is_part && *always)
        };
        if !given.iter().any(fills) {
            let message = format!("this rule does not fill the mandatory field `{}`", field.name);
            let why = format!("`{}` is refused without it", target.operation.name);
            let help = format!(
                "add a line `{} = …` that always gives {}",
                field.name,
                Ty::wanted(field.kind)
            );
            report.add(issue(codes::MANDATORY, &target.asked, message).why(why).help(help));
        }
    }
}

impl Slot {
    pub(super) fn field(self) -> Option<&'static Field> {
        match self {
            Self::Field(field) => Some(field),
            Self::Inside | Self::Above | Self::Unknown => None,
        }
    }
}
