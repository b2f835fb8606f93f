//! Paths and transforms: resolves names, types them, and says when they may give nothing.

use std::sync::Arc;

use omnihub_contract::{EventKind, HUB, PUBLIC_NUMBER, ReceiptName};
use serde_json::Value;

use super::super::condition::{self, Condition};
use super::super::near::{near, suggestion};
use super::super::parse::{self, Pipeline};
use super::super::path::{self, Read, Row};
use super::super::report::{Report, Span, issue};
use super::super::step::{Operand, Source};
use super::super::val::Ty;
use super::super::{Catalog, codes};
use super::file::Scope;

/// Something compiled, and what is known of its value.
pub(super) struct Typed<T> {
    pub(super) it: T,
    pub(super) ty: Ty,
    /// Why it may give nothing; absent where it always gives something.
    pub(super) gap: Option<String>,
    pub(super) span: Span,
    /// What to call it in messages.
    pub(super) what: String,
}

/// What paths begin with.
const ROOTS: &[&str] = &["ticket.", "status.", "event.", "receipts.", "settings."];

fn as_literal(text: &str) -> String {
    format!("a text that stands for itself is written `{{ value = {text:?} }}`")
}

/// A literal of the file or of the settings.
pub(super) fn literal(value: Value, what: &str, span: Span) -> Option<Typed<Operand>> {
    let gap = is_blank(&value).then(|| format!("{what} is empty, which counts as none"));
    let ty = Ty::of(&value)?;
    let it = Operand { source: Source::Literal(value), transforms: Vec::new() };
    Some(Typed { it, ty, gap, span, what: what.to_owned() })
}

/// The setting of a path `settings.…`.
pub(super) fn setting<'c>(
    catalog: &'c Catalog,
    path: &str,
    span: &Span,
    report: &mut Report<'_>,
) -> Option<&'c Value> {
    let Some(name) = path.strip_prefix("settings.") else {
        let message = format!("`{path}` is no setting");
        let help = "a setting is written `settings.name`";
        report.add(issue(codes::SETTING, span, message).help(help));
        return None;
    };
    let mut names = name.split('.');
    let first = names.next().and_then(|name| catalog.settings.get(name));
    let found = names.fold(first, |value, name| value?.get(name));
    if found.is_none() {
        let known = catalog.settings.keys().map(String::as_str);
        let message = format!("the adapter `{}` has no setting `{name}`", catalog.adapter);
        let help = format!(
            "{}; a new one goes into [adapters.{}.settings]",
            suggestion(name, known),
            catalog.adapter
        );
        report.add(issue(codes::SETTING, span, message).help(help));
    }
    found
}

/// Whether a rule on that event can read the path.
pub(super) fn is_of(row: &Row, on: Option<EventKind>, at: &Span, report: &mut Report<'_>) -> bool {
    let (Some(of), Some(on)) = (row.of, on) else { return true };
    if of != on {
        let (name, of, on) = (row.name, of.as_str(), on.as_str());
        let message = format!("a rule on `{on}` cannot read `{name}`");
        report.add(issue(codes::UNKNOWN_PATH, at, message).why(format!("only `{of}` has it")));
    }
    of == on
}

/// Reads the operands of one rule.
pub(super) struct Reader<'r, 'f> {
    pub(super) scope: &'r Scope<'r>,
    pub(super) conditions: &'r [Condition],
    /// The event of the rule; absent where it has a finding.
    pub(super) on: Option<EventKind>,
    /// Receipts that the rule waits for so far.
    pub(super) needs: &'r mut Vec<ReceiptName>,
    pub(super) report: &'r mut Report<'f>,
}

impl Reader<'_, '_> {
    /// A text of the file that is a path with transforms.
    pub(super) fn pipeline(
        &mut self,
        text: &str,
        span: &Span,
        wait: bool,
    ) -> Option<Typed<Operand>> {
        match parse::pipeline(text) {
            Ok(pipeline) => self.operand(&pipeline, (text, span), wait),
            Err(slip) => {
                let at = self.report.within(span, text, &slip.at);
                let found = issue(codes::FORM, &at, slip.message);
                self.report.add(match ROOTS.iter().any(|root| text.starts_with(root)) {
                    true => found,
                    false => found.help(as_literal(text)),
                });
                None
            }
        }
    }

