//! The OMNI door's eye: bodies of `POST /claims` and `POST /tickets` become canonical tickets, bodies
//! of `PATCH` become an [`Update`], or a list of everything that is wrong with them.
//!
//! It reads no header, clock, file or store, and it neither routes nor keeps anything: the time, the
//! ticket's id and its number come in with the [`Door`], and what comes out is plain data.
//!
//! Where a body goes: [`Document::parse`] → [`Document::request_id`] and [`Document::fingerprint`]
//! (idempotency is decided before validation) → [`claim`] or [`ticket`] → [`Taken`], or [`update`].
//!
//! What the bodies may hold is said by the readers themselves too, as JSON Schemas ([`schema`]).
//!
//! Invariants:
//! - No body makes it panic, and none makes it work without bound: texts, nesting, metadata and
//!   attachments have limits (`limits`, [`Policy`]).
//! - Every wrong member is told at once, by its dotted path, in the words of the OMNI documents
//!   where they have some. A complaint never repeats what was sent: it may be personal.
//! - A card number leaves here masked, whether it stood in its own field or in free text.
//! - The same body and the same door give the same ticket.
//!
//! Decisions where the documents are silent:
//! - Texts are trimmed at both ends: a blank name is a missing name, and a reference pasted with a
//!   line break must be found again. Words of a closed list stand as they are listed. Empty text and
//!   `null` are absent members.
//! - Unknown members are ignored (contract trap 33); metadata is kept as sent but for card numbers.
//! - The metadata members that the hub itself reads (amounts, dates, ids) have a type whatever the
//!   service type: a claim amount in words would otherwise be lost without a word.

mod amount;
mod attachments;
mod claims;
mod content;
mod customer;
mod date;
mod document;
mod email;
mod fields;
mod fingerprint;
mod integration;
mod kind;
mod limits;
mod metadata;
mod phone;
mod policy;
mod regulatory;
mod required;
pub mod schema;
mod tickets;
mod transaction;
mod updates;

use std::collections::BTreeMap;

use jiff::Timestamp;
use omnihub_contract::{Channel, PartnerId, Ticket, TicketId, TicketNumber};

pub use attachments::Attached;
pub use claims::claim;
pub use content::Content;
pub use document::Document;
pub use kind::kind_of;
pub use policy::{AmountLevels, AttachmentLimits, Policy, SlaHours, WebhookUrlCheck};
pub use regulatory::{RegulatoryDays, RegulatoryRules, SpecialDays};
pub use tickets::ticket;
pub use updates::{Update, UpdateDoor, update};

/// What the hub knows of a ticket before it reads the body.
pub struct Door<'a> {
    /// When the body arrived.
    pub now: Timestamp,
    /// The id that the ticket gets.
    pub id: TicketId,
    /// The hub's number that the ticket gets.
    pub number: TicketNumber,
    /// Whose key posted it.
    pub partner: &'a PartnerId,
    /// What that partner's tickets have where the body says nothing.
    pub partner_defaults: &'a PartnerDefaults,
    /// Thresholds, hours and limits.
    pub policy: &'a Policy,
    /// What [`Document::request_id`] said.
    pub request_id: Option<String>,
}

/// `[partners.P]`: what a partner's tickets have where the body says nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartnerDefaults {
    /// Channel of its claims (contract trap 32); a ticket names its own.
    pub channel: Option<Channel>,
    /// Branch code.
    pub branch_code: Option<String>,
    /// Name of that branch; never given to a ticket of another branch.
    pub branch_name: Option<String>,
}

/// A body that was taken.
#[derive(Debug, PartialEq)]
pub struct Taken {
    /// The canonical ticket.
    pub ticket: Ticket,
    /// The contents of its attachments, in the order of [`Ticket::attachments`]. They are the body's
    /// own texts, which it has no more; nothing is decoded.
    pub contents: Vec<Content>,
}

/// Why a body was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IntakeError {
    /// The bytes are no JSON text, or one nested beyond reason.
    #[error("the body is not JSON: {reason} at line {line}, column {column}")]
    NotJson {
        /// Line of the first byte that is wrong, from 1.
        line: usize,
        /// Its column, from 1; 0 where the line is empty.
        column: usize,
        /// What is wrong there. Never quotes the body.
        reason: String,
    },
    /// A JSON text, but no object.
    #[error("the body is not a JSON object")]
    NotAnObject,
    /// Two idempotency keys that differ.
    #[error("integration.requestId and the Idempotency-Key header differ")]
    RequestIdConflict,
    /// What is wrong, by the dotted path of the member (`attachments[0].content`).
    #[error("{} members of the body are wrong", .0.len())]
    Fields(BTreeMap<String, String>),
}
