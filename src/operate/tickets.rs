//! One ticket as operators see it: where it stands, and everything that happened to it, in order.
//!
//! Of what people wrote and who they are it says nothing: that is the systems' own to show.

use jiff::Timestamp;
use omnihub_contract::{Event, Source};
use serde::{Deserialize, Serialize};

use super::deliveries::{DeliveryView, state, views};
use crate::store::outbox::DeliveryState;
use crate::store::{Record, Store, StoreError};

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

/// The ticket of this number, if there is one.
///
/// # Errors
/// When the store cannot be read.
pub fn show(store: &dyn Store, number: &str) -> Result<Option<TicketView>, StoreError> {
    let Some(record) = store.find(number)? else { return Ok(None) };
    let events = store.timeline(&record)?;
    let Record { ticket, state } = &record;
    let receipts = state.receipts.all();
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
        findings: findings(&record),
        timeline: timeline(&record, &events),
    }))
}

fn findings(record: &Record) -> Vec<Entry> {
    let kept = record.state.findings.iter();
    kept.map(|finding| {
        let what = format!("{} {}", finding.note.code, finding.note.words);
        Entry { at: finding.at, what }
    })
    .collect()
}

fn timeline(record: &Record, events: &[Event]) -> Vec<Entry> {
    let happened = events.iter().map(|event| Entry { at: event.at, what: told(event) });
    let ended = record.state.deliveries.iter().filter_map(ended);
    let decided = record.state.interventions.iter().map(|done| {
        let what =
            format!("{} decided by {}: {} ({})", done.delivery, done.by, done.what, done.reason);
        Entry { at: done.at, what: format!("delivery {what}") }
    });
    let mut all: Vec<Entry> = happened.chain(ended).chain(decided).collect();
    // Stable: what has one time stays in its order.
    all.sort_by_key(|entry| entry.at);
    all
}

fn told(event: &Event) -> String {
    let by = match &event.source {
        Source::Client => "the client".to_owned(),
        Source::Adapter(name) => name.to_string(),
    };
    let more = match (&event.change, event.attachments.len()) {
        (Some(change), _) => format!(": {} to {}", change.from, change.to.canonical),
        (None, 0) => String::new(),
        (None, files) => format!(": {files} files"),
    };
    format!("{} by {by}{more}", event.kind.as_str())
}

/// The end of a delivery.
fn ended(delivery: &DeliveryState) -> Option<Entry> {
    let at = delivery.at.filter(|_| delivery.phase.is_final())?;
    let note = delivery.note.as_ref().map(|note| format!(": {} {}", note.code, note.words));
    let what = format!(
        "{} {} {}{}",
        delivery.adapter,
        delivery.operation,
        state(delivery.phase),
        note.unwrap_or_default()
    );
    Some(Entry { at, what })
}
