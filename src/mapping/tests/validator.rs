//! As much of JSON Schema as the schemas of mapping files use, but for patterns of texts.

use serde_json::{Map, Value};

/// Whether the schema takes the value. `root` is where its references begin.
pub(super) fn takes(root: &Value, schema: &Value, value: &Value) -> bool {
    match schema {
        Value::Bool(takes) => *takes,
        Value::Object(rules) => {
            rules.iter().all(|(rule, with)| holds(root, (rules, rule, with), value))
        }
        _ => panic!("{schema} is no schema"),
    }
}

fn holds(
    root: &Value,
    (rules, rule, with): (&Map<String, Value>, &str, &Value),
    value: &Value,
) -> bool {
    let takes = |schema: &Value, value: &Value| takes(root, schema, value);
    let list = || with.as_array().unwrap().iter();
    let members = || value.as_object().into_iter().flatten();
    match rule {
        "$ref" => {
            takes(root.pointer(with.as_str().unwrap().trim_start_matches('#')).unwrap(), value)
        }
        "const" => value == with,
        "enum" => list().any(|word| word == value),
        "type" => match with {
            Value::String(kind) => is_of(value, kind),
            kinds => {
                kinds.as_array().unwrap().iter().any(|kind| is_of(value, kind.as_str().unwrap()))
            }
        },
        "anyOf" => list().any(|schema| takes(schema, value)),
        "allOf" => list().all(|schema| takes(schema, value)),
        "not" => !takes(with, value),
        "if" => !takes(with, value) || takes(&rules["then"], value),
        "required" => list().all(|name| {
            value.as_object().is_none_or(|object| object.contains_key(name.as_str().unwrap()))
        }),
        "items" => value.as_array().is_none_or(|items| items.iter().all(|item| takes(with, item))),
        "minItems" => value
            .as_array()
            .is_none_or(|items| u64::try_from(items.len()).unwrap() >= with.as_u64().unwrap()),
        "minProperties" => value.as_object().is_none_or(|object| !object.is_empty()),
        "minimum" => value.as_i64().is_none_or(|number| number >= with.as_i64().unwrap()),
        "properties" => {
            members().all(|(name, value)| with.get(name).is_none_or(|schema| takes(schema, value)))
        }
        "patternProperties" => members().all(|(name, value)| {
            beginnings(with)
                .filter(|(start, _)| name.starts_with(start))
                .all(|(_, schema)| takes(schema, value))
        }),
        "additionalProperties" => {
            members().all(|(name, value)| is_known(rules, name) || takes(with, value))
        }
        "then" | "pattern" | "description" | "title" | "$schema" | "definitions" => true,
        other => panic!("nothing here knows `{other}`"),
    }
}

fn is_known(rules: &Map<String, Value>, name: &str) -> bool {
    let properties = rules.get("properties").and_then(Value::as_object);
    let patterns = rules.get("patternProperties");
    properties.is_some_and(|properties| properties.contains_key(name))
        || patterns
            .is_some_and(|patterns| beginnings(patterns).any(|(start, _)| name.starts_with(&start)))
}

/// `^a\.b\.` as the beginning of a name: the only patterns for names that there are.
fn beginnings(patterns: &Value) -> impl Iterator<Item = (String, &Value)> {
    patterns
        .as_object()
        .unwrap()
        .iter()
        .map(|(pattern, schema)| (pattern.trim_start_matches('^').replace('\\', ""), schema))
}

fn is_of(value: &Value, kind: &str) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "integer" => value.is_u64() || value.is_i64(),
        other => panic!("{other}"),
    }
}
