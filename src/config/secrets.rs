//! Secrets in adapters' sections: from files, from variables, and how long they must be.
//!
//! Only those that the operator chooses must be long: what others show to the hub, or both sides sign
//! with. Keys and passwords that an upstream gave us are as long as they are.

use std::path::Path;

use serde_json::{Map, Value};

use super::problem::ConfigError;

/// Keys of an adapter's section that hold a secret of the operator's own choice.
const NAMES: [&str; 2] = ["webhook_secret", "callback_secret"];

/// Fewer characters can be guessed.
const CHARS_MIN: usize = 16;

/// `api_key_file = "…"` stands for `api_key` with the file's text.
pub(super) fn read_files(
    adapter: &str,
    own: &mut Map<String, Value>,
    folder: &Path,
) -> Result<(), ConfigError> {
    let keys: Vec<String> = own.keys().filter(|key| key.ends_with("_file")).cloned().collect();
    for key in keys {
        let Some(Value::String(path)) = own.remove(&key) else { continue };
        let file = folder.join(path);
        let text = std::fs::read_to_string(&file).map_err(|error| ConfigError::SecretFile {
            key: format!("adapters.{adapter}.{key}"),
            file,
            error,
        })?;
        let name = key.trim_end_matches("_file").to_owned();
        own.insert(name, Value::String(text.trim_end().to_owned()));
    }
    Ok(())
}

/// figment reads a variable of digits as a number, but a secret of digits is a text.
pub(super) fn keep_variables_as_text(adapter: &str, own: &mut Map<String, Value>) {
    let values = own.iter_mut().filter(|(_, value)| value.is_number() || value.is_boolean());
    for (key, value) in values {
        let variable = format!("OMNIHUB_ADAPTERS__{adapter}__{key}").to_uppercase();
        if let Ok(text) = std::env::var(variable) {
            *value = Value::String(text);
        }
    }
}

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
