//! A ticket's outbox: what is owed to whom, in which order, and what is ready to go.
//!
//! Pure: no clock, no disk, no index. Rules, all of them:
//! - Deliveries of one ticket to one adapter go one at a time, in the order of their events.
//! - A delivery that reads a receipt waits until an upstream gave it.
//! - A held or dead delivery that blocks keeps later ones of its adapter waiting; one that does not
//!   is passed over.
//! - A discarded delivery takes with it those that wait for a receipt which nobody gives any more, now
//!   or later. What reads a receipt of an adapter that was never told of the ticket is not owed.

use jiff::Timestamp;
use omnihub_contract::{AdapterName, Event, Personal, ReceiptName, Receipts, Status, StatusWord};
use serde::{Deserialize, Serialize};

use super::attempt::warning;
use super::link::{Link, fingerprint};
use super::marks::{RegulatoryMarks, SlaMarks};
use super::{
    Changed, DECISIONS_MAX, Due, EVENTS_MAX, FINDINGS_MAX, Finding, Note, Outcome, PastDecision,
    Track,
};

mod passed;
mod release;
mod waits;

pub use passed::PASSED_OVER;
pub use waits::Awaited;

/// The small, changing part of a ticket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TicketState {
    /// Where it stands.
    pub status: Status,
    /// When that or a delivery last changed.
    pub updated_at: Timestamp,
    /// What upstreams gave.
    #[serde(default, skip_serializing_if = "Receipts::is_empty")]
    pub receipts: Receipts,
    /// The first event of the timeline. Later ones are kept one by one, since they may be large.
    pub created: Event,
    /// How many later ones there are.
    #[serde(default, skip_serializing_if = "is_default")]
    pub later_events: u16,
    /// What is known of it in each system that said something of it, or was told its status.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// Who works on it, as the numbering adapter says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<Personal>,
    /// What came in time, and what did not.
    #[serde(default, skip_serializing_if = "is_default")]
    pub sla: SlaMarks,
    /// What people decided about its regulatory clock.
    #[serde(default, skip_serializing_if = "is_default")]
    pub regulatory: RegulatoryMarks,
    /// What a person should look at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
    /// What people decided about deliveries and the regulatory clock, the newest last.
    #[serde(default, alias = "interventions", skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<PastDecision>,
    /// When its texts were removed, since its time was over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purged_at: Option<Timestamp>,
    /// What is owed, in the order of the events and the mapping files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deliveries: Vec<DeliveryState>,
}

/// One delivery in the outbox.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeliveryState {
    /// Who is told.
    pub adapter: AdapterName,
    /// What is done there.
    pub operation: Box<str>,
    /// The mapping rule that says so.
    pub rule: Box<str>,
    /// Place of its event in the timeline: 0 is the first.
    #[serde(default, skip_serializing_if = "is_default")]
    pub event: u16,
    /// Receipts that have to be there first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<ReceiptName>,
    /// Whether a repeat could make a second thing.
    #[serde(default, skip_serializing_if = "is_default")]
    pub unsafe_repeat: bool,
    /// Whether it keeps later ones waiting while it is held or dead.
    #[serde(default, skip_serializing_if = "is_default")]
    pub blocks: bool,
    /// The status that it sets there, where it sets one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tells: Option<StatusWord>,
    /// The track that it is asked for on.
    #[serde(default, skip_serializing_if = "is_default")]
    pub track: Track,
    /// The destination that it was put aside for, until it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aside: Option<Box<str>>,
    /// Where it stands.
    pub phase: Phase,
    /// Since when it is owed; from then on, since its first attempt that counts.
    pub since: Timestamp,
    /// When it may go, if not at once; and when it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// Failed attempts that count.
    #[serde(default, skip_serializing_if = "is_default")]
    pub attempts: u32,
    /// All attempts, whatever they came to, replays included.
    #[serde(default, skip_serializing_if = "is_default")]
    pub tries: u32,
    /// An attempt may have arrived.
    #[serde(default, skip_serializing_if = "is_default")]
    pub unknown: bool,
    /// What last went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Note>,
    /// The first characters of the digest of the mappings that its last attempt went by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mapping: Option<Box<str>>,
    /// The mappings that its next attempts go by, where a person said so: otherwise those of the day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned: Option<Box<str>>,
    /// Whether the change of status that it tells was taken back, since it was refused.
    #[serde(default, skip_serializing_if = "is_default")]
    pub taken_back: bool,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// For a receipt, or behind another delivery.
    Waiting,
    /// To go, now or at its time. Every delivery in this phase is in an index.
    Ready,
    /// Handed out for an attempt.
    InFlight,
    /// The upstream has it.
    Delivered,
    /// Its outcome is unknown; a person decides.
    Held,
    /// It cannot be delivered; a person decides.
    Dead,
    /// It is not to be delivered.
    Discarded,
}

