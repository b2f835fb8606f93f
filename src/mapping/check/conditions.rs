//! `when`: reads the conditions of a rule or a line and checks that they can be asked.

use std::collections::BTreeSet;

use serde_json::Value;
use toml::de::{DeTable, DeValue};

use super::super::codes;
use super::super::condition::{Condition, Test};
use super::super::near::suggestion;
use super::super::path;
use super::super::report::{Report, Span, issue};
use super::super::val::Ty;
use super::document::{self, Item};
use super::file::Scope;
use super::operand;
use super::resolve::{self, Asker, Found, Site};

const TESTS: &[&str] = &["present", "any_of", "at_least", "below"];

/// A path that is asked, and what is known of it.
struct Asked<'p> {
    path: &'p str,
    at: Span,
    found: Found,
}

/// Reads the conditions of a rule or a line.
pub(super) fn read(
    scope: &Scope<'_>,
    of: (Site<'_>, Asker),
    item: &Item<'_>,
    report: &mut Report<'_>,
) -> Vec<Condition> {
    let mut conditions = Vec::new();
    if let Some(table) = document::table(report, item, "`when`") {
        walk((scope, of), table, "", &mut conditions, report);
    }
    conditions
}

/// Why no ticket can be as these two paths are asked.
pub(super) fn impossible((one, other): (&str, &str)) -> String {
    match one == other {
        true => format!("what is asked of `{one}` excludes itself"),
        false => format!("what is asked of `{one}` excludes what is asked of `{other}`"),
    }
}

/// Walks `ticket.kind = …`, which TOML nests, as well as `"ticket.kind" = …`.
fn walk(
    (scope, of): (&Scope<'_>, (Site<'_>, Asker)),
    table: &DeTable<'_>,
    prefix: &str,
    conditions: &mut Vec<Condition>,
    report: &mut Report<'_>,
) {
    for (key, at, item) in document::in_order(table) {
        let path = format!("{prefix}{key}");
        let inner = item.get_ref().as_table();
        let is_nested = |table: &&DeTable<'_>| {
            !table.is_empty() && !TESTS.iter().any(|test| table.contains_key(*test))
        };
        match inner.filter(is_nested) {
            Some(inner) if path::find(&path).is_none_or(|row| is_above(row.ty)) => {
                walk((scope, of), inner, &format!("{path}."), conditions, report);
            }
            _ => {
                let found = resolve::find(of.0, of.1, (&path, &at), report);
                let Some(asked) = found.map(|found| Asked { path: &path, at, found }) else {
                    continue;
                };
                let tests = tests(scope, &asked, item, report);
                conditions.extend(tests.into_iter().map(|test| Condition {
                    path: path.as_str().into(),
                    source: asked.found.source.clone(),
                    test,
                }));
            }
        }
    }
}

/// Whether other paths begin with one of this type.
fn is_above(ty: Ty) -> bool {
    matches!(ty, Ty::Group | Ty::Object)
}

fn tests(
    scope: &Scope<'_>,
    asked: &Asked<'_>,
    item: &Item<'_>,
    report: &mut Report<'_>,
) -> Vec<Test> {
    let Some(table) = item.get_ref().as_table() else {
        return words(asked, item, report).map(Test::Words).into_iter().collect();
    };
    document::check_keys(report, table, TESTS, "a condition");
    if table.is_empty() {
        document::wrong_form(report, item, "a condition", "a word, a list of words or a test");
    }
    document::in_order(table)
        .into_iter()
        .filter_map(|(key, span, item)| match key {
            "present" => present(asked, item, report),
            "any_of" => any_of(scope, asked, item, report),
            "at_least" => count(asked, &span, item, report).map(Test::AtLeast),
            "below" => count(asked, &span, item, report).map(Test::Below),
            _ => None,
        })
        .collect()
}

fn present(asked: &Asked<'_>, item: &Item<'_>, report: &mut Report<'_>) -> Option<Test> {
    let wanted = document::flag(report, item, "`present`")?;
    if asked.found.always {
        let message = format!("`{}` is always there", asked.path);
        let effect = if wanted { "the condition always holds" } else { "the rule never matches" };
        report.add(issue(codes::NO_EFFECT, &asked.at, message).why(effect).warning());
    }
    Some(Test::Present(wanted))
}

