//! Findings: what is wrong in mapping files, where, why, and what was probably meant.
//!
//! They are plain values, to be printed in a terminal, answered as JSON or shown in a browser.
//! A finding carries its line of the file, so that it can be shown without the file.

use std::fmt;

use serde::Serialize;

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The set of files is not taken.
    Error,
    /// The set is taken; somebody should look.
    Warning,
}

/// One thing that is wrong in a mapping file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Code with a page of its own: `H02…`.
    pub code: &'static str,
    /// Whether the files can be taken all the same.
    pub severity: Severity,
    /// What is wrong, in one line.
    pub message: String,
    /// The file as it is shown to people.
    pub file: String,
    /// Line, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1.
    pub column: usize,
    /// How many characters from there are meant; at least 1, at most to the end of the line.
    pub width: usize,
    /// The line itself.
    pub source: String,
    /// Why that is wrong, where the message alone does not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What was probably meant, or what to write instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let line = self.line.to_string();
        let margin = " ".repeat(line.len());
        // A tab is as wide as the terminal likes; as a space the caret stands below its letter.
        let source = self.source.replace('\t', " ");
        let indent = " ".repeat(self.column.saturating_sub(1));
        let caret = "^".repeat(self.width);
        writeln!(f, "{severity} {}: {}", self.code, self.message)?;
        writeln!(f, "{margin}--> {}:{line}:{}", self.file, self.column)?;
        writeln!(f, "{margin} |")?;
        writeln!(f, "{line} | {source}")?;
        writeln!(f, "{margin} | {indent}{caret}")?;
        if let Some(why) = &self.why {
            writeln!(f, "{margin} = why: {why}")?;
        }
        if let Some(help) = &self.help {
            writeln!(f, "{margin} = help: {help}")?;
        }
        Ok(())
    }
}

/// Everything that was found in a set of mapping files, in the order of files and lines.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Findings(Vec<Finding>);

impl Findings {
    pub(super) fn new(findings: Vec<Finding>) -> Self {
        Self(findings)
    }

    /// These and the others, each once, in the order of files and lines.
    pub fn merged(self, others: Self) -> Self {
        let mut all = self.0;
        let new: Vec<Finding> = others.0.into_iter().filter(|other| !all.contains(other)).collect();
        all.extend(new);
        all.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
        Self(all)
    }

    /// The findings as a list.
    pub fn as_slice(&self) -> &[Finding] {
        &self.0
    }

    /// The findings one by one.
    pub fn iter(&self) -> std::slice::Iter<'_, Finding> {
        self.0.iter()
    }

    /// How many make the set unusable.
    pub fn errors(&self) -> usize {
        self.0.iter().filter(|finding| finding.severity == Severity::Error).count()
    }

    /// How many are only to be looked at.
    pub fn warnings(&self) -> usize {
        self.0.len() - self.errors()
    }
}

impl<'a> IntoIterator for &'a Findings {
    type Item = &'a Finding;
    type IntoIter = std::slice::Iter<'a, Finding>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl std::error::Error for Findings {}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.0 {
            writeln!(f, "{finding}")?;
        }
        let plural = |count: usize| if count == 1 { "" } else { "s" };
        let (errors, warnings) = (self.errors(), self.warnings());
        write!(f, "{errors} error{} and {warnings} warning{}", plural(errors), plural(warnings))
    }
}
