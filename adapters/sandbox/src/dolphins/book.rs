//! The tickets of 3Dolphins, with their messages.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::ids::Ids;
use crate::ring::Ring;

/// A conversation keeps so many messages; the oldest go.
const MESSAGES_MAX: usize = 1000;
/// A ticket number with this in it belongs to a customer who has left the chat: messages to it
/// succeed and say that they wait (contract trap 68).
const OFFLINE: &str = "OFFLINE";
/// How long before its ticket is first named a customer wrote.
const WROTE_BEFORE: SignedDuration = SignedDuration::from_mins(1);
/// Every customer's name.
pub(super) const CUSTOMER_NAME: &str = "Nasabah Sandbox";
/// The tenant that every document is of.
pub(super) const OWNER: &str = "sandbox";

/// A ticket in 3Dolphins.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DolphinsTicket {
    /// As it was first named.
    pub number: String,
    /// The document's id: 32 hex digits.
    pub id: String,
    /// Unassigned, Assigned, Open, Pending or Closed.
    pub status: String,
    /// Not Set, Low, Medium or High.
    pub severity: String,
    /// A flag beside the severity.
    pub priority: bool,
    /// The title.
    pub subject: String,
    /// A free remark.
    pub remark: String,
    /// The channel's type.
    pub channel_type: String,
    /// Whom it is assigned to.
    pub assigned_agent: Option<String>,
    /// Since when.
    pub assigned_at: Option<Timestamp>,
    /// Whom it was escalated to.
    pub supervisor: Option<String>,
    /// When it was escalated.
    pub escalated_at: Option<Timestamp>,
    /// The group that it was moved to.
    pub group: Option<String>,
    /// Whether it was transferred.
    pub transferred: bool,
    /// When it was last closed; stays when it is assigned anew (contract trap 71).
    pub closed_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub modified_at: Timestamp,
    /// Oldest first; the first is the customer's that the ticket was born of.
    pub messages: Vec<DolphinsMessage>,
}

/// A message of a 3Dolphins conversation.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DolphinsMessage {
    /// The document's id: 32 hex digits.
    pub id: String,
    /// The text.
    pub text: String,
    /// Whether it came from an agent or bot, and not from the customer.
    pub answer: bool,
    /// Who sent it, if an agent did.
    pub reply_agent: Option<String>,
    /// When.
    pub at: Timestamp,
}

impl DolphinsTicket {
    /// The customer wrote before anybody named the ticket.
    fn born(number: &str, ids: &Ids, named: Timestamp) -> Self {
        let at = named.saturating_sub(WROTE_BEFORE).unwrap_or(named);
        let first = DolphinsMessage {
            id: ids.hex32(),
            text: "Halo, saya perlu bantuan".to_owned(),
            answer: false,
            reply_agent: None,
            at,
        };
        Self {
            number: number.to_owned(),
            id: ids.hex32(),
            status: "Unassigned".to_owned(),
            severity: "Not Set".to_owned(),
            priority: false,
            subject: "Percakapan sandbox".to_owned(),
            remark: String::new(),
            channel_type: "webchat".to_owned(),
            assigned_agent: None,
            assigned_at: None,
            supervisor: None,
            escalated_at: None,
            group: None,
            transferred: false,
            closed_at: None,
            created_at: at,
            modified_at: at,
            messages: vec![first],
        }
    }

    /// The customer's id on the channel.
    pub(super) fn account_id(&self) -> String {
        format!("customer-{}", self.number)
    }

    pub(super) fn is_offline(&self) -> bool {
        self.number.contains(OFFLINE)
    }

    /// Sets the status as an agent does who takes the ticket, where nobody has it.
    pub(super) fn move_to(&mut self, status: &str, agent: &str, at: Timestamp) {
        self.modified_at = at;
        status.clone_into(&mut self.status);
        match status {
            "Unassigned" => self.assigned_agent = None,
            "Closed" => self.closed_at = Some(at),
            _ if self.assigned_agent.is_none() => {
                self.assigned_agent = Some(agent.to_owned());
                self.assigned_at = Some(at);
            }
            _ => {}
        }
    }

    pub(super) fn say(&mut self, message: DolphinsMessage) {
        self.modified_at = message.at;
        if self.messages.len() >= MESSAGES_MAX {
            self.messages.remove(0);
        }
        self.messages.push(message);
    }
}

pub(super) struct Book {
    known_prefix: String,
    tickets: Ring<DolphinsTicket>,
    by_number: HashMap<String, u64>,
}

impl Book {
    pub(super) fn new(known_prefix: String, max: usize) -> Self {
        Self { known_prefix, tickets: Ring::new(max), by_number: HashMap::new() }
    }

    /// The ticket with this number, made if the number is a known one that was not named before.
    pub(super) fn see(
        &mut self,
        number: &str,
        ids: &Ids,
        now: Timestamp,
    ) -> Option<&mut DolphinsTicket> {
        if !self.by_number.contains_key(number) {
            if !number.starts_with(&self.known_prefix) {
                return None;
            }
            self.by_number.insert(number.to_owned(), self.tickets.total());
            if let Some(gone) = self.tickets.push(DolphinsTicket::born(number, ids, now)) {
                self.by_number.remove(&gone.number);
            }
        }
        self.tickets.get_mut(*self.by_number.get(number)?)
    }

    pub(super) fn iter(
        &self,
    ) -> impl DoubleEndedIterator<Item = &DolphinsTicket> + ExactSizeIterator {
        self.tickets.iter()
    }

    pub(super) fn total(&self) -> u64 {
        self.tickets.total()
    }
}
