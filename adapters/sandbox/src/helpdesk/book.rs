//! The tickets that the helpdesk holds, found by number, by reference and by `requestId`.
//!
//! Invariant: numbers count up without a gap, so that a number says where its ticket is.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::ring::Ring;

/// A ticket has at most so many comments and attachments; the oldest go.
const ENTRIES_MAX: usize = 1000;

/// A ticket in the helpdesk.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HelpdeskTicket {
    /// Plain digits.
    pub number: String,
    /// In the form of a cuid.
    pub id: String,
    /// Through which door it came.
    pub door: Door,
    /// The title, given or made up.
    pub title: String,
    /// The description; a claim's is composed of its members.
    pub description: String,
    /// In the helpdesk's words.
    pub status: String,
    /// In the helpdesk's words.
    pub priority: &'static str,
    /// Hours from creation to the end of the SLA.
    pub sla_hours: i64,
    /// Absent for a claim.
    pub service_type: Option<String>,
    /// Absent for a claim.
    pub channel: Option<String>,
    /// Never kept for a claim (domain 2.5).
    pub channel_reference_id: Option<String>,
    /// The idempotency key; never kept for a claim.
    pub request_id: Option<String>,
    /// `OMNI` for a claim.
    pub branch_code: Option<String>,
    /// The customer's name.
    pub customer_name: String,
    /// A ticket's metadata, or a claim's members.
    pub metadata: Value,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it became RESOLVED, if it did.
    pub resolved_at: Option<Timestamp>,
    /// When it became CLOSED, if it did.
    pub closed_at: Option<Timestamp>,
    /// Oldest first.
    pub comments: Vec<Comment>,
    /// Oldest first, without contents.
    pub attachments: Vec<Filed>,
}

/// The way by which a ticket came into the helpdesk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Door {
    /// `POST /claims`.
    Claims,
    /// `POST /tickets`.
    Tickets,
    /// The second ticket that a ticket of type CLAIM makes (domain 2.7).
    Twin,
}

/// A comment on a helpdesk ticket.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Comment {
    /// In the form of a cuid.
    pub id: String,
    /// With the prefix that the helpdesk gave it.
    pub content: String,
    /// Who wrote it.
    pub author: String,
    /// When.
    pub timestamp: Timestamp,
    /// Whether an agent wrote it.
    pub is_from_support: bool,
}

/// An attachment as the helpdesk shows it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Filed {
    /// The file's name.
    pub filename: String,
    /// The declared size in bytes.
    pub size: u64,
    /// When.
    pub uploaded_at: Timestamp,
}

impl HelpdeskTicket {
    pub(super) fn comment(&mut self, comment: Comment) {
        self.updated_at = comment.timestamp;
        push_bounded(&mut self.comments, comment);
    }

    pub(super) fn attach(&mut self, file: Filed) {
        self.updated_at = file.uploaded_at;
        push_bounded(&mut self.attachments, file);
    }

    pub(super) fn change_status(&mut self, status: &str, at: Timestamp) {
        status.clone_into(&mut self.status);
        self.updated_at = at;
        match status {
            "RESOLVED" => self.resolved_at = Some(at),
            "CLOSED" => self.closed_at = Some(at),
            _ => {}
        }
    }
}

fn push_bounded<T>(entries: &mut Vec<T>, entry: T) {
    if entries.len() >= ENTRIES_MAX {
        entries.remove(0);
    }
    entries.push(entry);
}

pub(super) struct Book {
    first_number: u64,
    tickets: Ring<HelpdeskTicket>,
    by_reference: HashMap<String, u64>,
    by_request: HashMap<String, u64>,
}

impl Book {
    pub(super) fn new(first_number: u64, max: usize) -> Self {
        let (by_reference, by_request) = (HashMap::new(), HashMap::new());
        Self { first_number, tickets: Ring::new(max), by_reference, by_request }
    }

    /// Files a ticket under the next number, which it gives back.
    pub(super) fn add(&mut self, mut ticket: HelpdeskTicket) -> String {
        let place = self.tickets.total();
        let number = (self.first_number + place).to_string();
        ticket.number.clone_from(&number);
        if let Some(reference) = &ticket.channel_reference_id {
            self.by_reference.insert(reference.clone(), place);
        }
        if let Some(request) = &ticket.request_id {
            self.by_request.entry(request.clone()).or_insert(place);
        }
        if let Some(gone) = self.tickets.push(ticket) {
            self.forget(&gone);
        }
        number
    }

    /// The number that the next ticket will have.
    pub(super) fn next_number(&self) -> String {
        (self.first_number + self.tickets.total()).to_string()
    }

    /// By number, else by reference (OMNI API 1.0, "Get Detailed Ticket Information").
    pub(super) fn find(&self, key: &str) -> Option<&HelpdeskTicket> {
        self.by_number(key).or_else(|| self.by_reference(key))
    }

    pub(super) fn find_mut(&mut self, key: &str) -> Option<&mut HelpdeskTicket> {
        let by_number = self.place(key).filter(|place| self.tickets.get(*place).is_some());
        let place = by_number.or_else(|| self.by_reference.get(key).copied())?;
        self.tickets.get_mut(place)
    }

    pub(super) fn by_number(&self, number: &str) -> Option<&HelpdeskTicket> {
        self.tickets.get(self.place(number)?)
    }

    /// The newest with this reference.
    pub(super) fn by_reference(&self, reference: &str) -> Option<&HelpdeskTicket> {
        self.tickets.get(*self.by_reference.get(reference)?)
    }

    /// The first with this `requestId`.
    pub(super) fn by_request(&self, request: &str) -> Option<&HelpdeskTicket> {
        self.tickets.get(*self.by_request.get(request)?)
    }

    pub(super) fn iter(
        &self,
    ) -> impl DoubleEndedIterator<Item = &HelpdeskTicket> + ExactSizeIterator {
        self.tickets.iter()
    }

    pub(super) fn total(&self) -> u64 {
        self.tickets.total()
    }

    fn place(&self, number: &str) -> Option<u64> {
        // "01446" and "+1446" are not the number 1446.
        let parsed: u64 =
            number.parse().ok().filter(|parsed: &u64| parsed.to_string() == number)?;
        parsed.checked_sub(self.first_number)
    }

    fn forget(&mut self, gone: &HelpdeskTicket) {
        let place = self.place(&gone.number);
        let drop_stale = |index: &mut HashMap<String, u64>, key: &Option<String>| {
            if let Some(key) = key
                && index.get(key).copied() == place
            {
                index.remove(key);
            }
        };
        drop_stale(&mut self.by_reference, &gone.channel_reference_id);
        drop_stale(&mut self.by_request, &gone.request_id);
    }
}
