//! Sync: what comes back from systems, put on tickets, and from there on to everybody else without echoes.
//!
//! A callback or the answer to a question is read by the mappings, judged by one table
//! ([`precedence`]), and becomes events of the ticket in one transaction of the store. It deliberately
//! knows no vendor's word and no HTTP.
//!
//! Its parts: [`precedence`] (what counts), `judge`, `status` and `comments` (what becomes of what
//! counts), `conversation` (what is news in a list that grows), [`notices`] (callbacks), [`kept`] (those
//! about tickets that nobody knows), [`adopt`] (tickets that the hub never saw), [`poll`] (who is asked for,
//! and when), [`sla`] (what comes too late), [`regulatory`] (by when the regulator wants complaints answered),
//! [`drift`] (systems that disagree).
//!
//! Invariants:
//! - The same words said twice change nothing the second time.
//! - A change carries the system that it came from, and is never sent back to it: routing sees to that.

pub mod adopt;
mod codes;
mod comments;
mod conversation;
pub mod drift;
mod judge;
pub mod kept;
pub mod notices;
pub mod poll;
pub mod precedence;
pub mod regulatory;
pub mod sla;
mod status;

use std::collections::BTreeMap;
use std::sync::Arc;

use omnihub_contract::{Adapter, AdapterName, Event, ReceiptName, Ticket, TicketNumber};
use serde_json::Value;
use uuid::Uuid;

use crate::clock::Clock;
use crate::mapping::{Inbound, Mappings};
use crate::metrics::Breaches;
use crate::metrics::Hearing;
use crate::store::link::fingerprint;
use crate::store::outbox::TicketState;
use crate::store::{Due, Heard, Store, StoreError};
use adopt::Asking;
use judge::{Heeding, judgement};
use kept::Kept;
use regulatory::Calendar;

/// What an event makes due, as the mappings say.
pub type Route = Arc<dyn Fn(&Ticket, &Event) -> Vec<Due> + Send + Sync>;

/// The mappings that are in force.
pub type Current = Arc<dyn Fn() -> Arc<Mappings> + Send + Sync>;

/// A system as it is heard.
#[derive(Clone)]
pub struct System {
    /// How it is reached; absent while it has no address.
    pub adapter: Option<Arc<dyn Adapter>>,
    /// Whether a ticket is closed when it says so (`close_is_final`).
    pub close_is_final: bool,
    /// Counts what it says.
    pub counts: Arc<Hearing>,
}

/// What hears systems.
#[derive(Clone)]
pub struct Ears {
    /// Where tickets are kept.
    pub store: Arc<dyn Store>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The mappings that are in force.
    pub mappings: Current,
    /// What an event makes due.
    pub route: Route,
    /// The receipt that is a ticket's number at the authority.
    pub numbering: ReceiptName,
    /// The systems, by name.
    pub systems: Arc<BTreeMap<AdapterName, System>>,
    /// What was said of tickets that nobody knows.
    pub kept: Arc<Kept>,
    /// Who asks the authority for tickets.
    pub asking: Arc<Asking>,
    /// The bank's working days.
    pub calendar: Arc<Calendar>,
    /// What is counted of what comes too late.
    pub breaches: Arc<Breaches>,
}

/// Something that a system said of one ticket.
#[derive(Clone, Copy, Debug)]
pub struct Saying<'a> {
    /// Who says it.
    pub adapter: &'a AdapterName,
    /// The row of its `INCOMING` by which it is read: a callback, or the query whose answer it is.
    pub what: &'a str,
    /// What it said, in one piece or in several that are read as one.
    pub said: &'a [Value],
    /// Whether that is the ticket's conversation, of which only what is new is to be heard: then how many of
    /// its pages were left out, since they hold nothing new.
    pub conversation: Option<u16>,
    /// The system's own id of it, where it gave one: the same id counts once.
    pub id: Option<&'a str>,
    /// What it names the ticket by, and so gave it.
    pub gave: &'a [(ReceiptName, String)],
}

impl<'a> Saying<'a> {
    /// Something without an id, of a ticket that it did not name.
    pub fn new(adapter: &'a AdapterName, what: &'a str, said: &'a Value) -> Self {
        let said = std::slice::from_ref(said);
        Self { adapter, what, said, conversation: None, id: None, gave: &[] }
    }
}

impl Saying<'_> {
    fn read(&self, mappings: &Mappings) -> Inbound {
        let read = |said| mappings.inbound(self.adapter, self.what, said);
        let mut pieces = self.said.iter().map(read);
        let mut whole = pieces.next().unwrap_or_default();
        for piece in pieces {
            whole.comments.extend(piece.comments);
            whole.findings.extend(piece.findings);
        }
        whole
    }
}

impl Ears {
    /// Puts what a system said of a ticket on it: status, comments, assignee and findings, with what is
    /// due because of them. What changes nothing is not written, so that polling costs no writes.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub async fn apply(
        &self,
        number: TicketNumber,
        saying: Saying<'_>,
    ) -> Result<Heard, StoreError> {
        let mappings = (self.mappings)();
        let inbound = saying.read(&mappings);
        let Some(timeline) = self.timeline(number, &inbound)? else {
            return Ok(Heard::NoTicket);
        };
        let adapter = saying.adapter.clone();
        let mark = saying.id.map(|id| fingerprint(&[saying.what, id]));
        let close_is_final = self.systems.get(&adapter).is_none_or(|it| it.close_is_final);
        let (route, numbering) = (Arc::clone(&self.route), self.numbering.clone());
        let now = self.clock.now();
        let gave = saying.gave.to_vec();
        let conversation = saying.conversation;
        let judge = move |ticket: &Ticket, state: &TicketState| {
            let (adapter, numbering, mappings) = (&adapter, &numbering, &*mappings);
            let since =
                conversation.map(|pages| (conversation::beginning(ticket.created_at), pages));
            let heeding =
                Heeding { adapter, numbering, mappings, close_is_final, since, now, new_id };
            let mut judgement = judgement(&heeding, inbound, &timeline, (state, mark));
            judgement.receipts = gave.into_iter().filter(|it| !state.receipts.has(&it.0)).collect();
            for (event, due) in &mut judgement.events {
                *due = route(ticket, event);
            }
            judgement
        };
        self.store.hear(number, Box::new(judge)).await
    }

    /// The ticket's timeline, where comments were said and ours have to be known among them.
    fn timeline(
        &self,
        number: TicketNumber,
        inbound: &Inbound,
    ) -> Result<Option<Vec<Event>>, StoreError> {
        if inbound.comments.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let record = self.store.find(&number.to_string())?;
        record.map(|record| self.store.timeline(&record)).transpose()
    }
}

/// Ids of comments are the hub's own.
fn new_id() -> String {
    Uuid::now_v7().to_string()
}
