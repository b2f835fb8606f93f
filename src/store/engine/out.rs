//! What dispatchers have: deliveries that were handed out and whose settle is not on disk.
//!
//! It outlives an engine whose commit failed: the one that follows leases none of them a second time,
//! and takes their settles. It is bounded by what all lanes may have under way.

use std::collections::HashSet;

use omnihub_contract::{DeliveryId, TicketNumber};

use super::accept::delivery_id;
use crate::store::outbox::{Phase, TicketState};
use crate::store::transaction::Reply;

#[derive(Default)]
pub(super) struct Out {
    /// Handed out.
    held: HashSet<DeliveryId>,
    /// Perhaps in flight on disk, by a commit that failed, but never handed out.
    unsent: HashSet<DeliveryId>,
}

impl Out {
    pub(super) fn has(&self, id: DeliveryId) -> bool {
        self.held.contains(&id)
    }

    /// A step is on disk, with these answers and settles.
    pub(super) fn note(&mut self, replies: &[Reply], settled: &[DeliveryId]) {
        // In this order: what was put aside may be leased again in the same step.
        for id in settled {
            self.held.remove(id);
        }
        for id in leased(replies) {
            self.held.insert(id);
            self.unsent.remove(&id);
        }
    }

    /// A step may be on disk or not: nobody gets what it leased, and its settles come again.
    pub(super) fn undo(&mut self, replies: &[Reply]) {
        self.unsent.extend(leased(replies));
    }

    /// What is in flight on disk becomes what it is: a dispatcher's, never sent, or cut by a crash.
    pub(super) fn recover(&self, number: TicketNumber, state: &mut TicketState) {
        for (index, delivery) in state.deliveries.iter_mut().enumerate() {
            let Some(id) = delivery_id(number, index) else { continue };
            match delivery.phase {
                Phase::Ready | Phase::InFlight if self.held.contains(&id) => {
                    delivery.phase = Phase::InFlight;
                }
                Phase::InFlight if self.unsent.contains(&id) => {
                    delivery.phase = Phase::Ready;
                    delivery.at = None;
                }
                _ => delivery.recover(),
            }
        }
    }
}

fn leased(replies: &[Reply]) -> impl Iterator<Item = DeliveryId> {
    let leases = replies.iter().filter_map(|reply| match reply {
        Reply::Leased(_, leased) => Some(&leased.leases),
        _ => None,
    });
    leases.flatten().map(|lease| lease.id)
}
