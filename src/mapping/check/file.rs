//! One file: its head, its tables, and its rules one by one.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use omnihub_contract::{EventKind, Operation};
use toml::de::DeTable;

use super::super::codes;
use super::super::near::suggestion;
use super::super::report::{Report, Span, issue};
use super::super::rule::{Place, Rule};
use super::super::transform::Table;
use super::super::{Catalog, CompileOptions, MappingFile};
use super::document::{self, Item};
use super::{conditions, fields, tables};

/// Rules of one file: far more than a readable file has, and few enough to compare them in pairs.
const RULES_MAX: usize = 200;

/// A file, and all that it is checked against.
pub(super) struct Source<'f> {
    /// Its place in the set.
    pub(super) index: usize,
    pub(super) file: &'f MappingFile,
    pub(super) catalogs: &'f [Catalog],
    pub(super) options: CompileOptions,
}

/// What the lines of a file can refer to.
pub(super) struct Scope<'f> {
    /// Its own adapter's.
    pub(super) catalog: &'f Catalog,
    /// Every adapter's.
    pub(super) catalogs: &'f [Catalog],
    pub(super) tables: BTreeMap<String, Arc<Table>>,
    /// Names of the tables that some line used so far.
    pub(super) used: RefCell<BTreeSet<String>>,
}

/// What could be read of a file.
#[derive(Default)]
pub(super) struct Read {
    pub(super) rules: Vec<Rule>,
    /// Whether every rule is there with all its conditions.
    pub(super) is_whole: bool,
}

/// The rules of a file.
pub(super) fn read(source: &Source<'_>, report: &mut Report<'_>) -> Read {
    let (document, slips) = DeTable::parse_recoverable(&source.file.text);
    for slip in &slips {
        let span = slip.span().unwrap_or_default();
        let message = slip.message().lines().next().unwrap_or("this is no TOML");
        report.add(issue(codes::SYNTAX, &span, message));
    }
    if !slips.is_empty() {
        return Read::default();
    }
    let document = document.get_ref();
    document::check_keys(report, document, &["adapter", "rule", "tables"], "a mapping file");
    let Some(catalog) = catalog(source, document, report) else {
        return Read::default();
    };
    let tables = tables::read(catalog, document, report);
    let scope = Scope { catalog, catalogs: source.catalogs, tables, used: RefCell::default() };
    let written = tables_of_rules(document, report);
    let rules: Vec<Rule> = written
        .iter()
        .filter_map(|(span, table)| rule(source, &scope, (span.clone(), *table), report))
        .collect();
    tables::check_use(document, &scope.used.borrow(), report);
    let is_whole = rules.len() == written.len() && !rules.iter().any(|rule| rule.is_cut);
    Read { rules, is_whole }
}

/// The adapter that the file is for.
fn catalog<'f>(
    source: &Source<'f>,
    document: &DeTable<'_>,
    report: &mut Report<'_>,
) -> Option<&'f Catalog> {
    let Some((_, item)) = document::entry(document, "adapter") else {
        let help = format!("begin the file with `adapter = \"{}\"`", source.file.adapter);
        report
            .add(issue(codes::FORM, &(0..0), "a mapping file needs the key `adapter`").help(help));
        return None;
    };
    let name = document::text(report, item, "`adapter`")?;
    let names = source.catalogs.iter().map(|catalog| catalog.adapter.as_str());
    let found = source.catalogs.iter().find(|catalog| catalog.adapter.as_str() == name);
    if found.is_none() {
        let message = format!("there is no adapter `{name}`");
        report.add(
            issue(codes::UNKNOWN_ADAPTER, &item.span(), message).help(suggestion(name, names)),
        );
    } else if name != source.file.adapter.as_str() {
        let message = format!("this file is for the adapter `{}`", source.file.adapter);
        let help = "a mapping file is named as its adapter";
        report.add(issue(codes::UNKNOWN_ADAPTER, &item.span(), message).help(help));
        return None;
    }
    found
}

fn tables_of_rules<'t, 'd>(
    document: &'t DeTable<'d>,
    report: &mut Report<'_>,
) -> Vec<(Span, &'t DeTable<'d>)> {
    let Some((key, item)) = document::entry(document, "rule") else { return Vec::new() };
    let Some(rules) = item.get_ref().as_array() else {
        document::wrong_form(report, item, "`rule`", "a list of tables, each begun by `[[rule]]`");
        return Vec::new();
    };
    if rules.len() > RULES_MAX {
        let message =
            format!("a mapping file may have {RULES_MAX} rules, and this has {}", rules.len());
        report.add(issue(codes::FORM, &key, message));
    }
    rules
        .iter()
        .take(RULES_MAX)
        .filter_map(|item| Some((item.span(), document::table(report, item, "a rule")?)))
        .collect()
}

const KEYS: &[&str] = &["name", "on", "when", "operation", "enabled", "also", "fields"];

fn rule(
    source: &Source<'_>,
    scope: &Scope<'_>,
    (span, table): (Span, &DeTable<'_>),
    report: &mut Report<'_>,
) -> Option<Rule> {
    document::check_keys(report, table, KEYS, "a rule");
    let needed = |key: &str, report: &mut Report<'_>| {
        let found = document::entry(table, key).map(|(_, item)| item);
        if found.is_none() {
            report.add(issue(codes::FORM, &span, format!("this rule needs the key `{key}`")));
        }
        found
    };
    let name = needed("name", report);
    let on = needed("on", report).and_then(|item| event(item, report));
    let asked = needed("operation", report);
    let lines = needed("fields", report);
    let operation = asked.and_then(|item| operation(scope.catalog, item, report));
    let errors_before = report.errors();
    let conditions = match document::entry(table, "when") {
        Some((_, item)) => conditions::read(scope, on, item, report),
        None => Vec::new(),
    };
    let is_cut = report.errors() > errors_before;
    let (name, lines, asked, operation) = (name?, lines?, asked?, operation?);
    let lines = document::table(report, lines, "`fields`")?;
    let target = fields::Target { operation, asked: asked.span(), conditions: &conditions, on };
    let filled = fields::read(scope, &target, lines, report);
    let is_enabled = flag(table, "enabled", true, report);
    Some(Rule {
        name: Arc::from(document::text(report, name, "`name`")?),
        adapter: scope.catalog.adapter.clone(),
        on: on?,
        operation,
        is_on: is_enabled || source.options.switched_off_rules,
        also: flag(table, "also", false, report),
        members: filled.members,
        needs: filled.needs,
        may_refuse: filled.may_refuse,
        place: Place {
            file: source.index,
            path: source.file.path.as_str().into(),
            line: report.line(&span),
            name: name.span(),
        },
        conditions,
        is_cut,
    })
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
