//! Deliveries that were passed over: held or dead, with later ones going on.
//!
//! Nobody waits for them, so a finding tells people that the system lacks something; it goes when the
//! delivery ends well after all, or is given up.

use jiff::Timestamp;

use super::{Phase, TicketState};

/// Code of such a finding.
pub const PASSED_OVER: &str = "H0610";

impl TicketState {
    /// Adds the finding where the delivery is passed over now, and takes it away where it ended.
    pub(in crate::store) fn note_passed_over(&mut self, index: usize, now: Timestamp) {
        let Some(delivery) = self.deliveries.get(index) else { return };
        let words = format!(
            "delivery {} ({} {}) waits for a person, and later ones go on",
            index + 1,
            delivery.adapter,
            delivery.operation
        );
        let is_passed = matches!(delivery.phase, Phase::Held | Phase::Dead) && !delivery.blocks;
        let is_this = |code: &str, told: &str| code == PASSED_OVER && told == words;
        let is_noted = self.findings.iter().any(|it| is_this(&it.note.code, &it.note.words));
        match (is_passed, is_noted) {
            (true, false) => self.add_finding(now, PASSED_OVER, words),
            (false, true) if delivery.phase.is_final() => {
                self.findings.retain(|it| !is_this(&it.note.code, &it.note.words));
            }
            (true, true) | (false, _) => {}
        }
    }
}
