//! What deliveries wait for, and which of them others wait behind.

use std::cmp::Ordering;

use omnihub_contract::ReceiptName;

use super::{DeliveryState, Phase, TicketState};

/// What a waiting delivery waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Awaited<'a> {
    /// A receipt that is not there.
    Receipt(&'a ReceiptName),
    /// Another delivery of its adapter, by its index, which has to end first.
    Delivery(usize),
}

impl TicketState {
    /// What a waiting delivery waits for; nothing where it does not wait.
    pub fn awaits(&self, index: usize) -> Option<Awaited<'_>> {
        let delivery = self.deliveries.get(index).filter(|d| d.phase == Phase::Waiting)?;
        match delivery.needs.iter().find(|name| !self.receipts.has(name)) {
            Some(name) => Some(Awaited::Receipt(name)),
            None => self.ahead(index).map(Awaited::Delivery),
        }
    }

    /// The same in words.
    pub fn waits_for(&self, index: usize) -> Option<String> {
        self.awaits(index).map(|awaited| match awaited {
            Awaited::Receipt(name) => name.to_string(),
            Awaited::Delivery(ahead) => format!("delivery {}", ahead + 1),
        })
    }

    /// The delivery that is to give a receipt, as far as the outbox can tell: the first to its adapter
    /// that has not ended well.
    pub fn giver(&self, name: &ReceiptName) -> Option<usize> {
        self.deliveries.iter().position(|delivery| {
            delivery.adapter == name.adapter
                && !matches!(delivery.phase, Phase::Delivered | Phase::Discarded)
        })
    }

    /// The delivery of the same adapter that has to end first: an earlier one, or a later one that has
    /// gone ahead of one that is delivered again.
    pub(super) fn ahead(&self, index: usize) -> Option<usize> {
        let adapter = &self.deliveries.get(index)?.adapter;
        let mut others = self.deliveries.iter().enumerate().filter(|(_, d)| d.adapter == *adapter);
        let is_first = |(at, other): &(usize, &DeliveryState)| match at.cmp(&index) {
            Ordering::Less => other.is_ahead(),
            Ordering::Equal => false,
            Ordering::Greater => matches!(other.phase, Phase::Ready | Phase::InFlight),
        };
        others.find(is_first).map(|(at, _)| at)
    }
}

impl DeliveryState {
    /// Whether later deliveries of the same adapter wait behind this one.
    fn is_ahead(&self) -> bool {
        match self.phase {
            Phase::Waiting | Phase::Ready | Phase::InFlight => true,
            Phase::Held | Phase::Dead => self.blocks,
            Phase::Delivered | Phase::Discarded => false,
        }
    }
}
