//! What comes in: tickets and changes of tickets, and what became of them.

use std::io::Read;
use std::sync::Arc;

use jiff::Timestamp;
use omnihub_contract::{AdapterName, DeliveryId, Event, ReceiptName, Ticket, TicketNumber};
use serde::{Deserialize, Serialize};

use super::Track;
use super::recent::Likeness;

/// Contents of attachments on their way in: each is read once, in pieces, on a thread that may wait.
pub type Contents = Vec<Box<dyn Read + Send>>;

/// Everything that one create writes.
pub struct Acceptance {
    /// The ticket; its number comes from [`Store::reserve_number`](super::Store::reserve_number).
    pub ticket: Arc<Ticket>,
    /// What happened, first in the timeline.
    pub event: Event,
    /// What is due because of it, in the order of the mapping files.
    pub due: Vec<Due>,
    /// Contents of its attachments, in their order.
    pub contents: Contents,
    /// What makes a repeat the same request; absent where the client gave no key.
    pub request: Option<NewRequest>,
    /// What makes a claim without a request id the same as an earlier one, or similar to it.
    pub likeness: Option<Likeness>,
    /// The number that its client is told, where that is fixed at once.
    pub public_number: Option<Box<str>>,
}

/// Everything that one change of a ticket writes.
pub struct Change {
    /// Which ticket.
    pub number: TicketNumber,
    /// What happened. The status that a change of status came from is set by the store.
    pub event: Event,
    /// What is due because of it.
    pub due: Vec<Due>,
    /// Contents of the event's attachments, in their order.
    pub contents: Contents,
    /// As in [`Acceptance`].
    pub request: Option<NewRequest>,
}

/// What became of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It is on disk.
    Kept {
        /// The event's place in the timeline.
        event: u16,
        /// The deliveries that it made.
        deliveries: Vec<DeliveryId>,
    },
    /// A request with the same key was there first; nothing was written.
    Repeated(PriorRequest),
    /// The ticket's status takes no such change any more; nothing was written.
    Final,
    /// The ticket has [`EVENTS_MAX`] events; nothing was written.
    Full,
    /// There is no such ticket.
    NoTicket,
}

/// Changes that one ticket may have: far more than any real one, few enough to list them all.
pub const EVENTS_MAX: u16 = 1000;

/// One delivery that is due.
#[derive(Clone, Debug)]
pub struct Due {
    /// Who is told.
    pub adapter: AdapterName,
    /// What is done there.
    pub operation: Box<str>,
    /// The mapping rule that says so.
    pub rule: Box<str>,
    /// Receipts that have to be there first.
    pub needs: Vec<ReceiptName>,
    /// Whether a repeat could make a second thing: then its lease is durable.
    pub unsafe_repeat: bool,
    /// Whether later deliveries of the ticket to the adapter wait behind it while it is held or dead.
    pub blocks: bool,
    /// Whether it sets the ticket's status there.
    pub sets_status: bool,
    /// Where it stands once it is ready: creates and changes are asked for apart.
    pub track: Track,
}

/// Scope and key of a request, hashed: 32 bytes of SHA-256.
pub type RequestKey = [u8; 32];

/// What the store keeps of a request with a key.
#[derive(Clone, Debug, PartialEq)]
pub struct NewRequest {
    /// Scope and key.
    pub key: RequestKey,
    /// Hash of method, path and body.
    pub fingerprint: [u8; 32],
    /// HTTP status of the answer.
    pub status: u16,
    /// Until when a repeat is the same request.
    pub until: Timestamp,
}

/// An earlier request with the same key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriorRequest {
    /// The ticket that it made.
    pub number: TicketNumber,
    /// Hash of method, path and body.
    pub fingerprint: [u8; 32],
    /// HTTP status of its answer.
    pub status: u16,
    /// The place in the timeline of the event that it made; 0 for a create.
    #[serde(default, skip_serializing_if = "is_first")]
    pub event: u16,
    /// Until when a repeat is the same request.
    pub until: Timestamp,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_first(event: &u16) -> bool {
    *event == 0
}

/// What became of an acceptance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// It is on disk.
    Kept,
    /// A request with the same key was there first; nothing was written.
    Repeated(PriorRequest),
    /// The same claim came shortly before, without a request id too; nothing was written.
    Same(TicketNumber),
}
