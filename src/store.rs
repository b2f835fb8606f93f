//! The store: every ticket, its outbox, and what makes a repeated request the same request.
//!
//! It does not know HTTP, adapters, mappings or retry policies: who calls it says what is due and
//! what became of it. Its parts: [`outbox`] (pure: what a ticket owes to whom, and what is ready),
//! `engine` (the indexes, and one group of transactions at a time), `committer` (who
//! owns the engine and makes each group durable: `owner`, a thread or in simulations a task),
//! `contents` (of attachments, in files beside it), `embedded` (sled) and `memory` (for simulations).
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

mod acceptance;
pub mod attempt;
pub(crate) mod committer;
mod compact;
pub(crate) mod contents;
mod decision;
pub(crate) mod disk;
pub mod embedded;
pub(crate) mod engine;
pub(crate) mod envelope;
mod error;
pub(crate) mod files;
pub mod judgement;
pub(crate) mod lane;
pub(crate) mod layout;
mod lease;
pub mod link;
pub mod marks;
pub mod memory;
mod on_task;
pub mod outbox;
mod owner;
mod partner;
pub mod plan;
pub(crate) mod reading;
pub mod recent;
mod room;
pub(crate) mod slot;
mod stock;
mod survey;
mod tally;
mod track;
pub(crate) mod transaction;
mod upgrade;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use omnihub_contract::{
    AdapterName, Attachment, BoxFuture, DeliveryId, Event, PartnerId, ReceiptName, Ticket,
    TicketNumber,
};
use serde::{Deserialize, Serialize};

use crate::metrics::Commits;
use attempt::Attempt;
use outbox::TicketState;

pub use acceptance::{
    Acceptance, Accepted, Change, Changed, Contents, Due, EVENTS_MAX, NewRequest, PriorRequest,
    RequestKey,
};
pub use compact::Compacted;
pub use decision::{DECISIONS_MAX, Decided, Decision, PastDecision, Verdict};
pub use error::StoreError;
pub use judgement::{Heard, Judge, Judgement};
pub use lane::LANE_MAX;
pub use layout::FORMAT;
pub use lease::{Lease, Outcome};
pub use link::Link;
pub use partner::{PartnerRecord, WebhookSecret};
pub use plan::{PlannedPoll, Plans, PollMove};
pub use stock::{Space, Stock};
pub use survey::Survey;
pub use tally::{Owed, Tally};
pub use track::{Leased, Track, Wants};

