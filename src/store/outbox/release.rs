//! Who may go now, and who never will.
//!
//! Pure. Who goes ahead of whom is in `waits`.

use omnihub_contract::ReceiptName;

use super::{DeliveryState, Phase, TicketState};
use crate::store::Note;

impl TicketState {
    /// Moves every delivery that waits for nothing any more to ready, and says which; discards those
    /// that wait for what will never be.
    pub fn release(&mut self) -> Vec<usize> {
        while let Some((at, note)) = self.hopeless() {
            let now = self.updated_at;
            if let Some(delivery) = self.deliveries.get_mut(at) {
                delivery.end(Phase::Discarded, now, note);
            }
        }
        let free: Vec<usize> = (0..self.deliveries.len()).filter(|at| self.is_free(*at)).collect();
        for at in &free {
            if let Some(delivery) = self.deliveries.get_mut(*at) {
                delivery.phase = Phase::Ready;
            }
        }
        free
    }

    fn is_free(&self, index: usize) -> bool {
        self.deliveries.get(index).is_some_and(|delivery| {
            delivery.phase == Phase::Waiting
                && delivery.needs.iter().all(|name| self.receipts.has(name))
                && self.ahead(index).is_none()
        })
    }

    /// A delivery that waits for a receipt of an adapter which was to give it and never will, and why.
    fn hopeless(&self) -> Option<(usize, Option<Note>)> {
        let mut discarded = self.deliveries.iter().filter(|d| d.phase == Phase::Discarded);
        discarded.find_map(|gone| {
            let is_hopeless = |(at, delivery): &(usize, &DeliveryState)| {
                let is_lost = |name: &ReceiptName| {
                    name.adapter == gone.adapter
                        && !self.receipts.has(name)
                        && !self.may_come(name, *at)
                };
                delivery.phase == Phase::Waiting && delivery.needs.iter().any(is_lost)
            };
            let (at, _) = self.deliveries.iter().enumerate().find(is_hopeless)?;
            Some((at, gone.note.clone()))
        })
    }

    /// Whether a delivery that is not over may still give this receipt: one that does not read it
    /// itself, and does not have to wait behind the one that does.
    fn may_come(&self, name: &ReceiptName, reader: usize) -> bool {
        let is_in_line = self.deliveries.get(reader).is_some_and(|d| d.adapter == name.adapter);
        let before = if is_in_line { reader } else { self.deliveries.len() };
        self.deliveries.iter().take(before).any(|d| {
            let is_over = matches!(d.phase, Phase::Delivered | Phase::Discarded);
            d.adapter == name.adapter && !is_over && !d.needs.contains(name)
        })
    }
}
