//! Drift: tickets whose systems show another status than the hub, why, and what can be sent to mend it.
//!
//! What a system shows is the word that it said last; one that took a status from the hub since is taken at
//! that. It looks at what the store has, and asks no system.

use jiff::Timestamp;
use omnihub_contract::{AdapterName, Event, StatusWord, TicketNumber};
use serde::{Deserialize, Serialize};

use super::Ears;
use super::precedence::is_same;
use crate::mapping::Mappings;
use crate::store::judgement::Judgement;
use crate::store::outbox::{DeliveryState, Phase};
use crate::store::{Due, Link, Record, StoreError};

/// Tickets that are looked at in one go, the newest first: some seconds' work.
pub const LOOKED_AT_MAX: usize = 100_000;

/// A system that shows another status of a ticket than the hub has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// The hub's number of the ticket.
    pub ticket: String,
    /// Where it drifted.
    pub adapter: AdapterName,
    /// What the hub has.
    pub status: StatusWord,
    /// The word that the system should show, where it has one.
    pub should_show: Option<String>,
    /// The word that it shows.
    pub shows: String,
    /// Since when.
    pub since: Timestamp,
    /// Why, in words.
    pub why: String,
    /// Whether it was sent once more.
    pub is_mended: bool,
}

/// What is looked for.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Looking {
    /// Newest tickets that are looked at.
    pub limit: usize,
    /// Whether what can be sent is sent.
    #[serde(default)]
    pub mend: bool,
}

impl Ears {
    /// The drifted among the newest tickets, and sends what can be sent where that is asked for.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub async fn drift(&self, looking: Looking) -> Result<Vec<Drift>, StoreError> {
        let mappings = (self.mappings)();
        let mut drifted = Vec::new();
        for number in self.store.newest(looking.limit.min(LOOKED_AT_MAX))? {
            let Some(record) = self.store.find(&number.to_string())? else { continue };
            for link in &record.state.links {
                let Some(mut drift) = self.of(&mappings, &record, link)? else { continue };
                if looking.mend {
                    drift.is_mended = self.mend(&record, &link.adapter).await?;
                }
                drifted.push(drift);
            }
        }
        Ok(drifted)
    }

    fn of(
        &self,
        mappings: &Mappings,
        record: &Record,
        link: &Link,
    ) -> Result<Option<Drift>, StoreError> {
        let state = &record.state;
        let status = &state.status.canonical;
        let called = mappings.word_for(&link.adapter, status);
        let told = link.told.as_ref().and_then(|told| mappings.word_for(&link.adapter, told));
        let Some(shows) = link.status_raw.as_deref().or(told) else { return Ok(None) };
        let is_so = link.status.as_ref() == Some(status)
            || called.is_some_and(|called| is_same(called, shows));
        if is_so || state.is_telling(&link.adapter) {
            return Ok(None);
        }
        let sent = self.sent(record, &link.adapter)?;
        Ok(Some(Drift {
            ticket: record.ticket.number.to_string(),
            adapter: link.adapter.clone(),
            status: status.clone(),
            should_show: called.map(str::to_owned),
            shows: shows.to_owned(),
            since: link.synced_at,
            why: why(record, (link, status), called, sent.is_some()),
            is_mended: false,
        }))
    }

    /// The last change of status, and what tells the system of it, as the mappings say now.
    fn sent(
        &self,
        record: &Record,
        adapter: &AdapterName,
    ) -> Result<Option<(u16, StatusWord, Vec<Due>)>, StoreError> {
        let timeline = self.store.timeline(record)?;
        let is_last = |event: &&Event| {
            let change = event.change.as_ref();
            change.is_some_and(|change| change.to.canonical == record.state.status.canonical)
        };
        let Some(place) = timeline.iter().rposition(|event| is_last(&event)) else {
            return Ok(None);
        };
        let (Some(event), Ok(at)) = (timeline.get(place), u16::try_from(place)) else {
            return Ok(None);
        };
        let mut event = event.clone();
        // Whoever it came from shows something else now, so that it is no echo.
        event.source = omnihub_contract::Source::Client;
        let due = (self.route)(&record.ticket, &event).into_iter();
        let due: Vec<Due> = due.filter(|due| due.adapter == *adapter && due.sets_status).collect();
        Ok((!due.is_empty()).then(|| (at, record.state.status.canonical.clone(), due)))
    }

    /// Sends the ticket's status once more, where a rule says how and nothing is under way or in the way.
    async fn mend(&self, record: &Record, adapter: &AdapterName) -> Result<bool, StoreError> {
        let Some(again) = self.sent(record, adapter)? else { return Ok(false) };
        let number: TicketNumber = record.ticket.number;
        let (adapter, expected) = (adapter.clone(), again.1.clone());
        let heard = self.store.hear(
            number,
            Box::new(move |_, state| {
                let is_good = state.status.canonical == expected && !state.is_telling(&adapter);
                Judgement { again: is_good.then_some(again), ..Judgement::default() }
            }),
        );
        Ok(heard.await? != crate::store::Heard::Nothing)
    }
}

fn why(
    record: &Record,
    (link, status): (&Link, &StatusWord),
    called: Option<&str>,
    can_be_sent: bool,
) -> String {
    let adapter = &link.adapter;
    let is_stuck = |delivery: &&DeliveryState| {
        delivery.adapter == *adapter
            && delivery.tells.is_some()
            && matches!(delivery.phase, Phase::Held | Phase::Dead | Phase::Discarded)
    };
    let last = record.state.deliveries.iter().rev().find(is_stuck);
    match (called, last) {
        (None, _) => format!("{adapter} has no word for {status}"),
        (Some(_), Some(stuck)) if can_be_sent => {
            let code = stuck.note.as_ref().map_or("", |note| &note.code);
            format!("it was told, and the delivery is {} {code}", word(stuck.phase))
        }
        (Some(_), _) if can_be_sent => format!("{adapter} says so since it was last told"),
        (Some(_), _) => {
            format!("no rule sets {status} there: {adapter} may take no such word from here")
        }
    }
}

fn word(phase: Phase) -> &'static str {
    match phase {
        Phase::Held => "held:",
        Phase::Dead => "dead:",
        _ => "discarded:",
    }
}
