//! The bodies that the intake takes, as JSON Schemas (draft 2020-12), made from what its readers read
//! by: each reader says what it reads right beside itself, with its own `Field`s, words and bounds.
//!
//! Here are the building blocks and the list; nothing is read or checked here. The schemas name each
//! other as an OpenAPI document does, by `#/components/schemas/…`.
//!
//! Invariant: what a schema refuses, the intake refuses. What the intake refuses beyond a schema, as
//! dates that are none, is said in words (`description`).

mod object;
mod words;

use serde_json::{Map, Value, json};

use super::policy::AttachmentLimits;
use super::{attachments, claims, fields::Field, integration, metadata, tickets, updates};
pub(super) use object::{Object, has};

/// What stands before the name of a schema.
const PLACE: &str = "#/components/schemas/";

/// A text of one line; white space around it, line breaks included, is cut off before it is looked at.
const LINE: &str = r"^\s*[^\x00-\x1F\x7F]*\s*$";
/// The same, with something in it.
const LINE_PRESENT: &str = r"^\s*[^\x00-\x1F\x7F\s][^\x00-\x1F\x7F]*\s*$";
/// A text that may have several lines.
const PROSE: &str = r"^\s*[^\x00-\x08\x0B\x0C\x0E-\x1F\x7F]*\s*$";
/// The same, with something in it.
const PROSE_PRESENT: &str = r"^\s*[^\x00-\x1F\x7F\s][^\x00-\x08\x0B\x0C\x0E-\x1F\x7F]*\s*$";

/// Every schema of a body, by name. `ClaimBody`, `TicketBody` and `UpdateBody` are the bodies of the
/// three methods, the others their parts.
pub fn schemas(limits: &AttachmentLimits) -> Map<String, Value> {
    let own = [
        ("ClaimBody", claims::schema()),
        ("TicketBody", tickets::schema(limits)),
        ("TicketBlock", tickets::block_schema()),
        ("Metadata", metadata::schema()),
        ("Integration", integration::schema()),
        ("Attachment", attachments::schema(limits)),
        ("Absent", absent()),
        ("Present", present()),
    ];
    let all = own.into_iter().chain(words::schemas()).chain(updates::schemas(limits));
    all.map(|(name, schema)| (name.to_owned(), schema)).collect()
}

/// What is said of the header `Idempotency-Key`.
pub fn idempotency_key() -> Value {
    integration::header_schema()
}

/// Where a schema stands in the document.
pub(super) fn place(name: &str) -> String {
    format!("{PLACE}{name}")
}

/// A reference to the schema of this name.
pub fn named(name: &str) -> Value {
    json!({ "$ref": place(name) })
}

/// The same, with a word on what it is for here.
pub(super) fn named_for(name: &str, about: &str) -> Value {
    json!({ "$ref": place(name), "description": about })
}

/// A text that must be there.
pub(super) fn required_text(field: &Field, about: &str) -> Value {
    let pattern = if field.is_prose { PROSE_PRESENT } else { LINE_PRESENT };
    json!({
        "type": "string",
        "minLength": 1,
        "maxLength": field.chars_max,
        "pattern": pattern,
        "description": about,
    })
}

/// A text that may be missing, `null` or blank.
pub(super) fn text(field: &Field, about: &str) -> Value {
    let pattern = if field.is_prose { PROSE } else { LINE };
    text_like(field, pattern, about)
}

/// The same, of a form of its own. The pattern is to allow for blank texts and for white space around.
pub(super) fn text_like(field: &Field, pattern: &str, about: &str) -> Value {
    json!({
        "type": ["string", "null"],
        "maxLength": field.chars_max,
        "pattern": pattern,
        "description": about,
    })
}

/// One word of a closed list.
pub(super) fn word(words: &[&str], about: &str) -> Value {
    json!({ "type": "string", "enum": words, "description": about })
}

/// A member that is as if it were not there.
fn absent() -> Value {
    json!({
        "description": "`null` or a blank text: as if the member were not there.",
        "anyOf": [{ "type": "null" }, { "type": "string", "pattern": r"^\s*$" }],
    })
}

fn present() -> Value {
    json!({
        "description": "Anything but `null` and blank texts.",
        "anyOf": [
            { "type": ["boolean", "number", "object", "array"] },
            { "type": "string", "pattern": r"\S" },
        ],
    })
}
