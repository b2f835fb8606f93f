//! Bringing a store of an older format up to date, in place, when it is opened.
//!
//! Format 1 did not keep what is owed, nor (in its first form) when tickets are looked at by the SLA clock
//! and by polls. All of it follows from the tickets, so nothing is lost and nothing has to be asked; what
//! is there already stays as it is. What else has changed reads as it stands: creates that are owed stay
//! on the track of changes, and groups of which nobody knows when they were made have no age.
//!
//! It looks at every ticket once. Invariant: the new format stands there only after all the rest, so an
//! upgrade that is cut begins anew.

use jiff::Timestamp;
use omnihub_contract::{StatusWord, TicketNumber};

use super::disk::{Disk, Writes};
use super::layout::{self, epoch_ms};
use super::plan::{PollMove, plan};
use super::reading::stored;
use super::tally::Tally;
use super::{Record, StoreError, StoreSettings, envelope};

/// Tickets that are looked at before what follows from them is written.
const PAGE: usize = 500;

/// Brings it up to date.
pub(super) fn upgrade(
    disk: &impl Disk,
    settings: &StoreSettings,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (mut after, mut tally) = (layout::TICKETS.to_vec(), Tally::default());
    loop {
        let page = disk.scan(layout::TICKETS, &after, PAGE)?;
        let Some((last, _)) = page.last() else { break };
        after.clone_from(last);
        let mut writes = Writes::default();
        for number in page.iter().filter_map(|(key, _)| layout::number_of(key)) {
            match one(disk, (settings, now), number, (&mut tally, &mut writes)) {
                Err(error @ StoreError::Damaged { .. }) => {
                    tracing::error!(ticket = %number, %error, "a ticket cannot be brought up to date");
                }
                done => done?,
            }
        }
        disk.commit(writes)?;
    }
    let mut writes = Writes::default();
    writes.put(layout::tally(), envelope::seal(&tally)?);
    writes.put(layout::format(), layout::FORMAT.to_be_bytes().to_vec());
    disk.commit(writes)
}

fn one(
    disk: &impl Disk,
    (settings, now): (&StoreSettings, Timestamp),
    number: TicketNumber,
    (tally, writes): (&mut Tally, &mut Writes),
) -> Result<(), StoreError> {
    let Some((ticket, state)) = stored(disk, number)? else { return Ok(()) };
    tally.count(&state, &mut Vec::new());
    let record = Record { ticket: ticket.into(), state };
    if matches!(record.state.status.canonical, StatusWord::Closed) {
        return Ok(());
    }
    plan_sla(&record, now, writes);
    for (adapter, interval) in &settings.polled {
        let is_there = record.state.receipts.all().any(|(name, _)| name.adapter == *adapter);
        if is_there && disk.read(&layout::own_poll(number, adapter))?.is_none() {
            let due = now.checked_add(*interval).unwrap_or(now);
            let first = PollMove { number, seen: None, next: Some((0, due)) };
            plan(disk, adapter, first, writes)?;
        }
    }
    Ok(())
}

/// A ticket is looked at when something is due next; what was due while nobody looked is not told now.
fn plan_sla(record: &Record, now: Timestamp, writes: &mut Writes) {
    let sla = &record.ticket.sla;
    if let Some(due) = [sla.response_due, sla.resolution_due].into_iter().find(|due| now < *due) {
        writes.put(layout::sla(epoch_ms(due), record.ticket.number), Vec::new());
    }
}

#[cfg(test)]
mod tests;
