//! The OMNI door from outside: a client's requests in, the documented answers out.

mod alike;
mod answers;
mod bodies;
mod cards;
mod creates;
mod idempotency;
mod keys;
mod limits;
mod numbers;
mod reading;
mod updates;

use jiff::Timestamp;
use serde_json::Value;

use crate::hub::Answer;

/// Checks an error: both documents' shapes in one body, with this text (contract traps 3 to 5).
#[track_caller]
fn check_problem(answer: &Answer, message: &str) -> Value {
    let mut body = answer.json();
    let members = body.as_object_mut().unwrap();
    let errors = members.remove("errors");
    let timestamp = members.remove("timestamp").unwrap();
    timestamp.as_str().unwrap().parse::<Timestamp>().unwrap();
    let request_id = members.remove("requestId").unwrap();
    assert_eq!(request_id.as_str(), answer.header("x-request-id"));
    let error = if answer.status == 401 { "Invalid API key" } else { message };
    let expected = serde_json::json!({
        "success": false, "message": message, "error": error, "status": answer.status,
    });
    assert_eq!(body, expected);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    errors.unwrap_or_default()
}
