//! The tables of a file: words and what each becomes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;
use toml::de::DeTable;

use super::super::Catalog;
use super::super::codes;
use super::super::report::{Report, issue};
use super::super::transform::Table;
use super::super::val::Ty;
use super::document::{self, Item};
use super::operand;

/// Reads every table of the file.
pub(super) fn read(
    catalog: &Catalog,
    document: &DeTable<'_>,
    report: &mut Report<'_>,
) -> BTreeMap<String, Arc<Table>> {
    let Some((_, item)) = document::entry(document, "tables") else { return BTreeMap::new() };
    let Some(tables) = document::table(report, item, "`tables`") else { return BTreeMap::new() };
    document::in_order(tables)
        .into_iter()
        .filter_map(|(name, _, item)| {
            let rows = document::table(report, item, "a table of words")?;
            Some((name.to_owned(), Arc::new(table(catalog, rows, report))))
        })
        .collect()
}

fn table(catalog: &Catalog, rows: &DeTable<'_>, report: &mut Report<'_>) -> Table {
    let mut table = Table { rows: BTreeMap::new(), ty: Ty::Text };
    for (word, span, item) in document::in_order(rows) {
        let Some(value) = row(catalog, item, report) else { continue };
        let Some(ty) = Ty::of(&value) else { continue };
        if !table.rows.is_empty() && table.ty != ty {
            let message = format!(
                "`{word}` becomes {}, and the rows before it become {}",
                ty.as_str(),
                table.ty.as_str()
            );
            report.add(issue(codes::TYPE, &span, message));
            continue;
        }
        table.ty = ty;
        table.rows.insert(word.into(), value);
    }
    table
}

/// What a word becomes: a literal, or `{ from = "settings.…" }`.
fn row(catalog: &Catalog, item: &Item<'_>, report: &mut Report<'_>) -> Option<Value> {
    if let Some(table) = item.get_ref().as_table() {
        document::check_keys(report, table, &["from"], "a row of a table");
        let (_, from) = document::entry(table, "from")?;
        let path = document::text(report, from, "`from`")?;
        return operand::setting(catalog, path, &from.span(), report).cloned();
    }
    let value = document::literal(item.get_ref());
    if value.is_none() {
        document::wrong_form(report, item, "what a word becomes", "a text, a number or a flag");
    }
    value
}

/// Warns of tables that no line used.
pub(super) fn check_use(document: &DeTable<'_>, used: &BTreeSet<String>, report: &mut Report<'_>) {
    let tables =
        document::entry(document, "tables").and_then(|(_, item)| item.get_ref().as_table());
    for (name, span, _) in tables.map(document::in_order).unwrap_or_default() {
        if !used.contains(name) {
            let message = format!("no line looks a word up in the table `{name}`");
            report.add(issue(codes::NO_EFFECT, &span, message).warning());
        }
    }
}
