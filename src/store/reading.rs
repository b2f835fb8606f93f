//! Reading records that the engine wrote: used by the engine itself and, beside it, by everybody who
//! only looks.

use omnihub_contract::{Ticket, TicketNumber};

use super::disk::Disk;
use super::outbox::TicketState;
use super::transaction::StoredTicket;
use super::{PriorRequest, RequestKey, StoreError, envelope, layout};

/// A ticket and its newest state, as they are on disk.
pub(crate) fn stored(
    disk: &impl Disk,
    number: TicketNumber,
) -> Result<Option<(Ticket, TicketState)>, StoreError> {
    let Some(bytes) = disk.read(&layout::ticket(number))? else { return Ok(None) };
    let stored: StoredTicket = envelope::open("a ticket", &bytes)?;
    let state = match disk.read(&layout::state(number))? {
        Some(bytes) => envelope::open("a ticket's state", &bytes)?,
        None => stored.state,
    };
    Ok(Some((stored.ticket, state)))
}

/// What an earlier request with this key was answered with.
pub(crate) fn prior_request(
    disk: &impl Disk,
    key: &RequestKey,
) -> Result<Option<PriorRequest>, StoreError> {
    let bytes = disk.read(&layout::request(key))?;
    bytes.map(|bytes| envelope::open("an earlier request", &bytes)).transpose()
}
