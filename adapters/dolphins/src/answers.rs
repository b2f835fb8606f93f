//! Reads 3Dolphins' answers by hand.
//!
//! `data` is an object, a list, the text `"[]"` or absent with the fields beside it, and as printed the
//! ticket's `status` shadows the envelope's (contract traps 63-65), so no fixed shape can be read.

use omnihub_upstream::word;
use serde_json::{Value, json};

/// The tickets in an answer, wherever they stand.
pub(crate) fn tickets(body: &Value) -> impl Iterator<Item = &Value> {
    let listed = body.get("data").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let single = body.get("data").filter(|data| data.is_object());
    listed.iter().chain(single).chain([body]).filter(|ticket| number(ticket).is_some())
}

/// A ticket's number.
pub(crate) fn number(ticket: &Value) -> Option<String> {
    ticket.get("ticketNumber").and_then(word)
}

/// Whether the envelope says success, or shows a ticket whose status has taken its place.
pub(crate) fn is_success(body: &Value) -> bool {
    body.get("status").and_then(Value::as_str) == Some("success") || tickets(body).next().is_some()
}

/// The delivery error that a success may carry (contract trap 68), as "code: words".
pub(crate) fn warning(body: &Value) -> Option<String> {
    let bearer = tickets(body).chain([body]).find(|ticket| text(ticket, "errorCode").is_some())?;
    let code = text(bearer, "errorCode")?;
    Some(match text(bearer, "errorMessage") {
        Some(words) => format!("{code}: {words}"),
        None => code.to_owned(),
    })
}

/// What was asked for, without its envelope. As printed, a ticket's fields may stand beside `data`, which
/// then is the text `"[]"`; that text alone means that there is nothing.
pub(crate) fn asked_for(body: Value) -> Value {
    match body.get("data") {
        Some(Value::String(text)) if text == "[]" && number(&body).is_some() => json!([body]),
        Some(Value::String(text)) if text == "[]" => json!([]),
        Some(data) => data.clone(),
        None => body,
    }
}

/// Whether it is an object of its own, as the one answer without an envelope is (contract trap 65).
pub(crate) fn is_bare(body: &Value) -> bool {
    let is_object = body.as_object().is_some_and(|members| !members.is_empty());
    is_object && body.get("status").is_none()
}

/// What an error says. No error shape is documented; these are the members that one might have.
pub(crate) fn words(body: &Value) -> Option<&str> {
    ["errorMessage", "message", "error"].iter().find_map(|name| text(body, name))
}

fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.get(name)?.as_str().filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_numbers(body: &Value, numbers: &[&str]) {
        assert_eq!(tickets(body).filter_map(number).collect::<Vec<_>>(), numbers, "{body}");
    }

    #[test]
    fn a_ticket_is_found_wherever_it_stands() {
        let ticket = json!({"ticketNumber": "a1", "status": "Unassigned"});
        check_numbers(&json!({"status": "success", "data": ticket}), &["a1"]);
        check_numbers(&json!({"status": "success", "data": [ticket, {"id": "x"}]}), &["a1"]);
        check_numbers(&json!({"data": "[]", "ticketNumber": "a1", "status": "Closed"}), &["a1"]);
        check_numbers(&json!({"ticketNumber": 17}), &["17"]);
    }

    #[test]
    fn what_was_asked_for_is_freed_of_its_envelope() {
        let ticket = json!({"ticketNumber": "a1", "data": "[]", "status": "Closed"});
        for (body, expected) in [
            (json!({"status": "success", "data": [1]}), json!([1])),
            (json!({"status": "success", "data": 0}), json!(0)),
            (json!({"status": "success", "data": "[]"}), json!([])),
            (ticket.clone(), json!([ticket])),
            (json!({"severity": "Medium"}), json!({"severity": "Medium"})),
        ] {
            assert_eq!(asked_for(body), expected);
        }
    }

    #[test]
    fn an_answer_without_a_ticket_has_none() {
        for body in
            [json!({"status": "success", "data": "[]"}), json!({"data": []}), json!([]), json!(1)]
        {
            check_numbers(&body, &[]);
        }
    }
}
