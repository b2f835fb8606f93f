//! What two sets of mappings make of the same subject.

use std::collections::BTreeSet;

use omnihub_contract::{AdapterName, ReceiptName};
use serde_json::Value;

use super::differ::{Difference, differences};
use super::subject::{Planned, Subject, deliveries};
use crate::mapping::{MapFailure, Mappings};

/// A delivery that is not the same with both.
#[derive(Clone, Debug)]
pub enum Change {
    /// Only the second set makes it.
    Added(Planned),
    /// Only the first set makes it.
    Removed(Planned),
    /// Both make it, and what is sent, waited for or refused differs.
    Changed {
        /// As the first set has it.
        before: Box<Planned>,
        /// As the second has it.
        after: Box<Planned>,
        /// Fields that differ.
        differences: Vec<Difference>,
    },
}

impl Change {
    /// The adapter whose delivery it is.
    pub fn adapter(&self) -> &AdapterName {
        match self {
            Self::Added(planned) | Self::Removed(planned) => &planned.adapter,
            Self::Changed { after, .. } => &after.adapter,
        }
    }
}

/// Every delivery that is not the same with both sets, in their order. Receipts that are not there yet
/// are taken to be: what differs is told although it would wait.
pub fn compare(first: &Mappings, second: &Mappings, subject: &Subject) -> Vec<Change> {
    let mut subject = subject.clone();
    for mappings in [first, second] {
        let needs: BTreeSet<ReceiptName> = mappings
            .route(&subject.ticket, &subject.event)
            .into_iter()
            .flat_map(|route| route.needs)
            .collect();
        subject.add_missing(&needs);
    }
    let (first, mut second) = (deliveries(first, &subject), deliveries(second, &subject));
    let mut changes = Vec::new();
    let mut unpaired = Vec::new();
    for before in first {
        let is_same_rule =
            |after: &Planned| after.adapter == before.adapter && after.rule == before.rule;
        match taken(&mut second, is_same_rule) {
            Some(after) => changes.extend(changed(before, after)),
            None => unpaired.push(before),
        }
    }
    // What a rule is called is nothing that a system is told.
    for before in unpaired {
        let is_same_operation = |after: &Planned| {
            after.adapter == before.adapter && after.operation.name == before.operation.name
        };
        match taken(&mut second, is_same_operation) {
            Some(after) => changes.extend(changed(before, after)),
            None => changes.push(Change::Removed(before)),
        }
    }
    changes.extend(second.into_iter().map(Change::Added));
    changes
}

fn taken(from: &mut Vec<Planned>, is_it: impl Fn(&Planned) -> bool) -> Option<Planned> {
    from.iter().position(is_it).map(|at| from.remove(at))
}

fn changed(before: Planned, after: Planned) -> Option<Change> {
    let nothing = Value::Object(serde_json::Map::new());
    let payload = |planned: &Planned| {
        planned.explained.payload.as_ref().map_or(nothing.clone(), |it| Value::Object(it.clone()))
    };
    let differences = match (&before.explained.payload, &after.explained.payload) {
        (Err(_), Err(_)) => Vec::new(),
        _ => differences(&payload(&before), &payload(&after)),
    };
    let failure = |planned: &Planned| -> Option<MapFailure> {
        planned.explained.payload.as_ref().err().cloned()
    };
    let needs = |planned: &Planned| planned.needs.iter().cloned().collect::<BTreeSet<_>>();
    let is_same = differences.is_empty()
        && before.operation.name == after.operation.name
        && failure(&before).is_some() == failure(&after).is_some()
        && before.explained.refused == after.explained.refused
        && needs(&before) == needs(&after);
    let (before, after) = (Box::new(before), Box::new(after));
    (!is_same).then_some(Change::Changed { before, after, differences })
}
