//! Operations: what an adapter can be asked to do, as rows of a table.
//!
//! Mapping files are checked against these rows before they run, and generic code learns from them
//! whether a repeat is safe. Nothing here does anything.

use serde_json::Value;

/// One operation of an upstream.
#[derive(Debug)]
pub struct Operation {
    /// Name in mapping files, metrics and on the command line.
    pub name: &'static str,
    /// HTTP method.
    pub method: &'static str,
    /// Path template after the adapter's `base_url`; `{name}` is a field of [`Place::Path`].
    pub path: &'static str,
    /// What it takes.
    pub fields: &'static [Field],
    /// Names of the receipts that it gives: `receipts.<adapter>.<name>` in mapping files.
    pub gives: &'static [&'static str],
    /// Whether asking twice is the same as asking once.
    pub repeat: Repeat,
    /// What it does to the upstream.
    pub effect: Effect,
}

impl Operation {
    /// A question by `GET` that gives no receipts.
    pub const fn query(name: &'static str, path: &'static str, fields: &'static [Field]) -> Self {
        let (method, gives, repeat, effect) = ("GET", &[], Repeat::Safe, Effect::Read);
        Self { name, method, path, fields, gives, repeat, effect }
    }

    /// The field of that dotted name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Whether this member of a payload stands in the body.
    pub fn is_in_body(&self, member: &str) -> bool {
        self.field(member).is_none_or(|field| field.place == Place::Body)
    }

    /// Whether its body takes members beside the named ones: see [`Field::others`].
    pub fn takes_others(&self) -> bool {
        self.field(OTHERS).is_some()
    }

    /// The fields that have a name.
    pub fn named_fields(&self) -> impl Iterator<Item = &'static Field> + Clone + use<> {
        self.fields.iter().filter(|field| field.name != OTHERS)
    }
}

/// Whether an operation may be repeated when nobody knows if it arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// A repeat changes nothing more: the upstream recognises it, or it only reads.
    Safe,
    /// A repeat may make a second thing. Its lease is durable before the request leaves.
    Unsafe,
}

/// What an operation does to the upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Makes the ticket there. Later deliveries of the ticket wait behind it while it is held or dead.
    Create,
    /// Changes or adds to what is there, or tells somebody.
    Change,
    /// Sets the ticket's status there, or closes it: what the upstream shows of the status until then
    /// is no news.
    Status,
    /// Only asks.
    Read,
}

/// Stands for every name in a row of fields: see [`Field::others`].
const OTHERS: &str = "*";

/// One field of an operation.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Dotted name: `customer.name` is the member `name` of the object `customer`.
    pub name: &'static str,
    /// Type of its value.
    pub kind: FieldKind,
    /// Whether the upstream refuses a request without it.
    pub mandatory: bool,
    /// Where it stands in the request.
    pub place: Place,
}

impl Field {
    /// An optional text in the body.
    pub const fn text(name: &'static str) -> Self {
        Self { name, kind: FieldKind::Text, mandatory: false, place: Place::Body }
    }

    /// An optional number in the body.
    pub const fn number(name: &'static str) -> Self {
        Self { name, kind: FieldKind::Number, ..Self::text(name) }
    }

    /// An optional `true` or `false` in the body.
    pub const fn flag(name: &'static str) -> Self {
        Self { name, kind: FieldKind::Flag, ..Self::text(name) }
    }

    /// An optional object with free members in the body.
    pub const fn object(name: &'static str) -> Self {
        Self { name, kind: FieldKind::Object, ..Self::text(name) }
    }

    /// An optional list in the body.
    pub const fn list(name: &'static str) -> Self {
        Self { name, kind: FieldKind::List, ..Self::text(name) }
    }

    /// Any further member of the body, of any type: for bodies that the document leaves open.
    pub const fn others() -> Self {
        Self::object(OTHERS)
    }

    /// The same, mandatory.
    pub const fn mandatory(self) -> Self {
        Self { mandatory: true, ..self }
    }

    /// The same, standing elsewhere in the request.
    pub const fn at(self, place: Place) -> Self {
        Self { place, ..self }
    }
}

/// Type of a field's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldKind {
    /// A text.
    Text,
    /// A number.
    Number,
    /// `true` or `false`.
    Flag,
    /// An object with free members.
    Object,
    /// A list.
    List,
}

impl FieldKind {
    /// Whether a value is of this kind.
    pub fn admits(self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Number => value.is_number(),
            Self::Flag => value.is_boolean(),
            Self::Object => value.is_object(),
            Self::List => value.is_array(),
        }
    }

    /// The word for messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Flag => "flag",
            Self::Object => "object",
            Self::List => "list",
        }
    }
}

/// Where a field stands in the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A member of the body.
    Body,
    /// A segment of the path.
    Path,
    /// A parameter after the path's `?`.
    Query,
    /// The whole address, for receivers that are not in the configuration.
    Address,
}
