//! What is kept of an attempt: gathered while it is made, put together at its end.
//!
//! It masks and bounds; it decides nothing and writes nothing. A delivery that is put back or waits
//! before anything was sent leaves no trace.

use jiff::Timestamp;
use omnihub_contract::{Failure, Fault, Receipt};

use super::decide::Next;
use crate::store::attempt::{Attempt, AttemptEnd};

/// Kept of what one attempt sent: most payloads, files aside, are shorter.
pub(super) const SENT_BYTES_MAX: usize = 2048;

/// What an attempt leaves on its way.
#[derive(Debug, Default)]
pub struct Trace {
    /// What was mapped, masked and cut; set before anything is sent.
    pub sent: Option<String>,
    /// Stands for the words by which the upstream shows it.
    pub echo: Option<u64>,
    answer: Option<String>,
    fault: Option<Fault>,
}

impl Trace {
    /// Notes what an upstream said; the newest counts.
    pub fn note(&mut self, told: Result<&Receipt, &Failure>) {
        match told {
            Ok(receipt) => self.answer.clone_from(&receipt.answer),
            Err(failure) => {
                self.answer.clone_from(&failure.answer);
                self.fault = Some(failure.fault);
            }
        }
    }

    /// The whole attempt, if one was made.
    pub fn attempt(
        self,
        began: Timestamp,
        now: Timestamp,
        mapping: &str,
        next: &Next,
    ) -> Option<Attempt> {
        let (end, note) = next.outcome.end();
        let is_put_back = matches!(end, AttemptEnd::Again | AttemptEnd::Waits);
        if is_put_back && self.sent.is_none() {
            return None;
        }
        let took = now.duration_since(began).as_millis();
        Some(Attempt {
            at: began,
            took_ms: u64::try_from(took).unwrap_or(0),
            end,
            mapping: mapping.into(),
            sent: self.sent,
            answer: self.answer,
            fault: self.fault.map(|fault| fault.as_str().into()),
            note,
            echo: self.echo,
        })
    }
}
