//! Transforms as lines name them: finds each, checks the types, and says when it may give nothing.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use omnihub_contract::StatusWord;
use serde_json::Value;
use toml::de::DeTable;

use super::super::codes;
use super::super::condition;
use super::super::near::{near, suggestion};
use super::super::parse::{Argument, Call};
use super::super::path;
use super::super::report::{Span, issue};
use super::super::step::{Operand, Step};
use super::super::transform::{self, SPECS, Table, Transform};
use super::super::val::Ty;
use super::document::{self, Item};
use super::operand::{Reader, Typed, setting};
use super::resolve::Site;

/// What `as` can say.
pub(in crate::mapping) const TAKEN_AS: &[&str] =
    &["text", "number", "whole", "flag", "time", "object", "list"];

impl Reader<'_, '_> {
    /// `path | transform(arguments)`.
    pub(super) fn called(
        &mut self,
        operand: Typed<Operand>,
        call: &Call<'_>,
        at: &Span,
    ) -> Option<Typed<Operand>> {
        match (call.name, call.arguments.as_slice()) {
            ("table", [Argument::Word(name)]) => self.table(operand, name, at),
            ("format", [Argument::Word(format)]) => {
                let zone = self.default_zone(at)?;
                self.format(operand, format, zone, at)
            }
            ("time", []) => {
                let zone = self.default_zone(at)?;
                self.time(operand, zone, at)
            }
            ("table" | "format" | "time", _) => {
                let help = "written as `table(name)`, `format('%Y-%m-%d')` and `time`";
                let message = format!("`{}` is written with other arguments", call.name);
                self.report.add(issue(codes::TRANSFORM, at, message).help(help));
                None
            }
            _ => self.transformed(operand, call, at),
        }
    }

    fn transformed(
        &mut self,
        operand: Typed<Operand>,
        call: &Call<'_>,
        at: &Span,
    ) -> Option<Typed<Operand>> {
        let Some(spec) = SPECS.iter().find(|spec| spec.name == call.name) else {
            let message = format!("there is no transform `{}`", call.name);
            let help = suggestion(call.name, transform::names());
            self.report.add(issue(codes::TRANSFORM, at, message).help(help));
            return None;
        };
        let Some(transform) = (spec.build)(&call.arguments) else {
            let message = format!("`{}` is written `{}`", spec.name, spec.usage);
            self.report.add(issue(codes::TRANSFORM, at, message));
            return None;
        };
        self.check_takes(&operand, spec.name, spec.takes, at)?;
        let gap = spec
            .may_fail_on
            .contains(&operand.ty)
            .then(|| format!("`{}` cannot convert every value of {}", spec.name, operand.what));
        Some(operand.then((written(call), transform), spec.gives, gap))
    }

    fn time(
        &mut self,
        operand: Typed<Operand>,
        zone: TimeZone,
        at: &Span,
    ) -> Option<Typed<Operand>> {
        self.check_takes(&operand, "time", &[Ty::Text, Ty::Whole, Ty::Number, Ty::Any], at)?;
        let gap = Some(format!("`time` cannot convert every value of {}", operand.what));
        Some(operand.then(("time".to_owned(), Transform::Time(zone)), Ty::Time, gap))
    }

    fn check_takes(
        &mut self,
        operand: &Typed<Operand>,
        name: &str,
        takes: &[Ty],
        at: &Span,
    ) -> Option<()> {
        if takes.contains(&operand.ty) {
            return Some(());
        }
        let takes: Vec<&str> = takes.iter().map(|ty| ty.as_str()).collect();
        let (takes, is) = (takes.join(", "), operand.ty.as_str());
        let message = format!("`{name}` takes {takes}, and {} is {is}", operand.what);
        self.report.add(issue(codes::TYPE, at, message));
        None
    }

    /// `table = "name"`.
    pub(super) fn looked_up(
        &mut self,
        operand: Typed<Operand>,
        keys: &DeTable<'_>,
    ) -> Option<Typed<Operand>> {
        let Some((_, item)) = document::entry(keys, "table") else { return Some(operand) };
        let name = document::text(self.report, item, "`table`")?;
        self.table(operand, name, &item.span())
    }

    fn table(&mut self, operand: Typed<Operand>, name: &str, at: &Span) -> Option<Typed<Operand>> {
        let scope = self.scope;
        let Some(table) = scope.tables.get(name) else {
            let message = format!("this file has no table `{name}`");
            let help = suggestion(name, scope.tables.keys().map(String::as_str));
            self.report.add(issue(codes::UNKNOWN_TABLE, at, message).help(help));
            return None;
        };
        self.check_takes(&operand, "table", &[Ty::Text], at)?;
        let step = format!("table({name})");
        if let Site::Incoming(..) = self.site {
            scope.uses.borrow_mut().back(name);
            let gap = Some(format!("{} may have a word that `{name}` does not know", operand.what));
            return Some(operand.then((step, Transform::Back(Arc::clone(table))), Ty::Text, gap));
        }
        let is_bare = operand.it.steps.is_empty();
        let path = operand.what.trim_matches('`').to_owned();
        let known = path::find(&path).and_then(|row| row.words).filter(|_| is_bare);
        scope.uses.borrow_mut().forth(name, known == Some(StatusWord::WORDS));
        let words = is_bare.then(|| condition::words_left(&self.conditions, &path)).flatten();
        let missing =
            words.as_ref().map(|words| words.iter().find(|word| !table.rows.contains_key(*word)));
        let gap = match missing {
            Some(None) => None,
            Some(Some(word)) => Some(format!("the table `{name}` has no row for `{word}`")),
            None => Some(format!("the table `{name}` need not have a row for {}", operand.what)),
        };
        self.check_rows(&operand, (name, table), known, at);
        Some(operand.then((step, Transform::Table(Arc::clone(table))), table.ty, gap))
    }

