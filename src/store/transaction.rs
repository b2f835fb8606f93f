//! Transactions: what the committer hands to the engine, and what is answered afterwards.

use std::sync::Arc;

use jiff::Timestamp;
use omnihub_contract::{AdapterName, DeliveryId, Ticket, TicketNumber};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use super::attempt::Attempt;
use super::contents::Incoming;
use super::engine::purge::Ends;
use super::outbox::TicketState;
use super::plan::{PollMove, Turn};
use super::recent::Likeness;
use super::{
    Acceptance, Accepted, Change, Changed, Decided, Decision, Heard, Judge, Leased, NewRequest,
    Numbered, Outcome, StoreError, Wants, envelope,
};

/// A transaction for the engine.
pub(crate) enum Request {
    Accept {
        new: Box<NewTicket>,
        reply: Sender<Accepted>,
    },
    Change {
        change: Box<Change>,
        incoming: Option<Incoming>,
        reply: Sender<Changed>,
    },
    Hear {
        number: TicketNumber,
        judge: Judge,
        reply: Sender<Heard>,
    },
    /// A ticket that has this number at the numbering adapter already.
    Adopt {
        new: Box<NewTicket>,
        there: String,
        reply: Sender<Accepted>,
    },
    Turn {
        planned: (Timestamp, TicketNumber),
        judge: Turn,
        reply: Sender<Heard>,
    },
    PlanPolls {
        moves: (AdapterName, Vec<PollMove>),
        reply: Sender<()>,
    },
    /// Answered when the delivery is final.
    Finished {
        id: DeliveryId,
        reply: Sender<()>,
    },
    /// Whoever waited for this delivery may have gone.
    Unwait {
        id: DeliveryId,
    },
    FixNumber {
        number: TicketNumber,
        reply: Sender<String>,
    },
    Forget {
        /// What is old enough is purged.
        ends: Ends,
        reply: Sender<bool>,
    },
    Lease {
        adapter: AdapterName,
        wanted: Wanted,
    },
    Settle {
        id: DeliveryId,
        outcome: Outcome,
        attempt: Option<KeptAttempt>,
        reply: Sender<()>,
    },
    Decide {
        decision: Decision,
        reply: Sender<Decided>,
    },
    Put {
        key: Vec<u8>,
        /// Absent: the key is removed.
        value: Option<Vec<u8>>,
        reply: Sender<()>,
    },
    /// Answered when all before it is on disk.
    Sync {
        reply: Sender<()>,
    },
    StopLeasing,
    Close {
        reply: Sender<()>,
    },
}

impl Request {
    /// Answers it without doing it.
    pub(crate) fn refuse(self, told: Result<(), StoreError>) {
        let reply = match self {
            Self::Accept { reply, .. } | Self::Adopt { reply, .. } => {
                Reply::Accepted(reply, Err(StoreError::Away))
            }
            Self::Change { reply, .. } => Reply::Changed(reply, Err(StoreError::Away)),
            Self::Hear { reply, .. } | Self::Turn { reply, .. } => {
                Reply::Heard(reply, Err(StoreError::Away))
            }
            Self::FixNumber { reply, .. } => Reply::Number(reply, Err(StoreError::Away)),
            Self::Decide { reply, .. } => Reply::Decided(reply, Err(StoreError::Away)),
            Self::Forget { reply, .. } => Reply::Forgot(reply, false),
            Self::Lease { wanted, .. } => Reply::Leased(wanted.reply, Leased::default()),
            Self::Finished { reply, .. }
            | Self::Settle { reply, .. }
            | Self::Put { reply, .. }
            | Self::PlanPolls { reply, .. }
            | Self::Sync { reply }
            | Self::Close { reply } => Reply::Done(reply),
            Self::Unwait { .. } | Self::StopLeasing => return,
        };
        reply.send(told);
    }
}

/// Who waits for leases.
pub(crate) struct Wanted {
    pub(crate) wants: Wants,
    pub(crate) reply: Sender<Leased>,
}

pub(crate) type Sender<T> = oneshot::Sender<Result<T, StoreError>>;

