//! Comments that a system says, put on a ticket: each once, and none that the hub itself wrote there.
//!
//! One of ours is known by the id that the system gave it, whatever stands before its words. Where the
//! system shows no ids, or has yet to give one, it is known by its words: those that the adapter says were sent,
//! and before that those of the timeline.

use std::collections::BTreeSet;

use jiff::Timestamp;
use omnihub_contract::{Comment, Event, EventKind, Source, mask};

use super::conversation::{Horizon, Twin, is_unsettled};
use super::judge::{Draft, Heeding};
use crate::mapping::InboundComment;
use crate::store::link::{fingerprint, words_mark};

/// Longest comment that is kept of a system, in characters: as long as a client's may be.
const CHARS_MAX: usize = 10_000;

/// The words of comments that others than this system wrote: what the hub may have told it.
pub(super) fn words_told(timeline: &[Event], heeding: &Heeding<'_>) -> BTreeSet<String> {
    let own = Source::Adapter(heeding.adapter.clone());
    let told = timeline.iter().filter(|event| event.source != own);
    let comments = told.filter_map(|event| event.comment.as_ref());
    comments.map(|comment| comment.content.reveal().trim().to_owned()).collect()
}

/// Judges the comments, in the order of their times.
pub(super) fn judge(
    heeding: &Heeding<'_>,
    mut comments: Vec<InboundComment>,
    told: &BTreeSet<String>,
    draft: &mut Draft<'_>,
) {
    comments.sort_by_key(|comment| comment.at);
    match heeding.since {
        None => comments.into_iter().for_each(|it| judge_one(heeding, it, told, draft)),
        Some(since) => converse(heeding, comments, since, draft),
    }
}

fn judge_one(
    heeding: &Heeding<'_>,
    comment: InboundComment,
    told: &BTreeSet<String>,
    draft: &mut Draft<'_>,
) {
    if draft.learn(mark(&comment)) && !is_ours(heeding, &comment, told, draft) {
        tell(heeding, comment, draft);
    }
}

/// What is new in the ticket's conversation.
fn converse(
    heeding: &Heeding<'_>,
    messages: Vec<InboundComment>,
    (since, pages): (Timestamp, u16),
    draft: &mut Draft<'_>,
) {
    let mut horizon = Horizon::new(draft.link.heard_until.unwrap_or(since));
    let is_unsettled = is_unsettled(draft.state, heeding.adapter);
    // Before anything is learned, since that makes what is known longest be forgotten.
    let news: Vec<_> =
        messages.into_iter().filter_map(|it| News::of(it, &horizon, draft)).collect();
    for News { at, message, is_new, is_told } in news {
        if is_new && is_unsettled && is_support(&message) {
            horizon.leave(at);
            continue;
        }
        horizon.hear(at);
        let is_ours = is_support(&message) && was_sent(&message, draft);
        if is_new {
            draft.link.hear(mark(&message));
            draft.is_learned = true;
        }
        if is_new && !is_ours && !is_told {
            tell(heeding, message, draft);
        }
    }
    if draft.is_learned || draft.link.heard_pages != pages {
        draft.is_learned = true;
        draft.link.heard_until = Some(horizon.next(heeding.now));
        draft.link.heard_pages = pages;
    }
}

/// A message that may be news.
struct News {
    at: Timestamp,
    message: InboundComment,
    /// Whether its id is unknown.
    is_new: bool,
    /// Whether it was told without an id.
    is_told: bool,
}

impl News {
    fn of(message: InboundComment, horizon: &Horizon, draft: &mut Draft<'_>) -> Option<Self> {
        let at = horizon.time(&message)?;
        let mark = mark(&message);
        let is_new = !draft.link.heard.contains(&mark) && !draft.link.knows(mark);
        let may_be_told = is_new && !is_support(&message);
        let is_told = may_be_told && Twin::Unnamed.take(&message, &mut draft.link);
        Some(Self { at, message, is_new, is_told })
    }
}

/// Makes an event of a comment, unless it is a customer's that came in the other way already.
fn tell(heeding: &Heeding<'_>, comment: InboundComment, draft: &mut Draft<'_>) {
    if !is_support(&comment) {
        let twin = Twin::of(&comment);
        if twin.other().take(&comment, &mut draft.link) {
            return;
        }
        twin.wait(&comment, &mut draft.link);
    }
    let event = commented(heeding, comment);
    draft.judgement.events.push((event, Vec::new()));
}

/// Whether the bank's side wrote it, as far as that is said.
fn is_support(comment: &InboundComment) -> bool {
    comment.is_from_support.unwrap_or(true)
}

/// What a comment is known by: its id, else all that is said of it.
fn mark(comment: &InboundComment) -> u64 {
    if let Some(id) = &comment.id {
        return fingerprint(&[id]);
    }
    let at = comment.at.map(|at| at.to_string()).unwrap_or_default();
    let author = comment.author.as_ref().map_or("", |author| author.reveal());
    fingerprint(&[comment.content.reveal().trim(), author, &at])
}

/// Whether the hub wrote it, as far as words can tell: an id that was given to us is known already.
fn is_ours(
    heeding: &Heeding<'_>,
    comment: &InboundComment,
    told: &BTreeSet<String>,
    draft: &Draft<'_>,
) -> bool {
    let is_on_its_way = draft.state.deliveries.iter().any(|delivery| {
        delivery.adapter == *heeding.adapter && delivery.event > 0 && !delivery.phase.is_final()
    });
    let may_be_told = comment.id.is_none() || is_on_its_way;
    was_sent(comment, draft) || (may_be_told && told.contains(comment.content.reveal().trim()))
}

/// Whether the hub sent these words there.
fn was_sent(comment: &InboundComment, draft: &Draft<'_>) -> bool {
    draft.link.knows(words_mark(comment.content.reveal()))
}

fn commented(heeding: &Heeding<'_>, comment: InboundComment) -> Event {
    let is_from_support = is_support(&comment);
    let words: String = comment.content.reveal().chars().take(CHARS_MAX).collect();
    let comment = Comment {
        id: (heeding.new_id)(),
        content: mask::cards(&words).into_owned().into(),
        author: comment.author.unwrap_or_else(|| heeding.adapter.as_str().into()),
        is_from_support,
        at: comment.at.unwrap_or(heeding.now),
    };
    Event { comment: Some(comment), ..heeding.event(EventKind::TicketCommented) }
}
