//! From arguments by name, as people and polls give them, to the fields of an operation.
//!
//! It does not convert what a mapping would convert: an argument is the upstream's own value.

use serde_json::{Map, Value};

use crate::adapter::{Arguments, Failure, Fault};
use crate::operation::{Effect, FieldKind, Operation};

/// What is wrong with the arguments of an operation. A value is never shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadArgument {
    /// The operation has no field of this name.
    Unknown(String),
    /// A mandatory field that is not given.
    Missing(&'static str),
    /// The value is not of the field's kind.
    Kind(String, FieldKind),
    /// A dotted name goes through a value that is no object.
    Taken(String),
}

impl std::fmt::Display for BadArgument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unknown(name) => write!(f, "there is no field `{name}`"),
            Self::Missing(name) => write!(f, "`{name}` is mandatory"),
            Self::Kind(name, kind) => write!(f, "`{name}` is no {}", kind.as_str()),
            Self::Taken(name) => write!(f, "`{name}` stands in a value that is no object"),
        }
    }
}

impl std::error::Error for BadArgument {}

/// The fields that these arguments give: texts as they are, numbers and flags as such, objects and
/// lists as JSON; dotted names nest. Where the operation takes members beside its named ones, those
/// are texts, or JSON where the name ends with a colon (`priority:` as in `priority:=true`).
///
/// # Errors
/// When a name or a value does not fit, or a mandatory field is missing.
pub fn payload(
    operation: &Operation,
    arguments: &Arguments,
) -> Result<Map<String, Value>, BadArgument> {
    let mut payload = Map::new();
    for (name, text) in arguments {
        let value = value(operation, name, text)?;
        let name = name.trim_end_matches(':');
        put(&mut payload, name, value).ok_or_else(|| BadArgument::Taken(name.to_owned()))?;
    }
    let is_given = |name: &str| {
        let mut names = name.split('.');
        let first = names.next().and_then(|name| payload.get(name));
        first.and_then(|first| names.try_fold(first, |value, name| value.get(name))).is_some()
    };
    let missing = operation.fields.iter().find(|field| field.mandatory && !is_given(field.name));
    missing.map_or(Ok(payload), |field| Err(BadArgument::Missing(field.name)))
}

/// The query of this name among these rows, and the fields that these arguments give it.
///
/// # Errors
/// When there is no such query, or [`payload`] says what is wrong: nothing is asked then.
pub fn question(
    operations: &'static [Operation],
    name: &str,
    arguments: &Arguments,
) -> Result<(&'static Operation, Map<String, Value>), Failure> {
    let refused = |words: String| Failure::new(Fault::Refused, words);
    let is_asked = |row: &&Operation| row.name == name && row.effect == Effect::Read;
    let row = operations.iter().find(is_asked);
    let row = row.ok_or_else(|| refused(format!("there is no query `{name}`")))?;
    let fields = payload(row, arguments).map_err(|bad| refused(bad.to_string()))?;
    Ok((row, fields))
}

fn value(operation: &Operation, name: &str, text: &str) -> Result<Value, BadArgument> {
    let plain = name.trim_end_matches(':');
    let mut named = operation.named_fields();
    let kind = match named.clone().find(|field| field.name == plain) {
        Some(field) => field.kind,
        None if operation.takes_others() || named.any(|field| is_inside(plain, field)) => {
            match plain == name {
                true => FieldKind::Text,
                false => {
                    let json = serde_json::from_str(text);
                    return json.map_err(|_| BadArgument::Kind(name.to_owned(), FieldKind::Object));
                }
            }
        }
        None => return Err(BadArgument::Unknown(plain.to_owned())),
    };
    let wrong = || BadArgument::Kind(plain.to_owned(), kind);
    let json = || serde_json::from_str::<Value>(text).map_err(|_| wrong());
    let value = match kind {
        FieldKind::Text => return Ok(text.into()),
        FieldKind::Number | FieldKind::Flag | FieldKind::Object | FieldKind::List => json()?,
    };
    kind.admits(&value).then_some(value).ok_or_else(wrong)
}

/// Whether the name is a member of a field that is an object.
fn is_inside(name: &str, field: &crate::operation::Field) -> bool {
    let rest = name.strip_prefix(field.name);
    field.kind == FieldKind::Object && rest.is_some_and(|rest| rest.starts_with('.'))
}

fn put(members: &mut Map<String, Value>, name: &str, value: Value) -> Option<()> {
    match name.split_once('.') {
        None => members.insert(name.to_owned(), value).is_none().then_some(()),
        Some((first, rest)) => {
            let inner = members.entry(first).or_insert_with(|| Value::Object(Map::new()));
            put(inner.as_object_mut()?, rest, value)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::{Effect, Field, Place, Repeat};
    use serde_json::json;

    const CLOSED: Operation = Operation {
        name: "closed",
        method: "POST",
        path: "/things/{id}",
        fields: &[
            Field::text("id").mandatory().at(Place::Path),
            Field::number("count"),
            Field::flag("is_new"),
            Field::list("files"),
            Field::text("owner.name"),
            Field::object("notes"),
        ],
        gives: &[],
        repeat: Repeat::Safe,
        effect: Effect::Change,
    };
    const OPEN: Operation =
        Operation { fields: &[Field::text("id").mandatory(), Field::others()], ..CLOSED };

    fn arguments(given: &[(&str, &str)]) -> Arguments {
        given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[track_caller]
    fn check_payload(operation: &Operation, given: &[(&str, &str)], expected: &Value) {
        let payload = payload(operation, &arguments(given)).unwrap();
        assert_eq!(&Value::Object(payload), expected);
    }

    #[track_caller]
    fn check_bad(operation: &Operation, given: &[(&str, &str)], words: &str) {
        let bad = payload(operation, &arguments(given)).unwrap_err();
        assert_eq!(bad.to_string(), words);
    }

    #[test]
    fn arguments_become_values_of_the_fields_kinds() {
        let given = [("id", "7"), ("count", "2"), ("is_new", "true"), ("files", "[1]")];
        check_payload(
            &CLOSED,
            &given,
            &json!({"id": "7", "count": 2, "is_new": true, "files": [1]}),
        );
        let given = [("id", "7"), ("owner.name", "Siti"), ("notes.a", "b"), ("notes.c:", "1")];
        let nested = json!({"id": "7", "owner": {"name": "Siti"}, "notes": {"a": "b", "c": 1}});
        check_payload(&CLOSED, &given, &nested);
    }

    #[test]
    fn further_members_are_texts_or_json() {
        let given = [("id", "7"), ("remark", "1"), ("priority:", "true")];
        check_payload(&OPEN, &given, &json!({"id": "7", "remark": "1", "priority": true}));
    }

    #[test]
    fn what_does_not_fit_is_named_without_its_value() {
        check_bad(&CLOSED, &[], "`id` is mandatory");
        check_bad(&CLOSED, &[("id", "7"), ("idd", "8")], "there is no field `idd`");
        check_bad(&CLOSED, &[("id", "7"), ("count", "many")], "`count` is no number");
        check_bad(&CLOSED, &[("id", "7"), ("is_new", "1")], "`is_new` is no flag");
        let inside_a_text = [("a", "1"), ("a.b", "2"), ("id", "7")];
        check_bad(&OPEN, &inside_a_text, "`a.b` stands in a value that is no object");
    }
}
