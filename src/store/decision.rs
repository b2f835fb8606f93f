//! What people decide: about deliveries that wait for one, and about a ticket's regulatory clock.

use jiff::Timestamp;
use omnihub_contract::{DeliveryId, Receipt};
use serde::{Deserialize, Serialize};

use super::outbox::Phase;

/// What a person decided about a delivery that is held or dead.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// Which one.
    pub id: DeliveryId,
    /// What is to become of it.
    pub verdict: Verdict,
    /// Who says so.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// What is to become of a delivery.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// The upstream has it, and gave this.
    Delivered(Receipt),
    /// It is delivered again, from its first attempt on; the person has seen that it is not there. Its
    /// fields are mapped by the mappings of the day, or by those of this short digest.
    Again(Option<Box<str>>),
    /// It is not to be delivered; neither are those that wait for its receipts.
    Discarded,
}

impl Verdict {
    /// In a word.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Delivered(_) => "delivered",
            Self::Again(_) => "again",
            Self::Discarded => "discarded",
        }
    }
}

/// A decision as its ticket keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastDecision {
    /// When.
    pub at: Timestamp,
    /// Which delivery of the ticket, from 1; absent where it is about the ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<u16>,
    /// What, in a word.
    pub what: String,
    /// Who.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// Decisions that one ticket keeps.
pub const DECISIONS_MAX: usize = 50;

/// What became of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decided {
    /// It is on disk.
    Done,
    /// The delivery waits for nobody: nothing was written.
    NotWaiting(Phase),
    /// There is no such delivery.
    NoDelivery,
}
