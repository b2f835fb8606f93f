//! What a person decides about a delivery that waits for one.

use super::{Engine, Step};
use crate::store::disk::Disk;
use crate::store::outbox::Phase;
use crate::store::{Decided, Decision, Note, Outcome, PastDecision, StoreError, Verdict, layout};

impl<D: Disk> Engine<D> {
    /// Takes the same way as a settle, once the delivery is found to be held or dead.
    pub(super) fn decide(
        &mut self,
        step: &mut Step,
        decision: Decision,
    ) -> Result<Decided, StoreError> {
        let Decision { id, verdict, by, reason } = decision;
        if !self.has_ticket(id.ticket)? {
            return Ok(Decided::NoDelivery);
        }
        let now = step.now;
        let active = self.load(step, id.ticket)?;
        let index = usize::from(id.ordinal).saturating_sub(1);
        let Some(delivery) = active.state.deliveries.get(index) else {
            return Ok(Decided::NoDelivery);
        };
        if !matches!(delivery.phase, Phase::Held | Phase::Dead) {
            return Ok(Decided::NotWaiting(delivery.phase));
        }
        let what = verdict.as_str().to_owned();
        let told = Note { code: "H0701".into(), words: format!("{what} by {by}: {reason}") };
        active.state.note_decision(PastDecision {
            at: now,
            delivery: Some(id.ordinal),
            what,
            by,
            reason,
        });
        active.dirty = true;
        step.writes.remove(layout::ledger(id));
        match verdict {
            Verdict::Delivered(receipt) => self.settle(step, id, Outcome::Delivered(receipt))?,
            Verdict::Discarded => self.settle(step, id, Outcome::Discarded(told))?,
            Verdict::Again(pinned) => {
                let released = active.state.reopen(index, now, pinned);
                self.note_ready(step, id.ticket, &released)?;
            }
        }
        Ok(Decided::Done)
    }
}
