//! What people decide about deliveries that wait for one.

use omnihub_contract::{DeliveryId, Receipt};

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
    /// It is delivered again, from its first attempt on; the person has seen that it is not there.
    Again,
    /// It is not to be delivered; neither are those that wait for its receipts.
    Discarded,
}

impl Verdict {
    /// In a word.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Delivered(_) => "delivered",
            Self::Again => "again",
            Self::Discarded => "discarded",
        }
    }
}

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
