//! What goes out: deliveries handed out for an attempt, and what became of it.

use std::sync::Arc;

use jiff::Timestamp;
use omnihub_contract::{DeliveryId, Event, Receipt, ReceiptName, Receipts, Status, Ticket};

use super::{Note, Track};

/// A delivery handed out for one attempt.
pub struct Lease {
    /// Which one.
    pub id: DeliveryId,
    /// The ticket it is about.
    pub ticket: Arc<Ticket>,
    /// The event that caused it.
    pub event: Event,
    /// The event's place in the timeline.
    pub event_place: u16,
    /// The ticket's status now.
    pub status: Status,
    /// What upstreams gave the ticket so far.
    pub receipts: Receipts,
    /// The track that it stood on.
    pub track: Track,
    /// What to do.
    pub operation: Box<str>,
    /// The mapping rule that says how.
    pub rule: Box<str>,
    /// Attempts that failed before this one.
    pub attempts: u32,
    /// When its first attempt that counts began: what it waited for before, a receipt, a pause or an
    /// address, does not make it old.
    pub since: Timestamp,
    /// An earlier attempt may have arrived: ask before repeating.
    pub unknown: bool,
    /// The short digest of the mappings to go by, where a person said so: otherwise those of the day.
    pub pinned: Option<Box<str>>,
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The upstream has it.
    Delivered(Receipt),
    /// To be tried again.
    Retry {
        /// When.
        due: Timestamp,
        /// Whether the attempt counts towards the maximum.
        counts: bool,
        /// Whether this attempt may have arrived.
        unknown: bool,
        /// What went wrong.
        note: Note,
    },
    /// No attempt was made: its destination cannot take it now. It stands aside, on the destination's
    /// own track.
    Aside(Box<str>),
    /// Its mapping reads a receipt that is not there yet.
    WaitsFor(ReceiptName),
    /// Nobody knows whether it arrived: a person decides.
    Held(Note),
    /// It can not be delivered: a person decides.
    Dead(Note),
    /// There is nothing to deliver it to; neither are deliveries that wait for the adapter's receipts.
    Discarded(Note),
}
