//! What comes in: tickets, changes of tickets, and the requests that they came by.

use std::collections::BTreeSet;

use omnihub_contract::{DeliveryId, TicketNumber};

use super::active::Active;
use super::{Engine, Step};
use crate::store::contents::Incoming;
use crate::store::disk::Disk;
use crate::store::layout::epoch_ms;
use crate::store::outbox::{Phase, TicketState};
use crate::store::reading::{prior_request, reference_hash};
use crate::store::recent::{self, Earlier};
use crate::store::transaction::NewTicket;
use crate::store::{
    Accepted, Change, Changed, NewRequest, PriorRequest, RequestKey, StoreError, envelope, layout,
};

/// Keys that one step forgets at most.
const FORGOTTEN_MAX: usize = 64;

impl<D: Disk> Engine<D> {
    pub(super) fn accept(
        &mut self,
        step: &mut Step,
        mut new: NewTicket,
    ) -> Result<Accepted, StoreError> {
        let number = new.ticket.number;
        if let Some(request) = &new.request {
            if let Some(earlier) = self.earlier(step, &request.key)? {
                return Ok(Accepted::Repeated(earlier));
            }
            keep_request(step, request, number, 0)?;
        }
        let is_changed = match self.earlier_claim(step, &new) {
            Some(Earlier::Same(earlier)) => return Ok(Accepted::Same(earlier)),
            Some(Earlier::Similar(earlier)) => {
                let words = format!("possible duplicate of {earlier}");
                new.state.add_finding(step.now, "H0601", words);
                true
            }
            None => false,
        };
        step.writes.put(layout::ticket(number), new.bytes);
        Self::plan_sla(step, &new.ticket);
        if let Some(reference) = &new.ticket.channel_reference_id {
            for partner in [Some(&new.ticket.partner), None] {
                let hash = reference_hash(partner, reference);
                step.writes.put(layout::reference(&hash, number), Vec::new());
            }
        }
        step.incoming.extend(new.incoming);
        if new.state.is_finished() {
            step.finished.insert(number);
        }
        let ready = ready_ones(&new.state);
        let active = Active { dirty: is_changed, ..Active::new(new.ticket, new.state) };
        self.active.insert(number, active);
        self.note_ready(step, number, &ready)?;
        Ok(Accepted::Kept)
    }

    pub(super) fn change(
        &mut self,
        step: &mut Step,
        change: Change,
        incoming: Option<Incoming>,
    ) -> Result<Changed, StoreError> {
        let Change { number, mut event, due, request, .. } = change;
        if let Some(request) = &request
            && let Some(earlier) = self.earlier(step, &request.key)?
        {
            return Ok(Changed::Repeated(earlier));
        }
        if !self.has_ticket(number)? {
            return Ok(Changed::NoTicket);
        }
        let active = self.load(step, number)?;
        if let Some(refused) = active.state.refuses(&event) {
            return Ok(refused);
        }
        if let Some(change) = &mut event.change {
            change.from = active.state.status.canonical.clone();
        }
        let first = active.state.deliveries.len();
        let place = active.state.add(&event, due);
        let released = active.state.release();
        active.dirty = true;
        let last = active.state.deliveries.len();
        step.writes.put(layout::event(number, place), envelope::seal(&event)?);
        active.later_events.insert(place, event);
        step.incoming.extend(incoming);
        if let Some(request) = &request {
            keep_request(step, request, number, place)?;
        }
        self.note_ready(step, number, &released)?;
        let deliveries = (first..last).filter_map(|index| delivery_id(number, index)).collect();
        Ok(Changed::Kept { event: place, deliveries })
    }

    pub(super) fn has_ticket(&self, number: TicketNumber) -> Result<bool, StoreError> {
        Ok(self.active.contains_key(&number) || self.disk.read(&layout::ticket(number))?.is_some())
    }

