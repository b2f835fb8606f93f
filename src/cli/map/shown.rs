//! What is shown of one input: plain data, masked, for people and programs alike.

use serde::Serialize;
use serde_json::{Value, json};

use super::Desk;
use super::input::Input;
use super::masked::Show;
use crate::adapters::Listed;
use crate::cases::Planned;
use crate::hub::Silence;
use crate::mapping::{Line, MapFailure, Mappings, WhyNot};

/// What every adapter would be told.
#[derive(Serialize)]
pub(super) struct Shown {
    /// What people call the input.
    pub(super) of: String,
    /// What happened.
    pub(super) event: &'static str,
    /// The hub's number.
    pub(super) ticket: String,
    /// Of the mappings.
    pub(super) digest: String,
    pub(super) adapters: Vec<ShownAdapter>,
}

/// What one adapter would be told.
#[derive(Serialize)]
pub(super) struct ShownAdapter {
    pub(super) adapter: String,
    /// `on`, `off`, or `waiting` while it has no address.
    pub(super) state: &'static str,
    pub(super) deliveries: Vec<ShownDelivery>,
    /// Rules on the event that make no delivery.
    pub(super) passed_by: Vec<PassedBy>,
}

/// One delivery.
#[derive(Serialize)]
pub(super) struct ShownDelivery {
    pub(super) rule: String,
    pub(super) operation: &'static str,
    pub(super) file: String,
    pub(super) line: usize,
    /// Whether another system tells it in our place, so that nothing is sent.
    pub(super) is_told_elsewhere: bool,
    #[serde(flatten)]
    pub(super) outcome: Outcome,
    /// Where each field comes from, if that was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) lines: Vec<Line>,
}

/// What becomes of a delivery.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    /// This is sent.
    Payload(Value),
    /// It waits for a receipt.
    WaitsFor(String),
    /// A field has no value that can be sent.
    Refuses { field: Option<String>, code: String, why: String },
}

/// A rule that makes no delivery.
#[derive(Serialize)]
pub(super) struct PassedBy {
    pub(super) rule: String,
    pub(super) operation: &'static str,
    pub(super) file: String,
    pub(super) line: usize,
    #[serde(flatten)]
    pub(super) why: WhyNot,
}

impl Shown {
    pub(super) fn of(desk: &Desk<'_>, mappings: &Mappings, input: &Input) -> Self {
        let planned = desk.planned(mappings, input);
        let adapters = desk.adapters();
        Self {
            of: input.name.clone(),
            event: input.subject.event.kind.as_str(),
            ticket: input.subject.ticket.number.to_string(),
            digest: mappings.digest().to_owned(),
            adapters: adapters.map(|of| adapter(desk, mappings, input, (of, &planned))).collect(),
        }
    }
}

fn adapter(
    desk: &Desk<'_>,
    mappings: &Mappings,
    input: &Input,
    (of, planned): (&Listed, &[Planned]),
) -> ShownAdapter {
    let show = desk.args.show();
    let subject = &input.subject;
    let passed_by = mappings
        .why_not(&subject.ticket, &subject.event)
        .into_iter()
        .filter(|(rule, why)| *rule.adapter == of.name && !matches!(why, WhyNot::OtherEvent { .. }))
        .map(|(rule, why)| PassedBy {
            rule: rule.name.to_string(),
            operation: rule.operation.name,
            file: rule.file.to_owned(),
            line: rule.line,
            why: show.why(&why),
        });
    let of_adapter = planned.iter().filter(|planned| planned.adapter == of.name);
    ShownAdapter {
        adapter: of.name.to_string(),
        state: match (of.section.enabled, &of.adapter) {
            (false, _) => "off",
            (true, None) => "waiting",
            (true, Some(_)) => "on",
        },
        deliveries: of_adapter.map(|planned| delivery(desk, planned)).collect(),
        passed_by: passed_by.collect(),
    }
}

fn delivery(desk: &Desk<'_>, planned: &Planned) -> ShownDelivery {
    let show = desk.args.show();
    let explained = &planned.explained;
    let silence = desk.silent.why(&planned.adapter, planned.operation.name);
    let lines = match desk.args.explain {
        true => explained.lines.iter().map(|line| show.line(line)).collect(),
        false => Vec::new(),
    };
    ShownDelivery {
        rule: planned.rule.to_string(),
        operation: planned.operation.name,
        file: explained.file.clone(),
        line: planned.line,
        is_told_elsewhere: silence == Some(Silence::Elsewhere),
        outcome: outcome(show, planned),
        lines,
    }
}

pub(super) fn outcome(show: Show, planned: &Planned) -> Outcome {
    let explained = &planned.explained;
    match &explained.payload {
        Ok(payload) => Outcome::Payload(show.payload(explained, payload)),
        Err(MapFailure::Waits(receipt)) => Outcome::WaitsFor(receipt.to_string()),
        Err(MapFailure::Refused { code, message }) => Outcome::Refuses {
            field: explained.refused.clone(),
            code: (*code).to_owned(),
            why: message.clone(),
        },
        Err(failure @ MapFailure::NoRule) => {
            Outcome::Refuses { field: None, code: "H0305".to_owned(), why: failure.to_string() }
        }
    }
}

/// A value as people read it; nothing is `(nothing)`.
pub(super) fn value(value: Option<&Value>) -> String {
    value.map_or_else(|| "(nothing)".to_owned(), |value| json!(value).to_string())
}
