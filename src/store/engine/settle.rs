//! What became of attempts, and who waits for it.

use jiff::Timestamp;
use omnihub_contract::{DeliveryId, TicketNumber};

use super::accept::delivery_id;
use super::{Engine, Step};
use crate::store::disk::Disk;
use crate::store::layout::epoch_ms;
use crate::store::outbox::Phase;
use crate::store::transaction::{KeptAttempt, Reply, Sender};
use crate::store::{Outcome, StoreError, attempt, layout};

impl<D: Disk> Engine<D> {
    /// Writes what is kept of an attempt, with the settle that follows. No attempt, nothing kept.
    fn keep_attempt(&mut self, step: &mut Step, id: DeliveryId, attempt: Option<KeptAttempt>) {
        let index = usize::from(id.ordinal).saturating_sub(1);
        let active = self.active.get_mut(&id.ticket);
        let (Some(active), Some(attempt)) = (active, attempt) else { return };
        if let Some(delivery) = active.state.deliveries.get_mut(index) {
            let place = attempt::place(delivery.tries);
            step.writes.put(layout::attempt(id, place), attempt.bytes);
            delivery.tries = delivery.tries.saturating_add(1);
            delivery.mapping = Some(attempt.mapping);
            let adapter = attempt.echo.map(|echo| (delivery.adapter.clone(), echo));
            adapter.into_iter().for_each(|it| active.state.will_show(&it.0, it.1, step.now));
        }
    }

    /// Keeps what became of a delivery that a dispatcher has; of any other nothing is heard.
    pub(super) fn settle_leased(
        &mut self,
        step: &mut Step,
        id: DeliveryId,
        mut outcome: Outcome,
        attempt: Option<KeptAttempt>,
    ) -> Result<(), StoreError> {
        if let Outcome::Retry { due, .. } = &mut outcome {
            // Whoever says so may have looked at a clock that was set back meanwhile.
            *due = (*due).min(self.latest(step.now));
        }
        if self.is_out(step, id)? {
            self.keep_attempt(step, id, attempt);
            self.settle(step, id, outcome)?;
            step.settled.push(id);
        }
        Ok(())
    }

