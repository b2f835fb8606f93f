//! Reading answers leniently: vendors write one id as a text here and as a number there.

use serde_json::Value;

/// The value at a dotted path of members.
pub fn find<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, name| value.get(name))
}

/// A text that is not empty, or a number, as text.
pub fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_id_is_read_as_text_or_number() {
        assert_eq!(word(&json!("1446")).as_deref(), Some("1446"));
        assert_eq!(word(&json!(32197)).as_deref(), Some("32197"));
        assert_eq!(word(&json!(" ")), None);
        assert_eq!(word(&json!(null)), None);
        assert_eq!(word(&json!([1])), None);
    }
}
