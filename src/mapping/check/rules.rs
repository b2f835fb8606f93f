//! Rules among each other: names that occur twice, and rules that can match the same event.

use std::ptr;

use super::super::MappingFile;
use super::super::codes;
use super::super::condition::are_disjoint;
use super::super::report::{Report, issue};
use super::super::rule::Rule;

/// Checks every pair of files, and of rules of one adapter.
pub(super) fn check(rules: &[Rule], files: &[MappingFile], reports: &mut [Report<'_>]) {
    for (at, file) in files.iter().enumerate() {
        let is_second = files.iter().take(at).any(|other| other.adapter == file.adapter);
        if let (true, Some(report)) = (is_second, reports.get_mut(at)) {
            let message = format!("there is another file for the adapter `{}`", file.adapter);
            report.add(issue(codes::DUPLICATE, &(0..0), message));
        }
    }
    for (at, later) in rules.iter().enumerate() {
        let mut earlier = rules.iter().take(at).filter(|rule| rule.adapter == later.adapter);
        let Some(report) = reports.get_mut(later.place.file) else { continue };
        if let Some(rule) = earlier.clone().find(|rule| rule.name == later.name) {
            let message =
                format!("the rule of line {} is called `{}` too", rule.place.line, rule.name);
            let why = "deliveries and messages name a rule by its adapter and name";
            report.add(issue(codes::DUPLICATE, &later.place.name, message).why(why));
        }
        let is_beside = |rule: &&Rule| {
            let is_known = !rule.is_cut && !later.is_cut;
            is_known && ptr::eq(rule.operation, later.operation) && can_match_together(rule, later)
        };
        if let Some(rule) = earlier.find(is_beside).filter(|_| !later.also) {
            overlap(rule, later, report);
        }
    }
}

/// Whether one event of one ticket can match both.
pub(super) fn can_match_together(left: &Rule, right: &Rule) -> bool {
    left.is_on
        && right.is_on
        && left.on == right.on
        && !are_disjoint(&left.conditions, &right.conditions)
}

fn overlap(earlier: &Rule, later: &Rule, report: &mut Report<'_>) {
    let message = format!(
        "an event can match this rule and `{}` of line {}",
        earlier.name, earlier.place.line
    );
    let why = format!("each of them would make a `{}`", later.operation.name);
    let help = "ask one path for different words in both, or say `also = true` in this one";
    report.add(issue(codes::OVERLAP, &later.place.name, message).why(why).help(help));
}