    /// Whether a dispatcher has it: after a failed commit its settle comes again, and may be kept.
    fn is_out(&mut self, step: &mut Step, id: DeliveryId) -> Result<bool, StoreError> {
        if !self.out.has(id) {
            return Ok(false);
        }
        let index = usize::from(id.ordinal).saturating_sub(1);
        match self.load(step, id.ticket) {
            Ok(active) => {
                let delivery = active.state.deliveries.get(index);
                Ok(delivery.is_some_and(|delivery| delivery.phase == Phase::InFlight))
            }
            Err(error @ StoreError::Damaged { .. }) => {
                tracing::error!(delivery = %id, %error, "an attempt's outcome has nowhere to be kept");
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    pub(super) fn settle(
        &mut self,
        step: &mut Step,
        id: DeliveryId,
        outcome: Outcome,
    ) -> Result<(), StoreError> {
        let Some(active) = self.active.get_mut(&id.ticket) else { return Ok(()) };
        let index = usize::from(id.ordinal).saturating_sub(1);
        let Some(delivery) = active.state.deliveries.get(index) else { return Ok(()) };
        let (adapter, track) = (delivery.adapter.clone(), delivery.stands_on());
        let is_put_aside = matches!(outcome, Outcome::Aside(_));
        let mut polled = None;
        if let (0, Outcome::Delivered(receipt)) = (delivery.event, &outcome) {
            // What callbacks name a ticket by. The numbering adapter's may be named by anybody: its number
            // in one place, its internal id in another (domain 3.3).
            for (name, value) in &receipt.values {
                let key = match adapter == self.settings.numbering.adapter {
                    true => layout::other_number(value),
                    false => layout::receipt(&adapter, name, value),
                };
                step.writes.put(key, id.ticket.0.to_be_bytes().to_vec());
            }
            if !receipt.values.is_empty() {
                polled = Some(adapter.clone());
            }
        }
        let mut due = None;
        match &outcome {
            Outcome::Delivered(receipt) if adapter == self.settings.numbering.adapter => {
                if let Some(text) = receipt.values.get(&*self.settings.numbering.name) {
                    step.writes.put(layout::other_number(text), id.ticket.0.to_be_bytes().to_vec());
                    active.state.receipts.fix_public_number(text);
                }
                active.put_back(&self.disk, index)?;
            }
            Outcome::Dead(_) if adapter == self.settings.numbering.adapter => {
                step.writes.put(layout::ledger(id), Vec::new());
                active.take_back(index);
            }
            // Nobody else fixes it then, unless its client still waits.
            Outcome::Discarded(_) if adapter == self.settings.numbering.adapter => {
                active.state.receipts.fix_public_number(&id.ticket.to_string());
            }
            Outcome::Held(_) | Outcome::Dead(_) => step.writes.put(layout::ledger(id), Vec::new()),
            Outcome::Retry { due: at, .. } => due = Some(*at),
            Outcome::Delivered(_)
            | Outcome::Aside(_)
            | Outcome::WaitsFor(_)
            | Outcome::Discarded(_) => {}
        }
        active.state.apply(index, outcome, step.now);
        active.state.note_passed_over(index, step.now);
        active.dirty = true;
        let is_final = active.state.deliveries.get(index).is_some_and(|d| d.phase.is_final());
        let mut released = active.state.release();
        if is_put_aside {
            released.push(index);
        }
        if let Some(adapter) = polled {
            self.plan_first_poll(step, &adapter, id.ticket)?;
        }
        if is_final {
            self.tell(step, id);
        }
        let at = self.lane(&adapter, &track)?;
        self.leave(step, id, at, due);
        self.note_ready(step, id.ticket, &released)
    }

    /// Takes a settled delivery out of its lane, or puts it there again at its time.
    fn leave(&mut self, step: &mut Step, id: DeliveryId, at: usize, due: Option<Timestamp>) {
        let Some(lane) = self.lanes.get_mut(at) else { return };
        if lane.forget(id, &mut step.writes)
            && let Some(active) = self.active.get_mut(&id.ticket)
        {
            active.uses = active.uses.saturating_sub(1);
        }
        if let Some(due) = due {
            lane.add_timed(id, epoch_ms(due), &mut step.writes);
        }
    }

    pub(super) fn note_ready(
        &mut self,
        step: &mut Step,
        number: TicketNumber,
        ready: &[usize],
    ) -> Result<(), StoreError> {
        step.touched.insert(number);
        for index in ready {
            let stands = self
                .active
                .get(&number)
                .and_then(|active| active.state.deliveries.get(*index))
                .map(|delivery| (delivery.adapter.clone(), delivery.stands_on()));
            if let (Some((adapter, track)), Some(id)) = (stands, delivery_id(number, *index)) {
                let lane = self.lane(&adapter, &track)?;
                step.ready.entry(lane).or_default().push(id);
            }
        }
        Ok(())
    }

    /// Answers at once where the delivery is final or unknown, else when it becomes final.
    pub(super) fn finished(
        &mut self,
        step: &mut Step,
        id: DeliveryId,
        reply: Sender<()>,
    ) -> Result<(), StoreError> {
        let index = usize::from(id.ordinal).saturating_sub(1);
        let state = match self.active.get(&id.ticket) {
            Some(active) => Some(active.state.clone()),
            None => crate::store::reading::stored(&self.disk, id.ticket)?.map(|(_, state)| state),
        };
        let is_open = state.and_then(|state| {
            state.deliveries.get(index).map(|delivery| !delivery.phase.is_final())
        });
        match is_open {
            Some(true) => self.waiting.entry(id).or_default().push(reply),
            Some(false) | None => step.replies.push(Reply::Done(reply)),
        }
        Ok(())
    }

    /// Lets go of those that wait no longer.
    pub(super) fn unwait(&mut self, id: DeliveryId) {
        if let Some(waiting) = self.waiting.get_mut(&id) {
            waiting.retain(|reply| !reply.is_closed());
            if waiting.is_empty() {
                self.waiting.remove(&id);
            }
        }
    }

    fn tell(&mut self, step: &mut Step, id: DeliveryId) {
        let waiting = self.waiting.remove(&id).unwrap_or_default();
        step.replies.extend(waiting.into_iter().map(Reply::Done));
    }

    /// Fixes the public number as the hub's own, unless it is fixed: the first wins.
    pub(super) fn fix_number(
        &mut self,
        step: &mut Step,
        number: TicketNumber,
    ) -> Result<String, StoreError> {
        let active = self.load(step, number)?;
        let own = number.to_string();
        if !active.state.receipts.fix_public_number(&own) {
            return Ok(active.state.receipts.public_number().unwrap_or(&own).to_owned());
        }
        active.dirty = true;
        let released = active.state.release();
        self.note_ready(step, number, &released)?;
        Ok(own)
    }
}
