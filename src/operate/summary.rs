//! Where a ticket stands in each system, in one line a system: what an operator wants to know first.

use omnihub_contract::{AdapterName, DeliveryId, HUB};
use serde::{Deserialize, Serialize};

use super::waits;
use crate::store::Record;
use crate::store::outbox::{DeliveryState, Phase};

/// A ticket in one system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SystemView {
    /// Which system.
    pub adapter: String,
    /// Where it stands there.
    pub stands: String,
}

/// Every system that has the ticket, or is to have it, in the order of its deliveries.
pub fn systems(record: &Record) -> Vec<SystemView> {
    let mut names: Vec<&AdapterName> = Vec::new();
    let told = record.state.deliveries.iter().map(|delivery| &delivery.adapter);
    for name in told.chain(record.state.links.iter().map(|link| &link.adapter)) {
        if !names.contains(&name) && name.as_str() != HUB {
            names.push(name);
        }
    }
    let view = |name: &AdapterName| {
        let parts: Vec<String> = [has(record, name), says(record, name), open(record, name)]
            .into_iter()
            .flatten()
            .collect();
        let stands = match parts.is_empty() {
            true => "was told everything".to_owned(),
            false => parts.join("; "),
        };
        SystemView { adapter: name.to_string(), stands }
    };
    names.into_iter().map(view).collect()
}

/// As what it has the ticket, and since when.
fn has(record: &Record, adapter: &AdapterName) -> Option<String> {
    let given: Vec<String> = record
        .state
        .receipts
        .all()
        .filter(|(name, _)| name.adapter == *adapter)
        .map(|(name, value)| format!("{} {value}", name.name))
        .collect();
    let mut told = record.state.deliveries.iter().filter(|it| it.adapter == *adapter);
    let since = told.find(|it| it.phase == Phase::Delivered).and_then(|it| it.at);
    let since = since.map(|at| format!(", since {at}")).unwrap_or_default();
    (!given.is_empty()).then(|| format!("has it as {}{since}", given.join(", ")))
}

/// What it said last of the status.
fn says(record: &Record, adapter: &AdapterName) -> Option<String> {
    let link = record.state.link(adapter)?;
    let raw = link.status_raw.as_ref()?;
    Some(format!("says \"{raw}\", since {}", link.synced_at))
}

/// The first of its deliveries that is not over, one that needs a person before others.
fn open(record: &Record, adapter: &AdapterName) -> Option<String> {
    let all = record.state.deliveries.iter().enumerate();
    let own = || all.clone().filter(|(_, it)| it.adapter == *adapter);
    let stuck = own().find(|(_, it)| matches!(it.phase, Phase::Held | Phase::Dead));
    let (index, delivery) =
        stuck.or_else(|| own().find(|(_, it)| !it.phase.is_final())).or_else(|| {
            own().all(|(_, it)| it.phase == Phase::Discarded).then(|| own().next()).flatten()
        })?;
    let ordinal = u16::try_from(index + 1).unwrap_or(u16::MAX);
    let id = DeliveryId { ticket: record.ticket.number, ordinal };
    Some(standing(record, index, delivery, id))
}

fn standing(record: &Record, index: usize, delivery: &DeliveryState, id: DeliveryId) -> String {
    let note = delivery.note.as_ref().map(|note| format!(", {} {}", note.code, note.words));
    let note = note.unwrap_or_default();
    let operation = &delivery.operation;
    let at = delivery.at.unwrap_or(delivery.since);
    match delivery.phase {
        Phase::Waiting => {
            let what = record.state.waits_for(index).unwrap_or_default();
            let why = waits::why(record, index).map(|why| format!(": {why}")).unwrap_or_default();
            format!("{operation} waits for {what} since {}{why}", delivery.since)
        }
        Phase::Ready if delivery.note.is_some() => {
            format!("{operation} is tried again at {at}, after {} attempts{note}", delivery.tries)
        }
        Phase::Ready | Phase::InFlight => format!("{operation} is on its way"),
        Phase::Held => format!("{operation} is held since {at}{note}: settle or discard {id}"),
        Phase::Dead => {
            format!("{operation} is dead since {at}{note}: replay, settle or discard {id}")
        }
        Phase::Discarded => format!("{operation} was given up at {at}{note}"),
        Phase::Delivered => format!("{operation} is there"),
    }
}
