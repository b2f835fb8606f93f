//! What may be kept of an answer: its status, and its body in outline.
//!
//! Upstreams repeat what they were told and, in exceptions, what others told them. So of texts only
//! the shape is kept, but for what cannot be personal: OMNI's own words, a few words of envelopes, and
//! what the operation gives. The words of a refusal stand in the failure, where its adapter has
//! judged them.

use omnihub_contract::outline::{Shape, json};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use crate::answer::Answer;
use crate::redact::is_enum_word;

/// Kept of one answer: enough for every documented one.
const OUTLINE_BYTES_MAX: usize = 1024;

/// Longer bodies are pages and lists, and not read again for this.
const BODY_BYTES_MAX: usize = 16 * 1024;

/// Numbers with more digits may be accounts, phones or identifiers.
const DIGITS_MAX: usize = 6;

/// Words of envelopes that can be nobody's name.
const ENVELOPE: &[&str] = &["success", "error", "ok", "failed", "fail"];

/// The outline of an answer; these texts are shown as they are.
pub(crate) fn of(answer: &Answer, given: &[&str]) -> String {
    let status = answer.status;
    let bytes = answer.body.len();
    if bytes == 0 {
        return format!("{status}, no body");
    }
    match answer.json().filter(|_| bytes <= BODY_BYTES_MAX) {
        Some(body) => format!("{status} {}", json(&Outline(&body, given), OUTLINE_BYTES_MAX)),
        None => format!("{status}, {bytes} bytes"),
    }
}

struct Outline<'a>(&'a Value, &'a [&'a str]);

impl Serialize for Outline<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(value, given) = self;
        match value {
            Value::String(text) if is_harmless(text) || given.contains(&text.as_str()) => {
                serializer.serialize_str(text)
            }
            Value::String(text) => serializer.collect_str(&Shape(text)),
            Value::Number(number) => {
                let text = number.to_string();
                match text.len() <= DIGITS_MAX || given.contains(&text.as_str()) {
                    true => number.serialize(serializer),
                    false => serializer.collect_str(&Shape(&text)),
                }
            }
            Value::Array(items) => {
                serializer.collect_seq(items.iter().map(|item| Outline(item, given)))
            }
            Value::Object(members) => {
                let mut object = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    match is_name(name) {
                        true => object.serialize_entry(name, &Outline(value, given))?,
                        false => object.serialize_entry("*", &Outline(value, given))?,
                    }
                }
                object.end()
            }
            Value::Bool(_) | Value::Null => value.serialize(serializer),
        }
    }
}

/// Names of members are the vendor's own, unless they look like a value that stands in their place.
fn is_name(name: &str) -> bool {
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    name.len() <= 40
        && digits <= 2
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.[]".contains(&b))
}

/// OMNI's words in whatever case, and those of envelopes.
fn is_harmless(text: &str) -> bool {
    is_enum_word(text)
        || ENVELOPE.iter().any(|word| text.eq_ignore_ascii_case(word))
        || is_enum_word(&text.replace(' ', "_").to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use serde_json::json;

    #[track_caller]
    fn check_outline(body: &str, expected: &str) {
        let body = Bytes::copy_from_slice(body.as_bytes());
        let answer = Answer { status: 200, retry_after: None, body };
        assert_eq!(of(&answer, &["BSG-1446", "12345678"]), expected);
    }

    #[test]
    fn only_what_cannot_be_personal_is_kept_of_an_answer() {
        check_outline(
            r#"{"code":200,"message":"Halo Siti","status":"In Progress","success":true}"#,
            r#"200 {"code":200,"message":"**** ****","status":"In Progress","success":true}"#,
        );
        check_outline(
            r#"{"data":[{"phone":62811223344,"ticketId":12345678,"ticketNumber":"BSG-1446"}]}"#,
            r#"200 {"data":[{"phone":"***********","ticketId":12345678,"ticketNumber":"BSG-1446"}]}"#,
        );
        check_outline(r#"{"4111111111111111":1,"Siti Contoh":2}"#, r#"200 {"*":1,"*":2}"#);
    }

    #[test]
    fn of_what_is_no_json_only_the_size_is_kept() {
        check_outline("<html>Siti</html>", "200, 17 bytes");
        check_outline("", "200, no body");
        let page = json!([" ".repeat(BODY_BYTES_MAX)]).to_string();
        check_outline(&page, &format!("200, {} bytes", page.len()));
    }

    #[test]
    fn an_outline_is_bounded() {
        let body = json!(vec![0; 2000]).to_string();
        let answer = Answer { status: 200, retry_after: None, body: Bytes::from(body) };
        assert!(of(&answer, &[]).len() <= OUTLINE_BYTES_MAX + 10);
    }
}
