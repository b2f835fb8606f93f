//! Reads Sociomile's answers, which are judged by their body: no HTTP status is documented.

use omnihub_contract::Receipt;
use omnihub_upstream::{find, word};
use serde_json::Value;

/// A success says so, and says nothing against it (contract traps 41, 42).
pub(crate) fn is_success(body: &Value) -> bool {
    let flag = |name: &str| body.get(name).and_then(Value::as_bool);
    let is_success = flag("success") == Some(true) || flag("status") == Some(true);
    let is_denied = flag("success") == Some(false)
        || flag("status") == Some(false)
        || body.get("type").and_then(Value::as_str) == Some("error");
    is_success && !is_denied
}

/// The success of a create gives an id too.
pub(crate) fn receipt(body: &Value) -> Option<Receipt> {
    if !is_success(body) {
        return None;
    }
    // The document's table calls it an array, its sample shows an object.
    let ticket = match body.get("data")? {
        Value::Array(tickets) => tickets.first()?,
        ticket => ticket,
    };
    let mut receipt = Receipt::of([("ticketId", word(ticket.get("ticketId")?)?)]);
    let number = ticket.get("ticket_number").and_then(word);
    receipt.values.extend(number.map(|number| ("ticket_number".to_owned(), number)));
    Some(receipt)
}

/// What it says went wrong. `file` and `line` are never read: they tell the server's insides.
pub(crate) fn message(body: &Value) -> Option<&str> {
    [body.get("message"), find(body, "errors.message")]
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::trim)
        .find(|message| !message.is_empty())
}

/// What Sociomile's support asks for.
pub(crate) fn trace_id(body: &Value) -> Option<&str> {
    let id = body.get("trace_id")?.as_str()?;
    let is_plain = id.len() <= TRACE_ID_BYTES_MAX && id.bytes().all(|b| b.is_ascii_alphanumeric());
    is_plain.then_some(id)
}

/// Those in the document have eight characters.
const TRACE_ID_BYTES_MAX: usize = 16;
