//! Dotted names as TOML may write them: nested, quoted, or both.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// What stands at one dotted name.
pub(super) struct Leaf {
    pub(super) name: String,
    pub(super) schema: Value,
    /// What any name within it is, where there may be any.
    pub(super) inside: Option<Value>,
}

/// An object whose members are these names. Other names are `others`, or none.
pub(super) fn object(leaves: &[Leaf], others: Option<&Value>) -> Value {
    let mut properties = Map::new();
    let mut patterns = Map::new();
    let mut nested: BTreeMap<&str, Vec<Leaf>> = BTreeMap::new();
    for Leaf { name, schema, inside } in leaves {
        properties.insert(name.clone(), schema.clone());
        if let Some(inside) = inside {
            patterns.insert(format!("^{}\\.", name.replace('.', "\\.")), inside.clone());
        }
        if let Some((first, rest)) = name.split_once('.') {
            let (schema, inside) = (schema.clone(), inside.clone());
            let leaf = Leaf { name: rest.to_owned(), schema, inside };
            nested.entry(first).or_default().push(leaf);
        }
    }
    for (first, leaves) in nested {
        let inner = object(&leaves, others);
        let whole = match properties.remove(first) {
            Some(own) => json!({"anyOf": [own, inner]}),
            None => inner,
        };
        properties.insert(first.to_owned(), whole);
    }
    let mut schema = json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": others.unwrap_or(&Value::Bool(false)),
    });
    if let (false, Some(schema)) = (patterns.is_empty(), schema.as_object_mut()) {
        schema.insert("patternProperties".to_owned(), Value::Object(patterns));
    }
    schema
}
