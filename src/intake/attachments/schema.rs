//! What is said of attachments.

use serde_json::{Value, json};

use super::{CONTENT, DESCRIPTION, FILENAME, MIME_TYPE, SIZE, mb};
use crate::intake::policy::AttachmentLimits;
use crate::intake::schema::{Object, named};

/// One file.
pub(in crate::intake) fn schema(limits: &AttachmentLimits) -> Value {
    let content = format!(
        "The file as base64 of either alphabet, padded or not; white space is ignored. At most {} \
         decoded.",
        mb(limits.bytes_max)
    );
    Object::of("A file.")
        .needs_text(&FILENAME, "Its name.")
        .needs_text(&MIME_TYPE, "Its media type.")
        .may(&SIZE, json!({ "type": "integer", "minimum": 0, "description": "Its size in bytes." }))
        .needs(
            &CONTENT,
            json!({
                "type": "string",
                "contentEncoding": "base64",
                "pattern": r"^\s*[A-Za-z0-9+/_-][A-Za-z0-9+/_\s-]*[=\s]*$",
                "description": content,
            }),
        )
        .text(&DESCRIPTION, "What it shows.")
        .schema()
}

/// A list of files.
pub(in crate::intake) fn list_schema(limits: &AttachmentLimits) -> Value {
    let about = format!(
        "Files: at most {} a ticket, and {} together, those that it has already included.",
        limits.count_max,
        mb(limits.ticket_bytes_max)
    );
    json!({
        "type": "array",
        "items": named("Attachment"),
        "maxItems": limits.count_max,
        "description": about,
    })
}

/// The same, with at least one.
pub(in crate::intake) fn some_schema(limits: &AttachmentLimits) -> Value {
    let mut list = list_schema(limits);
    if let Value::Object(list) = &mut list {
        list.insert("minItems".to_owned(), json!(1));
    }
    list
}