    /// A row for a word that never comes is most likely misspelt.
    fn check_rows(
        &mut self,
        operand: &Typed<Operand>,
        (name, table): (&str, &Table),
        known: Option<&'static [&'static str]>,
        at: &Span,
    ) {
        let Some(known) = known else { return };
        for word in table.rows.keys().filter(|word| !known.contains(&&***word)) {
            let message = format!(
                "the table `{name}` has a row for `{word}`, which {} never is",
                operand.what
            );
            let help = suggestion(word, known.iter().copied());
            self.report.add(issue(codes::UNKNOWN_WORD, at, message).help(help));
        }
    }

    /// `format = "…"` with its `timezone`.
    pub(super) fn formatted(
        &mut self,
        operand: Typed<Operand>,
        keys: &DeTable<'_>,
    ) -> Option<Typed<Operand>> {
        let Some((_, item)) = document::entry(keys, "format") else { return Some(operand) };
        let format = document::text(self.report, item, "`format`")?;
        let zone = self.zone_of(keys, &item.span())?;
        self.format(operand, format, zone, &item.span())
    }

    fn format(
        &mut self,
        operand: Typed<Operand>,
        format: &str,
        zone: TimeZone,
        at: &Span,
    ) -> Option<Typed<Operand>> {
        self.check_takes(&operand, "format", &[Ty::Time], at)?;
        // What can be wrong with a format is wrong for every time.
        let sample = Timestamp::UNIX_EPOCH.to_zoned_datetime(zone.clone());
        if let Err(error) = jiff::fmt::strtime::format(format, &sample) {
            let message = format!("the format cannot be written: {error}");
            self.report.add(issue(codes::TIME, at, message));
            return None;
        }
        let step = format!("format('{format}')");
        Some(operand.then((step, Transform::Format(format.into(), zone)), Ty::Text, None))
    }

    /// The zone that a line names, else the adapter's.
    fn zone_of(&mut self, keys: &DeTable<'_>, at: &Span) -> Option<TimeZone> {
        match document::entry(keys, "timezone") {
            Some((_, zone)) => self.zone(zone),
            None => self.default_zone(at),
        }
    }

    fn zone(&mut self, item: &Item<'_>) -> Option<TimeZone> {
        let name = document::text(self.report, item, "`timezone`")?;
        if !name.starts_with("settings.") {
            return self.zone_named(name, &item.span());
        }
        let value = setting(self.scope.catalog, name, &item.span(), self.report)?;
        self.zone_named(value.as_str().unwrap_or_default(), &item.span())
    }

    /// Where a line names no zone: the adapter's, or UTC.
    pub(super) fn default_zone(&mut self, at: &Span) -> Option<TimeZone> {
        match self.scope.catalog.settings.get("timezone").and_then(Value::as_str) {
            Some(name) => self.zone_named(name, at),
            None => Some(TimeZone::UTC),
        }
    }

    fn zone_named(&mut self, name: &str, at: &Span) -> Option<TimeZone> {
        let zone = TimeZone::get(name).ok();
        if zone.is_none() {
            let known: Vec<String> =
                jiff::tz::db().available().map(|zone| zone.to_string()).collect();
            let message = format!("there is no time zone `{name}`");
            let help = match name {
                "WIB" | "WITA" | "WIT" => {
                    "WIB is `Asia/Jakarta`, WITA `Asia/Makassar`, WIT `Asia/Jayapura`".to_owned()
                }
                _ => match near(name, known.iter().map(String::as_str)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "a zone is named as `Asia/Makassar` or `UTC`".to_owned(),
                },
            };
            self.report.add(issue(codes::TIME, at, message).help(help));
        }
        zone
    }

    /// `as = "number"`.
    pub(super) fn converted(
        &mut self,
        operand: Typed<Operand>,
        keys: &DeTable<'_>,
    ) -> Option<Typed<Operand>> {
        let Some((_, item)) = document::entry(keys, "as") else { return Some(operand) };
        let name = document::text(self.report, item, "`as`")?;
        if !TAKEN_AS.contains(&name) {
            let message = format!("a value cannot be taken as `{name}`");
            let help = suggestion(name, TAKEN_AS.iter().copied());
            self.report.add(issue(codes::TRANSFORM, &item.span(), message).help(help));
            return None;
        }
        if name == "time" {
            let zone = self.zone_of(keys, &item.span())?;
            return self.time(operand, zone, &item.span());
        }
        let call = Call { name, at: item.span(), arguments: Vec::new() };
        self.transformed(operand, &call, &item.span())
    }
}

impl Typed<Operand> {
    /// The same with a transform after it.
    fn then(
        mut self,
        (written, transform): (String, Transform),
        ty: Ty,
        gap: Option<String>,
    ) -> Self {
        self.it.steps.push(Step { written: written.into(), transform });
        Self { ty, gap: self.gap.or(gap), ..self }
    }
}

/// A transform as the file writes it.
fn written(call: &Call<'_>) -> String {
    let arguments: Vec<String> = call
        .arguments
        .iter()
        .map(|argument| match argument {
            Argument::Count(count) => count.to_string(),
            Argument::Word(word) => format!("'{word}'"),
        })
        .collect();
    match arguments.is_empty() {
        true => call.name.to_owned(),
        false => format!("{}({})", call.name, arguments.join(", ")),
    }
}
