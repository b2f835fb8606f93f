//! What is wrong with the settings: file, line, and what to write instead.

use std::fmt;
use std::path::{Path, PathBuf};

use figment::error::{Actual, Kind, OneOf};

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("the settings in {file} cannot be read: {error}; name another file with --config", file = file.display())]
    Unreadable {
        /// Which file.
        file: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// A place in the file, or a variable, is wrong.
    #[error("{0}")]
    Wrong(Finding),
    /// The file that holds a secret cannot be read.
    #[error("{key} names {file}, which cannot be read: {error}", file = file.display())]
    SecretFile {
        /// The key that names it.
        key: String,
        /// Which file.
        file: PathBuf,
        /// Why.
        error: std::io::Error,
    },
}

impl ConfigError {
    /// A key whose value is wrong in a way that its type does not tell.
    pub fn wrong(key: &str, what: &str) -> Self {
        Self::Wrong(Finding { place: key.to_owned(), what: what.to_owned(), line: None })
    }
}

/// One thing that is wrong.
#[derive(Debug)]
pub struct Finding {
    /// `file:line:column`, or the key where there is no line.
    place: String,
    /// What is wrong and what to do.
    what: String,
    /// The line itself.
    line: Option<String>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)?;
        match &self.line {
            Some(line) => write!(f, "\n  | {line}"),
            None => Ok(()),
        }
    }
}

/// A word that stands where one of a closed list has to.
pub(super) fn no_such(key: &str, what: &str, word: &str, known: &[&str]) -> ConfigError {
    let hint = match near(word, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("here stand {}", known.join(", ")),
    };
    ConfigError::wrong(key, &format!("there is no {what} `{word}`; {hint}"))
}

/// Text that is no TOML.
pub(crate) fn syntax(file: &Path, text: &str, error: &toml::de::Error) -> ConfigError {
    let at = error.span().map_or(0, |span| span.start);
    at_offset(file, text, at, error.message().to_owned())
}

/// A key or value that does not fit.
pub(crate) fn of_figment(file: &Path, text: &str, error: &figment::Error) -> ConfigError {
    let mut path = error.path.clone();
    if let Kind::UnknownField(name, _) = &error.kind
        && path.last() != Some(name)
    {
        path.push(name.clone());
    }
    let what = explain(&path.join("."), &error.kind);
    match offset_of(text, &path) {
        Some(at) => at_offset(file, text, at, what),
        None => ConfigError::Wrong(Finding {
            place: format!("{} or its OMNIHUB_ variable", path.join(".")),
            what,
            line: None,
        }),
    }
}

fn explain(key: &str, kind: &Kind) -> String {
    match kind {
        Kind::UnknownField(name, known) => match near(name, known) {
            Some(near) => format!("there is no setting `{key}`; did you mean `{near}`?"),
            None => format!("there is no setting `{key}`; here stand {}", OneOf(known)),
        },
        // A value may be a secret: its type is told, never itself.
        Kind::InvalidType(actual, expected) => {
            format!("`{key}` must be {expected}, not {}", type_of(actual))
        }
        other => format!("`{key}`: {other}"),
    }
}

fn type_of(actual: &Actual) -> &'static str {
    match actual {
        Actual::Bool(_) => "true or false",
        Actual::Unsigned(_) | Actual::Signed(_) | Actual::Float(_) => "a number",
        Actual::Char(_) | Actual::Str(_) => "a text",
        Actual::Seq => "a list",
        Actual::Map => "a table",
        _ => "this",
    }
}

/// The known name that differs least, if it is near.
pub(super) fn near<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let best = known.iter().map(|other| (distance(name, other), *other)).min()?;
    (best.0 <= 1 + name.len() / 4).then_some(best.1)
}

fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut last = i;
        let mut left = i + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (y, cell) in b.chars().zip(row.iter_mut().skip(1)) {
            let changed = last + usize::from(x != y);
            last = *cell;
            left = changed.min(*cell + 1).min(left + 1);
            *cell = left;
        }
    }
    row.last().copied().unwrap_or(0)
}

/// Where the key of this path stands in the text.
fn offset_of(text: &str, path: &[String]) -> Option<usize> {
    let table = toml::de::DeTable::parse(text).ok()?;
    let mut table = table.into_inner();
    let (last, tables) = path.split_last()?;
    for name in tables {
        let (_, value) = table.into_iter().find(|(key, _)| key.get_ref() == name.as_str())?;
        match value.into_inner() {
            toml::de::DeValue::Table(inner) => table = inner,
            _ => return None,
        }
    }
    table
        .into_iter()
        .find(|(key, _)| key.get_ref() == last.as_str())
        .map(|(key, _)| key.span().start)
}

fn at_offset(file: &Path, text: &str, at: usize, what: String) -> ConfigError {
    let before = text.get(..at).unwrap_or(text);
    let number = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    let line = text.lines().nth(number - 1).unwrap_or_default();
    // What stands right of a `=` may be a secret.
    let shown = line.split_once('=').map_or(line, |(key, _)| key).trim_end().to_owned();
    let place = format!("{}:{number}:{column}", file.display());
    ConfigError::Wrong(Finding { place, what, line: Some(shown) })
}
