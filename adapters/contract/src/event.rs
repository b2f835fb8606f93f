//! Events: what happened to a ticket, and where the change came from.
//!
//! What an event brought stands in the member that fits its kind; the others are empty. It does
//! not hold the contents of files: only a store keeps those.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::AdapterName;
use crate::personal::Personal;
use crate::ticket::{Attachment, Status};
use crate::words::StatusWord;

/// What happened. The words are those that mapping files use (`on = "ticket.created"`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EventKind {
    /// The door took the ticket.
    #[serde(rename = "ticket.created")]
    TicketCreated,
    /// Somebody wrote a comment: it is in [`Event::comment`].
    #[serde(rename = "ticket.commented")]
    TicketCommented,
    /// The status became another one: see [`Event::change`].
    #[serde(rename = "ticket.status_changed")]
    TicketStatusChanged,
    /// Files were added after the create: they are in [`Event::attachments`].
    #[serde(rename = "ticket.attachment_added")]
    TicketAttachmentAdded,
    /// The first answer or the resolution did not come in time, by the bank's own hours or by the
    /// regulator's days: see [`Event::breach`].
    #[serde(rename = "sla.breached")]
    SlaBreached,
}

impl EventKind {
    /// Every kind, in the order of the documentation.
    pub const ALL: &'static [Self] = &[
        Self::TicketCreated,
        Self::TicketCommented,
        Self::TicketStatusChanged,
        Self::TicketAttachmentAdded,
        Self::SlaBreached,
    ];

    /// The word that mapping files use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TicketCreated => "ticket.created",
            Self::TicketCommented => "ticket.commented",
            Self::TicketStatusChanged => "ticket.status_changed",
            Self::TicketAttachmentAdded => "ticket.attachment_added",
            Self::SlaBreached => "sla.breached",
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
    /// The hub itself, by its clock.
    Hub,
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
    /// The comment, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<Comment>,
    /// The change of status, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<StatusChange>,
    /// The files that were added, without their contents. Those of a create are the ticket's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// What did not come in time, where it is that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breach: Option<Breach>,
}

impl Event {
    /// An event that brought nothing but itself.
    pub fn new(kind: EventKind, at: Timestamp, source: Source) -> Self {
        let (comment, change, breach) = (None, None, None);
        Self { kind, at, source, comment, change, attachments: Vec::new(), breach }
    }
}

/// What somebody wrote about a ticket after it was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    /// The hub's own id of it; the helpdesk gives another.
    pub id: String,
    /// The words, with card numbers masked. Never empty.
    pub content: Personal,
    /// Who is said to have written it.
    pub author: Personal,
    /// Whether the bank's side wrote it, not the customer or client.
    pub is_from_support: bool,
    /// When it was written, as far as its source says.
    pub at: Timestamp,
}

/// A change of a ticket's status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusChange {
    /// What it was, in OMNI's words.
    pub from: StatusWord,
    /// What it became.
    pub to: Status,
    /// Who works on it now, as far as the one who changed it says (OMNI API 1.0, "Webhooks").
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assigned_to: Option<Personal>,
    /// The words that came with the change, where there were some (Omnichannel payloads 1.0.0).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<Personal>,
}

impl StatusChange {
    /// A change that says nothing but itself.
    pub fn new(from: StatusWord, to: Status) -> Self {
        Self { from, to, assigned_to: None, comment: None }
    }
}

/// Something that did not come in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breach {
    /// What.
    pub due: SlaDue,
    /// By when it should have come.
    pub at: Timestamp,
}

/// What has to come in time (contract trap 25).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlaDue {
    /// The first answer of the bank.
    Response,
    /// The end of the ticket.
    Resolution,
    /// The end of the ticket, as far as the regulator gives time (domain 4.1).
    Regulatory,
}

impl SlaDue {
    /// Every word, as mapping files write them.
    pub const WORDS: &'static [&'static str] = &["response", "resolution", "regulatory"];

    /// The word that mapping files use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Response => "response",
            Self::Resolution => "resolution",
            Self::Regulatory => "regulatory",
        }
    }
}

#[cfg(test)]
mod tests;
