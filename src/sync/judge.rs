//! What was said, judged on a ticket as it stands: what is to be written of it. Pure.

use jiff::Timestamp;
use omnihub_contract::{AdapterName, Event, EventKind, Personal, ReceiptName, Source};

use super::status::Word;
use super::{comments, status};
use crate::mapping::{Inbound, Mappings};
use crate::store::judgement::Judgement;
use crate::store::outbox::TicketState;
use crate::store::{Link, Note};

/// What is looked at while something is judged.
pub(super) struct Heeding<'a> {
    /// Who said it.
    pub(super) adapter: &'a AdapterName,
    /// The numbering adapter is the authority.
    pub(super) numbering: &'a ReceiptName,
    pub(super) mappings: &'a Mappings,
    pub(super) close_is_final: bool,
    /// Since when there can be news, where it is the ticket's conversation that was said, and how many of its
    /// pages hold none.
    pub(super) since: Option<(Timestamp, u16)>,
    pub(super) now: Timestamp,
    /// Makes ids of comments.
    pub(super) new_id: fn() -> String,
}

impl Heeding<'_> {
    /// Whether who said it is the authority.
    pub(super) fn is_authority(&self) -> bool {
        *self.adapter == self.numbering.adapter
    }

    /// An event that it caused.
    pub(super) fn event(&self, kind: EventKind) -> Event {
        Event::new(kind, self.now, Source::Adapter(self.adapter.clone()))
    }
}

/// What is being written of a ticket.
pub(super) struct Draft<'a> {
    /// The ticket as it stands.
    pub(super) state: &'a TicketState,
    /// What is known of it in the system.
    pub(super) link: Link,
    /// Whether more is known now.
    pub(super) is_learned: bool,
    /// Who works on the ticket, as far as anybody said.
    pub(super) assignee: Option<Personal>,
    pub(super) judgement: Judgement,
}

impl<'a> Draft<'a> {
    fn of(state: &'a TicketState, heeding: &Heeding<'_>) -> Self {
        let known = state.link(heeding.adapter).cloned();
        let link = known.unwrap_or_else(|| Link::new(heeding.adapter.clone(), heeding.now));
        let assignee = state.assignee.clone();
        Self { state, link, is_learned: false, assignee, judgement: Judgement::default() }
    }

    /// Learns a fingerprint; false where it is known.
    pub(super) fn learn(&mut self, fingerprint: u64) -> bool {
        let is_new = !self.link.knows(fingerprint);
        if is_new {
            self.link.learn(fingerprint);
            self.is_learned = true;
        }
        is_new
    }

    fn finish(self) -> Judgement {
        Judgement { link: self.is_learned.then_some(self.link), ..self.judgement }
    }
}

/// What is to be written. Comments come first, so that they explain the status that follows.
///
/// `mark` stands for the system's own id of what it said: the same one is not heard again.
pub(super) fn judgement(
    heeding: &Heeding<'_>,
    inbound: Inbound,
    timeline: &[Event],
    (state, mark): (&TicketState, Option<u64>),
) -> Judgement {
    let mut draft = Draft::of(state, heeding);
    if mark.is_some_and(|mark| !draft.learn(mark)) {
        return Judgement::default();
    }
    let findings = inbound.findings.into_iter();
    let findings = findings.map(|it| Note { code: it.code.into(), words: it.message });
    draft.judgement.findings = findings.filter(|note| !state.has_finding(note)).collect();
    let told = comments::words_told(timeline, heeding);
    comments::judge(heeding, inbound.comments, &told, &mut draft);
    draft.assignee = inbound.assignee.clone().or(draft.assignee);
    if let Some(word) = Word::of(inbound.status, inbound.unknown) {
        status::judge(heeding, word, &mut draft);
    }
    let assignee = inbound.assignee.filter(|_| heeding.is_authority());
    let is_new = |assignee: &_| state.assignee.as_ref() != Some(assignee);
    draft.judgement.assignee = assignee.filter(is_new);
    draft.finish()
}
