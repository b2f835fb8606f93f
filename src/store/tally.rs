//! How many deliveries are owed, by adapter and by what they wait for: kept with each commit that changes
//! it, so that asking costs one read however many there are.
//!
//! It does not count what has ended well. Handing a delivery out changes nothing here: what is under way
//! counts as due, so that a crash changes nothing either.

use std::collections::BTreeMap;

use omnihub_contract::AdapterName;
use serde::{Deserialize, Serialize};

use super::outbox::{Phase, TicketState};

/// What is owed to each adapter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally(pub BTreeMap<AdapterName, Owed>);

/// Deliveries that are owed to one adapter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owed {
    /// They wait for a receipt, or behind another delivery.
    pub waiting: u64,
    /// They are to go, now or at their time, or are under way.
    pub due: u64,
    /// Their outcome is unknown; a person decides.
    pub held: u64,
    /// They cannot be delivered; a person decides.
    pub dead: u64,
}

impl Owed {
    fn of(&mut self, phase: Phase) -> Option<&mut u64> {
        match phase {
            Phase::Waiting => Some(&mut self.waiting),
            Phase::Ready | Phase::InFlight => Some(&mut self.due),
            Phase::Held => Some(&mut self.held),
            Phase::Dead => Some(&mut self.dead),
            Phase::Delivered | Phase::Discarded => None,
        }
    }
}

impl Tally {
    /// A ticket's deliveries stand as they do; `counted` has how they stood when they were counted last.
    /// True where that makes a difference.
    pub(crate) fn count(&mut self, state: &TicketState, counted: &mut Vec<Phase>) -> bool {
        let mut is_other = false;
        for (index, delivery) in state.deliveries.iter().enumerate() {
            let (before, now) = (counted.get(index).copied(), delivery.phase);
            if before == Some(now) {
                continue;
            }
            match counted.get_mut(index) {
                Some(place) => *place = now,
                None => counted.push(now),
            }
            if before.is_some_and(|before| is_same(before, now)) {
                continue;
            }
            let owed = self.0.entry(delivery.adapter.clone()).or_default();
            if let Some(count) = before.and_then(|before| owed.of(before)) {
                *count = count.saturating_sub(1);
            }
            if let Some(count) = owed.of(now) {
                *count += 1;
            }
            is_other = true;
        }
        is_other
    }
}

/// Whether both are counted at one place.
fn is_same(one: Phase, other: Phase) -> bool {
    let is_due = |phase| matches!(phase, Phase::Ready | Phase::InFlight);
    is_due(one) && is_due(other)
}

/// How a ticket's deliveries stand.
pub(crate) fn standing(state: &TicketState) -> Vec<Phase> {
    state.deliveries.iter().map(|delivery| delivery.phase).collect()
}
