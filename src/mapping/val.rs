//! Values on their way through a line of a mapping file, and their types.
//!
//! A value borrows from the ticket as long as it can: nothing is copied before it is sent.

use std::borrow::Cow;

use jiff::Timestamp;
use omnihub_contract::FieldKind;
use serde_json::{Map, Number, Value};

/// The type of a value, known before anything runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ty {
    /// A text.
    Text,
    /// A whole number, not negative.
    Whole,
    /// Any number.
    Number,
    /// `true` or `false`.
    Flag,
    /// An instant.
    Time,
    /// An object with free members.
    Object,
    /// A list.
    List,
    /// A member of the metadata: whatever the client sent.
    Any,
    /// A group of paths: it can be there or not, but it has no value of its own.
    Group,
}

impl Ty {
    /// The word for messages.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Whole => "a whole number",
            Self::Number => "a number",
            Self::Flag => "a flag",
            Self::Time => "a time",
            Self::Object => "an object",
            Self::List => "a list",
            Self::Any => "untyped",
            Self::Group => "a group of paths",
        }
    }

    /// The word for what a field takes.
    pub(super) fn wanted(kind: FieldKind) -> &'static str {
        match kind {
            FieldKind::Text => Self::Text.as_str(),
            FieldKind::Number => Self::Number.as_str(),
            FieldKind::Flag => Self::Flag.as_str(),
            FieldKind::Object => Self::Object.as_str(),
            FieldKind::List => Self::List.as_str(),
        }
    }

    /// Whether it may stand in a field of that kind.
    pub(super) fn fits(self, kind: FieldKind) -> bool {
        match kind {
            FieldKind::Text => self == Self::Text,
            FieldKind::Number => matches!(self, Self::Whole | Self::Number),
            FieldKind::Flag => self == Self::Flag,
            FieldKind::Object => self == Self::Object,
            FieldKind::List => self == Self::List,
        }
    }

    /// Whether JSON can say it as it is.
    pub(super) fn is_json(self) -> bool {
        !matches!(self, Self::Time | Self::Any | Self::Group)
    }

    /// The type of a literal; `null` has none.
    pub(super) fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Null => None,
            Value::Bool(_) => Some(Self::Flag),
            Value::Number(number) if number.is_u64() => Some(Self::Whole),
            Value::Number(_) => Some(Self::Number),
            Value::String(_) => Some(Self::Text),
            Value::Array(_) => Some(Self::List),
            Value::Object(_) => Some(Self::Object),
        }
    }
}

/// One value.
#[derive(Clone)]
pub(super) enum Val<'a> {
    Text(Cow<'a, str>),
    Whole(u64),
    Number(Number),
    Flag(bool),
    Time(Timestamp),
    Object(&'a Map<String, Value>),
    List(&'a [Value]),
    Any(&'a Value),
    Group,
}

impl<'a> Val<'a> {
    pub(super) fn text(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }

    /// A literal of the file or of the settings; `null` is no value.
    pub(super) fn literal(value: &'a Value) -> Option<Self> {
        Some(match value {
            Value::Null => return None,
            Value::Bool(flag) => Self::Flag(*flag),
            Value::Number(number) => {
                number.as_u64().map_or(Self::Number(number.clone()), Self::Whole)
            }
            Value::String(text) => Self::text(text),
            Value::Array(list) => Self::List(list),
            Value::Object(object) => Self::Object(object),
        })
    }

    /// Whether it is a text without a letter, which upstreams take for a missing one.
    pub(super) fn is_blank(&self) -> bool {
        match self {
            Self::Text(text) => text.trim().is_empty(),
            Self::Any(value) => value.as_str().is_some_and(|text| text.trim().is_empty()),
            _ => false,
        }
    }

    /// A text, number or flag as a text; nothing else has one.
    pub(super) fn into_text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Text(text) => Some(text),
            Self::Whole(number) => Some(Cow::Owned(number.to_string())),
            Self::Number(number) => Some(Cow::Owned(number.to_string())),
            Self::Flag(flag) => Some(Cow::Borrowed(if flag { "true" } else { "false" })),
            Self::Any(value) if value.is_object() || value.is_array() => None,
            Self::Any(value) => Self::literal(value)?.into_text(),
            Self::Time(_) | Self::Object(_) | Self::List(_) | Self::Group => None,
        }
    }

    /// As JSON. What [`Ty::is_json`] excludes has none; the compiler lets none of it come here.
    pub(super) fn into_json(self) -> Option<Value> {
        match self {
            Self::Text(text) => Some(Value::String(text.into_owned())),
            Self::Whole(number) => Some(Value::Number(number.into())),
            Self::Number(number) => Some(Value::Number(number)),
            Self::Flag(flag) => Some(Value::Bool(flag)),
            Self::Object(object) => Some(Value::Object(object.clone())),
            Self::List(list) => Some(Value::Array(list.to_vec())),
            Self::Time(_) | Self::Any(_) | Self::Group => None,
        }
    }

    /// As JSON for people: what has no JSON of its own is shown all the same.
    pub(super) fn shown(&self) -> Value {
        match self {
            Self::Time(time) => Value::String(time.to_string()),
            Self::Any(value) => (*value).clone(),
            Self::Group => Value::Bool(true),
            other => other.clone().into_json().unwrap_or_default(),
        }
    }
}
