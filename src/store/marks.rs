//! Marks of the SLA clock: when the bank first answered, when the ticket ended, and what came too late.
//!
//! They decide nothing: whether something is late is for `sync` to say. What counts as the first answer:
//! a comment of support, or a status other than OPEN, that came from a system. What a client does to its
//! own ticket is no answer.

use jiff::Timestamp;
use omnihub_contract::{Event, SlaDue, Source, StatusWord};
use serde::{Deserialize, Serialize};

/// What the SLA clock knows of a ticket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlaMarks {
    /// When the bank first answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub responded_at: Option<Timestamp>,
    /// Since when it is resolved, closed or cancelled; absent while it is none of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// When it was found that the first answer did not come in time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_breached_at: Option<Timestamp>,
    /// When it was found that the resolution did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution_breached_at: Option<Timestamp>,
}

impl SlaMarks {
    /// Learns from what happened.
    pub fn learn(&mut self, event: &Event) {
        let change = event.change.as_ref().map(|change| &change.to.canonical);
        let is_answer = event.comment.as_ref().is_some_and(|comment| comment.is_from_support)
            || change.is_some_and(|status| *status != StatusWord::Open);
        if is_answer && matches!(event.source, Source::Adapter(_)) {
            self.responded_at.get_or_insert(event.at);
        }
        match change {
            Some(StatusWord::Resolved | StatusWord::Closed | StatusWord::Cancelled) => {
                self.ended_at.get_or_insert(event.at);
            }
            Some(_) => self.ended_at = None,
            None => {}
        }
        match event.breach.map(|breach| breach.due) {
            Some(SlaDue::Response) => self.response_breached_at = Some(event.at),
            Some(SlaDue::Resolution) => self.resolution_breached_at = Some(event.at),
            None => {}
        }
    }

    /// Whether anything came too late.
    pub fn is_breached(&self) -> bool {
        self.response_breached_at.is_some() || self.resolution_breached_at.is_some()
    }
}
