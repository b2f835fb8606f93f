//! One file: its head, its tables and groups, its rules and what it reads, one by one.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;

use toml::de::DeTable;

use super::super::codes;
use super::super::inbound::Section;
use super::super::near::suggestion;
use super::super::report::{Report, Span, issue};
use super::super::rule::Rule;
use super::super::transform::Table;
use super::super::{Catalog, CompileOptions, MappingFile};
use super::document;
use super::tables::{Uses, Written};
use super::{inbound, rule, tables};

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
    pub(super) written: BTreeMap<String, Written>,
    /// How lines used the tables so far.
    pub(super) uses: RefCell<Uses>,
    pub(super) groups: Vec<Group<'f>>,
}

/// Lines that rules share.
pub(super) struct Group<'d> {
    pub(super) name: &'d str,
    at: Span,
    pub(super) table: &'d DeTable<'d>,
    pub(super) is_used: Cell<bool>,
}

/// What could be read of a file.
#[derive(Default)]
pub(super) struct Read {
    pub(super) rules: Vec<Rule>,
    pub(super) sections: Vec<Section>,
    /// Whether every rule is there with all its conditions.
    pub(super) is_whole: bool,
}

/// The rules of a file, and what it reads.
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
    document::check_keys(report, document, KEYS, "a mapping file");
    let Some(catalog) = catalog(source, document, report) else {
        return Read::default();
    };
    let written = tables::read(catalog, document, report);
    let compiled =
        |(name, table): (&String, &Written)| (name.clone(), tables::compiled(table, report));
    let tables = written.iter().map(compiled).collect();
    let groups = groups(document, report);
    let uses = RefCell::default();
    let scope = Scope { catalog, catalogs: source.catalogs, tables, written, uses, groups };
    let rules_written = entries(document, ("rule", "a rule"), report);
    let rules: Vec<Rule> = rules_written
        .iter()
        .filter_map(|(span, table)| rule::read(source, &scope, (span, table), report))
        .collect();
    let sections = entries(document, ("inbound", "a section"), report);
    let sections = inbound::read(source, &scope, &sections, report);
    tables::check(&scope.written, &scope.uses.borrow(), report);
    // What a line with an error would have used is not known.
    if report.errors() == 0 {
        tables::check_use(&scope.written, &scope.uses.borrow(), report);
        check_groups(&scope.groups, report);
    }
    let is_whole = rules.len() == rules_written.len() && !rules.iter().any(|rule| rule.is_cut);
    Read { rules, sections, is_whole }
}

const KEYS: &[&str] = &["adapter", "rule", "groups", "inbound", "tables"];

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

fn check_groups(groups: &[Group<'_>], report: &mut Report<'_>) {
    for group in groups.iter().filter(|group| !group.is_used.get()) {
        let message = format!("no rule takes the group of fields `{}`", group.name);
        report.add(issue(codes::NO_EFFECT, &group.at, message).warning());
    }
}

/// The tables of `[[rule]]` or `[[inbound]]`, and where each begins.
fn entries<'t, 'd>(
    document: &'t DeTable<'d>,
    (key, what): (&str, &str),
    report: &mut Report<'_>,
) -> Vec<(Span, &'t DeTable<'d>)> {
    let Some((at, item)) = document::entry(document, key) else { return Vec::new() };
    let Some(entries) = item.get_ref().as_array() else {
        let wanted = format!("a list of tables, each begun by `[[{key}]]`");
        document::wrong_form(report, item, &format!("`{key}`"), &wanted);
        return Vec::new();
    };
    if entries.len() > RULES_MAX {
        let has = entries.len();
        let message =
            format!("a mapping file may have {RULES_MAX} `[[{key}]]`, and this has {has}");
        report.add(issue(codes::FORM, &at, message));
    }
    entries
        .iter()
        .take(RULES_MAX)
        .filter_map(|item| Some((item.span(), document::table(report, item, what)?)))
        .collect()
}

fn groups<'d>(document: &'d DeTable<'d>, report: &mut Report<'_>) -> Vec<Group<'d>> {
    let Some((_, item)) = document::entry(document, "groups") else { return Vec::new() };
    let Some(groups) = document::table(report, item, "`groups`") else { return Vec::new() };
    document::in_order(groups)
        .into_iter()
        .filter_map(|(name, at, item)| {
            let table = document::table(report, item, "a group of fields")?;
            Some(Group { name, at, table, is_used: Cell::new(false) })
        })
        .collect()
}
