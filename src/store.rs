//! The store: every ticket, its outbox, and what makes a repeated request the same request.
//!
//! It does not know HTTP, adapters, mappings or retry policies: who calls it says what is due and
//! what became of it. Its parts: [`outbox`] (pure: what a ticket owes to whom, and what is ready),
//! `engine` (the indexes, and one group of transactions at a time), `committer` (the thread that
//! owns the engine and makes each group durable), `contents` (of attachments, in files beside it),
//! `embedded` (sled) and `memory` (for simulations).
//!
//! Invariants:
//! - An answer leaves only after what it says is on disk. One thread owns all writes and commits
//!   them in groups; a group is applied, flushed and fdatasynced before anybody in it is answered.
//! - The state of a ticket is the truth, the indexes are hints: an index entry whose delivery is in
//!   another phase is dropped when it is met. An entry is removed only by the transaction that
//!   settles its delivery, so whatever was in flight at a crash is found again.
//! - What one ticket costs does not grow with how many there are: at most [`LANE_MAX`] ready
//!   deliveries of an adapter are in memory, the rest is read from the index when there is room.
//! - A delivery that is not safe to repeat is marked as in flight on disk before it is handed out.

pub(crate) mod committer;
pub(crate) mod contents;
pub(crate) mod disk;
pub mod embedded;
pub(crate) mod engine;
pub(crate) mod envelope;
mod error;
pub(crate) mod files;
pub(crate) mod lane;
pub(crate) mod layout;
pub mod memory;
pub mod outbox;
mod partner;
pub(crate) mod reading;
pub mod recent;
pub(crate) mod transaction;

use std::io::Read;
use std::sync::Arc;

use jiff::Timestamp;
use omnihub_contract::{
    AdapterName, Attachment, BoxFuture, DeliveryId, Event, PartnerId, Receipt, ReceiptName,
    Receipts, Status, Ticket, TicketNumber,
};
use serde::{Deserialize, Serialize};

use outbox::TicketState;
use recent::Likeness;

pub use error::StoreError;
pub use lane::LANE_MAX;
pub use partner::{PartnerRecord, WebhookSecret};

/// The store, whatever keeps it.
pub trait Store: Send + Sync + 'static {
    /// A number that no ticket has, in the hub's own range. Numbers of requests that are then refused
    /// stay unused.
    fn reserve_number(&self) -> TicketNumber;

    /// Keeps a ticket, its deliveries and its idempotency record, in one durable transaction.
    fn accept(&self, acceptance: Acceptance) -> BoxFuture<'_, Result<Accepted, StoreError>>;

    /// Adds an event to a ticket, with its deliveries and its idempotency record, in one durable
    /// transaction.
    fn change(&self, change: Change) -> BoxFuture<'_, Result<Changed, StoreError>>;

    /// Waits until a delivery will not move by itself any more: delivered, held, dead or discarded.
    fn finished(&self, id: DeliveryId) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Fixes the number that the ticket's client is told, as the hub's own, if it is not fixed yet;
    /// gives the one that is.
    fn fix_number(&self, number: TicketNumber) -> BoxFuture<'_, Result<String, StoreError>>;

    /// Forgets a request whose change was refused after all: only successes are kept.
    fn forget_request(&self, key: RequestKey) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Forgets what may be forgotten by now: a bounded part of it; true when there is more.
    fn forget(&self) -> BoxFuture<'_, Result<bool, StoreError>>;

    /// Waits until deliveries of this adapter are due and leases at most `at_most` of them; an empty
    /// list means that leasing has stopped. One caller an adapter at a time.
    fn lease(
        &self,
        adapter: AdapterName,
        at_most: usize,
    ) -> BoxFuture<'_, Result<Vec<Lease>, StoreError>>;

    /// Keeps what became of a leased delivery, and releases what waited for it.
    fn settle(&self, id: DeliveryId, outcome: Outcome) -> BoxFuture<'_, Result<(), StoreError>> {
        self.settle_mapped(id, outcome, None)
    }

    /// The same, with the digest of the mappings that the attempt went by.
    fn settle_mapped(
        &self,
        id: DeliveryId,
        outcome: Outcome,
        mapping: Option<Box<str>>,
    ) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Does what a person decided about a delivery that is held or dead.
    fn decide(&self, decision: Decision) -> BoxFuture<'_, Result<Decided, StoreError>>;

    /// Answers every waiting [`lease`](Self::lease) with an empty list and gives out no more.
    fn stop_leasing(&self);

    /// Writes what is queued, flushes, and refuses everything after.
    fn close(&self) -> BoxFuture<'_, ()>;

    /// Ends when the disk has failed: nothing more can be kept.
    fn failed(&self) -> BoxFuture<'_, ()>;

    /// The ticket that has this number: the hub's own, or one that the numbering adapter gave.
    fn find(&self, number: &str) -> Result<Option<Record>, StoreError>;

    /// Tickets with this reference of their channel, the newest first, at most `limit`: the partner's,
    /// or everybody's.
    fn find_reference(
        &self,
        partner: Option<&PartnerId>,
        reference: &str,
        limit: usize,
    ) -> Result<Vec<Record>, StoreError>;

    /// The ticket's timeline, from its first event.
    fn timeline(&self, record: &Record) -> Result<Vec<Event>, StoreError>;

    /// What an earlier request with this key was answered with, while that is remembered.
    fn find_request(&self, key: &RequestKey) -> Result<Option<PriorRequest>, StoreError>;

    /// The content of an attachment of this ticket, exactly as it was accepted; it waits for the disk.
    /// [`StoreError::Damaged`] says that it is gone or another one.
    fn content(&self, number: TicketNumber, attachment: &Attachment)
    -> Result<Vec<u8>, StoreError>;

    /// Numbers of the newest tickets, the newest first, at most `limit`.
    fn newest(&self, limit: usize) -> Result<Vec<TicketNumber>, StoreError>;

    /// Deliveries that wait for a person: held and dead ones, by ticket, at most `limit`.
    fn ledger(&self, limit: usize) -> Result<Vec<Record>, StoreError>;

    /// Keeps a small record of another kind: a key, a partner.
    fn put(
        &self,
        kind: RecordKind,
        name: &str,
        value: serde_json::Value,
    ) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Reads a small record of another kind: its JSON, which stays the same bytes until it is put anew.
    fn read(&self, kind: RecordKind, name: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Small records of a kind with their names, by name, at most `limit`.
    fn records(
        &self,
        kind: RecordKind,
        limit: usize,
    ) -> Result<Vec<(String, serde_json::Value)>, StoreError>;
}

