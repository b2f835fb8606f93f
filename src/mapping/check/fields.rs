//! `[rule.fields]`: finds the operation's field for every line, and the fields that have no line.

use omnihub_contract::{EventKind, Field, FieldKind, Operation, ReceiptName};
use toml::de::DeTable;

use super::super::codes;
use super::super::condition::Condition;
use super::super::near::suggestion;
use super::super::report::{Report, Span, issue};
use super::super::step::{Member, Otherwise, Plan};
use super::super::val::Ty;
use super::document::{self, Item};
use super::file::Scope;
use super::line::Line;
use super::operand::Reader;
use super::term;

/// What the lines fill.
pub(super) struct Target<'t> {
    pub(super) operation: &'static Operation,
    /// Where the rule names its operation.
    pub(super) asked: Span,
    pub(super) conditions: &'t [Condition],
    /// The event of the rule; absent where it has a finding.
    pub(super) on: Option<EventKind>,
}

/// The compiled lines.
#[derive(Default)]
pub(super) struct Filled {
    pub(super) members: Vec<Member>,
    pub(super) needs: Vec<ReceiptName>,
    pub(super) may_refuse: Vec<Box<str>>,
}

/// One line of the file and the field that it fills.
struct Row<'t, 'd> {
    name: String,
    at: Span,
    item: &'t Item<'d>,
    field: Slot,
}

/// What a dotted name is to an operation.
#[derive(Clone, Copy)]
enum Slot {
    /// One of its fields.
    Field(&'static Field),
    /// A free member inside one of its objects.
    Inside,
    /// The beginning of the names of its fields.
    Above,
    Unknown,
}

/// Reads and checks the lines of a rule.
pub(super) fn read(
    scope: &Scope<'_>,
    target: &Target<'_>,
    table: &DeTable<'_>,
    report: &mut Report<'_>,
) -> Filled {
    let mut rows = Vec::new();
    walk(target.operation, table, "", &mut rows, report);
    let mut filled = Filled::default();
    let mut given: Vec<(String, bool)> = Vec::new();
    for row in rows {
        let (conditions, on) = (target.conditions, target.on);
        let reader = Reader { scope, conditions, on, needs: &mut filled.needs, report };
        let plan = Line::of(&row.name, row.field.field(), reader).plan(row.item);
        // A line with a finding of its own counts as given: its field is not missing too.
        let always = plan.as_ref().is_none_or(|plan| !matches!(plan.otherwise, Otherwise::Omit));
        given.push((row.name.clone(), always));
        let Some(plan) = plan else { continue };
        if matches!(plan.otherwise, Otherwise::Refuse) {
            filled.may_refuse.push(row.name.as_str().into());
        }
        if !plant(&mut filled.members, "", &row.name, plan) {
            let message = format!("`{}` is given twice", row.name);
            report.add(issue(codes::FORM, &row.at, message));
        }
    }
    check_mandatory(target, &given, report);
    filled
}

/// Finds the lines, which TOML nests where names have dots.
fn walk<'t, 'd>(
    operation: &'static Operation,
    table: &'t DeTable<'d>,
    prefix: &str,
    rows: &mut Vec<Row<'t, 'd>>,
    report: &mut Report<'_>,
) {
    for (key, at, item) in document::in_order(table) {
        let name = format!("{prefix}{key}");
        let field = slot(operation, &name);
        let inner = item.get_ref().as_table();
        let is_free = match field {
            Slot::Field(field) => field.kind == FieldKind::Object,
            Slot::Inside | Slot::Above => true,
            Slot::Unknown => false,
        };
        match (field, inner) {
            (_, Some(inner)) if is_free && !term::is_step(inner) => {
                walk(operation, inner, &format!("{name}."), rows, report);
            }
            (Slot::Field(_) | Slot::Inside, _) => rows.push(Row { name, at, item, field }),
            (Slot::Above | Slot::Unknown, _) => unknown(operation, &name, &at, report),
        }
    }
}

fn slot(operation: &'static Operation, name: &str) -> Slot {
    let begins = |whole: &str, part: &str| {
        whole.strip_prefix(part).is_some_and(|rest| rest.starts_with('.'))
    };
    let fields = || operation.fields.iter();
    if let Some(field) = operation.field(name) {
        Slot::Field(field)
    } else if fields().any(|field| field.kind == FieldKind::Object && begins(name, field.name)) {
        Slot::Inside
    } else if fields().any(|field| begins(field.name, name)) {
        Slot::Above
    } else {
        Slot::Unknown
    }
}

fn unknown(operation: &'static Operation, name: &str, at: &Span, report: &mut Report<'_>) {
    let known = operation.fields.iter().map(|field| field.name);
    let message = format!("the operation `{}` has no field `{name}`", operation.name);
    report.add(issue(codes::UNKNOWN_FIELD, at, message).help(suggestion(name, known)));
}

/// Adds a line to the tree of members. `false` where its place is taken.
fn plant(members: &mut Vec<Member>, prefix: &str, rest: &str, plan: Plan) -> bool {
    let (key, deeper) = match rest.split_once('.') {
        Some((key, deeper)) => (key, Some(deeper)),
        None => (rest, None),
    };
    let name = if prefix.is_empty() { key.to_owned() } else { format!("{prefix}.{key}") };
    let mut found = members.iter_mut().find(|member| *member.key == *key);
    if found.is_none() {
        let (whole, parts) = (None, Vec::new());
        members.push(Member { key: key.into(), name: name.as_str().into(), whole, parts });
        found = members.last_mut();
    }
    match (found, deeper) {
        (Some(member), Some(deeper)) => plant(&mut member.parts, &name, deeper, plan),
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
    fn field(self) -> Option<&'static Field> {
        match self {
            Self::Field(field) => Some(field),
            Self::Inside | Self::Above | Self::Unknown => None,
        }
    }
}
