//! Everything that happened to a ticket across all systems, in order of time, and what is still due.
//!
//! Of what people wrote and who they are it says nothing: that is the systems' own to show.

use omnihub_contract::{DeliveryId, Event, Source, StatusChange};

use super::deliveries::state;
use super::dues::{DueView, entries};
use super::tickets::Entry;
use crate::store::attempt::Attempt;
use crate::store::outbox::DeliveryState;
use crate::store::{PastDecision, Record, Store, StoreError};

/// Events of one timeline, the newest: more are a list that nobody reads.
const EVENTS_MAX: usize = 200;

/// Deliveries whose attempts stand in one timeline, the newest: each has at most a few.
const DELIVERIES_MAX: usize = 100;

/// All of it, the oldest first.
///
/// # Errors
/// When the store cannot be read.
pub fn timeline(
    store: &dyn Store,
    record: &Record,
    dues: &[DueView],
) -> Result<Vec<Entry>, StoreError> {
    let events = store.timeline(record)?;
    let surplus = events.len().saturating_sub(EVENTS_MAX);
    let mut all: Vec<Entry> = events.iter().skip(surplus).map(happened).collect();
    all.extend(entries(dues));
    let state = &record.state;
    all.extend(state.findings.iter().map(|finding| Entry {
        at: finding.at,
        what: format!("look at: {} {}", finding.note.code, finding.note.words),
    }));
    all.extend(state.decisions.iter().map(decided));
    let surplus = state.deliveries.len().saturating_sub(DELIVERIES_MAX);
    for (ordinal, delivery) in (1_u16..).zip(&state.deliveries).skip(surplus) {
        let attempts = store.attempts(DeliveryId { ticket: record.ticket.number, ordinal })?;
        all.extend(attempts.iter().map(|attempt| tried(ordinal, delivery, attempt)));
        all.extend(ended(ordinal, delivery, &attempts));
    }
    // Stable: what has one time stays in its order.
    all.sort_by_key(|entry| entry.at);
    Ok(all)
}

fn decided(done: &PastDecision) -> Entry {
    let PastDecision { at, delivery, what, by, reason } = done;
    let what = match delivery {
        Some(ordinal) => format!("delivery {ordinal} decided by {by}: {what} ({reason})"),
        None => format!("{what} by {by} ({reason})"),
    };
    Entry { at: *at, what }
}

fn happened(event: &Event) -> Entry {
    let by = match &event.source {
        Source::Client => "the client".to_owned(),
        Source::Adapter(name) => name.to_string(),
        Source::Hub => "the clock".to_owned(),
    };
    let more = match (&event.change, &event.breach, event.attachments.len()) {
        (Some(StatusChange { from, to, .. }), ..) => {
            let raw = to.raw.as_ref().map(|raw| format!(" (\"{raw}\")")).unwrap_or_default();
            format!(": {from} to {}{raw}", to.canonical)
        }
        (None, Some(breach), _) => format!(": {}, due {}", breach.due.as_str(), breach.at),
        (None, None, 0) => String::new(),
        (None, None, count) => format!(": {count} file(s)"),
    };
    Entry { at: event.at, what: format!("{} by {by}{more}", event.kind.as_str()) }
}

fn tried(ordinal: u16, delivery: &DeliveryState, attempt: &Attempt) -> Entry {
    let note = attempt.note.as_ref().map(|note| format!(": {} {}", note.code, note.words));
    let what = format!(
        "{} {} {} after {} ms (delivery {ordinal}){}",
        delivery.adapter,
        delivery.operation,
        attempt.end.as_str(),
        attempt.took_ms,
        note.unwrap_or_default()
    );
    Entry { at: attempt.at, what }
}

/// The end of a delivery that came without an attempt, such as a decision.
fn ended(ordinal: u16, delivery: &DeliveryState, attempts: &[Attempt]) -> Option<Entry> {
    let at = delivery.at.filter(|_| delivery.phase.is_final())?;
    let is_told = attempts.last().is_some_and(|last| last.ended() == Some(delivery.phase));
    let note = delivery.note.as_ref().map(|note| format!(": {} {}", note.code, note.words));
    let (adapter, operation) = (&delivery.adapter, &delivery.operation);
    let what = format!(
        "{adapter} {operation} {} (delivery {ordinal}){}",
        state(delivery.phase),
        note.unwrap_or_default()
    );
    (!is_told).then_some(Entry { at, what })
}
