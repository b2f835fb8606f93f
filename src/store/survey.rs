//! What a store holds, counted a page at a time: no page takes long, however much there is.
//!
//! It is a look at what changes meanwhile, so sums over many pages are near the truth, not the truth.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::disk::{Disk, Pair};
use super::outbox::{Phase, TicketState};
use super::transaction::StoredTicket;
use super::{StoreError, envelope, layout};

/// Keys on one page: some milliseconds of work.
const PAGE: usize = 2_000;

/// What one page, or many, holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survey {
    /// Keys.
    pub keys: u64,
    /// Bytes of keys and values.
    pub bytes: u64,
    /// Tickets.
    pub tickets: u64,
    /// Those of them whose texts are purged.
    pub purged: u64,
    /// Deliveries of them, by adapter, then by state.
    pub deliveries: BTreeMap<String, BTreeMap<Phase, u64>>,
    /// Values that cannot be read.
    pub damaged: u64,
    /// The last key of the page, where another page follows.
    pub next: Option<Vec<u8>>,
}

impl Survey {
    /// Adds what another page holds.
    pub fn add(&mut self, page: Self) {
        self.keys += page.keys;
        self.bytes += page.bytes;
        self.tickets += page.tickets;
        self.purged += page.purged;
        self.damaged += page.damaged;
        for (adapter, phases) in page.deliveries {
            let sums = self.deliveries.entry(adapter).or_default();
            for (phase, count) in phases {
                *sums.entry(phase).or_default() += count;
            }
        }
        self.next = page.next;
    }

    fn count(&mut self, state: &TicketState) {
        self.tickets += 1;
        self.purged += u64::from(state.purged_at.is_some());
        for delivery in &state.deliveries {
            let phases = self.deliveries.entry(delivery.adapter.to_string()).or_default();
            *phases.entry(delivery.phase).or_default() += 1;
        }
    }
}

/// The page of what comes after this key.
pub(crate) fn page(disk: &impl Disk, after: &[u8]) -> Result<Survey, StoreError> {
    let pairs = disk.scan(b"", after, PAGE)?;
    let mut survey = Survey::default();
    for (key, value) in &pairs {
        survey.keys += 1;
        survey.bytes += u64::try_from(key.len() + value.len()).unwrap_or(u64::MAX);
    }
    for pair in pairs.iter().filter(|(key, _)| key.starts_with(layout::TICKETS)) {
        match state(disk, pair) {
            Ok(state) => survey.count(&state),
            Err(StoreError::Damaged { .. }) => survey.damaged += 1,
            Err(error) => return Err(error),
        }
    }
    survey.next =
        if pairs.len() < PAGE { None } else { pairs.into_iter().next_back().map(|it| it.0) };
    Ok(survey)
}

/// The newest state of the ticket that this pair is.
fn state(disk: &impl Disk, (key, value): &Pair) -> Result<TicketState, StoreError> {
    let number = layout::number_of(key);
    match number.map(|number| disk.read(&layout::state(number))).transpose()?.flatten() {
        Some(newest) => envelope::open("a ticket's state", &newest),
        None => Ok(envelope::open::<StoredTicket>("a ticket", value)?.state),
    }
}
