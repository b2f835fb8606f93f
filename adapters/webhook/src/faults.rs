//! What a receiver's answer means that is not 2xx.

use omnihub_contract::{Failure, Fault};
use omnihub_upstream::{Answer, fault_of};

/// The failure of this answer. Its body is not relayed: it is a stranger's.
pub(crate) fn failure(answer: &Answer) -> Failure {
    let fault = match fault_of(answer.status) {
        // Wrong keys and addresses are the client's own here; they must not pause everybody's webhooks.
        None | Some(Fault::Unauthorized | Fault::Misconfigured) => Fault::Refused,
        Some(fault) => fault,
    };
    let words = match answer.status {
        300..400 => "the receiver redirects, which is not followed",
        _ => "the receiver did not take it",
    };
    answer.failure(fault, words)
}
