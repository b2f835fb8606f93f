//! One ticket as operators see it: where it stands, and everything that happened to it, in order.
//!
//! Of what people wrote and who they are it says nothing: that is the systems' own to show.

use jiff::Timestamp;
use omnihub_contract::ReceiptName;
use serde::{Deserialize, Serialize};

use super::adapters::AdapterView;
use super::deliveries::{DeliveryView, views};
use super::dues::{DueView, dues};
use super::summary::{SystemView, systems};
use super::timeline::timeline;
use crate::store::{Note, Record, Store, StoreError};
use crate::sync::regulatory::{Calendar, uncertainty};

/// A ticket by a number of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Numbered {
    /// Any number that it has.
    pub number: String,
}

/// A ticket.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TicketView {
    /// The hub's own number.
    pub number: String,
    /// The number that its client knows it by, once that is fixed.
    pub public_number: Option<String>,
    /// Whose it is.
    pub partner: String,
    /// `claim` or `ticket`.
    pub kind: String,
    /// What it is about.
    pub service_type: String,
    /// Where it came in.
    pub channel: String,
    /// Where it stands.
    pub status: String,
    /// How urgent it is.
    pub priority: String,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When it is to be resolved.
    pub resolution_due: Timestamp,
    /// Everything that is due of it, and how that stands.
    pub dues: Vec<DueView>,
    /// Where it stands in each system.
    pub systems: Vec<SystemView>,
    /// What upstreams gave, as `helpdesk.ticketNumber` and its value.
    pub receipts: Vec<(String, String)>,
    /// What is owed to whom.
    pub deliveries: Vec<DeliveryView>,
    /// What a person should look at.
    pub findings: Vec<Entry>,
    /// What happened, the oldest first.
    pub timeline: Vec<Entry>,
}

/// Something at its time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: String,
}

impl TicketView {
    /// Says of systems that are still to be told something, and of which none is told anything now, why.
    pub fn say_who_is_held(&mut self, adapters: &[AdapterView]) {
        let is_open = |name: &str| {
            let mut own = self.deliveries.iter().filter(|it| it.adapter == name);
            own.any(|it| matches!(&*it.state, "waiting" | "due" | "in_flight"))
        };
        for system in self.systems.iter_mut().filter(|it| is_open(&it.adapter)) {
            let held =
                adapters.iter().find(|it| it.name == system.adapter && it.state != "running");
            if let Some(AdapterView { name, state, reason, .. }) = held {
                let reason = reason.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
                system.stands.push_str(&format!("; {name} is {state}{reason}"));
            }
        }
    }
}

/// The ticket of this number, if there is one: the hub's, the helpdesk's, what any system gave when it
/// was told of it, or the newest with this reference of its channel.
///
/// # Errors
/// When the store cannot be read.
pub fn show(
    store: &dyn Store,
    receipts: &[ReceiptName],
    number: &str,
    (calendar, now): (&Calendar, Timestamp),
) -> Result<Option<TicketView>, StoreError> {
    let Some(record) = find(store, receipts, number)? else { return Ok(None) };
    let Record { ticket, state } = &record;
    let receipts = state.receipts.all();
    let dues = dues(&record, calendar, now);
    Ok(Some(TicketView {
        number: ticket.number.to_string(),
        public_number: state.receipts.public_number().map(str::to_owned),
        partner: ticket.partner.to_string(),
        kind: ticket.kind.as_str().to_owned(),
        service_type: ticket.service_type.to_string(),
        channel: ticket.channel.to_string(),
        status: state.status.canonical.to_string(),
        priority: ticket.priority.to_string(),
        created_at: ticket.created_at,
        resolution_due: ticket.sla.resolution_due,
        receipts: receipts.map(|(name, value)| (name.to_string(), value.to_owned())).collect(),
        deliveries: views(&record),
        findings: findings(&record, calendar, now),
        systems: systems(&record),
        timeline: timeline(store, &record, &dues)?,
        dues,
    }))
}

fn find(
    store: &dyn Store,
    receipts: &[ReceiptName],
    number: &str,
) -> Result<Option<Record>, StoreError> {
    if let Some(record) = store.find(number)? {
        return Ok(Some(record));
    }
    for name in receipts {
        if let Some(record) = store.find_receipt(name, number)? {
            return Ok(Some(record));
        }
    }
    Ok(store.find_reference(None, number, 1)?.pop())
}

fn findings(record: &Record, calendar: &Calendar, now: Timestamp) -> Vec<Entry> {
    let entry = |at: Timestamp, note: &Note| {
        let what = format!("{} {}", note.code, note.words);
        Entry { at, what }
    };
    let kept = record.state.findings.iter();
    let kept = kept.map(|finding| entry(finding.at, &finding.note));
    // It passes when the calendar knows more, so that it is not kept but where it made a breach.
    let unsure = uncertainty(record, calendar).filter(|note| !record.state.has_finding(note));
    kept.chain(unsure.map(|note| entry(now, &note))).collect()
}
