//! What systems told, and tickets that are taken over from one.

use omnihub_contract::{ReceiptName, TicketNumber};

use super::{Engine, Step};
use crate::store::disk::Disk;
use crate::store::judgement::{ClockDecision, Heard, Judge, Judgement};
use crate::store::transaction::NewTicket;
use crate::store::{Accepted, EVENTS_MAX, Note, StoreError, envelope, layout};

impl<D: Disk> Engine<D> {
    pub(super) fn hear(
        &mut self,
        step: &mut Step,
        number: TicketNumber,
        judge: Judge,
    ) -> Result<Heard, StoreError> {
        if !self.has_ticket(number)? {
            return Ok(Heard::NoTicket);
        }
        let now = step.now;
        let active = self.load(step, number)?;
        let judgement = judge(&active.ticket, &active.state);
        if judgement.is_empty() {
            return Ok(Heard::Nothing);
        }
        let Judgement { link, receipts, status, assignee, events, again, findings, clock } =
            judgement;
        let state = &mut active.state;
        for (ReceiptName { adapter, name }, value) in receipts {
            let key = layout::receipt(&adapter, &name, &value);
            step.writes.put(key, number.0.to_be_bytes().to_vec());
            state.receipts.add(&adapter, [(name.into(), value)].into());
        }
        if let Some(link) = link {
            state.keep_link(link);
        }
        state.status = status.unwrap_or_else(|| state.status.clone());
        state.assignee = assignee.or_else(|| state.assignee.take());
        for note in findings {
            state.add_finding_once(now, note);
        }
        if let Some(ClockDecision { marks, decision, look_at }) = clock {
            state.regulatory = marks;
            state.note_decision(decision);
            if let Some(look_at) = look_at {
                step.writes.put(layout::sla(layout::epoch_ms(look_at), number), Vec::new());
            }
        }
        let room = usize::from(EVENTS_MAX.saturating_sub(state.later_events));
        if events.len() > room {
            let words = format!("what systems tell is kept no more after {EVENTS_MAX} events");
            state.add_finding_once(now, Note { code: "H0606".into(), words });
        }
        let kept = events.len().min(room);
        for (event, due) in events.into_iter().take(room) {
            let place = state.add(&event, due);
            step.writes.put(layout::event(number, place), envelope::seal(&event)?);
            active.later_events.insert(place, event);
        }
        if let Some((place, told, due)) = again {
            state.owe(due, place, now, Some(&told));
        }
        state.updated_at = now;
        active.dirty = true;
        let released = state.release();
        self.note_ready(step, number, &released)?;
        Ok(Heard::Kept { events: kept })
    }

    /// Accepts a ticket that the numbering adapter has already, under the number that it has there.
    pub(super) fn adopt(
        &mut self,
        step: &mut Step,
        new: NewTicket,
        there: &str,
    ) -> Result<Accepted, StoreError> {
        let key = layout::other_number(there);
        let number = new.ticket.number;
        step.writes.put(key, number.0.to_be_bytes().to_vec());
        let accepted = self.accept(step, new)?;
        self.plan_first_poll(step, &self.settings.numbering.adapter, number)?;
        Ok(accepted)
    }
}