impl Phase {
    /// Whether the delivery will not move by itself any more.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Delivered | Self::Held | Self::Dead | Self::Discarded)
    }
}

impl TicketState {
    /// The state that a ticket starts with: everything ready that waits for nothing.
    pub fn start(created: Event, due: Vec<Due>, public_number: Option<Box<str>>) -> Self {
        let at = created.at;
        let mut receipts = Receipts::default();
        if let Some(number) = public_number {
            receipts.fix_public_number(&number);
        }
        let mut state = Self {
            status: Status::open(),
            updated_at: at,
            receipts,
            created,
            later_events: 0,
            links: Vec::new(),
            assignee: None,
            sla: SlaMarks::default(),
            regulatory: RegulatoryMarks::default(),
            findings: Vec::new(),
            decisions: Vec::new(),
            purged_at: None,
            deliveries: due.into_iter().map(|due| DeliveryState::new(due, 0, at, None)).collect(),
        };
        state.release();
        state
    }

    /// Whether nothing is owed because of it, and no person is needed.
    pub fn is_finished(&self) -> bool {
        let is_over = |phase| matches!(phase, Phase::Delivered | Phase::Discarded);
        self.deliveries.iter().all(|delivery| is_over(delivery.phase))
    }

    /// Whether an event of a client may still be added (contract trap 24): nothing to a closed or
    /// resolved ticket or one whose texts are gone, and no status to a cancelled one.
    pub fn takes(&self, event: &Event) -> bool {
        if self.purged_at.is_some() {
            return false;
        }
        match self.status.canonical {
            StatusWord::Closed | StatusWord::Resolved => false,
            StatusWord::Cancelled => event.change.is_none(),
            StatusWord::Open
            | StatusWord::InProgress
            | StatusWord::OnHold
            | StatusWord::Pending
            | StatusWord::Unlisted(_) => true,
        }
    }

    /// Notes what a person should look at.
    pub fn add_finding(&mut self, at: Timestamp, code: &str, words: String) {
        if self.findings.len() < FINDINGS_MAX {
            let note = Note { code: code.to_owned(), words };
            self.findings.push(Finding { at, note });
        }
    }

    /// Whether that is noted already.
    pub fn has_finding(&self, note: &Note) -> bool {
        self.findings.iter().any(|finding| finding.note == *note)
    }

    /// The same, unless it is noted already.
    pub fn add_finding_once(&mut self, at: Timestamp, note: Note) {
        if !self.has_finding(&note) {
            self.add_finding(at, &note.code, note.words);
        }
    }

    /// What is known of the ticket in a system.
    pub fn link(&self, adapter: &AdapterName) -> Option<&Link> {
        self.links.iter().find(|link| link.adapter == *adapter)
    }

    /// From now on that is known of the ticket in its system.
    pub fn keep_link(&mut self, link: Link) {
        match self.links.iter_mut().find(|other| other.adapter == link.adapter) {
            Some(other) => *other = link,
            None => self.links.push(link),
        }
    }

    /// Whether a delivery that sets the status there is still to come.
    pub fn is_telling(&self, adapter: &AdapterName) -> bool {
        self.deliveries.iter().any(|delivery| {
            delivery.adapter == *adapter && delivery.tells.is_some() && !delivery.phase.is_final()
        })
    }

    /// Why an event of a client may not be added, if it may not.
    pub(super) fn refuses(&self, event: &Event) -> Option<Changed> {
        match self.takes(event) {
            false => Some(Changed::Final),
            true => (self.later_events >= EVENTS_MAX).then_some(Changed::Full),
        }
    }

    /// Adds an event and what is due because of it; gives the event's place in the timeline.
    pub fn add(&mut self, event: &Event, due: Vec<Due>) -> u16 {
        self.later_events += 1;
        self.updated_at = event.at;
        if let Some(change) = &event.change {
            self.status = change.to.clone();
        }
        self.sla.learn(event);
        let place = self.later_events;
        let told = event.change.as_ref().map(|change| &change.to.canonical);
        self.owe(due, place, event.at, told);
        place
    }

    /// Adds what is due because of an event that is there already, and the status that it told.
    pub fn owe(&mut self, due: Vec<Due>, place: u16, at: Timestamp, told: Option<&StatusWord>) {
        let due = due.into_iter().filter(|due| {
            // A system that was never told of the ticket is not told later: that would wait for ever.
            let is_told = || self.deliveries.iter().any(|other| other.adapter == due.adapter);
            let mut own = due.needs.iter().filter(|name| name.adapter == due.adapter);
            own.all(|name| self.receipts.has(name) || is_told())
        });
        let due: Vec<_> = due.map(|due| DeliveryState::new(due, place, at, told)).collect();
        self.deliveries.extend(due);
    }

