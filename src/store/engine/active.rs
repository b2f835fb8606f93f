//! Tickets in memory: those with loaded deliveries, and those that a step is changing.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use omnihub_contract::{DeliveryId, Event, Status, Ticket, TicketNumber};

use super::{Engine, Step};
use crate::store::disk::Disk;
use crate::store::outbox::{Phase, TicketState};
use crate::store::reading::{event, stored};
use crate::store::tally::standing;
use crate::store::{Lease, StoreError};

pub(super) struct Active {
    pub(super) ticket: Arc<Ticket>,
    pub(super) state: TicketState,
    /// Events after the first that this process added or read, by their place.
    pub(super) later_events: BTreeMap<u16, Event>,
    /// Deliveries in lanes.
    pub(super) uses: usize,
    /// Whether the state is to be written at the end of the step.
    pub(super) dirty: bool,
    /// How its deliveries stood when what is owed was counted last.
    pub(super) counted: Vec<Phase>,
}

impl Active {
    pub(super) fn new(ticket: Arc<Ticket>, state: TicketState) -> Self {
        let (later_events, counted) = (BTreeMap::new(), Vec::new());
        Self { ticket, state, later_events, uses: 0, dirty: false, counted }
    }

    /// Marks a delivery as in flight; true when that has to be on disk before it leaves.
    pub(super) fn lease(
        &mut self,
        disk: &impl Disk,
        id: DeliveryId,
        now: Timestamp,
    ) -> Result<(Lease, bool), StoreError> {
        let missing = || StoreError::Damaged {
            what: format!("delivery {id}"),
            why: "it is in an index but not there".into(),
        };
        let index = usize::from(id.ordinal).checked_sub(1).ok_or_else(missing)?;
        let place = self.state.deliveries.get(index).ok_or_else(missing)?.event;
        let event = self.event(disk, id.ticket, place)?;
        let state = &mut self.state;
        let delivery = state.deliveries.get_mut(index).ok_or_else(missing)?;
        delivery.phase = Phase::InFlight;
        if delivery.attempts == 0 {
            delivery.since = now;
        }
        let lease = Lease {
            id,
            ticket: Arc::clone(&self.ticket),
            event,
            event_place: place,
            status: state.status.clone(),
            receipts: state.receipts.clone(),
            track: delivery.stands_on(),
            operation: delivery.operation.clone(),
            rule: delivery.rule.clone(),
            attempts: delivery.attempts,
            since: delivery.since,
            unknown: delivery.unknown,
            pinned: delivery.pinned.clone(),
        };
        Ok((lease, delivery.unsafe_repeat))
    }

    /// Undoes a change of status that the numbering adapter refused, unless another one followed.
    pub(super) fn take_back(&mut self, index: usize) {
        let Some(delivery) = self.state.deliveries.get_mut(index) else { return };
        let event = self.later_events.get(&delivery.event);
        if let Some(change) = event.and_then(|event| event.change.as_ref())
            && self.state.status == change.to
        {
            self.state.status = Status { canonical: change.from.clone(), raw: None };
            delivery.taken_back = true;
            // A client changes only what has not ended yet.
            self.state.sla.ended_at = None;
        }
    }

    /// Does a change of status that was undone after all, since the numbering adapter took it now,
    /// unless another one followed.
    pub(super) fn put_back(&mut self, disk: &impl Disk, index: usize) -> Result<(), StoreError> {
        let Some(delivery) = self.state.deliveries.get_mut(index) else { return Ok(()) };
        if std::mem::take(&mut delivery.taken_back) {
            let place = delivery.event;
            let event = self.event(disk, self.ticket.number, place)?;
            if let Some(change) = event.change
                && self.state.status.canonical == change.from
            {
                self.state.status = change.to;
            }
        }
        Ok(())
    }

    fn event(
        &mut self,
        disk: &impl Disk,
        number: TicketNumber,
        place: u16,
    ) -> Result<Event, StoreError> {
        match self.later_events.get(&place) {
            _ if place == 0 => Ok(self.state.created.clone()),
            Some(event) => Ok(event.clone()),
            None => {
                let event = event(disk, number, place)?;
                self.later_events.insert(place, event.clone());
                Ok(event)
            }
        }
    }
}

impl<D: Disk> Engine<D> {
    /// Has the ticket in memory until the end of the step, or as long as it has loaded deliveries.
    /// What is in flight on disk was cut by a crash, unless a dispatcher has it since a commit failed:
    /// nothing else in flight is ever let go of.
    pub(super) fn load(
        &mut self,
        step: &mut Step,
        number: TicketNumber,
    ) -> Result<&mut Active, StoreError> {
        step.touched.insert(number);
        match self.active.entry(number) {
            std::collections::hash_map::Entry::Occupied(entry) => Ok(entry.into_mut()),
            std::collections::hash_map::Entry::Vacant(entry) => {
                let (ticket, mut state) = stored(&self.disk, number)?.ok_or_else(|| {
                    let why = "it is not there".into();
                    StoreError::Damaged { what: format!("ticket {number}"), why }
                })?;
                let counted = standing(&state);
                self.out.recover(number, &mut state);
                let active = Active::new(Arc::new(ticket), state);
                Ok(entry.insert(Active { counted, ..active }))
            }
        }
    }
}
