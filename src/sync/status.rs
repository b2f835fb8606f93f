//! A status that a system said, put on a ticket: the event, the findings, and what the system is known to
//! show from now on.

use omnihub_contract::{AdapterName, Comment, Event, EventKind, Personal};
use omnihub_contract::{Status, StatusChange, StatusWord};

use super::codes;
use super::judge::{Draft, Heeding};
use super::precedence::{Ruling, Saying, Standing, rule};
use crate::store::{Due, Note};

/// A word for the status, and what it means where that is known.
pub(super) struct Word {
    raw: String,
    means: Option<StatusWord>,
}

impl Word {
    /// The word in what was read, where there is one.
    pub(super) fn of(status: Option<Status>, unknown: Option<String>) -> Option<Self> {
        match (status, unknown) {
            (Some(Status { canonical, raw }), _) => {
                let raw = raw.unwrap_or_else(|| canonical.to_string());
                Some(Self { raw, means: Some(canonical) })
            }
            (None, raw) => raw.map(|raw| Self { raw, means: None }),
        }
    }
}

/// Judges the word.
pub(super) fn judge(heeding: &Heeding<'_>, word: Word, draft: &mut Draft<'_>) {
    let ruling = ruling(heeding, &word, draft);
    if ruling == Ruling::Ignored {
        return;
    }
    let judgement = &mut draft.judgement;
    let status = &draft.state.status;
    match (ruling, &word.means) {
        (Ruling::Counts, Some(means)) => {
            let to = Status { canonical: means.clone(), raw: Some(word.raw.clone()) };
            let change = StatusChange {
                assigned_to: draft.assignee.clone(),
                comment: explained(&judgement.events),
                ..StatusChange::new(status.canonical.clone(), to)
            };
            let event = heeding.event(EventKind::TicketStatusChanged);
            judgement.events.push((Event { change: Some(change), ..event }, Vec::new()));
        }
        (Ruling::Noted, Some(means)) if heeding.is_authority() && *means == status.canonical => {
            // Perhaps a finer word for the same status.
            let to = Status { canonical: means.clone(), raw: Some(word.raw.clone()) };
            judgement.status = Some(to).filter(|to| to != status);
        }
        (Ruling::Reopens, _) => {
            judgement.findings.push(reopens(heeding.adapter, &word, &status.canonical));
        }
        (Ruling::Closes, _) => {
            judgement.findings.push(closes(heeding.adapter, &word));
            judgement.events.push((closing(heeding, &word), Vec::new()));
        }
        (Ruling::Ignored | Ruling::Unknown | Ruling::Noted | Ruling::Counts, _) => {}
    }
    draft.link.says(word.raw, word.means, heeding.now);
    draft.is_learned = true;
}

fn ruling(heeding: &Heeding<'_>, word: &Word, draft: &Draft<'_>) -> Ruling {
    let called = |status: &StatusWord| heeding.mappings.word_for(heeding.adapter, status);
    let standing = Standing {
        status: &draft.state.status.canonical,
        called: called(&draft.state.status.canonical),
        link: &draft.link,
        told: draft.link.told.as_ref().and_then(called),
        is_being_told: draft.state.is_telling(heeding.adapter),
        is_authority: heeding.is_authority(),
        close_is_final: heeding.close_is_final,
    };
    rule(Saying { raw: &word.raw, means: word.means.as_ref() }, &standing)
}

/// The words of support that came with a change: those of the only comment that was said with it.
fn explained(events: &[(Event, Vec<Due>)]) -> Option<Personal> {
    match events {
        [(Event { comment: Some(comment), .. }, _)] if comment.is_from_support => {
            Some(comment.content.clone())
        }
        _ => None,
    }
}

fn closing(heeding: &Heeding<'_>, word: &Word) -> Event {
    let comment = Comment {
        id: (heeding.new_id)(),
        content: format!("{} says that the ticket is `{}`.", heeding.adapter, word.raw).into(),
        author: heeding.adapter.as_str().into(),
        is_from_support: true,
        at: heeding.now,
    };
    Event { comment: Some(comment), ..heeding.event(EventKind::TicketCommented) }
}

fn reopens(adapter: &AdapterName, word: &Word, is: &StatusWord) -> Note {
    let words = format!("{adapter} says `{}` of a ticket that is {is}", word.raw);
    Note { code: codes::REOPENS.into(), words }
}

fn closes(adapter: &AdapterName, word: &Word) -> Note {
    let words = format!("{adapter} says `{}`, which is not final there", word.raw);
    Note { code: codes::CLOSES.into(), words }
}
