//! Which calls a fault rule is for.

use http::Method;
use serde_json::Value;

/// What a rule can see of a call.
pub(crate) struct Call<'a> {
    pub(crate) method: &'a Method,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    /// Empty when no rule looks into bodies.
    pub(crate) body: &'a [u8],
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Matcher {
    #[default]
    Every,
    /// A method, or none for any, and the beginning of a path.
    Path(Option<Method>, String),
    /// A member of a JSON or form body, and its value.
    Member(String, String),
    /// A text in path, query or body.
    Text(String),
}

impl From<&str> for Matcher {
    fn from(on: &str) -> Self {
        if on.is_empty() {
            return Self::Every;
        }
        if on.starts_with('/') {
            return Self::Path(None, on.to_owned());
        }
        if let Some((method, path)) = on.split_once(' ')
            && path.starts_with('/')
            && let Ok(method) = Method::from_bytes(method.as_bytes())
        {
            return Self::Path(Some(method), path.to_owned());
        }
        match on.split_once('=') {
            Some((name, value)) => Self::Member(name.to_owned(), value.to_owned()),
            None => Self::Text(on.to_owned()),
        }
    }
}

impl Matcher {
    pub(super) fn reads_body(&self) -> bool {
        matches!(self, Self::Member(..) | Self::Text(_))
    }

    pub(super) fn matches(&self, call: &Call<'_>) -> bool {
        match self {
            Self::Every => true,
            Self::Path(method, path) => {
                method.as_ref().is_none_or(|method| method == call.method)
                    && call.path.starts_with(path.as_str())
            }
            Self::Member(name, value) => has_member(call.body, name, value),
            Self::Text(text) => {
                call.path.contains(text.as_str())
                    || call.query.contains(text.as_str())
                    || String::from_utf8_lossy(call.body).contains(text.as_str())
            }
        }
    }

    /// The text that it was made of.
    pub(super) fn to_json(&self) -> Value {
        match self {
            Self::Every => Value::Null,
            Self::Path(None, path) => path.as_str().into(),
            Self::Path(Some(method), path) => format!("{method} {path}").into(),
            Self::Member(name, value) => format!("{name}={value}").into(),
            Self::Text(text) => text.as_str().into(),
        }
    }
}

fn has_member(body: &[u8], name: &str, value: &str) -> bool {
    if let Ok(body) = serde_json::from_slice::<Value>(body) {
        return match body.get(name) {
            Some(Value::String(text)) => text == value,
            Some(other) => serde_json::from_str(value).is_ok_and(|wanted: Value| *other == wanted),
            None => false,
        };
    }
    form_urlencoded::parse(body).any(|(key, text)| key == name && text == value)
}
