//! What a person should look at, as GET shows it under `metadata.findings`.
//!
//! Some of it is kept with the ticket, the rest shows in what the ticket lacks and in what became of
//! its deliveries to the numbering adapter: nothing is noted twice. Of other systems a client is told
//! nothing: their troubles are the operators'.

use jiff::Timestamp;
use omnihub_contract::{AdapterName, Kind};
use serde::Serialize;

use crate::store::outbox::{DeliveryState, PASSED_OVER, Phase};
use crate::store::{Finding, Record};

/// One finding.
#[derive(Serialize)]
pub(crate) struct Shown<'a> {
    code: &'a str,
    message: &'a str,
    timestamp: Timestamp,
}

/// All findings of a ticket.
pub(crate) fn of<'a>(record: &'a Record, numbering: &AdapterName) -> Vec<Shown<'a>> {
    let (ticket, state) = (&record.ticket, &record.state);
    let is_theirs = |finding: &&Finding| finding.note.code != PASSED_OVER;
    let kept = state.findings.iter().filter(is_theirs).map(|finding| Shown {
        code: &finding.note.code,
        message: &finding.note.words,
        timestamp: finding.at,
    });
    let lacks_identifier = ticket.kind == Kind::Ticket && ticket.customer.identifier.is_none();
    let lacking = lacks_identifier.then_some(Shown {
        code: "H0602",
        message: "the customer has no identifier: a system that insists on one is told a placeholder",
        timestamp: ticket.created_at,
    });
    let told = state.deliveries.iter().filter(|delivery| delivery.adapter == *numbering);
    lacking.into_iter().chain(kept).chain(told.filter_map(untold)).collect()
}

/// A delivery that the numbering adapter refused, or that nobody knows it has.
fn untold(delivery: &DeliveryState) -> Option<Shown<'_>> {
    let is_stuck = matches!(delivery.phase, Phase::Dead | Phase::Held);
    let note = delivery.note.as_ref().filter(|_| is_stuck)?;
    let timestamp = delivery.at.unwrap_or(delivery.since);
    Some(Shown { code: &note.code, message: &note.words, timestamp })
}