/// A word or a list of words.
fn words(
    asked: &Asked<'_>,
    item: &Item<'_>,
    report: &mut Report<'_>,
) -> Option<BTreeSet<Box<str>>> {
    let items: Vec<&Item<'_>> = match item.get_ref() {
        DeValue::Array(list) => list.iter().collect(),
        _ => vec![item],
    };
    if items.is_empty() {
        let message = "no word is in this list, so that the condition never holds";
        report.add(issue(codes::FORM, &item.span(), message));
        return None;
    }
    if let (Ty::Flag, DeValue::Boolean(flag)) = (asked.found.ty, item.get_ref()) {
        return Some([flag.to_string().into()].into());
    }
    can_be_a_word(asked, report)?;
    items
        .into_iter()
        .map(|item| {
            let word = match item.get_ref() {
                DeValue::String(word) => word.to_string(),
                DeValue::Boolean(flag) => flag.to_string(),
                DeValue::Integer(number) => number.as_str().to_owned(),
                _ => {
                    document::wrong_form(report, item, "a condition", "a word or a list of words");
                    return None;
                }
            };
            is_a_word_of(asked, &word, &item.span(), report).then(|| word.into())
        })
        .collect()
}

/// The words that a setting lists. None is allowed: then the rule matches nothing.
fn any_of(
    scope: &Scope<'_>,
    asked: &Asked<'_>,
    item: &Item<'_>,
    report: &mut Report<'_>,
) -> Option<Test> {
    let path = document::text(report, item, "`any_of`")?;
    let setting = operand::setting(scope.catalog, path, &item.span(), report)?;
    can_be_a_word(asked, report)?;
    let listed = setting.as_array().map(|list| list.iter().map(Value::as_str));
    let Some(words) = listed.and_then(|words| words.collect::<Option<Vec<_>>>()) else {
        let message = format!("`{path}` should be a list of texts");
        report.add(issue(codes::SETTING, &item.span(), message));
        return None;
    };
    // Every word is looked at, so that all that are unknown are told.
    let unknown =
        words.iter().filter(|word| !is_a_word_of(asked, word, &item.span(), report)).count();
    (unknown == 0).then(|| Test::Words(words.into_iter().map(Box::from).collect()))
}

fn can_be_a_word(asked: &Asked<'_>, report: &mut Report<'_>) -> Option<()> {
    if matches!(asked.found.ty, Ty::Text | Ty::Any) {
        return Some(());
    }
    let message = format!("`{}` is {}, not a word", asked.path, asked.found.ty.as_str());
    let help = match asked.found.ty {
        Ty::Whole => "ask `{ at_least = … }`, `{ below = … }` or `{ present = true }`",
        Ty::Flag => "ask `true` or `false`",
        _ => "ask `{ present = true }` or `{ present = false }`",
    };
    report.add(issue(codes::TYPE, &asked.at, message).help(help));
    None
}

fn is_a_word_of(asked: &Asked<'_>, word: &str, span: &Span, report: &mut Report<'_>) -> bool {
    let Some(known) = asked.found.words.filter(|words| !words.contains(&word)) else { return true };
    let message = format!("`{}` is never `{word}`", asked.path);
    let help = suggestion(word, known.iter().copied());
    report.add(issue(codes::UNKNOWN_WORD, span, message).help(help));
    false
}

fn count(asked: &Asked<'_>, key: &Span, item: &Item<'_>, report: &mut Report<'_>) -> Option<u64> {
    if !matches!(asked.found.ty, Ty::Whole | Ty::Number | Ty::Any) {
        let message = format!("`{}` is {}, not a number", asked.path, asked.found.ty.as_str());
        report.add(issue(codes::TYPE, key, message));
        return None;
    }
    let number = document::literal(item.get_ref()).as_ref().and_then(Value::as_u64);
    if number.is_none() {
        let message = "a limit is a whole number that is not negative";
        report.add(issue(codes::FORM, &item.span(), message));
    }
    number
}
