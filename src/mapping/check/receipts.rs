//! What rules wait for: that something gives it, to every ticket that waits, and in no circle.

use std::collections::BTreeSet;
use std::ptr;

use omnihub_contract::{EventKind, HUB, ReceiptName};

use super::super::codes;
use super::super::condition::{Test, imply, is_there, words_left};
use super::super::report::{Report, issue};
use super::super::rule::Rule;
use super::rules::can_match_together;

/// Combinations of words that are tried for one receipt; a rule with more is taken on trust.
const CASES_MAX: usize = 10_000;

/// Checks every rule that is on.
pub(super) fn check(rules: &[Rule], reports: &mut [Report<'_>]) {
    let mut in_a_circle: Vec<&Rule> = Vec::new();
    for rule in rules.iter().filter(|rule| rule.is_on) {
        let Some(report) = reports.get_mut(rule.place.file) else { continue };
        if in_a_circle.iter().any(|known| ptr::eq(*known, rule)) {
            continue;
        }
        if let Some(circle) = circle(rules, rule) {
            let message = "this rule waits for itself, so it could never be delivered";
            let found = issue(codes::CYCLE, &rule.place.name, message).why(told(&circle));
            report.add(found.help("take one of the receipts out, or read it with `wait = false`"));
            in_a_circle.extend(circle);
            continue;
        }
        // The hub's own receipts are given to every ticket.
        for receipt in rule.needs.iter().filter(|receipt| receipt.adapter.as_str() != HUB) {
            check_given(rules, rule, receipt, report);
        }
    }
}

fn check_given(rules: &[Rule], rule: &Rule, receipt: &ReceiptName, report: &mut Report<'_>) {
    let givers: Vec<&Rule> = givers(rules, rule, receipt).collect();
    if givers.is_empty() {
        let message = format!("no rule that is on gives the receipt `{receipt}`");
        let why = "the deliveries of this rule would wait for ever";
        report.add(issue(codes::UNKNOWN_RECEIPT, &rule.place.name, message).why(why));
    } else if let Some(case) = never_given(rule, &givers) {
        let message = format!("some tickets of this rule are never given `{receipt}`");
        let why = format!("no rule that gives it matches a ticket {case}");
        let help = "narrow this rule's `when` to what the giving rule asks, or widen that one";
        report.add(issue(codes::NEVER_GIVEN, &rule.place.name, message).why(why).help(help));
    }
}

/// The rules that are on and give a receipt in time for another rule.
fn givers<'r>(
    rules: &'r [Rule],
    waiting: &'r Rule,
    receipt: &'r ReceiptName,
) -> impl Iterator<Item = &'r Rule> {
    rules.iter().filter(|rule| {
        rule.is_on
            && rule.adapter == receipt.adapter
            && rule.operation.gives.contains(&&*receipt.name)
            && (rule.on == EventKind::TicketCreated || rule.on == waiting.on)
    })
}

/// What a rule waits for: who gives its receipts, and the earlier rules of its adapter, since the
/// deliveries of one ticket to one adapter go one after the other.
fn waits_for<'r>(rules: &'r [Rule], rule: &'r Rule) -> Vec<&'r Rule> {
    let given = rule.needs.iter().flat_map(|receipt| givers(rules, rule, receipt));
    let before = rules.iter().take_while(|other| !ptr::eq(*other, rule));
    given
        .filter(|other| ptr::eq(*other, rule) || can_match_together(other, rule))
        .chain(
            before.filter(|other| other.adapter == rule.adapter && can_match_together(other, rule)),
        )
        .collect()
}

/// The shortest way from a rule back to itself.
fn circle<'r>(rules: &'r [Rule], start: &'r Rule) -> Option<Vec<&'r Rule>> {
    let mut ways: Vec<Vec<&Rule>> = vec![vec![start]];
    let mut seen: Vec<&Rule> = Vec::new();
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for way in &ways {
            for next in way.last().map(|rule| waits_for(rules, rule)).unwrap_or_default() {
                if ptr::eq(next, start) {
                    return Some(way.clone());
                }
                if !seen.iter().any(|rule| ptr::eq(*rule, next)) {
                    seen.push(next);
                    longer.push([way.as_slice(), &[next]].concat());
                }
            }
        }
        ways = longer;
    }
    None
}

fn told(circle: &[&Rule]) -> String {
    let names = circle.iter().chain(circle.first());
    let names: Vec<String> =
        names.map(|rule| format!("`{}` ({})", rule.name, rule.adapter)).collect();
    names.join(", which waits for ").replacen(", which", "", 1)
}

/// A kind of ticket that the rule matches and none of the givers does, in words.
fn never_given(rule: &Rule, givers: &[&Rule]) -> Option<String> {
    let cases = cases(rule, givers)?;
    let lacking =
        cases.into_iter().find(|case| !givers.iter().any(|giver| covers(rule, giver, case)))?;
    let told: Vec<String> =
        lacking.iter().map(|(path, word)| format!("with `{path}` = `{word}`")).collect();
    Some(if told.is_empty() { "as this rule asks for".to_owned() } else { told.join(" and ") })
}

/// One word for each path that givers ask for words.
type Case = Vec<(Box<str>, Box<str>)>;

/// Every combination of words that a ticket of the rule can have on the paths that givers ask for
/// words. Nothing where there are too many.
fn cases(rule: &Rule, givers: &[&Rule]) -> Option<Vec<Case>> {
    let paths: BTreeSet<&str> = givers
        .iter()
        .flat_map(|giver| &giver.conditions)
        .filter(|condition| matches!(condition.test, Test::Words(_)))
        .map(|condition| &*condition.path)
        .filter(|path| is_there(&rule.conditions, path))
        .collect();
    let mut cases: Vec<Case> = vec![Vec::new()];
    for path in paths {
        let Some(words) = words_left(&rule.conditions, path) else { continue };
        if cases.len() * words.len() > CASES_MAX {
            return None;
        }
        cases = cases
            .iter()
            .flat_map(|case| {
                words
                    .iter()
                    .map(move |word| [case.as_slice(), &[(path.into(), word.clone())]].concat())
            })
            .collect();
    }
    Some(cases)
}

/// Whether a giver matches every ticket of the rule that is such a case.
fn covers(rule: &Rule, giver: &Rule, case: &Case) -> bool {
    giver.conditions.iter().all(|condition| {
        let word = case.iter().find(|(path, _)| *path == condition.path);
        match (&condition.test, word) {
            (Test::Words(words), Some((_, word))) => words.contains(word),
            (test, _) => imply(&rule.conditions, &condition.path, test),
        }
    })
}
