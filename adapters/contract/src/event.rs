//! Events: what happened to a ticket, and where the change came from.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::AdapterName;

/// What happened. The words are those that mapping files use (`on = "ticket.created"`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EventKind {
    /// The door took the ticket.
    #[serde(rename = "ticket.created")]
    TicketCreated,
}

impl EventKind {
    /// Every kind, in the order of the documentation.
    pub const ALL: &'static [Self] = &[Self::TicketCreated];

    /// The word that mapping files use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TicketCreated => "ticket.created",
        }
    }
}

/// Who caused an event. A change is never told to the system that it came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// An OMNI client, through the door.
    Client,
    /// An upstream, through the adapter of this name.
    Adapter(AdapterName),
}

/// One entry of a ticket's timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// When the hub learned of it.
    pub at: Timestamp,
    /// Who caused it.
    pub source: Source,
}
