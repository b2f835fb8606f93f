//! What an answer means that gave no ticket.

use omnihub_contract::{Failure, Fault, Secret};
use omnihub_upstream::{Answer, fault_of, redact};
use serde_json::{Map, Value};

use crate::answers;

/// The failure of an answer without a ticket.
pub(crate) fn failure(answer: &Answer, payload: &Map<String, Value>, api_key: &Secret) -> Failure {
    // A 2xx without a number: the ticket may be there, and nobody can say which it is.
    let fault = fault_of(answer.status).unwrap_or(Fault::Unreadable);
    let words = match answer.status {
        // The server puts the raw exception into `error` (domain 2.3): values, queries, paths.
        500.. => None,
        _ => answer.json().as_ref().and_then(answers::words),
    };
    match words {
        Some(words) => answer.failure(fault, redact(&words, payload, &[api_key])),
        None if fault == Fault::Unreadable => answer.failure(fault, "a success without a ticket"),
        None => answer.failure(fault, "answered without an explanation"),
    }
}