/// Small records that are no tickets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordKind {
    /// An API key, by key id.
    Key,
    /// A partner, by name.
    Partner,
    /// An adapter that a person has paused, by name; no pause is `null`.
    Pause,
}

/// Contents of attachments on their way in: each is read once, in pieces, on a thread that may wait.
pub type Contents = Vec<Box<dyn Read + Send>>;

/// Everything that one create writes.
pub struct Acceptance {
    /// The ticket; its number comes from [`Store::reserve_number`].
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
    /// Its mapping reads a receipt that is not there yet.
    WaitsFor(ReceiptName),
    /// Nobody knows whether it arrived: a person decides.
    Held(Note),
    /// It can not be delivered: a person decides.
    Dead(Note),
    /// There is nothing to deliver it to; neither are deliveries that wait for the adapter's receipts.
    Discarded(Note),
}

/// What a person decided about a delivery that is held or dead.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// Which one.
    pub id: DeliveryId,
    /// What is to become of it.
    pub verdict: Verdict,
    /// Who says so.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// What is to become of a delivery.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// The upstream has it, and gave this.
    Delivered(Receipt),
    /// It is delivered again, from its first attempt on; the person has seen that it is not there.
    Again,
    /// It is not to be delivered; neither are those that wait for its receipts.
    Discarded,
}

impl Verdict {
    /// In a word.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Delivered(_) => "delivered",
            Self::Again => "again",
            Self::Discarded => "discarded",
        }
    }
}

/// What became of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decided {
    /// It is on disk.
    Done,
    /// The delivery waits for nobody: nothing was written.
    NotWaiting(outbox::Phase),
    /// There is no such delivery.
    NoDelivery,
}

/// Why a delivery is where it is, for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Code with a page in `src/docs/codes.md`.
    pub code: String,
    /// What was said, masked.
    pub words: String,
}

/// Something about a ticket that a person should look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// When it was found.
    pub at: Timestamp,
    /// What, with its code.
    #[serde(flatten)]
    pub note: Note,
}

/// Findings that one ticket keeps: the first ones say most.
pub const FINDINGS_MAX: usize = 50;

/// A ticket as the store has it.
#[derive(Clone, Debug)]
pub struct Record {
    /// The part that never changes.
    pub ticket: Arc<Ticket>,
    /// The part that does.
    pub state: TicketState,
}

/// How a store is set up.
#[derive(Clone, Debug)]
pub struct StoreSettings {
    /// First of the hub's numbers: its prefix followed by nine zeros.
    pub first_number: u64,
    /// The receipt by which tickets are found too.
    pub numbering: ReceiptName,
}
