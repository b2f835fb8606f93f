//! Tracks: what stands apart among the deliveries of one adapter that are ready to go, so that what
//! may not go now is not in the way of what may.
//!
//! It says nothing about why something may not go: the dispatcher asks for tracks, or does not.
//! Invariant: asking for one track costs the same whatever stands on the others.

use serde::{Deserialize, Serialize};

use super::Lease;

/// Where a delivery stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Track {
    /// What changes something at the upstream, or tells somebody.
    #[default]
    Changes,
    /// What makes the ticket at the upstream.
    Creates,
    /// What was put aside because its destination cannot take it now, by destination.
    Aside(Box<str>),
}

/// What is asked for in one lease.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wants {
    /// From which tracks, at most how many of each, and from which first.
    pub tracks: Vec<(Track, usize)>,
    /// Of all of them together.
    pub at_most: usize,
    /// It replaces what this caller asked before and has no answer to. What has been answered
    /// meanwhile is not asked for once more: then this is answered with nothing.
    pub instead: bool,
}

impl Wants {
    /// What stands on the two tracks that every adapter has.
    pub fn all(at_most: usize) -> Self {
        let tracks = vec![(Track::Creates, at_most), (Track::Changes, at_most)];
        Self { tracks, at_most, instead: false }
    }

    /// Whether anything is asked for.
    pub fn is_something(&self) -> bool {
        self.at_most > 0 && self.tracks.iter().any(|(_, at_most)| *at_most > 0)
    }
}

/// What is given for it.
#[derive(Default)]
pub struct Leased {
    /// Deliveries, each for one attempt.
    pub leases: Vec<Lease>,
    /// Tracks aside that were asked for and hold nothing any more.
    pub empty: Vec<Track>,
    /// Nothing is leased any more.
    pub has_stopped: bool,
}
