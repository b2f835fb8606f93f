//! Plans: tickets whose SLA is due, and the places of their polls.

use jiff::{SignedDuration, Timestamp};
use omnihub_contract::{AdapterName, Ticket, TicketNumber};

use super::{Engine, Step, ours};
use crate::store::disk::Disk;
use crate::store::plan::{PollMove, Turn, plan};
use crate::store::transaction::{Reply, Sender};
use crate::store::{Heard, StoreError, layout};

impl<D: Disk> Engine<D> {
    /// Takes a ticket's turn: what is decided is written, and its next due takes the place of this one.
    /// One that another took is nobody's any more.
    pub(super) fn turn(
        &mut self,
        step: &mut Step,
        (due, number): (Timestamp, TicketNumber),
        (judge, reply): (Turn, Sender<Heard>),
    ) -> Result<(), StoreError> {
        let told = self.heard_by_clock(step, (due, number), judge);
        step.replies.push(Reply::Heard(reply, ours(told)?));
        Ok(())
    }

    fn heard_by_clock(
        &mut self,
        step: &mut Step,
        (due, number): (Timestamp, TicketNumber),
        judge: Turn,
    ) -> Result<Heard, StoreError> {
        let key = layout::sla(layout::epoch_ms(due), number);
        let is_planned = self.disk.read(&key)?.is_some();
        step.writes.remove(key);
        if !is_planned || !self.has_ticket(number)? {
            return Ok(Heard::NoTicket);
        }
        let active = self.load(step, number)?;
        let (judgement, next) = judge(&active.ticket, &active.state);
        if let Some(next) = next {
            step.writes.put(layout::sla(layout::epoch_ms(next), number), Vec::new());
        }
        self.hear(step, number, Box::new(move |_, _| judgement))
    }

    /// A ticket that came in is looked at when its first answer is due; earlier where the regulator might
    /// give less: as many days, if the bank worked on all of them.
    pub(super) fn plan_sla(step: &mut Step, ticket: &Ticket) {
        let days = ticket.regulatory.as_ref().map(|regulatory| i64::from(regulatory.days));
        let regulatory = days.and_then(|days| {
            ticket.created_at.checked_add(SignedDuration::from_hours(24 * days)).ok()
        });
        let first =
            regulatory.map_or(ticket.sla.response_due, |at| at.min(ticket.sla.response_due));
        let due = layout::epoch_ms(first);
        step.writes.put(layout::sla(due, ticket.number), Vec::new());
    }

    /// A ticket that a polled adapter has now is polled from then on.
    pub(super) fn plan_first_poll(
        &self,
        step: &mut Step,
        adapter: &AdapterName,
        number: TicketNumber,
    ) -> Result<(), StoreError> {
        let Some(interval) = self.settings.polled.get(adapter) else { return Ok(()) };
        let due = step.now.checked_add(*interval).unwrap_or(step.now);
        let first = PollMove { number, seen: None, next: Some((0, due)) };
        plan(&self.disk, adapter, first, &mut step.writes)
    }

    /// Moves tickets in an adapter's plan.
    pub(super) fn plan_polls(
        &self,
        step: &mut Step,
        (adapter, moves): (AdapterName, Vec<PollMove>),
        reply: Sender<()>,
    ) -> Result<(), StoreError> {
        for it in moves {
            plan(&self.disk, &adapter, it, &mut step.writes)?;
        }
        step.replies.push(Reply::Done(reply));
        Ok(())
    }
}