/// An attempt that the caller has serialised.
#[derive(Clone)]
pub(crate) struct KeptAttempt {
    pub(crate) mapping: Box<str>,
    pub(crate) bytes: Vec<u8>,
    pub(crate) echo: Option<u64>,
}

impl KeptAttempt {
    pub(crate) fn of(attempt: Attempt) -> Result<Self, StoreError> {
        let bytes = envelope::seal(&attempt)?;
        Ok(Self { mapping: attempt.mapping, bytes, echo: attempt.echo })
    }
}

/// An acceptance whose values the caller has serialised: that is the larger part of the work, and
/// callers are many.
pub(crate) struct NewTicket {
    pub(crate) ticket: Arc<Ticket>,
    pub(crate) state: TicketState,
    pub(crate) bytes: Vec<u8>,
    pub(crate) incoming: Option<Incoming>,
    pub(crate) request: Option<NewRequest>,
    pub(crate) likeness: Option<Likeness>,
}

impl NewTicket {
    pub(crate) fn of(
        acceptance: Acceptance,
        incoming: Option<Incoming>,
    ) -> Result<Self, StoreError> {
        let Acceptance { ticket, event, due, request, likeness, public_number, .. } = acceptance;
        let state = TicketState::start(event, due, public_number);
        let bytes = sealed(&ticket, &state)?;
        Ok(Self { ticket, state, bytes, incoming, request, likeness })
    }

    /// The same of a ticket that has a number at the numbering adapter.
    pub(crate) fn adopted(acceptance: Acceptance, there: &Numbered) -> Result<Self, StoreError> {
        let mut new = Self::of(acceptance, None)?;
        let values = [(there.receipt.name.to_string(), there.number.clone())].into();
        new.state.receipts.add(&there.receipt.adapter, values);
        new.state.receipts.fix_public_number(&there.number);
        new.bytes = sealed(&new.ticket, &new.state)?;
        Ok(new)
    }
}

fn sealed(ticket: &Ticket, state: &TicketState) -> Result<Vec<u8>, StoreError> {
    envelope::seal(&StoredTicketRef { ticket, state })
}

/// The value under a ticket's key.
#[derive(Serialize)]
pub(crate) struct StoredTicketRef<'a> {
    pub(crate) ticket: &'a Ticket,
    pub(crate) state: &'a TicketState,
}

/// The same, read.
#[derive(Deserialize)]
pub(crate) struct StoredTicket {
    pub(crate) ticket: Ticket,
    pub(crate) state: TicketState,
}

/// What is answered once the group is on disk.
pub(crate) enum Reply {
    Accepted(Sender<Accepted>, Result<Accepted, StoreError>),
    Changed(Sender<Changed>, Result<Changed, StoreError>),
    Decided(Sender<Decided>, Result<Decided, StoreError>),
    Heard(Sender<Heard>, Result<Heard, StoreError>),
    Number(Sender<String>, Result<String, StoreError>),
    Forgot(Sender<bool>, bool),
    Done(Sender<()>),
    Leased(Sender<Leased>, Leased),
}

impl Reply {
    /// Tells who waits. One that has gone away is no loss: what it asked for is kept.
    pub(crate) fn send(self, committed: Result<(), StoreError>) {
        let gone = match self {
            Self::Accepted(sender, told) => sender.send(committed.and(told)).is_err(),
            Self::Changed(sender, told) => sender.send(committed.and(told)).is_err(),
            Self::Decided(sender, told) => sender.send(committed.and(told)).is_err(),
            Self::Heard(sender, told) => sender.send(committed.and(told)).is_err(),
            Self::Number(sender, told) => sender.send(committed.and(told)).is_err(),
            Self::Forgot(sender, more) => sender.send(committed.map(|()| more)).is_err(),
            Self::Done(sender) => sender.send(committed).is_err(),
            Self::Leased(sender, leased) => sender.send(committed.map(|()| leased)).is_err(),
        };
        if gone {
            tracing::trace!("a caller of the store went away before its answer");
        }
    }
}
