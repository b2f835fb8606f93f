//! Leases: what who waits for them is given, and from which tracks.

use omnihub_contract::AdapterName;

use super::{Engine, Step};
use crate::store::disk::Disk;
use crate::store::lane::Lane;
use crate::store::transaction::{Reply, Sender, Wanted};
use crate::store::{Lease, Leased, StoreError, Track};

impl<D: Disk> Engine<D> {
    /// Notes who waits for leases, in place of who did so before for the same adapter.
    pub(super) fn ask(
        &mut self,
        step: &mut Step,
        adapter: AdapterName,
        wanted: Wanted,
    ) -> Result<(), StoreError> {
        let before = self.wanted.remove(&adapter);
        let is_too_late = wanted.wants.instead && before.is_none();
        if let Some(before) = before {
            nothing(step, before.reply);
        }
        for lane in self.lanes.iter_mut().filter(|lane| lane.adapter == adapter) {
            lane.is_wanted = false;
        }
        if !self.leasing {
            let stopped = Leased { has_stopped: true, ..Leased::default() };
            step.replies.push(Reply::Leased(wanted.reply, stopped));
        } else if is_too_late || !wanted.wants.is_something() {
            nothing(step, wanted.reply);
        } else {
            for (track, at_most) in &wanted.wants.tracks {
                let at = self.lane(&adapter, track)?;
                if let Some(lane) = self.lanes.get_mut(at) {
                    lane.is_wanted = *at_most > 0;
                }
            }
            self.wanted.insert(adapter, wanted);
        }
        Ok(())
    }

    /// Gives out no more.
    pub(super) fn stop_leasing(&mut self, step: &mut Step) {
        self.leasing = false;
        self.lanes.iter_mut().for_each(|lane| lane.is_wanted = false);
        for (_, wanted) in std::mem::take(&mut self.wanted) {
            let stopped = Leased { has_stopped: true, ..Leased::default() };
            step.replies.push(Reply::Leased(wanted.reply, stopped));
        }
    }

    /// Leases to everybody who waits and for whom there is something, or an empty track.
    pub(super) fn grant_all(&mut self, step: &mut Step) {
        for (adapter, wanted) in std::mem::take(&mut self.wanted) {
            let leased = self.leased(step, &adapter, &wanted);
            if leased.leases.is_empty() && leased.empty.is_empty() {
                self.wanted.insert(adapter, wanted);
            } else {
                let of_it = self.lanes.iter_mut().filter(|lane| lane.adapter == adapter);
                of_it.for_each(|lane| lane.is_wanted = false);
                step.replies.push(Reply::Leased(wanted.reply, leased));
            }
        }
    }

    fn leased(&mut self, step: &mut Step, adapter: &AdapterName, wanted: &Wanted) -> Leased {
        let mut leased = Leased::default();
        for (track, at_most) in &wanted.wants.tracks {
            let is_it = |lane: &Lane| lane.track == *track && lane.adapter == *adapter;
            let Some(at) = self.lanes.iter().position(is_it) else { continue };
            let room = wanted.wants.at_most.saturating_sub(leased.leases.len()).min(*at_most);
            self.pop(step, at, room, &mut leased.leases);
            if matches!(track, Track::Aside(_)) && self.lanes.get(at).is_some_and(Lane::is_empty) {
                self.lanes.swap_remove(at);
                leased.empty.push(track.clone());
            }
        }
        leased
    }

    fn pop(&mut self, step: &mut Step, at: usize, at_most: usize, leases: &mut Vec<Lease>) {
        let Some(lane) = self.lanes.get_mut(at) else { return };
        let enough = leases.len() + at_most;
        while leases.len() < enough
            && let Some(id) = lane.pop()
        {
            let Some(active) = self.active.get_mut(&id.ticket) else { continue };
            match active.lease(&self.disk, id, step.now) {
                Ok((lease, is_durable)) => {
                    leases.push(lease);
                    if is_durable {
                        active.dirty = true;
                        step.touched.insert(id.ticket);
                    }
                }
                Err(error) => {
                    tracing::error!(delivery = %id, %error, "a delivery cannot be leased and is left alone");
                }
            }
        }
    }
}

fn nothing(step: &mut Step, reply: Sender<Leased>) {
    step.replies.push(Reply::Leased(reply, Leased::default()));
}
