//! Comments that a system says, put on a ticket: each once, and none that the hub itself wrote there.
//!
//! One of ours is known by the id that the system gave it, whatever stands before its words. Where the
//! system shows no ids, or has yet to give one, it is known by its words.

use std::collections::BTreeSet;

use omnihub_contract::{Comment, Event, EventKind, Source, mask};

use super::judge::{Draft, Heeding};
use crate::mapping::InboundComment;
use crate::store::link::fingerprint;

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
    for comment in comments {
        if draft.learn(mark(&comment)) && !is_ours(heeding, &comment, told, draft) {
            let event = commented(heeding, comment);
            draft.judgement.events.push((event, Vec::new()));
        }
    }
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
    (comment.id.is_none() || is_on_its_way) && told.contains(comment.content.reveal().trim())
}

fn commented(heeding: &Heeding<'_>, comment: InboundComment) -> Event {
    let words: String = comment.content.reveal().chars().take(CHARS_MAX).collect();
    let comment = Comment {
        id: (heeding.new_id)(),
        content: mask::cards(&words).into_owned().into(),
        author: comment.author.unwrap_or_else(|| heeding.adapter.as_str().into()),
        is_from_support: comment.is_from_support.unwrap_or(true),
        at: comment.at.unwrap_or(heeding.now),
    };
    Event { comment: Some(comment), ..heeding.event(EventKind::TicketCommented) }
}
