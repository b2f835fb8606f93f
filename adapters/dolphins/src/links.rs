//! Takes tokens out of what 3Dolphins says: it puts the bearer token into links to files, after a
//! blank (contract trap 69), and a message may quote such a link of anybody's.

use omnihub_contract::{ExposeSecret, Secret};
use serde_json::Value;

/// What stands before a token in a link.
const PARAMETER: &str = "access_token=";

/// Every text in the value without tokens: those of links, and this one wherever it stands.
pub(crate) fn veil(value: &mut Value, token: &Secret) {
    match value {
        Value::String(text) => *text = veiled(text, token),
        Value::Array(values) => values.iter_mut().for_each(|value| veil(value, token)),
        Value::Object(members) => members.values_mut().for_each(|value| veil(value, token)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A text without tokens.
pub(crate) fn veiled(text: &str, token: &Secret) -> String {
    let own = token.expose_secret();
    let text = if own.is_empty() { text.to_owned() } else { text.replace(own, "…") };
    let mut parts = text.split(PARAMETER);
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kept.push_str(PARAMETER);
        kept.push('…');
        kept.push_str(after_token(part));
    }
    kept
}

/// The link to an uploaded file in the `data` of an answer, without its token. "null" is how the vendor's
/// server spells that there is none, "[]" an empty answer.
pub(crate) fn file_link(data: &Value) -> Option<String> {
    let link = data.as_str()?.split(PARAMETER).next()?.trim_end_matches(['?', '&']);
    (!["", "null", "[]"].contains(&link)).then(|| link.to_owned())
}

fn after_token(part: &str) -> &str {
    let schemes = ["Bearer ", "Bearer%20", "Bearer+"];
    let token = schemes.iter().find_map(|scheme| part.strip_prefix(scheme)).unwrap_or(part);
    token.trim_start_matches(|c: char| c.is_alphanumeric() || "-._~+/=%[]…".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check_veiled(text: &str, expected: &str) {
        assert_eq!(veiled(text, &Secret::from("t0ken-7731")), expected);
    }

    #[test]
    fn no_token_is_left_in_a_text() {
        check_veiled("null?access_token=Bearer t0ken-7731", "null?access_token=…");
        check_veiled(
            "https://a/f?access_token=Bearer%20other.1&x=1",
            "https://a/f?access_token=…&x=1",
        );
        check_veiled(
            "see f?access_token=abc and g?access_token=def.",
            "see f?access_token=… and g?access_token=…",
        );
        check_veiled("Bearer t0ken-7731", "Bearer …");
        check_veiled("Halo", "Halo");
    }

    #[test]
    fn a_token_is_taken_out_wherever_it_stands() {
        let mut value = json!({"a": ["t0ken-7731", 1], "b": {"c": "f?access_token=x"}, "d": null});
        veil(&mut value, &Secret::from("t0ken-7731"));
        assert_eq!(value, json!({"a": ["…", 1], "b": {"c": "f?access_token=…"}, "d": null}));
    }

    #[test]
    fn a_link_to_a_file_is_kept_without_its_token() {
        let link = |text: &str| file_link(&json!(text));
        assert_eq!(link("https://a/f?access_token=Bearer x").as_deref(), Some("https://a/f"));
        assert_eq!(link("https://a/f?v=1&access_token=x").as_deref(), Some("https://a/f?v=1"));
        assert_eq!(link("null?access_token=Bearer x"), None);
        assert_eq!(link("[]"), None);
    }
}
