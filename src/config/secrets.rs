//! Secrets in adapters' sections: from files, from variables, and how long they must be.
//!
//! Only those that the operator chooses must be long: what others show to the hub, or both sides sign
//! with. Keys and passwords that an upstream gave us (`api_key`, `client_secret_key`, `password`) are
//! as long as they are, and not ours to judge; what the hub makes itself, keys of partners and secrets
//! of their webhooks, is long anyway and stands in no settings.

use std::path::Path;

use serde_json::{Map, Value};

use super::problem::ConfigError;

/// Keys of any adapter's section that hold a secret of the operator's own choice: what the upstream's
/// webhooks are signed with, and what its callbacks show.
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

/// Refuses a secret that is too short; blanks at its ends make none longer.
pub(super) fn check(adapter: &str, own: &Map<String, Value>) -> Result<(), ConfigError> {
    for (name, secret) in NAMES.iter().filter_map(|name| own.get(*name).map(|it| (name, it))) {
        let chars = secret.as_str().map_or(0, |secret| secret.trim().chars().count());
        if chars < CHARS_MIN {
            let what = format!(
                "a secret that you choose is a text of at least {CHARS_MIN} characters; \
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
        check_own(
            &json!({ "webhook_secret": "geheim" }),
            Some("adapters.sociomile.webhook_secret"),
        );
        let blank = format!("{:15}{:15}", "", "geheim");
        check_own(&json!({ "webhook_secret": blank }), Some("adapters.sociomile.webhook_secret"));
        for no_text in [json!(1_234_567_890_123_456_u64), json!(null), json!(["geheim"])] {
            let own = json!({ "callback_secret": no_text });
            check_own(&own, Some("adapters.sociomile.callback_secret"));
        }
        check_own(&json!({ "callback_secret": "0123456789abcdef" }), None);
        check_own(
            &json!({ "webhook_secret": "ééééééééééééééé" }),
            Some("adapters.sociomile.webhook_secret"),
        );
        for given in ["api_key", "client_secret_key", "username", "password"] {
            check_own(&json!({ given: "geheim" }), None);
        }
        check_own(&json!({}), None);
    }
}