    /// The earlier request with this key, of this group or on disk, while it is remembered.
    fn earlier(&self, step: &Step, key: &RequestKey) -> Result<Option<PriorRequest>, StoreError> {
        let earlier = match step.requests.get(key) {
            Some(earlier) => Some(*earlier),
            None => prior_request(&self.disk, key)?,
        };
        Ok(earlier.filter(|earlier| step.now <= earlier.until))
    }

    /// The earlier claim that this one equals or resembles, where neither has a request id. From then
    /// on it is one that others may equal.
    fn earlier_claim(&mut self, step: &mut Step, new: &NewTicket) -> Option<Earlier> {
        let likeness = new.likeness?;
        let earlier = self.recent.earlier(&likeness, step.now);
        if !matches!(earlier, Some(Earlier::Same(_))) {
            self.recent.add(likeness, new.ticket.number, step.now);
            step.recent.push((likeness, new.ticket.number));
        }
        earlier
    }

    /// Keeps, in one value, this group's claims without a request id.
    pub(super) fn note_recent(&mut self, step: &mut Step) {
        if let Some(until) = step.recent.iter().map(|(likeness, _)| likeness.until).max() {
            let key = layout::recent(epoch_ms(until), self.next_group);
            step.writes.put(key, recent::pack(&step.recent));
            self.next_group += 1;
        }
    }

    /// Notes, in one value, which keys of this group's requests may be forgotten when.
    pub(super) fn note_requests(&mut self, step: &mut Step) {
        let times: BTreeSet<u64> =
            step.requests.values().map(|request| epoch_ms(request.until)).collect();
        // All of them in one value, under the latest of their times.
        if let Some(at) = times.last() {
            let keys: Vec<u8> = step.requests.keys().flatten().copied().collect();
            step.writes.put(layout::forgettable(*at, self.next_group), keys);
            self.next_group += 1;
        }
    }

    /// Removes requests whose time is over; true when there are more.
    pub(super) fn forget(&mut self, step: &mut Step) -> Result<bool, StoreError> {
        let entries = self.disk.scan(layout::FORGETTABLE, layout::FORGETTABLE, FORGOTTEN_MAX)?;
        let over =
            |key: &[u8]| layout::forgettable_at(key).is_some_and(|at| at < epoch_ms(step.now));
        let mut count = 0;
        for (entry, keys) in entries.into_iter().take_while(|(key, _)| over(key)) {
            count += 1;
            for key in keys.chunks_exact(32).filter_map(|key| key.try_into().ok()) {
                // A key that was used again since has a later time, and an entry of its own.
                let is_over = prior_request(&self.disk, &key)
                    .is_ok_and(|prior| prior.is_none_or(|prior| prior.until < step.now));
                if is_over {
                    step.writes.remove(layout::request(&key));
                }
            }
            step.writes.remove(entry);
        }
        let old = self.disk.scan(layout::RECENT, layout::RECENT, FORGOTTEN_MAX)?;
        let old: Vec<_> = old.into_iter().map(|(key, _)| key).take_while(|key| over(key)).collect();
        let is_more = count == FORGOTTEN_MAX || old.len() == FORGOTTEN_MAX;
        old.into_iter().for_each(|entry| step.writes.remove(entry));
        Ok(is_more)
    }
}

fn keep_request(
    step: &mut Step,
    request: &NewRequest,
    number: TicketNumber,
    event: u16,
) -> Result<(), StoreError> {
    let prior = PriorRequest {
        number,
        fingerprint: request.fingerprint,
        status: request.status,
        event,
        until: request.until,
    };
    step.writes.put(layout::request(&request.key), envelope::seal(&prior)?);
    step.requests.insert(request.key, prior);
    Ok(())
}

fn ready_ones(state: &TicketState) -> Vec<usize> {
    let all = state.deliveries.iter().enumerate();
    all.filter(|(_, delivery)| delivery.phase == Phase::Ready).map(|(at, _)| at).collect()
}

pub(super) fn delivery_id(ticket: TicketNumber, index: usize) -> Option<DeliveryId> {
    u16::try_from(index + 1).ok().map(|ordinal| DeliveryId { ticket, ordinal })
}