    /// A path with transforms, inside a text of the file.
    pub(super) fn operand(
        &mut self,
        pipeline: &Pipeline<'_>,
        (text, span): (&str, &Span),
        wait: bool,
    ) -> Option<Typed<Operand>> {
        let at = self.report.within(span, text, &pipeline.at);
        let source = self.source(pipeline.path, &at, wait)?;
        let mut operand = Typed { span: span.clone(), ..source };
        for call in &pipeline.calls {
            let at = self.report.within(span, text, &call.at);
            operand = self.called(operand, call, &at)?;
        }
        Some(operand)
    }

    fn source(&mut self, path: &str, at: &Span, wait: bool) -> Option<Typed<Operand>> {
        if path.starts_with("settings.") {
            let value = setting(self.scope.catalog, path, at, self.report)?;
            return literal(value.clone(), &format!("`{path}`"), at.clone());
        }
        if let Some(name) = path.strip_prefix("receipts.") {
            return self.receipt(name, at, wait);
        }
        let (source, ty) = if let Some(names) = path.strip_prefix("ticket.metadata.") {
            let names: Arc<[Box<str>]> = names.split('.').map(Box::from).collect();
            (Source::Metadata(names), Ty::Any)
        } else {
            let row = path::find(path).or_else(|| self.unknown_path(path, at))?;
            if !is_of(row, self.on, at, self.report) {
                return None;
            }
            let source = match row.read {
                Read::Ticket(read) => Source::Ticket(read),
                Read::Status(read) => Source::Status(read),
                Read::Event(read) => Source::Event(read),
                Read::Kind => Source::Kind,
                Read::Files(_) => Source::Files,
            };
            (source, row.ty)
        };
        let gap = (!condition::is_there(self.conditions, path))
            .then(|| format!("not every ticket of this rule has `{path}`"));
        let it = Operand { source, transforms: Vec::new() };
        Some(Typed { it, ty, gap, span: at.clone(), what: format!("`{path}`") })
    }

    fn unknown_path<T>(&mut self, path: &str, at: &Span) -> Option<T> {
        let is_path = ROOTS.iter().any(|root| path.starts_with(root));
        let help = match near(path, path::names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if is_path => suggestion(path, path::names()),
            None => as_literal(path),
        };
        let message = format!("there is no path `{path}`");
        self.report.add(issue(codes::UNKNOWN_PATH, at, message).help(help));
        None
    }

    fn receipt(&mut self, name: &str, at: &Span, wait: bool) -> Option<Typed<Operand>> {
        let mut known: Vec<String> = self.scope.catalogs.iter().flat_map(gives).collect();
        known.push(format!("{HUB}.{PUBLIC_NUMBER}"));
        if !known.iter().any(|known| known == name) {
            let message = format!("no operation gives the receipt `{name}`");
            let help = suggestion(name, known.iter().map(String::as_str));
            self.report.add(issue(codes::UNKNOWN_RECEIPT, at, message).help(help));
            return None;
        }
        let receipt: ReceiptName = name.parse().ok()?;
        if wait && !self.needs.contains(&receipt) {
            self.needs.push(receipt.clone());
        }
        let gap = (!wait).then(|| "the rule does not wait for it".to_owned());
        let it = Operand { source: Source::Receipt(receipt), transforms: Vec::new() };
        let what = format!("`receipts.{name}`");
        Some(Typed { it, ty: Ty::Text, gap, span: at.clone(), what })
    }
}

/// A text without a letter counts as none.
fn is_blank(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.trim().is_empty())
}

/// The receipts of an adapter, as `helpdesk.ticketNumber`.
fn gives(catalog: &Catalog) -> Vec<String> {
    catalog
        .operations
        .iter()
        .flat_map(|operation| operation.gives)
        .map(|name| format!("{}.{name}", catalog.adapter))
        .collect()
}
