//! What goes in, as people write it: a body of a client or a canonical ticket, and what is known by
//! then.
//!
//! Everything that the hub would add (id, number, time) is fixed unless it is given, so that a case
//! comes out the same for ever.

use std::collections::BTreeMap;

use jiff::Timestamp;
use omnihub_contract::{Event, PartnerId, ReceiptName, Status, StatusWord, Ticket};
use omnihub_contract::{TicketId, TicketNumber};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::intake::IntakeError;

/// The hub's number of a ticket unless another is given.
pub const NUMBER: TicketNumber = TicketNumber(9_000_000_042);

/// When a ticket came unless another time is given: the day of the documents' examples.
pub const AT: &str = "2024-12-19T10:30:00Z";

/// Whose ticket it is unless another partner is given.
pub const PARTNER: &str = "example";

/// What goes in. One of `omni`, `ticket` and `said` is there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Given {
    /// The body of a create.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub omni: Option<Omni>,
    /// A ticket as the hub keeps it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket: Option<Ticket>,
    /// What a system says, for `[[inbound]]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub said: Option<Value>,
    /// The body of a PATCH of that ticket: the event is then what it makes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update: Option<Value>,
    /// What happened, as the hub keeps it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<Event>,
    /// The ticket's status when the delivery goes out, where it is not as the event left it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<StatusGiven>,
    /// What upstreams gave by then; `null` takes one away that would be there.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub receipts: BTreeMap<ReceiptName, Option<String>>,
    /// Settings of the adapter that differ from those of `config.toml`.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub settings: Map<String, Value>,
    /// When it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// Whose key posted it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner: Option<PartnerId>,
    /// The hub's number for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<TicketNumber>,
}

/// The body of a create.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Omni {
    /// Of `POST /claims`.
    Claim(Value),
    /// Of `POST /tickets`.
    Ticket(Value),
}

/// A client's words are personal: nothing of them is printed.
impl std::fmt::Debug for Omni {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Claim(_) => "Claim(…)",
            Self::Ticket(_) => "Ticket(…)",
        })
    }
}

/// A status as people write it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum StatusGiven {
    /// Only the word.
    Word(StatusWord),
    /// With the word that it came as.
    Whole(Status),
}

/// Why nothing can be made of what is given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GivenError {
    /// The door would not take the body.
    #[error(transparent)]
    Body(#[from] IntakeError),
    /// The door would not take the update.
    #[error("update: {0}")]
    Update(IntakeError),
    /// What is given does not go together.
    #[error("{0}")]
    Form(&'static str),
}

impl Given {
    /// When it came.
    pub fn time(&self) -> Timestamp {
        self.at.unwrap_or_else(|| AT.parse().unwrap_or_default())
    }

    /// The hub's id of it: as fixed as its number.
    pub fn id(&self) -> TicketId {
        let number = self.number.unwrap_or(NUMBER).0;
        TicketId(uuid::Uuid::from_u64_pair(0x0193_ddf0_7c00_7000, 0x8000_0000_0000_0000 | number))
    }

    /// Whose key posted it.
    pub fn partner(&self) -> PartnerId {
        self.partner.clone().unwrap_or_else(|| PARTNER.into())
    }
}