/// The store, whatever keeps it.
pub trait Store: Plans + Send + Sync + 'static {
    /// A number that no ticket has, in the hub's own range. Numbers of requests that are then refused
    /// stay unused.
    fn reserve_number(&self) -> TicketNumber;

    /// Keeps a ticket, its deliveries and its idempotency record, in one durable transaction.
    fn accept(&self, acceptance: Acceptance) -> BoxFuture<'_, Result<Accepted, StoreError>>;

    /// Adds an event to a ticket, with its deliveries and its idempotency record, in one durable
    /// transaction.
    fn change(&self, change: Change) -> BoxFuture<'_, Result<Changed, StoreError>>;

    /// Does to a ticket what something that a system told means for it, in one durable transaction: as it
    /// is judged on the ticket as it then stands.
    fn hear(&self, number: TicketNumber, judge: Judge) -> BoxFuture<'_, Result<Heard, StoreError>>;

    /// Keeps a ticket that the numbering adapter has already, under the number that it has there.
    fn adopt(
        &self,
        acceptance: Acceptance,
        there: Numbered,
    ) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Waits until a delivery will not move by itself any more: delivered, held, dead or discarded.
    fn finished(&self, id: DeliveryId) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Fixes the number that the ticket's client is told, as the hub's own, if it is not fixed yet;
    /// gives the one that is.
    fn fix_number(&self, number: TicketNumber) -> BoxFuture<'_, Result<String, StoreError>>;

    /// Forgets a request whose change was refused after all: only successes are kept.
    fn forget_request(&self, key: RequestKey) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Forgets what may be forgotten by now, and purges what was finished long ago: a bounded part of it;
    /// true when there is more.
    fn forget(&self) -> BoxFuture<'_, Result<bool, StoreError>>;

    /// Waits until deliveries of this adapter are due on the tracks that are asked for, and leases
    /// some. What asks for nothing, is replaced by what was asked later, or asks for an empty track
    /// aside is answered at once. One caller an adapter.
    fn lease_from(
        &self,
        adapter: AdapterName,
        wants: Wants,
    ) -> BoxFuture<'_, Result<Leased, StoreError>>;

    /// The same from both tracks that every adapter has; an empty list means that leasing has stopped.
    fn lease(
        &self,
        adapter: AdapterName,
        at_most: usize,
    ) -> BoxFuture<'_, Result<Vec<Lease>, StoreError>> {
        let leased = self.lease_from(adapter, Wants::all(at_most));
        Box::pin(async move { Ok(leased.await?.leases) })
    }

    /// Destinations of this adapter with deliveries put aside, by name, at most `limit`.
    fn asides(&self, adapter: &AdapterName, limit: usize) -> Result<Vec<Box<str>>, StoreError>;

    /// Keeps what became of a leased delivery, and releases what waited for it.
    fn settle(&self, id: DeliveryId, outcome: Outcome) -> BoxFuture<'_, Result<(), StoreError>> {
        self.settle_attempt(id, outcome, None)
    }

    /// The same, with what is to be kept of the attempt, if one was made.
    fn settle_attempt(
        &self,
        id: DeliveryId,
        outcome: Outcome,
        attempt: Option<Attempt>,
    ) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Does what a person decided about a delivery that is held or dead.
    fn decide(&self, decision: Decision) -> BoxFuture<'_, Result<Decided, StoreError>>;

    /// Answers every waiting [`lease`](Self::lease) with an empty list and gives out no more.
    fn stop_leasing(&self);

    /// Writes what is queued, flushes, and refuses everything after.
    fn close(&self) -> BoxFuture<'_, ()>;

    /// Ends when the store has ended without being closed, by a fault of ours: only a new process
    /// helps.
    fn failed(&self) -> BoxFuture<'_, ()>;

    /// Ends once all that was read until now is on disk. Reads may be one commit ahead of it: whoever tells
    /// a client what was read waits for this first, since a crash may still undo it.
    ///
    /// # Errors
    /// When that cannot be said, since the disk failed.
    fn synced(&self) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Why nothing new can be kept just now, if that is so. It passes when the disk is mended.
    fn trouble(&self) -> Option<StoreError>;

    /// The ticket that has this number: the hub's own, or one that the numbering adapter gave.
    fn find(&self, number: &str) -> Result<Option<Record>, StoreError>;

    /// The newest ticket to which an upstream gave this when it was created.
    fn find_receipt(&self, name: &ReceiptName, value: &str) -> Result<Option<Record>, StoreError>;

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

    /// The attempts of a delivery, the oldest first: its first one and the newest.
    fn attempts(&self, id: DeliveryId) -> Result<Vec<Attempt>, StoreError>;

    /// What an earlier request with this key was answered with, while that is remembered.
    fn find_request(&self, key: &RequestKey) -> Result<Option<PriorRequest>, StoreError>;

    /// The content of an attachment of this ticket, exactly as it was accepted; it waits for the disk.
    /// [`StoreError::Damaged`] says that it is gone or another one.
    fn content(&self, number: TicketNumber, attachment: &Attachment)
    -> Result<Vec<u8>, StoreError>;

    /// Numbers of the newest tickets, the newest first, at most `limit`.
    fn newest(&self, limit: usize) -> Result<Vec<TicketNumber>, StoreError>;

    /// What is owed and since when, and how much room there is, at the cost of a few reads.
    fn stock(&self) -> Result<Stock, StoreError>;

    /// What the keys after this one hold, a page of them.
    fn survey(&self, after: &[u8]) -> Result<Survey, StoreError>;

    /// Deliveries that wait for a person: held and dead ones, by ticket, at most `limit`.
    fn ledger(&self, limit: usize) -> Result<Vec<Record>, StoreError>;

    /// Keeps a small record of another kind: a key, a partner.
    fn put(
        &self,
        kind: RecordKind,
        name: &str,
        value: serde_json::Value,
    ) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Removes a small record of another kind.
    fn remove(&self, kind: RecordKind, name: &str) -> BoxFuture<'_, Result<(), StoreError>>;

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
    /// Texts of mapping files that were in force, by a place of few.
    Mappings,
    /// Something that a system told of a ticket that the hub does not know.
    Notice,
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

/// A number that the numbering adapter gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbered {
    /// The receipt that it is.
    pub receipt: ReceiptName,
    /// The number.
    pub number: String,
}

/// How a store is set up.
#[derive(Clone, Debug)]
pub struct StoreSettings {
    /// First of the hub's numbers: its prefix followed by nine zeros.
    pub first_number: u64,
    /// The receipt by which tickets are found too.
    pub numbering: ReceiptName,
    /// Bytes that have to be free on the disk for anything new to be taken in; zero: any.
    pub free_bytes_min: u64,
    /// How long finished tickets are kept whole; zero: for ever.
    pub keep: Duration,
    /// How long the rest of them is kept then; zero: for ever.
    pub keep_numbers: Duration,
    /// Adapters in which tickets are polled, and how soon after they are there.
    pub polled: BTreeMap<AdapterName, Duration>,
    /// Longest that anything is ever to wait for its time: what is due later than that was put there by a
    /// clock that has been set back since, and goes at once. Zero: there is no such bound.
    pub wait_max: Duration,
    /// Counts commits.
    pub counts: Arc<Commits>,
}

impl StoreSettings {
    /// Takes in whatever the disk takes, and keeps it.
    pub fn of(first_number: u64, numbering: ReceiptName) -> Self {
        let (keep, keep_numbers) = (Duration::ZERO, Duration::ZERO);
        Self {
            first_number,
            numbering,
            free_bytes_min: 0,
            keep,
            keep_numbers,
            polled: BTreeMap::new(),
            wait_max: Duration::ZERO,
            counts: Arc::default(),
        }
    }
}