    /// Keeps what became of an attempt.
    pub fn apply(&mut self, index: usize, outcome: Outcome, now: Timestamp) {
        self.updated_at = now;
        let Some(delivery) = self.deliveries.get_mut(index) else { return };
        match outcome {
            Outcome::Delivered(receipt) => {
                delivery.end(Phase::Delivered, now, warning(&receipt));
                let (adapter, tells) = (delivery.adapter.clone(), delivery.tells.clone());
                // What a create gives finds the ticket; ids of what came later are known again by these.
                if delivery.event > 0 && (tells.is_some() || !receipt.values.is_empty()) {
                    self.learn(&adapter, tells, receipt.values.values(), now);
                }
                self.receipts.add(&adapter, receipt.values);
            }
            Outcome::Retry { due, counts, unknown, note } => {
                delivery.phase = Phase::Ready;
                delivery.at = Some(due);
                delivery.attempts += u32::from(counts);
                delivery.unknown |= unknown;
                delivery.note = Some(note);
            }
            Outcome::Aside(destination) => {
                delivery.phase = Phase::Ready;
                delivery.at = None;
                delivery.aside = Some(destination);
            }
            Outcome::WaitsFor(name) => {
                delivery.aside = None;
                delivery.phase = Phase::Waiting;
                delivery.at = None;
                if !delivery.needs.contains(&name) {
                    delivery.needs.push(name);
                }
            }
            Outcome::Held(note) => delivery.end(Phase::Held, now, Some(note)),
            Outcome::Dead(note) => delivery.end(Phase::Dead, now, Some(note)),
            Outcome::Discarded(note) => delivery.end(Phase::Discarded, now, Some(note)),
        }
    }

    /// The system may show these words from now on, and they are ours.
    pub fn will_show(&mut self, adapter: &AdapterName, words: u64, now: Timestamp) {
        let link = self.link(adapter).cloned();
        let mut link = link.unwrap_or_else(|| Link::new(adapter.clone(), now));
        link.learn(words);
        self.keep_link(link);
    }

    /// Keeps what a system took: the status that it was told, and the ids that it gave.
    fn learn<'a>(
        &mut self,
        adapter: &AdapterName,
        tells: Option<StatusWord>,
        ids: impl Iterator<Item = &'a String>,
        now: Timestamp,
    ) {
        let link = self.link(adapter).cloned();
        let mut link = link.unwrap_or_else(|| Link::new(adapter.clone(), now));
        ids.for_each(|id| link.learn(fingerprint(&[id])));
        if let Some(status) = tells {
            link.was_told(status, now);
        }
        self.keep_link(link);
    }

    /// Notes what a person decided; of too many the oldest go.
    pub fn note_decision(&mut self, decision: PastDecision) {
        if self.decisions.len() >= DECISIONS_MAX {
            self.decisions.remove(0);
        }
        self.decisions.push(decision);
    }

    /// Lets a held or dead delivery begin anew, in its order, by the mappings of the day or by these;
    /// gives what is ready by that.
    pub fn reopen(&mut self, index: usize, now: Timestamp, pinned: Option<Box<str>>) -> Vec<usize> {
        self.updated_at = now;
        if let Some(delivery) = self.deliveries.get_mut(index) {
            delivery.phase = Phase::Waiting;
            delivery.since = now;
            delivery.pinned = pinned;
            delivery.at = None;
            delivery.attempts = 0;
            delivery.unknown = false;
        }
        self.release()
    }
}

impl DeliveryState {
    fn new(due: Due, event: u16, at: Timestamp, told: Option<&StatusWord>) -> Self {
        Self {
            tells: told.filter(|_| due.sets_status).cloned(),
            adapter: due.adapter,
            operation: due.operation,
            rule: due.rule,
            event,
            needs: due.needs,
            unsafe_repeat: due.unsafe_repeat,
            blocks: due.blocks,
            track: due.track,
            aside: None,
            phase: Phase::Waiting,
            since: at,
            at: None,
            attempts: 0,
            tries: 0,
            unknown: false,
            note: None,
            mapping: None,
            pinned: None,
            taken_back: false,
        }
    }

    /// After a crash: what was in flight is ready again, and if it is not safe to repeat its outcome
    /// is unknown.
    pub fn recover(&mut self) {
        if self.phase == Phase::InFlight {
            self.phase = Phase::Ready;
            self.unknown |= self.unsafe_repeat;
            self.at = None;
        }
    }

    /// The track that it stands on now.
    pub(super) fn stands_on(&self) -> Track {
        self.aside.clone().map_or_else(|| self.track.clone(), Track::Aside)
    }

    fn end(&mut self, phase: Phase, now: Timestamp, note: Option<Note>) {
        self.aside = None;
        self.phase = phase;
        self.at = Some(now);
        self.note = note;
    }
}
