//! One rule: its head, its conditions and its lines.

use std::sync::Arc;

use omnihub_contract::{EventKind, Operation};
use toml::de::DeTable;

use super::super::Catalog;
use super::super::near::suggestion;
use super::super::report::{Report, Span, issue};
use super::super::rule::{Place, Rule};
use super::super::{codes, condition};
use super::conditions;
use super::document::{self, Item};
use super::fields::{self, Lines};
use super::file::{Scope, Source};
use super::operand::{Gathered, Reader};
use super::resolve::{Asker, Site};

const KEYS: &[&str] = &["name", "on", "when", "operation", "enabled", "also", "groups", "fields"];

/// Reads and checks a rule. Nothing where it has no head.
pub(super) fn read(
    source: &Source<'_>,
    scope: &Scope<'_>,
    (span, table): (&Span, &DeTable<'_>),
    report: &mut Report<'_>,
) -> Option<Rule> {
    document::check_keys(report, table, KEYS, "a rule");
    let name = needed(table, span, "name", report);
    let on = needed(table, span, "on", report).and_then(|item| event(item, report));
    let asked = needed(table, span, "operation", report);
    let groups = groups(scope, table, report);
    let own = match document::entry(table, "groups") {
        None => needed(table, span, "fields", report),
        Some(_) => document::entry(table, "fields").map(|(_, item)| item),
    };
    let own = own.and_then(|item| document::table(report, item, "`fields`"));
    let operation = asked.and_then(|item| operation(scope.catalog, item, report));
    let errors_before = report.errors();
    let conditions = match document::entry(table, "when") {
        Some((at, item)) => {
            let read = conditions::read(scope, (Site::Rule(on), Asker::Rule), item, report);
            check_reach(&read, &at, report);
            read
        }
        None => Vec::new(),
    };
    let is_cut = report.errors() > errors_before;
    let (name, asked, operation) = (name?, asked?, operation?);
    let title = document::text(report, name, "`name`")?;
    let own = own.map(|table| Lines { group: None, table });
    let lines: Vec<Lines<'_, '_>> = own.into_iter().chain(groups).collect();
    if lines.is_empty() {
        return None;
    }
    let mut gathered = Gathered::default();
    let site = Site::Rule(on);
    let mut reader =
        Reader { scope, site, conditions: conditions.clone(), gathered: &mut gathered, report };
    let target = fields::Target { operation, asked: asked.span(), rule: title };
    let members = fields::read(&mut reader, &target, &lines);
    Some(Rule {
        name: Arc::from(title),
        adapter: scope.catalog.adapter.clone(),
        on: on?,
        operation,
        is_on: flag(table, "enabled", true, report) || source.options.switched_off_rules,
        also: flag(table, "also", false, report),
        members,
        needs: gathered.needs,
        may_refuse: gathered.may_refuse,
        place: Place {
            file: source.index,
            path: source.file.path.as_str().into(),
            line: report.line(span),
            name: name.span(),
        },
        conditions,
        is_cut,
    })
}

fn needed<'t, 'd>(
    table: &'t DeTable<'d>,
    span: &Span,
    key: &str,
    report: &mut Report<'_>,
) -> Option<&'t Item<'d>> {
    let found = document::entry(table, key).map(|(_, item)| item);
    if found.is_none() {
        report.add(issue(codes::FORM, span, format!("this rule needs the key `{key}`")));
    }
    found
}

/// The groups of fields that the rule takes.
fn groups<'t, 'd>(
    scope: &'t Scope<'d>,
    table: &DeTable<'_>,
    report: &mut Report<'_>,
) -> Vec<Lines<'t, 'd>> {
    let Some((_, item)) = document::entry(table, "groups") else { return Vec::new() };
    let Some(names) = item.get_ref().as_array() else {
        document::wrong_form(report, item, "`groups`", "a list of names, as `[\"name\"]`");
        return Vec::new();
    };
    names
        .iter()
        .filter_map(|item| {
            let name = document::text(report, item, "the name of a group")?;
            let found = scope.groups.iter().find(|group| group.name == name);
            if found.is_none() {
                let message = format!("this file has no group of fields `{name}`");
                let help = suggestion(name, scope.groups.iter().map(|group| group.name));
                report.add(issue(codes::UNKNOWN_GROUP, &item.span(), message).help(help));
            }
            let group = found?;
            group.is_used.set(true);
            Some(Lines { group: Some(group.name), table: group.table })
        })
        .collect()
}

fn check_reach(conditions: &[condition::Condition], at: &Span, report: &mut Report<'_>) {
    if let Some(paths) = condition::impossible(conditions) {
        let message = "no ticket can match this rule";
        let why = conditions::impossible(paths);
        report.add(issue(codes::NO_EFFECT, at, message).why(why).warning());
    }
}

fn flag(table: &DeTable<'_>, key: &str, default: bool, report: &mut Report<'_>) -> bool {
    document::entry(table, key)
        .and_then(|(_, item)| document::flag(report, item, &format!("`{key}`")))
        .unwrap_or(default)
}

fn event(item: &Item<'_>, report: &mut Report<'_>) -> Option<EventKind> {
    let name = document::text(report, item, "`on`")?;
    let found = EventKind::ALL.iter().copied().find(|kind| kind.as_str() == name);
    if found.is_none() {
        let known = EventKind::ALL.iter().map(|kind| kind.as_str());
        let message = format!("there is no event `{name}`");
        report
            .add(issue(codes::UNKNOWN_EVENT, &item.span(), message).help(suggestion(name, known)));
    }
    found
}

fn operation(
    catalog: &Catalog,
    item: &Item<'_>,
    report: &mut Report<'_>,
) -> Option<&'static Operation> {
    let name = document::text(report, item, "`operation`")?;
    let found = catalog.operations.iter().find(|operation| operation.name == name);
    if found.is_none() {
        let known = catalog.operations.iter().map(|operation| operation.name);
        let message = format!("{} has no operation `{name}`", catalog.adapter);
        report.add(
            issue(codes::UNKNOWN_OPERATION, &item.span(), message).help(suggestion(name, known)),
        );
    }
    found
}
