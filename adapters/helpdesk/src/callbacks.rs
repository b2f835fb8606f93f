//! Its webhook (OMNI API 1.0, "Webhook Events"): signed over the bytes as they are sent.
//!
//! As the server is known to send it, it brings no data and no time (domain 2.10): then the ticket itself is
//! asked for. One that brings both is taken at its word, once.

use omnihub_contract::{About, Callback, Look, Notice, Rejected, Secret};
use omnihub_upstream::{signs, word};
use serde_json::Value;

/// The name of its row, and that of a ticket's.
const WEBHOOK: &str = "webhook";
const TICKET: &str = "ticket";
const NUMBER: &str = "ticketNumber";

/// It reports what the hub itself made, or what somebody else made there, which is no news of ours.
const CREATED: &str = "TICKET_CREATED";

/// Longest number: several times the longest known style (domain 2.6).
const NUMBER_CHARS_MAX: usize = 64;

pub(crate) fn receive(
    secret: Option<&Secret>,
    callback: &Callback,
) -> Result<Vec<Notice>, Rejected> {
    if !signs(secret, &callback.body, callback.header("x-webhook-signature")) {
        return Err(Rejected::Unauthenticated);
    }
    if !callback.path.is_empty() {
        return Err(Rejected::NoSuchPath);
    }
    let said: Value = serde_json::from_slice(&callback.body)
        .map_err(|_| Rejected::malformed("The body is no JSON"))?;
    let member = |name: &str| said.get(name).and_then(word);
    let event = member("event").ok_or_else(|| Rejected::malformed("event is required"))?;
    if event == CREATED {
        return Ok(Vec::new());
    }
    let number = member(NUMBER).filter(|number| number.chars().count() <= NUMBER_CHARS_MAX);
    let number = number.ok_or_else(|| Rejected::malformed("ticketNumber is required"))?;
    let about = vec![About::Number(number.clone())];
    let has_data = said.get("data").and_then(Value::as_object).is_some_and(|data| !data.is_empty());
    let (id, look) = match member("timestamp").filter(|_| has_data) {
        Some(at) => (Some(format!("{event} {at}")), None),
        None => (None, Some(Look { query: TICKET, argument: NUMBER, value: number })),
    };
    Ok(vec![Notice { what: WEBHOOK, said, about, id, look }])
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "Jefe";
    /// Over [`THIN`] with [`SECRET`].
    const SIGNATURE: &str = "001cf01aa1ceb3f03fce139eff2b3e9f363af48c55fe7d7957f3117b69526764";
    const THIN: &str = r#"{"url":"https://hub.example/callbacks/helpdesk","event":"STATUS_CHANGED","ticketNumber":"1446","channelReferenceId":null}"#;

    fn hear(path: &str, signature: &str, body: &str) -> Result<Vec<Notice>, Rejected> {
        let callback = Callback {
            path: path.to_owned(),
            headers: vec![("x-webhook-signature".to_owned(), signature.to_owned())],
            body: body.as_bytes().to_vec(),
            ..Callback::default()
        };
        receive(Some(&SECRET.into()), &callback)
    }

    #[test]
    fn a_signed_webhook_without_data_leads_to_the_ticket() {
        let notices = hear("", SIGNATURE, THIN).unwrap();
        let [notice] = &notices[..] else { panic!("{notices:?}") };
        let look = Look { query: "ticket", argument: "ticketNumber", value: "1446".into() };
        assert_eq!((notice.look.as_ref(), notice.id.as_ref()), (Some(&look), None));
        assert_eq!(notice.about, [About::Number("1446".into())]);
    }

    #[test]
    fn one_changed_byte_is_not_signed() {
        let changed = THIN.replace("1446", "1447");
        for (signature, body) in [(SIGNATURE, &*changed), ("", THIN), ("00", THIN)] {
            assert_eq!(hear("", signature, body), Err(Rejected::Unauthenticated));
        }
        assert_eq!(hear("more", SIGNATURE, THIN), Err(Rejected::NoSuchPath));
    }

    #[track_caller]
    fn check(body: &str, expected: Result<usize, &str>) {
        let signed = |body: &str| Callback {
            headers: vec![("x-webhook-signature".to_owned(), signature(body))],
            body: body.as_bytes().to_vec(),
            ..Callback::default()
        };
        let heard = receive(Some(&SECRET.into()), &signed(body));
        let heard = heard.map(|notices| notices.len());
        assert_eq!(heard, expected.map_err(Rejected::malformed), "{body}");
    }

    fn signature(body: &str) -> String {
        use hmac::{Hmac, KeyInit as _, Mac as _};
        let mac = Hmac::<sha2::Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
        let tag = mac.chain_update(body).finalize().into_bytes();
        tag.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn only_what_says_what_and_of_which_ticket_is_heard_and_a_creation_is_no_news() {
        check(r#"{"event":"TICKET_CREATED","ticketNumber":"1446"}"#, Ok(0));
        check(r#"{"event":"STATUS_CHANGED","ticketNumber":1446}"#, Ok(1));
        check(r#"{"ticketNumber":"1446"}"#, Err("event is required"));
        check(r#"{"event":"X"}"#, Err("ticketNumber is required"));
        check("{", Err("The body is no JSON"));
    }

    #[test]
    fn one_that_brings_data_and_a_time_is_taken_at_its_word_once() {
        let body = r#"{"event":"STATUS_CHANGED","ticketNumber":"1446","timestamp":"2024-12-19T10:30:00Z","data":{"newStatus":"PENDING"}}"#;
        let notice = hear("", &signature(body), body).unwrap().remove(0);
        assert_eq!(notice.look, None);
        assert_eq!(notice.id.as_deref(), Some("STATUS_CHANGED 2024-12-19T10:30:00Z"));
    }
}
