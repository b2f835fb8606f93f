//! Adoption: a ticket that the hub never saw, found at the authority by its number and kept as one of ours.
//!
//! It makes no delivery: nobody is told of a ticket that they may know for years. What happens to it from
//! now on goes where it belongs. It belongs to a partner of its own, so that only keys that see every
//! partner's tickets see it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use omnihub_contract::{
    Arguments, Channel, Customer, Event, EventKind, Fault, Kind, Priority, ServiceType, Sla,
    Source, Ticket, TicketId, TicketNumber,
};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::{Ears, Saying};
use crate::mapping::Inbound;
use crate::store::{Acceptance, Numbered, Record, StoreError};

/// The partner of tickets that nobody posted.
pub const ADOPTED: &str = "adopted";

/// What a ticket is asked for with; also what the answer is read as.
const TICKET: &str = "ticket";

/// Questions at once: a few, since whoever guesses numbers must not keep the authority busy.
const ASKED_AT_ONCE_MAX: usize = 8;

/// How long a number that nobody has is not asked for again.
const VAIN_FOR: SignedDuration = SignedDuration::from_mins(1);
/// Numbers of which that is remembered: a megabyte.
const VAIN_MAX: usize = 10_000;

/// Longest wait for the authority's answer.
const ASK_MAX: Duration = Duration::from_secs(10);

/// Longest number that is asked for: several times the longest known style (domain 2.6).
const NUMBER_CHARS_MAX: usize = 40;

/// Hours to resolution of a ticket whose own are not known: those of a claim (contract trap 25).
const HOURS: u32 = 72;

/// Who asks the authority for tickets, and what was asked for in vain.
#[derive(Debug)]
pub struct Asking {
    pub(super) seats: Semaphore,
    vain: Mutex<HashMap<String, Timestamp>>,
    /// One adoption at a time, so that two never make two tickets of one.
    adopting: tokio::sync::Mutex<()>,
}

impl Default for Asking {
    fn default() -> Self {
        Self {
            seats: Semaphore::new(ASKED_AT_ONCE_MAX),
            vain: Mutex::default(),
            adopting: tokio::sync::Mutex::default(),
        }
    }
}

impl Asking {
    fn is_vain(&self, number: &str, now: Timestamp) -> bool {
        let vain = self.vain.lock().unwrap_or_else(PoisonError::into_inner);
        vain.get(number).is_some_and(|at| now.duration_since(*at) < VAIN_FOR)
    }

    fn was_vain(&self, number: &str, now: Timestamp) {
        let mut vain = self.vain.lock().unwrap_or_else(PoisonError::into_inner);
        if vain.len() >= VAIN_MAX {
            vain.retain(|_, at| now.duration_since(*at) < VAIN_FOR);
        }
        if vain.len() < VAIN_MAX {
            vain.insert(number.to_owned(), now);
        }
    }
}

impl Ears {
    /// The ticket of this number: asked for at the authority and kept, where it has one. Nothing where it
    /// has none, or cannot say so now.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub async fn adopt(&self, number: &str) -> Result<Option<Record>, StoreError> {
        let Some((adapter, authority)) = self.connected(self.numbering.adapter.as_str()) else {
            return Ok(None);
        };
        if !is_number(number) || self.asking.is_vain(number, self.clock.now()) {
            return Ok(None);
        }
        let Ok(_seat) = self.asking.seats.try_acquire() else { return Ok(None) };
        let arguments = Arguments::from([(self.numbering.name.to_string(), number.to_owned())]);
        let asked = tokio::time::timeout(ASK_MAX, authority.query(TICKET, &arguments)).await;
        let said = match asked {
            Ok(Ok(said)) => said,
            Ok(Err(failure)) => {
                if matches!(failure.fault, Fault::Refused | Fault::Inapplicable) {
                    self.asking.was_vain(number, self.clock.now());
                }
                return Ok(None);
            }
            Err(_) => return Ok(None),
        };
        let one = self.asking.adopting.lock().await;
        if let Some(known) = self.store.find(number)? {
            return Ok(Some(known));
        }
        let inbound = (self.mappings)().inbound(adapter, TICKET, &said);
        let own = self.store.reserve_number();
        self.store.adopt(self.acceptance(own, inbound), self.numbered(number)).await?;
        drop(one);
        self.apply(own, Saying::new(adapter, TICKET, &said)).await?;
        tracing::info!(ticket = %own, "a ticket that the hub never saw was adopted");
        self.store.find(number)
    }

    fn numbered(&self, number: &str) -> Numbered {
        Numbered { receipt: self.numbering.clone(), number: number.to_owned() }
    }

    fn acceptance(&self, number: TicketNumber, inbound: Inbound) -> Acceptance {
        let (authority, now) = (&self.numbering.adapter, self.clock.now());
        let event = Event::new(EventKind::TicketCreated, now, Source::Adapter(authority.clone()));
        let id = TicketId(Uuid::now_v7());
        let ticket = Arc::new(ticket((id, number), authority.as_str(), inbound, now));
        Acceptance {
            ticket,
            event,
            due: Vec::new(),
            contents: Vec::new(),
            request: None,
            likeness: None,
            public_number: None,
        }
    }
}

fn is_number(text: &str) -> bool {
    (1..=NUMBER_CHARS_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// As much of a ticket as is known of one that was never posted here.
fn ticket(
    (id, number): (TicketId, TicketNumber),
    authority: &str,
    inbound: Inbound,
    now: Timestamp,
) -> Ticket {
    let created_at = inbound.created_at.unwrap_or(now);
    let after = |share: i64| {
        let wait = SignedDuration::from_hours(i64::from(HOURS) / share);
        created_at.saturating_add(wait).unwrap_or(created_at)
    };
    let customer = Customer {
        name: "-".into(),
        email: None,
        phone: None,
        identifier: None,
        branch_code: None,
        branch_name: None,
        department: None,
        language: None,
    };
    Ticket {
        id,
        number,
        kind: Kind::Ticket,
        partner: ADOPTED.into(),
        partner_reference: None,
        request_id: None,
        service_type: ServiceType::Other,
        channel: Channel::Unlisted(ADOPTED.into()),
        channel_reference_id: None,
        priority: inbound.priority.unwrap_or(Priority::Medium),
        category: None,
        title: format!("Adopted from {authority}").into(),
        description: format!("Adopted from {authority}: what it says there is not known here")
            .into(),
        customer,
        claim: None,
        metadata: serde_json::Map::new(),
        attachments: Vec::new(),
        webhook_url: None,
        sla: Sla { hours: HOURS, response_due: after(4), resolution_due: after(1) },
        // Nobody here knows whether it is a complaint.
        regulatory: None,
        created_at,
    }
}
