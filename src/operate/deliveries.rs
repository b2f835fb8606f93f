//! Deliveries as operators see them.

use jiff::Timestamp;
use omnihub_contract::DeliveryId;
use serde::{Deserialize, Serialize};

use super::waits;
use crate::store::attempt::Attempt;
use crate::store::outbox::{DeliveryState, Phase};
use crate::store::{PastDecision, Record, Store, StoreError};

/// Most tickets that are looked at for one list.
const TICKETS_MAX: usize = 10_000;

/// Which deliveries are wanted. Without a ticket: those that wait for a person.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Filter {
    /// Only this ticket's, by any number it has, and then in every state.
    pub ticket: Option<String>,
    /// Only in this state.
    pub state: Option<String>,
    /// Only this adapter's.
    pub adapter: Option<String>,
    /// Only of this operation.
    pub operation: Option<String>,
    /// Only with this code.
    pub code: Option<String>,
    /// Only of this partner's tickets.
    pub partner: Option<String>,
    /// Only those that ended so many seconds ago, or longer.
    pub older_than_s: Option<u64>,
}

/// One delivery.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeliveryView {
    /// Its id.
    pub id: String,
    /// Its ticket's number.
    pub ticket: String,
    /// Whose ticket it is.
    pub partner: String,
    /// Who is told.
    pub adapter: String,
    /// What is done there.
    pub operation: String,
    /// `waiting, due, in_flight, delivered, held, dead` or `discarded`.
    pub state: String,
    /// Why it is there.
    pub code: Option<String>,
    /// What was said.
    pub words: Option<String>,
    /// Failed attempts that count.
    pub attempts: u32,
    /// When it goes.
    pub due_at: Option<Timestamp>,
    /// When it ended, if it did.
    pub ended_at: Option<Timestamp>,
    /// All attempts, whatever they came to.
    pub tries: u32,
    /// What it waits for.
    pub waits_for: Option<String>,
    /// What stands in the way of that, and whether a person has to do something; of one that is due, what
    /// holds whom it is for.
    pub waits_why: Option<String>,
    /// The destination that it was put aside for, since that could not take it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stands_aside_for: Option<String>,
    /// Since when it waits.
    pub waiting_since: Option<Timestamp>,
    /// The first characters of the digest of the mappings that its last attempt went by.
    pub mapping: Option<String>,
}

/// A delivery by its id.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Named {
    /// As `9000000042-1`; the ticket's other numbers do as well.
    pub id: String,
}

/// One delivery with its attempts.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeliveryShown {
    /// The delivery.
    #[serde(flatten)]
    pub delivery: DeliveryView,
    /// What people decided about it, the newest last.
    pub decisions: Vec<PastDecision>,
    /// Its first attempt and the newest, the oldest first.
    pub tried: Vec<Attempt>,
}

/// One delivery, if there is one of this id.
///
/// # Errors
/// When the store cannot be read.
pub fn show(store: &dyn Store, id: &str) -> Result<Option<DeliveryShown>, StoreError> {
    let Some((number, ordinal)) = id.rsplit_once('-') else { return Ok(None) };
    let (Ok(ordinal), Some(record)) = (ordinal.parse::<u16>(), store.find(number)?) else {
        return Ok(None);
    };
    let index = usize::from(ordinal).checked_sub(1);
    let Some(delivery) = index.and_then(|index| record.state.deliveries.get(index)) else {
        return Ok(None);
    };
    let decisions = record.state.decisions.iter().filter(|done| done.delivery == Some(ordinal));
    Ok(Some(DeliveryShown {
        delivery: view(&record, ordinal, delivery),
        decisions: decisions.cloned().collect(),
        tried: store.attempts(DeliveryId { ticket: record.ticket.number, ordinal })?,
    }))
}

/// The deliveries that a filter names, in the order of their tickets and of their ordinals.
///
/// # Errors
/// When the store cannot be read.
pub fn list(
    store: &dyn Store,
    filter: &Filter,
    now: Timestamp,
) -> Result<Vec<DeliveryView>, StoreError> {
    let records = match &filter.ticket {
        Some(number) => store.find(number)?.into_iter().collect(),
        None => store.ledger(TICKETS_MAX)?,
    };
    let all = records.iter().flat_map(views);
    Ok(all.filter(|view| filter.names(view, now)).collect())
}

impl Filter {
    fn names(&self, view: &DeliveryView, now: Timestamp) -> bool {
        let is = |wanted: &Option<String>, has: &str| wanted.as_ref().is_none_or(|w| w == has);
        let needs_person = self.ticket.is_none() && self.state.is_none();
        (!needs_person || matches!(view.state.as_str(), "held" | "dead"))
            && is(&self.state, &view.state)
            && is(&self.adapter, &view.adapter)
            && is(&self.operation, &view.operation)
            && is(&self.code, view.code.as_deref().unwrap_or_default())
            && is(&self.partner, &view.partner)
            && self.older_than_s.is_none_or(|seconds| ended_before(view, now, seconds))
    }
}

fn ended_before(view: &DeliveryView, now: Timestamp, seconds: u64) -> bool {
    let age = view.ended_at.map(|at| now.duration_since(at).as_secs());
    age.is_some_and(|age| u64::try_from(age).is_ok_and(|age| age >= seconds))
}

/// Every delivery of a ticket.
pub fn views(record: &Record) -> Vec<DeliveryView> {
    let deliveries = record.state.deliveries.iter();
    (1..).zip(deliveries).map(|(ordinal, delivery)| view(record, ordinal, delivery)).collect()
}

fn view(record: &Record, ordinal: u16, delivery: &DeliveryState) -> DeliveryView {
    let id = DeliveryId { ticket: record.ticket.number, ordinal };
    let index = usize::from(ordinal).saturating_sub(1);
    DeliveryView {
        id: id.to_string(),
        ticket: record.ticket.number.to_string(),
        partner: record.ticket.partner.to_string(),
        adapter: delivery.adapter.to_string(),
        operation: delivery.operation.to_string(),
        state: state(delivery.phase).to_owned(),
        code: delivery.note.as_ref().map(|note| note.code.clone()),
        words: delivery.note.as_ref().map(|note| note.words.clone()),
        attempts: delivery.attempts,
        due_at: delivery.at.filter(|_| delivery.phase == Phase::Ready),
        ended_at: delivery.at.filter(|_| delivery.phase.is_final()),
        tries: delivery.tries,
        waits_for: record.state.waits_for(index),
        waits_why: waits::why(record, index),
        stands_aside_for: delivery.aside.as_deref().map(str::to_owned),
        waiting_since: (delivery.phase == Phase::Waiting).then_some(delivery.since),
        mapping: delivery.mapping.as_deref().map(str::to_owned),
    }
}

/// A phase in the word that operators see.
pub(super) fn state(phase: Phase) -> &'static str {
    match phase {
        Phase::Waiting => "waiting",
        Phase::Ready => "due",
        Phase::InFlight => "in_flight",
        Phase::Delivered => "delivered",
        Phase::Held => "held",
        Phase::Dead => "dead",
        Phase::Discarded => "discarded",
    }
}
