//! Judgements: what something that a system told, the clock says or a person decided does to a ticket.
//!
//! They are made on the ticket as it stands, inside the transaction: two that come at once are judged one
//! after the other, and what an attempt settled meanwhile is seen.

use jiff::Timestamp;
use omnihub_contract::{Event, Personal, ReceiptName, Status, StatusWord, Ticket};

use super::link::Link;
use super::marks::RegulatoryMarks;
use super::outbox::TicketState;
use super::{Due, Note, PastDecision};

/// Makes a judgement: pure and quick, since all other transactions wait for it.
pub type Judge = Box<dyn FnOnce(&Ticket, &TicketState) -> Judgement + Send>;

/// What is to be written of a ticket.
#[derive(Debug, Default)]
pub struct Judgement {
    /// What is known of the system from now on.
    pub link: Option<Link>,
    /// What the system was not known to have given the ticket.
    pub receipts: Vec<(ReceiptName, String)>,
    /// The status in other words: a change that makes no event.
    pub status: Option<Status>,
    /// Who works on the ticket, where that changed.
    pub assignee: Option<Personal>,
    /// What happened, in order, with what is due because of it.
    pub events: Vec<(Event, Vec<Due>)>,
    /// What is due once more because of a change of status that is there already: its place in the
    /// timeline, and what it became.
    pub again: Option<(u16, StatusWord, Vec<Due>)>,
    /// What a person should look at; what is there already is not added again.
    pub findings: Vec<Note>,
    /// What a person decided about the regulatory clock.
    pub clock: Option<ClockDecision>,
}

/// What a person decided about a ticket's regulatory clock.
#[derive(Debug)]
pub struct ClockDecision {
    /// What is kept of the clock from now on.
    pub marks: RegulatoryMarks,
    /// Who, what and why.
    pub decision: PastDecision,
    /// When the ticket is to be looked at, where that may not be planned yet.
    pub look_at: Option<Timestamp>,
}

impl Judgement {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.link.is_none()
            && self.receipts.is_empty()
            && self.status.is_none()
            && self.assignee.is_none()
            && self.events.is_empty()
            && self.again.is_none()
            && self.findings.is_empty()
            && self.clock.is_none()
    }
}

/// What became of what a system told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It changed something, and that is on disk; so many events came of it.
    Kept {
        /// How many.
        events: usize,
    },
    /// It changed nothing; nothing was written.
    Nothing,
    /// There is no such ticket.
    NoTicket,
}
