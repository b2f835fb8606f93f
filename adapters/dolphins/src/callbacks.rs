//! Its events (domain 1.3): a message of a customer, pushed to whatever address its server is set to.
//!
//! No signature is described for them, so that the secret stands in the address:
//! `?callback_secret=…`, or in the header `X-Callback-Secret` where something in between sets one.

use omnihub_contract::{About, Callback, Notice, Rejected, Secret};
use omnihub_upstream::{shows, word};
use serde_json::Value;

const INCOMING_MESSAGE: &str = "incoming_message";

/// The number of a chat is 32 digits.
const NUMBER_CHARS_MAX: usize = 255;

pub(crate) fn receive(
    secret: Option<&Secret>,
    callback: &Callback,
) -> Result<Vec<Notice>, Rejected> {
    let shown = [callback.parameter("callback_secret"), callback.header("x-callback-secret")];
    if !shown.into_iter().any(|shown| shows(secret, shown)) {
        return Err(Rejected::Unauthenticated);
    }
    let said: Value = serde_json::from_slice(&callback.body)
        .map_err(|_| Rejected::malformed("the body is no JSON"))?;
    let number = said.get("ticketNumber").and_then(word);
    let number = number.filter(|number| number.chars().count() <= NUMBER_CHARS_MAX);
    let number = number.ok_or_else(|| Rejected::malformed("ticketNumber is required"))?;
    let about = vec![About::Receipt("ticketNumber", number)];
    Ok(vec![Notice { what: INCOMING_MESSAGE, said, about, id: None, look: None }])
}

#[cfg(test)]
mod tests {
    use omnihub_contract::{CallbackAnswer, Told};
    use serde_json::json;

    use super::*;

    const SECRET: &str = "dolphins-callback-secret";

    fn callback(shown: &str, body: &Value) -> Callback {
        Callback {
            query: vec![("callback_secret".to_owned(), shown.to_owned())],
            body: body.to_string().into_bytes(),
            ..Callback::default()
        }
    }

    fn hear(shown: &str, body: &Value) -> Result<Vec<Notice>, Rejected> {
        receive(Some(&SECRET.into()), &callback(shown, body))
    }

    #[test]
    fn a_message_is_heard_from_who_shows_the_secret_and_is_about_its_chat() {
        let message =
            json!({"ticketNumber": "9f86d081884c7d65", "message": "Halo", "owner": "bsg"});
        let notices = hear(SECRET, &message).unwrap();
        let [notice] = &notices[..] else { panic!("{notices:?}") };
        assert_eq!(notice.said, message);
        assert_eq!(notice.about, [About::Receipt("ticketNumber", "9f86d081884c7d65".into())]);
        let answer = CallbackAnswer::plain(Told::Heard(&notices));
        assert_eq!((answer.status, answer.body), (200, json!({"status": "success"})));
        assert_eq!(hear("guess", &message), Err(Rejected::Unauthenticated));
        assert_eq!(receive(None, &callback("", &message)), Err(Rejected::Unauthenticated));
    }

    #[test]
    fn what_is_about_no_chat_is_malformed() {
        for body in [
            json!({}),
            json!([]),
            json!({"ticketNumber": ""}),
            json!({"ticketNumber": "x".repeat(256)}),
        ] {
            assert_eq!(hear(SECRET, &body), Err(Rejected::malformed("ticketNumber is required")));
        }
    }
}
