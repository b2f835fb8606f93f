//! Small readers over TOML with positions: what kind of value stands where, or a finding.

use serde_json::{Map, Number, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::super::codes;
use super::super::near::suggestion;
use super::super::report::{Report, Span, issue};

/// A value of the file and where it stands.
pub(super) type Item<'d> = Spanned<DeValue<'d>>;

/// The keys of a table in the order of the file.
pub(super) fn in_order<'t, 'd>(table: &'t DeTable<'d>) -> Vec<(&'t str, Span, &'t Item<'d>)> {
    let mut rows: Vec<_> =
        table.iter().map(|(key, item)| (&**key.get_ref(), key.span(), item)).collect();
    rows.sort_by_key(|(_, span, _)| span.start);
    rows
}

/// The value of a key, and where the key stands.
pub(super) fn entry<'t, 'd>(table: &'t DeTable<'d>, key: &str) -> Option<(Span, &'t Item<'d>)> {
    table.get_key_value(key).map(|(key, item)| (key.span(), item))
}

/// Reports every key that is not among the known ones.
pub(super) fn check_keys(report: &mut Report<'_>, table: &DeTable<'_>, known: &[&str], of: &str) {
    for (key, span, _) in in_order(table) {
        if !known.contains(&key) {
            let help = suggestion(key, known.iter().copied());
            let message = format!("{of} has no key `{key}`");
            report.add(issue(codes::UNKNOWN_KEY, &span, message).help(help));
        }
    }
}

/// Names as messages list them.
pub(super) fn quoted(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(" and ")
}

/// A text, or a finding.
pub(super) fn text<'t>(report: &mut Report<'_>, item: &'t Item<'_>, what: &str) -> Option<&'t str> {
    let text = item.get_ref().as_str();
    if text.is_none() {
        wrong_form(report, item, what, "a text");
    }
    text
}

/// `true` or `false`, or a finding.
pub(super) fn flag(report: &mut Report<'_>, item: &Item<'_>, what: &str) -> Option<bool> {
    let flag = item.get_ref().as_bool();
    if flag.is_none() {
        wrong_form(report, item, what, "`true` or `false`");
    }
    flag
}

/// A table, or a finding.
pub(super) fn table<'t, 'd>(
    report: &mut Report<'_>,
    item: &'t Item<'d>,
    what: &str,
) -> Option<&'t DeTable<'d>> {
    let table = item.get_ref().as_table();
    if table.is_none() {
        wrong_form(report, item, what, "a table");
    }
    table
}

/// Reports that a value is of another form than it should be.
pub(super) fn wrong_form(report: &mut Report<'_>, item: &Item<'_>, what: &str, wanted: &str) {
    let is = item.get_ref().type_str();
    let message = format!("{what} should be {wanted}, and this is of the type {is}");
    report.add(issue(codes::FORM, &item.span(), message));
}

/// Whether a value is one of those that stand for themselves, without `{ value = … }`.
pub(super) fn is_scalar(value: &DeValue<'_>) -> bool {
    matches!(value, DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_))
}

/// A value of the file as JSON; a date has no JSON.
pub(super) fn literal(value: &DeValue<'_>) -> Option<Value> {
    Some(match value {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Boolean(flag) => Value::Bool(*flag),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).ok()?.into()
        }
        DeValue::Float(number) => Value::Number(Number::from_f64(number.as_str().parse().ok()?)?),
        DeValue::Array(list) => {
            Value::Array(list.iter().map(|item| literal(item.get_ref())).collect::<Option<_>>()?)
        }
        DeValue::Table(table) => Value::Object(
            table
                .iter()
                .map(|(key, item)| Some((key.get_ref().to_string(), literal(item.get_ref())?)))
                .collect::<Option<Map<_, _>>>()?,
        ),
        DeValue::Datetime(_) => return None,
    })
}
