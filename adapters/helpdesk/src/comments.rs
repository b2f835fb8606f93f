//! Whether a comment of unknown outcome arrived, as far as the ticket's detail shows it.
//!
//! The detail gives comments no ids, so that words and times decide, and only where they do so
//! surely.

use jiff::{SignedDuration, Timestamp};
use omnihub_contract::{Delivery, LookUp, Receipt};
use omnihub_upstream::find;
use serde_json::Value;

use crate::marks;

/// The detail shows no more comments than the newest five (domain 2.9).
const SHOWN_MAX: usize = 5;

/// What two machines' clocks may differ by, as Kerberos has it. A comment that is older by more was
/// there before the delivery.
const CLOCKS_APART_MAX: SignedDuration = SignedDuration::from_mins(5);

/// What the detail says of a comment's delivery.
pub(crate) fn look_up(detail: &Value, delivery: &Delivery) -> LookUp {
    let list = ["comments", "data.comments"].iter().find_map(|path| find(detail, path)?.as_array());
    match (list, delivery.text("comment")) {
        (Some(list), Some(words)) => among(list, words, delivery.since),
        _ => LookUp::CannotSay,
    }
}

fn among(list: &[Value], words: &str, since: Timestamp) -> LookUp {
    let words = words.trim();
    let earliest = since.saturating_sub(CLOCKS_APART_MAX).unwrap_or(since);
    let is_before = |comment: &Value| written_at(comment).is_some_and(|at| at < earliest);
    let is_ours = |comment: &Value| {
        let text = content(comment).and_then(|text| text.strip_prefix(marks::COMMENT));
        text.is_some_and(|text| text.trim() == words) && written_at(comment) >= Some(since)
    };
    let may_be_ours = |comment: &Value| {
        !is_before(comment) && content(comment).is_none_or(|text| text.contains(words))
    };
    // The same words, written after the client's: nothing is lost by taking them for ours.
    if list.iter().any(is_ours) {
        return LookUp::Found(Receipt::default());
    }
    // Newer comments may have taken its place, unless one that is older than it can be is still shown.
    let is_whole = list.len() < SHOWN_MAX || list.iter().any(is_before);
    match is_whole && !list.iter().any(may_be_ours) {
        true => LookUp::Absent,
        false => LookUp::CannotSay,
    }
}

fn content(comment: &Value) -> Option<&str> {
    comment.get("content")?.as_str()
}

fn written_at(comment: &Value) -> Option<Timestamp> {
    comment.get("timestamp")?.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests;
