//! Whether a message of unknown outcome arrived, as far as its conversation shows it.
//!
//! A sent message gets no id that is known of, so that words and times decide. That it is not shown decides
//! nothing: the documents come out of an index, which may show it later, and a customer who is written to
//! twice cannot be told that it was a mistake.

use omnihub_contract::{Delivery, LookUp, Receipt};
use serde_json::Value;

/// What the conversation says of a message's delivery.
pub(crate) fn look_up(shown: &Value, delivery: &Delivery) -> LookUp {
    let messages = shown.as_array().map_or(&[][..], Vec::as_slice);
    let words = delivery.text("message").unwrap_or_default().trim();
    let since = delivery.since.as_millisecond();
    let is_ours = |message: &&Value| {
        let text = message.get("message").and_then(Value::as_str);
        let at = message.get("createdDate").and_then(Value::as_i64);
        message.get("answer").and_then(Value::as_bool) == Some(true)
            && text.is_some_and(|text| text.trim() == words)
            && at.is_some_and(|at| at >= since)
    };
    match messages.iter().find(is_ours) {
        Some(_) => LookUp::Found(Receipt::default()),
        None => LookUp::CannotSay,
    }
}
