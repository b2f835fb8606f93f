//! What is shown of one input, as text for people.

use super::shown::{Outcome, Shown, ShownAdapter, ShownDelivery, value};
use crate::cases::SAMPLE_RECEIPT;
use crate::mapping::{Line, LineStep};

/// Column at which the place of a line stands.
const PLACE_AT: usize = 64;

/// The whole text.
pub(super) fn text(shown: &Shown, explain: bool) -> String {
    let number = match shown.of.contains(&shown.ticket) {
        true => String::new(),
        false => format!(" (ticket {})", shown.ticket),
    };
    let mut text = format!("{}{number}, {}\n", shown.of, shown.event);
    for of in &shown.adapters {
        text.push('\n');
        adapter(&mut text, of, shown.event, explain);
    }
    text
}

fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

fn adapter(text: &mut String, of: &ShownAdapter, event: &str, explain: bool) {
    let name = &of.adapter;
    if of.state == "off" {
        return line(text, &format!("{name}: off ([adapters.{name}] enabled = false)"));
    }
    for told in &of.deliveries {
        delivery(text, of, told, explain);
    }
    if of.deliveries.is_empty() {
        line(text, &format!("{name}: nothing"));
        if of.passed_by.is_empty() {
            line(text, &format!("  no rule of its file is for {event}"));
        }
    }
    for passed in of.passed_by.iter().filter(|_| explain || of.deliveries.is_empty()) {
        let (rule, file, at) = (&passed.rule, &passed.file, passed.line);
        line(text, &format!("  not \"{rule}\" ({file}:{at}): {}", passed.why));
    }
}

fn delivery(text: &mut String, of: &ShownAdapter, told: &ShownDelivery, explain: bool) {
    let (adapter, operation) = (&of.adapter, told.operation);
    let (rule, file, at) = (&told.rule, &told.file, told.line);
    line(text, &format!("{adapter}: {operation}, by the rule \"{rule}\" ({file}:{at})"));
    if told.is_told_elsewhere {
        line(text, "  not sent: another system tells it in our place (claims_told_by)");
    }
    if of.state == "waiting" {
        line(text, &format!("  it would wait: [adapters.{adapter}] has no base_url"));
    }
    match &told.outcome {
        Outcome::Payload(_) if explain => {}
        Outcome::Payload(payload) => {
            line(text, &serde_json::to_string_pretty(payload).unwrap_or_default());
        }
        Outcome::WaitsFor(receipt) => line(
            text,
            &format!(
                "  waits for {receipt}; to see what comes then: --receipt {receipt}={SAMPLE_RECEIPT}"
            ),
        ),
        Outcome::Refuses { code, why, .. } => {
            line(text, &format!("  nothing is sent, the delivery is dead: {why} ({code})"));
        }
    }
    for of_line in &told.lines {
        explained(text, file, of_line);
    }
}

/// A line with its steps.
fn explained(text: &mut String, file: &str, of: &Line) {
    let gives = match &of.value {
        Some(_) => format!("  {} = {}", of.field, value(of.value.as_ref())),
        None => format!("  {} is left out", of.field),
    };
    let gap = PLACE_AT.saturating_sub(gives.chars().count()).max(2);
    line(text, &format!("{gives}{:gap$}{file}:{}", "", of.line));
    for step in &of.steps {
        line(text, &format!("      {}", step_text(step)));
    }
}

fn step_text(step: &LineStep) -> String {
    match step {
        LineStep::Read { path, value: read } if path.is_empty() => {
            format!("the value of the line: {}", value(read.as_ref()))
        }
        LineStep::Read { path, value: read } => format!("{path}: {}", value(read.as_ref())),
        LineStep::Transform { transform, value: made } => {
            format!("| {transform}: {}", value(made.as_ref()))
        }
        LineStep::Closed { path } => format!("passed by, because of {path}"),
        LineStep::Otherwise { word: "use" } => "otherwise:".to_owned(),
        LineStep::Otherwise { word } => format!("otherwise: \"{word}\""),
    }
}
