//! The tables of a file: words and what each becomes, and what comes back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;
use toml::de::{DeTable, DeValue};

use super::super::Catalog;
use super::super::codes;
use super::super::report::{Report, Span, issue};
use super::super::transform::{Table, folded};
use super::super::val::{Ty, Val};
use super::document::{self, Item};
use super::operand;

/// A table while the file is checked.
pub(super) struct Written {
    /// Its name's place.
    at: Span,
    rows: Vec<Row>,
}

/// One row.
struct Row {
    word: String,
    at: Span,
    value: Value,
    /// What comes back as the word.
    back: Vec<String>,
    is_lossy: bool,
}

/// How the lines of a file use its tables.
#[derive(Default)]
pub(super) struct Uses {
    forth: BTreeSet<String>,
    back: BTreeSet<String>,
    statuses: BTreeSet<String>,
}

impl Uses {
    /// A line looks a word up; perhaps one of a status.
    pub(super) fn forth(&mut self, name: &str, is_status: bool) {
        self.forth.insert(name.to_owned());
        if is_status {
            self.statuses.insert(name.to_owned());
        }
    }

    /// A line reads a table from right to left.
    pub(super) fn back(&mut self, name: &str) {
        self.back.insert(name.to_owned());
    }
}

/// Reads every table of the file.
pub(super) fn read(
    catalog: &Catalog,
    document: &DeTable<'_>,
    report: &mut Report<'_>,
) -> BTreeMap<String, Written> {
    let Some((_, item)) = document::entry(document, "tables") else { return BTreeMap::new() };
    let Some(tables) = document::table(report, item, "`tables`") else { return BTreeMap::new() };
    document::in_order(tables)
        .into_iter()
        .filter_map(|(name, at, item)| {
            let rows = document::table(report, item, "a table of words")?;
            let rows = document::in_order(rows)
                .into_iter()
                .filter_map(|(word, at, item)| row(catalog, (word, at), item, report))
                .collect();
            Some((name.to_owned(), Written { at, rows }))
        })
        .collect()
}

/// A row: a literal, several words of theirs, or `{ from = "settings.…" }`.
fn row(
    catalog: &Catalog,
    (word, at): (&str, Span),
    item: &Item<'_>,
    report: &mut Report<'_>,
) -> Option<Row> {
    let (values, is_lossy) = match item.get_ref() {
        DeValue::Table(table) => {
            let errors = report.errors();
            document::check_keys(report, table, &["from", "value", "lossy"], "a row of a table");
            if report.errors() > errors {
                return None;
            }
            let is_lossy = match document::entry(table, "lossy") {
                Some((_, item)) => document::flag(report, item, "`lossy`")?,
                None => false,
            };
            let value = match (document::entry(table, "from"), document::entry(table, "value")) {
                (Some((_, from)), None) => {
                    let path = document::text(report, from, "`from`")?;
                    operand::setting(catalog, path, &from.span(), report).cloned()?
                }
                (None, Some((_, value))) => document::literal(value.get_ref())?,
                _ => {
                    let message = "a row of a table needs exactly one of `from` and `value`";
                    report.add(issue(codes::FORM, &item.span(), message));
                    return None;
                }
            };
            (vec![value], is_lossy)
        }
        DeValue::Array(list) => {
            let words = list.iter().map(|item| item.get_ref().as_str().map(Value::from));
            (words.collect::<Option<Vec<_>>>().unwrap_or_default(), false)
        }
        value => (document::literal(value).into_iter().collect(), false),
    };
    let Some(value) = values.first().cloned() else {
        let wanted = "a text, a number, a flag or a list of texts";
        document::wrong_form(report, item, "what a word becomes", wanted);
        return None;
    };
    let back = values.iter().filter_map(|value| Val::literal(value)?.into_text());
    let back = back.map(|word| word.into_owned()).collect();
    Some(Row { word: word.to_owned(), at, value, back, is_lossy })
}

