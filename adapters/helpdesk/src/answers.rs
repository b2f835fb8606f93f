//! Reads the helpdesk's answers: flat as the documents show them, or nested as the server sends them.

use omnihub_contract::Receipt;
use omnihub_upstream::{Answer, find, word};
use serde_json::Value;

use crate::marks;
use crate::operations::COMMENT_ID;

/// The receipt in a success: any 2xx (contract trap 2) with a ticket's number, flat or under `data`
/// (domain 2.2).
pub(crate) fn receipt(answer: &Answer) -> Option<Receipt> {
    if !answer.is_success() {
        return None;
    }
    let body = answer.json()?;
    let member = |name: &str| {
        let nested = || find(&body, "data").and_then(|ticket| ticket.get(name));
        body.get(name).and_then(word).or_else(|| nested().and_then(word))
    };
    let mut receipt = Receipt::of([("ticketNumber", member("ticketNumber")?)]);
    // A status answer has none.
    receipt.values.extend(member("ticketId").map(|id| ("ticketId".to_owned(), id)));
    Some(answer.receipt(receipt))
}

/// The ticket in a success: as [`receipt`] finds it, but whole, and without the helpdesk's marks.
pub(crate) fn ticket(answer: &Answer) -> Option<Value> {
    let mut body = answer.json().filter(|_| answer.is_success())?;
    let is_ticket = |value: &Value| value.get("ticketNumber").and_then(word).is_some();
    let mut ticket = match is_ticket(&body) {
        true => body,
        false => body.get_mut("data").map(Value::take).filter(is_ticket)?,
    };
    marks::take_off(&mut ticket);
    Some(ticket)
}

/// The receipt in a success of an update, which says so in so many words: flat, or nested under `data`
/// (domain 2.2).
pub(crate) fn update(answer: &Answer) -> Option<Receipt> {
    let body = answer.json().filter(|_| answer.is_success())?;
    let said = body.get("data").filter(|data| data.is_object()).unwrap_or(&body);
    let success = |of: &Value| of.get("success").and_then(Value::as_bool);
    if success(&body) != Some(true) || success(said) == Some(false) {
        return None;
    }
    let mut receipt = Receipt::default();
    let id = find(said, "result.comment.id").and_then(word);
    receipt.values.extend(id.map(|id| (COMMENT_ID.to_owned(), id)));
    Some(answer.receipt(receipt))
}

/// Whether it is the helpdesk itself that knows no such ticket. A 404 in any other shape comes from
/// something else that stands at the address.
pub(crate) fn says_not_found(answer: &Answer) -> bool {
    answer.status == 404 && answer.json().as_ref().and_then(text).is_some()
}

/// What a refusal says, with the fields that it names: both error shapes (contract §1.7).
pub(crate) fn words(body: &Value) -> Option<String> {
    let mut words = text(body)?.to_owned();
    let errors = body.get("errors").and_then(Value::as_object);
    for (field, why) in errors.into_iter().flatten() {
        words.push_str("; ");
        words.push_str(field);
        if let Some(why) = why.as_str().or_else(|| why.get(0).and_then(Value::as_str)) {
            words.push_str(": ");
            words.push_str(why);
        }
    }
    Some(words)
}

/// `message` in one document's shape, `error` in the other's.
fn text(body: &Value) -> Option<&str> {
    ["message", "error"].iter().find_map(|name| body.get(name)?.as_str())
}
