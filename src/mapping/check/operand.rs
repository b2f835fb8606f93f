//! Paths and transforms: resolves names, types them, and says when they may give nothing.

use omnihub_contract::{HUB, PUBLIC_NUMBER, ReceiptName};
use serde_json::Value;

use super::super::condition::{self, Condition};
use super::super::near::suggestion;
use super::super::parse::{self, Pipeline};
use super::super::report::{Report, Span, issue};
use super::super::step::{Operand, Source};
use super::super::val::{Ty, Val};
use super::super::{Catalog, MayRefuse, codes};
use super::file::Scope;
use super::resolve::{self, Asker, Site};

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

/// What the lines of a rule come to, beside their values.
#[derive(Default)]
pub(super) struct Gathered {
    /// Receipts that the rule waits for, each once.
    pub(super) needs: Vec<ReceiptName>,
    pub(super) may_refuse: Vec<MayRefuse>,
}

/// A literal of the file or of the settings.
pub(super) fn literal(value: Value, path: &str, span: Span) -> Option<Typed<Operand>> {
    let what = if path.is_empty() { "this value".to_owned() } else { format!("`{path}`") };
    let gap = Val::Any(&value).is_blank().then(|| format!("{what} is empty, which counts as none"));
    let ty = Ty::of(&value)?;
    Some(Typed { it: bare(path, false, Source::Literal(value)), ty, gap, span, what })
}

fn bare(path: &str, is_personal: bool, source: Source) -> Operand {
    Operand { path: path.into(), is_personal, source, steps: Vec::new() }
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
        let help = match catalog.settings.contains_key(path) {
            true => format!("did you mean `settings.{path}`?"),
            false => "a setting is written `settings.name`".to_owned(),
        };
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

/// Reads the lines of one rule or section.
pub(super) struct Reader<'r, 'f> {
    pub(super) scope: &'r Scope<'r>,
    pub(super) site: Site<'r>,
    /// What holds wherever the line runs.
    pub(super) conditions: Vec<Condition>,
    pub(super) gathered: &'r mut Gathered,
    pub(super) report: &'r mut Report<'f>,
}

impl<'f> Reader<'_, 'f> {
    /// The same for lines inside this one.
    pub(super) fn inner(&mut self) -> Reader<'_, 'f> {
        Reader {
            scope: self.scope,
            site: self.site,
            conditions: self.conditions.clone(),
            gathered: self.gathered,
            report: self.report,
        }
    }

    /// A text of the file that is a path with transforms.
    pub(super) fn pipeline(
        &mut self,
        text: &str,
        span: &Span,
        wait: bool,
    ) -> Option<Typed<Operand>> {
        match parse::pipeline(text) {
            Ok(pipeline) => self.operand(&pipeline, (text, span), wait),
            Err(_) if !resolve::looks_like_a_path(text) => {
                let message = format!("`{text}` is no path");
                let found = issue(codes::FORM, span, message);
                self.report.add(found.help(resolve::as_literal(text)));
                None
            }
            Err(slip) => {
                let at = self.report.within(span, text, &slip.at);
                self.report.add(issue(codes::FORM, &at, slip.message));
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
            return literal(value.clone(), path, at.clone());
        }
        if let (Some(name), Site::Rule(_)) = (path.strip_prefix("receipts."), self.site) {
            return self.receipt(name, at, wait);
        }
        let found = resolve::find(self.site, Asker::Line, (path, at), self.report)?;
        let is_there = found.always || condition::is_there(&self.conditions, path);
        let gap = (!is_there).then(|| match self.site {
            Site::Rule(_) => format!("not every ticket of this rule has `{path}`"),
            Site::Incoming(..) => format!("nobody promises that `{path}` is there"),
        });
        let it = bare(path, found.is_personal, found.source);
        Some(Typed { it, ty: found.ty, gap, span: at.clone(), what: format!("`{path}`") })
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
        if wait && !self.gathered.needs.contains(&receipt) {
            self.gathered.needs.push(receipt.clone());
        }
        let gap = (!wait).then(|| "the rule does not wait for it".to_owned());
        let path = format!("receipts.{name}");
        let it = bare(&path, false, Source::Receipt(receipt));
        Some(Typed { it, ty: Ty::Text, gap, span: at.clone(), what: format!("`{path}`") })
    }
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
