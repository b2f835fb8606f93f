//! Collects the findings of one file and turns byte ranges into lines and columns.

use std::ops::Range;

use super::MappingFile;
use super::finding::{Finding, Severity};

/// Where something stands in a file, in bytes.
pub(super) type Span = Range<usize>;

/// Something wrong, before it has a place in a file.
pub(super) struct Issue {
    code: &'static str,
    severity: Severity,
    span: Span,
    message: String,
    why: Option<String>,
    help: Option<String>,
}

/// An issue that makes the file unusable.
pub(super) fn issue(code: &'static str, span: &Span, message: impl Into<String>) -> Issue {
    let (severity, message) = (Severity::Error, message.into());
    Issue { code, severity, span: span.clone(), message, why: None, help: None }
}

impl Issue {
    /// The same, only to be looked at.
    pub(super) fn warning(self) -> Self {
        Self { severity: Severity::Warning, ..self }
    }

    /// The same, with why it is wrong.
    pub(super) fn why(self, text: impl Into<String>) -> Self {
        Self { why: Some(text.into()), ..self }
    }

    /// The same, with what was probably meant.
    pub(super) fn help(self, text: impl Into<String>) -> Self {
        Self { help: Some(text.into()), ..self }
    }
}

/// The findings of one file so far.
pub(super) struct Report<'f> {
    file: &'f MappingFile,
    /// In the order of finding.
    pub(super) findings: Vec<Finding>,
}

impl<'f> Report<'f> {
    pub(super) fn new(file: &'f MappingFile) -> Self {
        Self { file, findings: Vec::new() }
    }

    /// Adds an issue at its place.
    pub(super) fn add(&mut self, issue: Issue) {
        let spot = Spot::of(&self.file.text, &issue.span);
        self.findings.push(Finding {
            code: issue.code,
            severity: issue.severity,
            message: issue.message,
            file: self.file.path.clone(),
            line: spot.line,
            column: spot.column,
            width: spot.width,
            source: spot.source.to_owned(),
            why: issue.why,
            help: issue.help,
        });
    }

    /// Says of which rule the findings since `mark` are, which stand in lines that rules share. What was
    /// said of these lines before is not said again.
    pub(super) fn say_of_rule(&mut self, mark: usize, rule: &str) {
        let known = self.findings.len().min(mark);
        for mut finding in self.findings.split_off(known) {
            let is_same = |other: &&Finding| {
                (other.line, other.column, &other.message)
                    == (finding.line, finding.column, &finding.message)
            };
            if self.findings.iter().any(|other| is_same(&other)) {
                continue;
            }
            let of = format!("in the rule `{rule}`, which takes this group");
            finding.why = Some(finding.why.map_or(of.clone(), |why| format!("{why} ({of})")));
            self.findings.push(finding);
        }
    }

    /// How many findings make the file unusable so far.
    pub(super) fn errors(&self) -> usize {
        self.findings.iter().filter(|finding| finding.severity == Severity::Error).count()
    }

    /// The line on which a span begins, counted from 1.
    pub(super) fn line(&self, span: &Span) -> usize {
        Spot::of(&self.file.text, span).line
    }

    /// The span of a part of a text that stands between quotes at `span`. Where escapes make the
    /// text and its source differ, it is the whole text's.
    pub(super) fn within(&self, span: &Span, text: &str, part: &Span) -> Span {
        let start = span.start.saturating_add(1);
        let quoted = self.file.text.get(start..start.saturating_add(text.len()));
        if quoted == Some(text) { start + part.start..start + part.end } else { span.clone() }
    }
}

/// A span as people count.
struct Spot<'t> {
    line: usize,
    column: usize,
    width: usize,
    source: &'t str,
}

impl<'t> Spot<'t> {
    fn of(text: &'t str, span: &Span) -> Self {
        let before = text.get(..span.start).unwrap_or(text);
        let start_of_line = before.rfind('\n').map_or(0, |at| at + 1);
        let rest = text.get(start_of_line..).unwrap_or_default();
        let source = rest.lines().next().unwrap_or_default();
        let column = before.get(start_of_line..).unwrap_or_default().chars().count() + 1;
        let meant = text.get(span.clone()).unwrap_or_default().lines().next().unwrap_or_default();
        let left = (source.chars().count() + 1).saturating_sub(column);
        let width = meant.chars().count().min(left).max(1);
        Self { line: before.matches('\n').count() + 1, column, width, source }
    }
}
