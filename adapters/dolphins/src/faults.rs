//! What an answer means that is no success. No error response is documented at all.

use omnihub_contract::{Failure, Fault, Operation};
use omnihub_upstream::{Answer, fault_of};
use serde_json::Value;

use crate::answers;

/// The failure of a question for a ticket. `safe` takes out of words what must not be told.
pub(crate) fn of_ticket(
    answer: &Answer,
    body: Option<&Value>,
    safe: impl FnOnce(&str) -> String,
) -> Failure {
    let words = words(answer, body);
    let is_unknown = body.is_some_and(answers::is_success) || words.is_some_and(says_not_found);
    let fault = match fault_of(answer.status) {
        // The login before it proved the address, so this is about the ticket.
        Some(_) if answer.status == 404 => Fault::Inapplicable,
        Some(fault) => fault,
        None if is_unknown => Fault::Inapplicable,
        None => Fault::Unreadable,
    };
    match (fault, words) {
        (Fault::Inapplicable, _) => {
            answer.failure(fault, "3Dolphins knows no ticket of this number")
        }
        (_, Some(words)) => answer.failure(fault, safe(words)),
        (_, None) => answer.failure(fault, "an answer that is no ticket"),
    }
}

/// The failure of any other call. `safe` takes out of words what must not be told.
pub(crate) fn of_call(
    answer: &Answer,
    body: Option<&Value>,
    row: &Operation,
    safe: impl FnOnce(&str) -> String,
) -> Failure {
    let is_envelope = body.is_some_and(|body| body.get("status").is_some_and(Value::is_string));
    // The login before it proved the address: a 404 in the application's own form, or on a path that
    // names a ticket, is about what was named.
    let is_about_one = body.is_some() || row.path.contains('{');
    let fault = match fault_of(answer.status) {
        Some(Fault::Misconfigured) if answer.status == 404 && is_about_one => Fault::Refused,
        Some(fault) => fault,
        // An envelope that says anything but success.
        None if is_envelope => Fault::Refused,
        None => Fault::Unreadable,
    };
    match words(answer, body) {
        Some(words) => answer.failure(fault, safe(words)),
        None => answer.failure(fault, "answered without an explanation"),
    }
}

/// What may be told of an answer. Behind 5xx stands an exception, which may quote any customer's data.
fn words<'v>(answer: &Answer, body: Option<&'v Value>) -> Option<&'v str> {
    body.filter(|_| answer.status < 500).and_then(answers::words)
}

fn says_not_found(words: &str) -> bool {
    words.to_ascii_lowercase().contains("not found")
}
