//! The fields of an operation.

use omnihub_contract::{Field, FieldKind, Operation};
use serde_json::{Value, json};

use super::reference;
use super::tree::{Leaf, object};

/// What `[rule.fields]` may be for an operation.
pub(super) fn of(operation: &'static Operation) -> Value {
    let leaves: Vec<Leaf> = operation.named_fields().map(leaf).collect();
    let line = reference("line");
    object(&leaves, operation.takes_others().then_some(&line))
}

fn leaf(field: &Field) -> Leaf {
    let is_object = field.kind == FieldKind::Object;
    let mandatory = if field.mandatory { ", mandatory" } else { "" };
    Leaf {
        name: field.name.to_owned(),
        schema: json!({
            "description": format!("{}{mandatory}", field.kind.as_str()),
            "allOf": [reference("line")],
        }),
        inside: is_object.then(|| reference("line")),
    }
}
