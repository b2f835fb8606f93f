//! Payloads as bodies.

use bytes::Bytes;
use form_urlencoded::Serializer;
use omnihub_contract::{Failure, Fault};
use serde::Serialize;
use serde_json::{Map, Value};

/// The value as JSON bytes, for [`Call::json`](crate::Call::json).
pub fn json(value: &impl Serialize) -> Result<Bytes, Failure> {
    serde_json::to_vec(value)
        .map(Bytes::from)
        .map_err(|_| Failure::new(Fault::Refused, "the fields cannot be written as JSON"))
}

/// These members as `application/x-www-form-urlencoded`, in their order. Numbers and flags stand as JSON
/// writes them, lists and objects as their JSON text, null as nothing.
pub fn form<'a>(members: impl IntoIterator<Item = (&'a str, &'a Value)>) -> String {
    let mut body = Serializer::new(String::new());
    for (name, value) in members {
        match value {
            Value::String(text) => body.append_pair(name, text),
            Value::Null => body.append_pair(name, ""),
            other => body.append_pair(name, &other.to_string()),
        };
    }
    body.finish()
}

/// The members of a form's body, each a text; of a name that comes twice the last.
pub fn form_members(body: &[u8]) -> Map<String, Value> {
    let pairs = form_urlencoded::parse(body).into_owned();
    pairs.map(|(name, value)| (name, Value::String(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_form_carries_numbers_and_newlines() {
        let (content, nominal, is) = (json!("halo \n & selamat"), json!(200_000), json!(true));
        let form = form([("nominal", &nominal), ("content", &content), ("is", &is)]);
        assert_eq!(form, "nominal=200000&content=halo+%0A+%26+selamat&is=true");
    }
}
