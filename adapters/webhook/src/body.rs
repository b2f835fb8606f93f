//! The body: OMNI API 1.0's five members in its order, as bytes that are signed and sent.

use serde_json::{Map, Value};

use crate::stringify::stringify;

/// The documented order.
const MEMBERS: [&str; 4] = ["event", "ticketNumber", "channelReferenceId", "timestamp"];

/// The body of these fields. A member that is absent is null, `data` an empty object.
pub(crate) fn bytes(payload: &Map<String, Value>) -> Vec<u8> {
    let mut body = String::with_capacity(512);
    for name in MEMBERS {
        body.push(if body.is_empty() { '{' } else { ',' });
        stringify(&Value::from(name), &mut body);
        body.push(':');
        stringify(payload.get(name).unwrap_or(&Value::Null), &mut body);
    }
    body.push_str(",\"data\":");
    match payload.get("data") {
        Some(data) => stringify(data, &mut body),
        None => body.push_str("{}"),
    }
    body.push('}');
    body.into_bytes()
}
