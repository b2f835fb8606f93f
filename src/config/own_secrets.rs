//! How long secrets must be that the operator chooses: those that others show to the hub, or that both
//! sides sign with. Keys and passwords that an upstream gave us are as long as they are.

use serde_json::{Map, Value};

use super::problem::ConfigError;

/// Keys of an adapter's section that hold such a secret.
const NAMES: [&str; 2] = ["webhook_secret", "callback_secret"];

/// Fewer characters can be guessed.
const CHARS_MIN: usize = 16;

/// Refuses a secret that is too short.
pub(super) fn check(adapter: &str, own: &Map<String, Value>) -> Result<(), ConfigError> {
    for name in NAMES {
        let chars = own.get(name).and_then(Value::as_str).map(|secret| secret.chars().count());
        if chars.is_some_and(|chars| chars < CHARS_MIN) {
            let what = format!(
                "a secret that you choose needs at least {CHARS_MIN} characters; \
                 `openssl rand -hex 32` makes one"
            );
            return Err(ConfigError::wrong(&format!("adapters.{adapter}.{name}"), &what));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check_own(own: &Value, expected: Option<&str>) {
        let refused = check("sociomile", own.as_object().unwrap()).err();
        let text = refused.map(|error| error.to_string());
        assert_eq!(text.as_deref().map(|text| text.split(':').next().unwrap()), expected);
        assert!(text.is_none_or(|text| !text.contains("geheim")));
    }

    #[test]
    fn a_short_secret_is_refused_where_the_operator_chose_it() {
        check_own(
            &json!({ "callback_secret": "geheim" }),
            Some("adapters.sociomile.callback_secret"),
        );
        check_own(&json!({ "callback_secret": "" }), Some("adapters.sociomile.callback_secret"));
        check_own(&json!({ "callback_secret": "0123456789abcdef" }), None);
        check_own(&json!({ "client_secret_key": "geheim" }), None);
        check_own(&json!({}), None);
    }
}
