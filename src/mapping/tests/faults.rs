//! What is wrong with a payload by its operation's table of fields.

use omnihub_contract::{Field, FieldKind};
use serde_json::{Map, Value};

fn is_of(value: &Value, kind: FieldKind) -> bool {
    match kind {
        FieldKind::Text => value.as_str().is_some_and(|text| !text.is_empty()),
        FieldKind::Number => value.is_number(),
        FieldKind::Flag => value.is_boolean(),
        FieldKind::Object => value.is_object(),
        FieldKind::List => value.is_array(),
    }
}

/// What is wrong with a payload by its operation's fields.
pub(super) fn faults(fields: &[Field], payload: &Map<String, Value>) -> Vec<String> {
    let payload = Value::Object(payload.clone());
    let value = |field: &Field| payload.pointer(&format!("/{}", field.name.replace('.', "/")));
    fields
        .iter()
        .filter(|field| match value(field) {
            Some(Value::Null) | None => field.mandatory,
            Some(value) => !is_of(value, field.kind),
        })
        .map(|field| format!("{}: {:?}", field.name, value(field)))
        .collect()
}
