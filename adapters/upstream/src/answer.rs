//! What an upstream answered.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use omnihub_contract::{Failure, Fault, Receipt};
use serde_json::Value;

use crate::outline;

/// A whole answer, whatever its status.
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The wait that a `Retry-After` header asks for, uncapped.
    pub retry_after: Option<Duration>,
    /// The body, decompressed and cut at [`Client::BODY_BYTES_MAX`](crate::Client::BODY_BYTES_MAX).
    pub body: Bytes,
}

impl Answer {
    /// Whether the status is one of 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body as JSON; `None` where it is something else, or was cut.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// A failure with this answer's status and `Retry-After`. The words must be free of secrets and
    /// personal data: see [`redact`](fn@crate::redact).
    pub fn failure(&self, fault: Fault, words: impl AsRef<str>) -> Failure {
        let failure = Failure::new(fault, words).with_status(self.status);
        Failure { answer: Some(outline::of(self, &[])), ..failure }
            .with_retry_after(self.retry_after)
    }

    /// The receipt with what may be kept of this answer, which gave it.
    pub fn receipt(&self, receipt: Receipt) -> Receipt {
        let given: Vec<_> = receipt.values.values().map(String::as_str).collect();
        let answer = Some(outline::of(self, &given));
        Receipt { answer, ..receipt }
    }
}

/// Shows no body: upstreams repeat personal data in theirs.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
