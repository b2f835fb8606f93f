//! Transforms as lines name them: finds each, checks the types, and says when it may give nothing.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;
use toml::de::DeTable;

use super::super::codes;
use super::super::condition;
use super::super::near::suggestion;
use super::super::parse::{Argument, Call};
use super::super::path;
use super::super::report::{Span, issue};
use super::super::step::Operand;
use super::super::transform::{self, SPECS, Transform};
use super::super::val::Ty;
use super::document::{self, Item};
use super::operand::{Reader, Typed, setting};

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
            ("table" | "format", _) => {
                let help = "written as `table(name)` and `format('%Y-%m-%d')`";
                let message = format!("`{}` takes one text", call.name);
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
        Some(operand.then(transform, spec.gives, gap))
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
        scope.used.borrow_mut().insert(name.to_owned());
        self.check_takes(&operand, "table", &[Ty::Text], at)?;
        let is_bare = operand.it.transforms.is_empty();
        let path = operand.what.trim_matches('`').to_owned();
        let words = is_bare.then(|| condition::words_left(self.conditions, &path)).flatten();
        let missing =
            words.as_ref().map(|words| words.iter().find(|word| !table.rows.contains_key(*word)));
        let gap = match missing {
            Some(None) => None,
            Some(Some(word)) => Some(format!("the table `{name}` has no row for `{word}`")),
            None => Some(format!("the table `{name}` need not have a row for {}", operand.what)),
        };
        if let Some(known) = path::find(&path).and_then(|row| row.words).filter(|_| is_bare) {
            for word in table.rows.keys().filter(|word| !known.contains(&&***word)) {
                let message = format!(
                    "the table `{name}` has a row for `{word}`, which {} never is",
                    operand.what
                );
                let help = suggestion(word, known.iter().copied());
                self.report.add(issue(codes::UNKNOWN_WORD, at, message).help(help));
            }
        }
        Some(operand.then(Transform::Table(Arc::clone(table)), table.ty, gap))
    }

    /// `format = "…"` with its `timezone`.
    pub(super) fn formatted(
        &mut self,
        operand: Typed<Operand>,
        keys: &DeTable<'_>,
    ) -> Option<Typed<Operand>> {
        let Some((_, item)) = document::entry(keys, "format") else { return Some(operand) };
        let format = document::text(self.report, item, "`format`")?;
        let zone = match document::entry(keys, "timezone") {
            Some((_, zone)) => self.zone(zone)?,
            None => self.default_zone(&item.span())?,
        };
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
        Some(operand.then(Transform::Format(format.into(), zone), Ty::Text, None))
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
    fn default_zone(&mut self, at: &Span) -> Option<TimeZone> {
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
            let help = suggestion(name, known.iter().map(String::as_str));
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
        const WORDS: [&str; 3] = ["text", "number", "whole"];
        let Some((_, item)) = document::entry(keys, "as") else { return Some(operand) };
        let name = document::text(self.report, item, "`as`")?;
        if !WORDS.contains(&name) {
            let message = format!("a value cannot be taken as `{name}`");
            let help = suggestion(name, WORDS);
            self.report.add(issue(codes::TRANSFORM, &item.span(), message).help(help));
            return None;
        }
        let call = Call { name, at: item.span(), arguments: Vec::new() };
        self.transformed(operand, &call, &item.span())
    }
}

impl Typed<Operand> {
    /// The same with a transform after it.
    fn then(mut self, transform: Transform, ty: Ty, gap: Option<String>) -> Self {
        self.it.transforms.push(transform);
        Self { ty, gap: self.gap.or(gap), ..self }
    }
}
