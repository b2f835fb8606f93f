//! Marks that the helpdesk puts on what comes through its API: taken off what is asked for, so that the
//! hub's own words are the same words again.
//!
//! They prove nothing, since anybody may write them: whether a comment is the hub's own is for others to
//! tell, by its id or its words.

use serde_json::Value;

/// Before a comment (contract 1.6).
pub(crate) const COMMENT: &str = "[Via Omnichannel] ";

/// Before the comment that a change of status makes by itself (domain 2.9), which says nothing more than
/// the status does.
const UPDATE: &str = "[Omnichannel Update] Status changed to ";

/// Takes them off a ticket's comments, and those out that only say a change of status.
pub(crate) fn take_off(ticket: &mut Value) {
    let Some(comments) = ticket.get_mut("comments").and_then(Value::as_array_mut) else { return };
    comments.retain(|comment| {
        let content = comment.get("content").and_then(Value::as_str);
        !content.is_some_and(|content| content.starts_with(UPDATE))
    });
    for content in comments.iter_mut().filter_map(|comment| comment.get_mut("content")) {
        let plain = content.as_str().and_then(|content| content.strip_prefix(COMMENT));
        if let Some(plain) = plain.map(str::to_owned) {
            *content = Value::String(plain);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn marks_are_taken_off_and_what_only_says_a_status_is_taken_out() {
        let said = |words: &str| json!({ "content": words, "author": "Budi" });
        let mut ticket = json!({ "ticketNumber": "1446", "comments": [
            said("[Via Omnichannel] Still no answer"),
            said("[Omnichannel Update] Status changed to PENDING"),
            said("We are on it [Via Omnichannel] "),
            { "content": 7 },
        ]});
        take_off(&mut ticket);
        let comments = json!([said("Still no answer"), said("We are on it [Via Omnichannel] "), { "content": 7 }]);
        assert_eq!(ticket, json!({ "ticketNumber": "1446", "comments": comments }));
        let mut without = json!({ "ticketNumber": "1446" });
        take_off(&mut without);
        assert_eq!(without, json!({ "ticketNumber": "1446" }));
    }
}
