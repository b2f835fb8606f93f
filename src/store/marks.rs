//! Marks of the clocks: when the bank first answered, when the ticket ended, what came too late, and what
//! people decided about the regulatory clock.
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
    /// When it was found that the regulatory due date was missed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regulatory_breached_at: Option<Timestamp>,
}

/// What people decided about a ticket's regulatory clock.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegulatoryMarks {
    /// When it was extended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extended_at: Option<Timestamp>,
    /// Since when it is stopped; absent while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped_since: Option<Timestamp>,
    /// When it was stopped before, at most [`STOPS_MAX`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stops: Vec<Stop>,
}

/// A time for which a clock stood still.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// Since when.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
}

/// How often one ticket's clock may be stopped: each time is kept, and nobody asks a customer for documents
/// so often.
pub const STOPS_MAX: usize = 20;

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
            Some(SlaDue::Regulatory) => self.regulatory_breached_at = Some(event.at),
            None => {}
        }
    }

    /// Whether the first answer or the resolution came too late.
    pub fn is_breached(&self) -> bool {
        self.response_breached_at.is_some() || self.resolution_breached_at.is_some()
    }
}
