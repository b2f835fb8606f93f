//! What an answer means that is no success.

use omnihub_contract::{Failure, Fault, Secret};
use omnihub_upstream::{Answer, fault_of, redact};
use serde_json::{Map, Value};

use crate::answers;

/// The documents' own refusals of an update (contract 1.6, domain 2.9), told word for word: they quote
/// nothing, and a short comment could be one of their words.
const FIXED: &[&str] = &[
    "Invalid update data",
    "Cannot update closed or resolved tickets",
    "Ticket not found",
    "Comment content is required",
    "Status is required",
    "Attachments are required",
];

/// The failure of an answer to an update.
pub(crate) fn of_update(
    answer: &Answer,
    payload: &Map<String, Value>,
    api_key: &Secret,
) -> Failure {
    let failure = failure(answer, payload, api_key);
    // The path holds a number, so this is about one ticket, whatever the helpdesk's words: a pause
    // would only meet it again, since the probe takes the same answer for health.
    match answers::says_not_found(answer) {
        true => Failure { fault: Fault::Refused, ..failure },
        false => failure,
    }
}

/// The same about a second ticket: that there is none, or that it takes no word more, is no failure.
pub(crate) fn of_twin(answer: &Answer, payload: &Map<String, Value>, api_key: &Secret) -> Failure {
    let failure = of_update(answer, payload, api_key);
    match failure.fault {
        Fault::Refused => Failure { fault: Fault::Inapplicable, ..failure },
        _ => failure,
    }
}

/// The failure of an answer on a fixed path.
pub(crate) fn failure(answer: &Answer, payload: &Map<String, Value>, api_key: &Secret) -> Failure {
    // A 2xx that does not say what was done: it may have been, and nobody can say so.
    let fault = fault_of(answer.status).unwrap_or(Fault::Unreadable);
    let words = match answer.status {
        // The server puts the raw exception into `error` (domain 2.3): values, queries, paths.
        500.. => None,
        _ => answer.json().as_ref().and_then(answers::words),
    };
    match words {
        Some(words) if FIXED.contains(&words.as_str()) => answer.failure(fault, words),
        Some(words) => answer.failure(fault, redact(&words, payload, &[api_key])),
        None if fault == Fault::Unreadable => {
            answer.failure(fault, "a success that does not say what was done")
        }
        None => answer.failure(fault, "answered without an explanation"),
    }
}
