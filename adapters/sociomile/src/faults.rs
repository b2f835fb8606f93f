//! What an answer without a ticket means.
//!
//! Only a complaint about a field proves that nothing was made. Everything else may have come after the
//! insert, and there is no way to ask, so it is of unknown outcome.

use omnihub_contract::{Failure, Fault, Secret};
use omnihub_upstream::{Answer, fault_of, redact};
use serde_json::{Map, Value};

use crate::answers;

/// More words than this are a sentence about something else than one field.
const FIELD_WORDS_MAX: usize = 8;

/// The failure of an answer that gave no ticket.
pub(crate) fn failure(
    answer: &Answer,
    body: Option<&Value>,
    payload: &Map<String, Value>,
    secrets: &[&Secret],
) -> Failure {
    let complaint = body.and_then(answers::message).and_then(complaint);
    // The web server's own verdicts stand whatever the body says: the application was not reached.
    // Domain 3.2 saw the documented path answer 404 with the application's own error shape.
    let verdict =
        fault_of(answer.status).filter(|fault| !matches!(fault, Fault::Refused | Fault::Unknown));
    let fault = match (verdict, &complaint) {
        (Some(fault), _) => fault,
        // No document says how a wrong secret is answered; in a body like any other it would be
        // taken for a refusal of each ticket in turn.
        (_, Some((Subject::Secret, _))) => Fault::Unauthorized,
        (_, Some((Subject::Field, _))) => Fault::Refused,
        (_, None) => Fault::Unknown,
    };
    let words = match complaint {
        Some((_, words)) => redact(words, payload, secrets),
        // Exceptions carry queries with the values in them, so nothing of them is relayed.
        None if body.and_then(answers::message).is_some() => "an error of its own".to_owned(),
        None if body.is_some() => "an answer without a ticket".to_owned(),
        None => "an answer that is no JSON".to_owned(),
    };
    match body.and_then(answers::trace_id) {
        Some(trace) => answer.failure(fault, format!("{words} (trace {trace})")),
        None => answer.failure(fault, words),
    }
}

/// The same of a status update, which can be told again: what may have been done is done again.
pub(crate) fn of_update(failure: Failure) -> Failure {
    match failure.fault {
        Fault::Unknown => Failure { fault: Fault::Unavailable, ..failure },
        _ => failure,
    }
}

enum Subject {
    Field,
    Secret,
}

/// A short plain sentence such as "nominal required" or "email invalid". Fields are spelled
/// differently there than in calls (contract trap 43), so their names are not looked at.
fn complaint(message: &str) -> Option<(Subject, &str)> {
    let is_plain = message.chars().all(|c| c.is_alphanumeric() || " _.-".contains(c));
    let words: Vec<&str> = message.split_whitespace().collect();
    let last = words.last()?.trim_end_matches('.');
    let is_complaint = ["required", "invalid"].iter().any(|word| last.eq_ignore_ascii_case(word));
    if !is_plain || !is_complaint || FIELD_WORDS_MAX < words.len() {
        return None;
    }
    let lower = message.to_ascii_lowercase();
    let is_secret = ["secret", "token"].iter().any(|word| lower.contains(word));
    Some((if is_secret { Subject::Secret } else { Subject::Field }, message))
}
