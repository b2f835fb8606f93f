//! Lines, paths and conditions.

use serde_json::{Map, Value, json};

use super::tree::{Leaf, object};
use super::{reference, taken_as};
use crate::mapping::check::STEPS;
use crate::mapping::path::{self, Read};
use crate::mapping::transform;
use crate::mapping::val::Ty;

/// Defines `name`, a line, and `name path`, what it reads.
pub(super) fn define(definitions: &mut Map<String, Value>, name: &str, paths: &[String]) {
    let path = format!("{name} path");
    definitions.insert(name.to_owned(), line(name, &path));
    definitions.insert(path, path_of(paths));
}

/// One of the paths, or one of them with transforms behind it.
fn path_of(paths: &[String]) -> Value {
    let known: Vec<String> = paths.iter().map(|path| path.replace('.', "\\.")).collect();
    let transforms: Vec<&str> = transform::names().collect();
    let names = transforms.join("|");
    let pattern = format!(
        "^\\s*({}|ticket\\.metadata\\.[^ |]+|settings\\.[^ |]+)(\\s*\\|\\s*({names})\\b[^|]*)*$",
        known.join("|")
    );
    json!({
        "description": "A path, and perhaps transforms: `ticket.title | truncate(40)`.",
        "type": "string",
        "anyOf": [{"enum": paths}, {"pattern": pattern}],
    })
}

fn line(name: &str, path: &str) -> Value {
    let steps: Vec<Value> = STEPS.iter().map(|step| json!({"required": [step]})).collect();
    let lines = json!({"type": "array", "items": reference(name)});
    let members = json!({"type": "object", "additionalProperties": reference(name)});
    json!({"anyOf": [
        reference(path),
        {"type": ["number", "boolean"]},
        {"description": "A list of lines.", "type": "array", "items": reference(name)},
        {
            "type": "object",
            "anyOf": steps,
            "additionalProperties": false,
            "properties": {
                "value": {"description": "Stands for itself."},
                "text": {"description": "A text with paths in braces.", "type": "string"},
                "from": reference(path),
                "first": {"description": "The first that has a value.", "allOf": [lines]},
                "all": {"description": "A list of all that have a value.", "allOf": [lines]},
                "object": {"description": "An object of lines.", "allOf": [members]},
                "table": {"description": "The table that the word is looked up in.", "type": "string"},
                "format": {"description": "How a time is written, as %Y-%m-%d %H:%M:%S.", "type": "string"},
                "timezone": {"description": "Its zone, as Asia/Makassar.", "type": "string"},
                "as": taken_as(),
                "when": {"description": "The line has a value only where this holds.", "type": "object"},
                "unless": reference(path),
                "wait": {"description": "Whether the rule waits for the receipt.", "type": "boolean"},
                "otherwise": {"description": "What happens where there is no value.", "anyOf": [
                    {"enum": ["omit", "null", "refuse"]},
                    reference(name),
                ]},
            },
        },
        {
            "description": "An object of lines.",
            "type": "object",
            "not": {"anyOf": steps},
            "additionalProperties": reference(name),
        },
    ]})
}

/// Defines `when`, the conditions of a rule, and what it is made of.
pub(super) fn define_when(definitions: &mut Map<String, Value>) {
    let any = json!({"type": ["string", "number", "boolean"]});
    definitions.insert("condition".to_owned(), condition(&any));
    let rows = path::ROWS.iter().filter(|row| !matches!(row.read, Read::Status(_) | Read::Kind));
    let mut leaves = Vec::new();
    for row in rows {
        let name = match row.words {
            None => "condition".to_owned(),
            Some(_) => format!("words of {}", row.name),
        };
        if let Some(words) = row.words {
            definitions.insert(name.clone(), condition(&json!({"enum": words})));
        }
        let inside = (row.ty == Ty::Object).then(|| reference("condition"));
        leaves.push(Leaf { name: row.name.to_owned(), schema: reference(&name), inside });
    }
    let when = json!({"description": "All of it must hold.", "allOf": [object(&leaves, None)]});
    definitions.insert("when".to_owned(), when);
}

/// One word, several, or a test.
fn condition(word: &Value) -> Value {
    json!({"anyOf": [
        word,
        {"type": "array", "minItems": 1, "items": word},
        {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": false,
            "properties": {
                "present": {"type": "boolean"},
                "any_of": {"type": "string", "pattern": "^settings\\."},
                "at_least": {"type": "integer", "minimum": 0},
                "below": {"type": "integer", "minimum": 0},
            },
        },
    ]})
}