/// The table as lines use it.
pub(super) fn compiled(written: &Written, report: &mut Report<'_>) -> Arc<Table> {
    let mut table = Table { rows: BTreeMap::new(), ty: Ty::Text, back: BTreeMap::new() };
    for row in &written.rows {
        let Some(ty) = Ty::of(&row.value) else { continue };
        if !table.rows.is_empty() && table.ty != ty {
            let message = format!(
                "`{}` becomes {}, and the rows before it become {}",
                row.word,
                ty.as_str(),
                table.ty.as_str()
            );
            report.add(issue(codes::TYPE, &row.at, message));
            continue;
        }
        table.ty = ty;
        table.rows.insert(row.word.as_str().into(), row.value.clone());
        for word in row.back.iter().filter(|_| !row.is_lossy) {
            table.back.entry(folded(word)).or_insert_with(|| row.word.as_str().into());
        }
    }
    Arc::new(table)
}

/// Warns of tables that no line used.
pub(super) fn check_use(written: &BTreeMap<String, Written>, uses: &Uses, report: &mut Report<'_>) {
    for (name, table) in written {
        if !uses.back.contains(name) && !uses.forth.contains(name) {
            let message = format!("no line looks a word up in the table `{name}`");
            report.add(issue(codes::NO_EFFECT, &table.at, message).warning());
        }
    }
}

/// Checks that what goes out comes back.
pub(super) fn check(written: &BTreeMap<String, Written>, uses: &Uses, report: &mut Report<'_>) {
    for table in uses.back.iter().filter_map(|name| written.get(name)) {
        check_back(table, report);
    }
    for forth in &uses.statuses {
        for back in uses.back.iter().filter(|back| *back != forth) {
            if let (Some(forth), Some(read)) = (written.get(forth), written.get(back)) {
                check_agreement(forth, (back, read), report);
            }
        }
    }
}

/// A word may come back from one row only; the others say that they lose what they were.
fn check_back(table: &Written, report: &mut Report<'_>) {
    let mut ways: BTreeMap<String, &Row> = BTreeMap::new();
    for row in table.rows.iter().filter(|row| !row.is_lossy) {
        for word in &row.back {
            let Some(earlier) = ways.insert(folded(word), row) else { continue };
            let message = format!(
                "`{word}` comes back as `{}` or as `{}`, and nobody can tell",
                earlier.word, row.word
            );
            let help = format!(
                "say in the row that is not its way back that it is lossy: `{} = {{ value = \"{word}\", lossy = true }}`",
                row.word
            );
            report.add(issue(codes::LOSSY, &row.at, message).help(help));
            ways.insert(folded(word), earlier);
        }
    }
    for row in table.rows.iter().filter(|row| row.is_lossy) {
        for word in row.back.iter().filter(|word| !ways.contains_key(&folded(word))) {
            let message = format!("`{word}` never comes back: each of its rows is lossy");
            let help = "take `lossy` away from the row that is its way back";
            report.add(issue(codes::LOSSY, &row.at, message).help(help));
        }
    }
}

/// What one table makes of a status, another must read back as the same.
fn check_agreement(forth: &Written, (name, read): (&str, &Written), report: &mut Report<'_>) {
    for row in forth.rows.iter().filter(|row| !row.is_lossy) {
        let Some(sent) = row.back.first() else { continue };
        let is_sent = |word: &String| folded(word) == folded(sent);
        let found =
            read.rows.iter().find(|other| !other.is_lossy && other.back.iter().any(is_sent));
        let message = match found {
            Some(other) if other.word == row.word => continue,
            Some(other) => format!(
                "`{}` is sent as `{sent}`, which the table `{name}` reads back as `{}`",
                row.word, other.word
            ),
            None => format!(
                "`{}` is sent as `{sent}`, which the table `{name}` cannot read back",
                row.word
            ),
        };
        let help = format!(
            "mend one of the two tables, use one for both ways, or say that the row is lossy: `{} = {{ value = \"{sent}\", lossy = true }}`",
            row.word
        );
        report.add(issue(codes::LOSSY, &row.at, message).help(help));
    }
}

impl Written {
    /// The words on the left, and where each stands.
    pub(super) fn words(&self) -> impl Iterator<Item = (&str, &Span)> {
        self.rows.iter().map(|row| (row.word.as_str(), &row.at))
    }
}
