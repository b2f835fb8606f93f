//! Schemas of objects, member by member, and what a member's value requires of others.

use serde_json::{Map, Value, json};

use super::{named, required_text, text};
use crate::intake::fields::Field;

/// An object whose schema is being made. Members that are not listed are allowed: unknown ones are
/// ignored (contract trap 33).
pub(in crate::intake) struct Object {
    about: String,
    members: Map<String, Value>,
    required: Vec<&'static str>,
    rules: Vec<Value>,
}

impl Object {
    /// An object that is for this.
    pub(in crate::intake) fn of(about: impl Into<String>) -> Self {
        let about = about.into();
        Self { about, members: Map::new(), required: Vec::new(), rules: Vec::new() }
    }

    /// A text that must be there.
    pub(in crate::intake) fn needs_text(self, field: &Field, about: &str) -> Self {
        self.needs(field, required_text(field, about))
    }

    /// A text that may be missing.
    pub(in crate::intake) fn text(self, field: &Field, about: &str) -> Self {
        self.member(field, text(field, about))
    }

    /// A member that must be there.
    pub(in crate::intake) fn needs(mut self, field: &Field, schema: Value) -> Self {
        self.required.push(field.name());
        self.member(field, schema)
    }

    /// A member that may be missing, `null` or blank.
    pub(in crate::intake) fn may(self, field: &Field, mut schema: Value) -> Self {
        let about = schema.as_object_mut().and_then(|schema| schema.remove("description"));
        let mut either = json!({ "anyOf": [schema, named("Absent")] });
        if let (Some(about), Value::Object(either)) = (about, &mut either) {
            either.insert("description".to_owned(), about);
        }
        self.member(field, either)
    }

    /// A member whose schema says itself whether it may be missing.
    pub(in crate::intake) fn member(mut self, field: &Field, schema: Value) -> Self {
        self.members.insert(field.name().to_owned(), schema);
        self
    }

    /// Where the member is one of these words, this holds too.
    pub(in crate::intake) fn where_words(
        mut self,
        field: &Field,
        words: &[&str],
        then: &Value,
    ) -> Self {
        let name = field.name();
        let such = json!({ "properties": { name: { "enum": words } }, "required": [name] });
        self.rules.push(json!({ "if": such, "then": then }));
        self
    }

    /// The schema.
    pub(in crate::intake) fn schema(self) -> Value {
        let mut schema = json!({
            "type": "object",
            "description": self.about,
            "properties": self.members,
        });
        if let Value::Object(schema) = &mut schema {
            if !self.required.is_empty() {
                schema.insert("required".to_owned(), json!(self.required));
            }
            if !self.rules.is_empty() {
                schema.insert("allOf".to_owned(), Value::Array(self.rules));
            }
        }
        schema
    }
}

/// The rule that a member is there, by its dotted path below the object that the rule is for.
pub(in crate::intake) fn has(path: &str) -> Value {
    match path.split_once('.') {
        None => json!({ "required": [path], "properties": { path: named("Present") } }),
        Some((outer, rest)) => {
            let mut inner = has(rest);
            if let Value::Object(inner) = &mut inner {
                inner.insert("type".to_owned(), json!("object"));
            }
            json!({ "required": [outer], "properties": { outer: inner } })
        }
    }
}
