//! Tickets with all that mappings read of them, for whoever tries mappings out on them.
//!
//! They hold personal data in clear: who shows them masks it.

use std::sync::Arc;

use omnihub_contract::{Event, Receipts, Status, Ticket};
use serde::{Deserialize, Serialize};

use crate::store::{Store, StoreError};

/// Most tickets that one list names.
pub const NEWEST_MAX: usize = 1000;

/// Most events of one ticket, the newest: an answer stays small enough for one.
const EVENTS_MAX: usize = 50;

/// Which ticket.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Wanted {
    /// Any number that it has.
    pub number: String,
}

/// How many tickets.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Newest {
    /// At most [`NEWEST_MAX`].
    pub limit: usize,
}

/// A ticket with all that mappings read of it but the contents of files.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TicketFacts {
    /// As it was accepted.
    pub ticket: Arc<Ticket>,
    /// Its status now.
    pub status: Status,
    /// What upstreams gave so far.
    pub receipts: Receipts,
    /// Its create, and the newest of what happened since.
    pub events: Vec<Event>,
}

/// The ticket with this number.
///
/// # Errors
/// When the store cannot be read.
pub fn of(store: &dyn Store, number: &str) -> Result<Option<TicketFacts>, StoreError> {
    let Some(record) = store.find(number)? else { return Ok(None) };
    let mut events = store.timeline(&record)?;
    let surplus = events.len().saturating_sub(1 + EVENTS_MAX);
    events.drain(1..=surplus);
    let state = record.state;
    Ok(Some(TicketFacts {
        ticket: record.ticket,
        status: state.status,
        receipts: state.receipts,
        events,
    }))
}

/// The hub's numbers of the newest tickets, the newest first.
///
/// # Errors
/// When the store cannot be read.
pub fn newest(store: &dyn Store, newest: Newest) -> Result<Vec<String>, StoreError> {
    let numbers = store.newest(newest.limit.min(NEWEST_MAX))?;
    Ok(numbers.into_iter().map(|number| number.to_string()).collect())
}
