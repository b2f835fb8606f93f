//! Retention: what is left of a ticket when its time is over, and when that is.
//!
//! A ticket is finished when nothing is owed because of it: no delivery waits, is held or dead. When a
//! group leaves tickets finished, their numbers go into one value under the group's time; when that is
//! old enough they are looked at, and each that did not change since is purged. What names a person or
//! was written by one goes, and so do files and records of attempts; numbers, links, the status and
//! what happened when stay, a kilobyte at most times, until a second and longer time is over.
//!
//! It costs the same whatever else is stored. Invariant: a ticket that owes anything is never purged.

use jiff::Timestamp;
use omnihub_contract::{Customer, Event, Ticket, TicketNumber};

use super::{Engine, Step};
use crate::store::disk::Disk;
use crate::store::layout::epoch_ms;
use crate::store::outbox::TicketState;
use crate::store::reading::{event, reference_hash, stored};
use crate::store::transaction::StoredTicketRef;
use crate::store::{StoreError, envelope, layout};

/// Tickets that one step looks at: some milliseconds of work.
const PURGED_MAX: usize = 32;

/// Until when tickets must not have changed to be purged; none: they are kept for ever.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ends {
    /// For their texts, persons and files to go.
    pub(crate) texts: Option<Timestamp>,
    /// Until when they must have been purged for the rest to go.
    pub(crate) numbers: Option<Timestamp>,
}

/// What stands where a text was. The door's fields are never empty.
const REMOVED: &str = "(removed: its time of retention is over)";

impl<D: Disk> Engine<D> {
    /// Notes, in one value each, which tickets this group leaves finished, and which bare.
    pub(super) fn note_finished(&mut self, step: &mut Step) {
        let noted = [
            (layout::FINISHED, std::mem::take(&mut step.finished)),
            (layout::BARE, std::mem::take(&mut step.bare)),
        ];
        for (index, numbers) in noted.into_iter().filter(|(_, numbers)| !numbers.is_empty()) {
            let key = layout::ended(index, epoch_ms(step.now), self.next_group);
            self.next_group += 1;
            let numbers = numbers.into_iter().flat_map(|number| number.0.to_be_bytes());
            step.writes.put(key, numbers.collect());
        }
    }

    /// Purges some of what has not changed since then; true when there may be more.
    pub(super) fn purge(&mut self, step: &mut Step, ends: Ends) -> Result<bool, StoreError> {
        let mut is_more = false;
        if let Some(until) = ends.texts {
            is_more |= self.some(step, layout::FINISHED, until, Self::purge_one)?;
        }
        if let Some(until) = ends.numbers {
            is_more |= self.some(step, layout::BARE, until, Self::remove_one)?;
        }
        Ok(is_more)
    }

    /// Does it to some tickets of the first value of an index, if its time has come.
    fn some(
        &mut self,
        step: &mut Step,
        index: &[u8],
        until: Timestamp,
        end: impl Fn(&mut Self, &mut Step, TicketNumber, Timestamp) -> Result<(), StoreError>,
    ) -> Result<bool, StoreError> {
        let Some((key, value)) = self.disk.scan(index, index, 1)?.pop() else { return Ok(false) };
        if layout::forgettable_at(&key).is_none_or(|at| at > epoch_ms(until)) {
            return Ok(false);
        }
        let (now, later) = value.split_at(value.len().min(8 * PURGED_MAX));
        for number in now.chunks_exact(8).filter_map(|bytes| bytes.try_into().ok()) {
            let number = TicketNumber(u64::from_be_bytes(number));
            match end(self, step, number, until) {
                Err(error @ StoreError::Damaged { .. }) => {
                    tracing::error!(ticket = %number, %error, "a ticket cannot be purged");
                }
                done => done?,
            }
        }
        match later.is_empty() {
            true => step.writes.remove(key),
            false => step.writes.put(key, later.to_vec()),
        }
        Ok(true)
    }

    /// Removes what was left of a purged ticket. The last number stays, so that none is given twice.
    fn remove_one(
        &mut self,
        step: &mut Step,
        number: TicketNumber,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let is_last = self.disk.last(layout::TICKETS)? == Some(layout::ticket(number));
        if is_last || self.active.contains_key(&number) {
            step.bare.insert(number);
            return Ok(());
        }
        let Some((ticket, state)) = stored(&self.disk, number)? else { return Ok(()) };
        if state.purged_at.is_none_or(|at| at > until) || !state.is_finished() {
            return Ok(());
        }
        let mut keys = vec![layout::ticket(number), layout::state(number)];
        if let Some(reference) = &ticket.channel_reference_id {
            for partner in [Some(&ticket.partner), None] {
                keys.push(layout::reference(&reference_hash(partner, reference), number));
            }
        }
        for (name, value) in state.receipts.all() {
            keys.push(layout::receipt(&name.adapter, &name.name, value));
            keys.push(layout::other_number(value));
        }
        for prefix in [layout::events(number), layout::attempts_of(number)] {
            keys.extend(self.disk.scan(&prefix, &prefix, usize::MAX)?.into_iter().map(|it| it.0));
        }
        keys.into_iter().for_each(|key| step.writes.remove(key));
        Ok(())
    }

    fn purge_one(
        &mut self,
        step: &mut Step,
        number: TicketNumber,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        if self.active.contains_key(&number) {
            // Somebody has it just now: it is looked at again after another such time.
            step.finished.insert(number);
            return Ok(());
        }
        let Some((ticket, mut state)) = stored(&self.disk, number)? else { return Ok(()) };
        if !state.is_finished() || state.updated_at > until {
            // What changed it noted it anew, if it is finished again.
            return Ok(());
        }
        let mut files: Vec<_> = ticket.attachments.iter().map(|file| file.sha256).collect();
        for place in 1..=state.later_events {
            let mut event = event(&self.disk, number, place)?;
            files.extend(event.attachments.iter().map(|file| file.sha256));
            bare_event(&mut event);
            step.writes.put(layout::event(number, place), envelope::seal(&event)?);
        }
        let attempts = layout::attempts_of(number);
        for (key, _) in self.disk.scan(&attempts, &attempts, usize::MAX)? {
            step.writes.remove(key);
        }
        if !files.is_empty() {
            let files = files.iter().flat_map(|sha256| sha256.0).collect();
            step.writes.put(layout::unwanted(number), files);
        }
        bare_state(&mut state, step.now);
        step.bare.insert(number);
        let stored = StoredTicketRef { ticket: &bare(ticket), state: &state };
        step.writes.put(layout::ticket(number), envelope::seal(&stored)?);
        step.writes.remove(layout::state(number));
        Ok(())
    }
}

/// A ticket without what a person is in.
fn bare(ticket: Ticket) -> Ticket {
    Ticket {
        title: REMOVED.into(),
        description: REMOVED.into(),
        customer: Customer {
            name: REMOVED.into(),
            email: None,
            phone: None,
            identifier: None,
            department: None,
            ..ticket.customer
        },
        claim: None,
        metadata: serde_json::Map::new(),
        attachments: Vec::new(),
        webhook_url: None,
        ..ticket
    }
}

fn bare_state(state: &mut TicketState, now: Timestamp) {
    bare_event(&mut state.created);
    state.assignee = None;
    state.purged_at = Some(now);
}

fn bare_event(event: &mut Event) {
    event.comment = None;
    event.attachments = Vec::new();
}
