//! Reading records that the engine wrote: used by the engine itself and, beside it, by everybody who
//! only looks.

use std::collections::BTreeSet;

use omnihub_contract::{AdapterName, DeliveryId, Event, PartnerId, Ticket, TicketNumber};
use sha2::{Digest, Sha256};

use super::attempt::{ATTEMPTS_MAX, Attempt};
use super::disk::Disk;
use super::outbox::TicketState;
use super::recent::half;
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

/// An event after the first.
pub(crate) fn event(
    disk: &impl Disk,
    number: TicketNumber,
    place: u16,
) -> Result<Event, StoreError> {
    let missing = || StoreError::Damaged {
        what: format!("event {place} of {number}"),
        why: "it is gone".into(),
    };
    let bytes = disk.read(&layout::event(number, place))?.ok_or_else(missing)?;
    envelope::open("an event", &bytes)
}

/// The attempts of a delivery, the oldest first.
pub(crate) fn attempts(disk: &impl Disk, id: DeliveryId) -> Result<Vec<Attempt>, StoreError> {
    let prefix = layout::attempts(id);
    let entries = disk.scan(&prefix, &prefix, ATTEMPTS_MAX)?.into_iter();
    let mut attempts: Vec<Attempt> =
        entries.map(|(_, bytes)| envelope::open("an attempt", &bytes)).collect::<Result<_, _>>()?;
    // Stable: the first one stands first also where clocks were turned back.
    attempts.get_mut(1..).unwrap_or_default().sort_by_key(|attempt| attempt.at);
    Ok(attempts)
}

/// Destinations with deliveries put aside, by name: one look a destination, however much stands there.
pub(crate) fn asides(
    disk: &impl Disk,
    adapter: &AdapterName,
    limit: usize,
) -> Result<Vec<Box<str>>, StoreError> {
    let mut found = BTreeSet::new();
    for prefix in layout::asides(adapter) {
        let mut after = prefix.clone();
        let mut left = limit;
        while left > 0
            && let Some((key, _)) = disk.scan(&prefix, &after, 1)?.pop()
            && let Some(destination) = layout::aside_of(&prefix, &key)
        {
            after = layout::after_aside(&prefix, &destination);
            found.insert(destination);
            left -= 1;
        }
    }
    Ok(found.into_iter().take(limit).collect())
}

/// A channel reference as an index has it: in a partner's eyes, or in everybody's.
pub(crate) fn reference_hash(partner: Option<&PartnerId>, reference: &str) -> [u8; 16] {
    let mut hash = Sha256::new();
    let partner = partner.map_or("", PartnerId::as_str);
    hash.update(partner.len().to_be_bytes());
    hash.update(partner.as_bytes());
    hash.update(reference.as_bytes());
    half(hash.finalize().into())
}

/// What an earlier request with this key was answered with.
pub(crate) fn prior_request(
    disk: &impl Disk,
    key: &RequestKey,
) -> Result<Option<PriorRequest>, StoreError> {
    let bytes = disk.read(&layout::request(key))?;
    bytes.map(|bytes| envelope::open("an earlier request", &bytes)).transpose()
}
