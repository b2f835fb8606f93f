//! `attachments[]`: what is told of each file, and the size and checksum of its content.
//!
//! The decoded size counts, not the `size` that was sent (contract trap 26), and it is reckoned from
//! the text before anything is decoded.

mod schema;

use omnihub_contract::{Attachment, Checksum};
use serde_json::{Map, Value};

use super::content::{Content, decoded_bytes, measure};
use super::fields::{Field, Members, Wrong, prose, require, required_text, without_cards};
use super::limits::{FILENAME_CHARS_MAX, MIME_TYPE_CHARS_MAX, REASON_CHARS_MAX};
use super::policy::AttachmentLimits;
pub(super) use schema::{list_schema, schema, some_schema};

/// The list itself.
pub(super) const ATTACHMENTS: Field = Field::member("attachments", "Attachments");
// Paths below one attachment.
const FILENAME: Field = Field::line("filename", "Filename", FILENAME_CHARS_MAX);
const MIME_TYPE: Field = Field::line("mimeType", "Mime type", MIME_TYPE_CHARS_MAX);
const SIZE: Field = Field::member("size", "Size");
const CONTENT: Field = Field::member("content", "Content");
const DESCRIPTION: Field = Field::prose("description", "Description", REASON_CHARS_MAX);

/// What a ticket has attached already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attached {
    /// How many files.
    pub count: usize,
    /// Bytes of all of them.
    pub bytes: usize,
}

/// Every attachment of the body; whatever is wrong with one stands at `attachments[i]`.
pub(super) fn attachments(
    body: Members<'_>,
    limits: &AttachmentLimits,
    before: Attached,
    wrong: &mut Wrong,
) -> Vec<Attachment> {
    let room = limits.count_max.saturating_sub(before.count);
    let values = match body.find(&ATTACHMENTS) {
        None => return Vec::new(),
        Some(Value::Array(values)) if values.len() <= room => values,
        Some(Value::Array(_)) => {
            wrong.add(ATTACHMENTS.path, format!("Attachments are more than {}", limits.count_max));
            return Vec::new();
        }
        Some(_) => {
            wrong.add(ATTACHMENTS.path, "Attachments must be a list");
            return Vec::new();
        }
    };
    if let Some(at) = one_too_many(values, before.bytes, limits.ticket_bytes_max) {
        let together =
            format!("Attachments are larger than {} together", mb(limits.ticket_bytes_max));
        wrong.add(&format!("attachments[{at}].{}", CONTENT.path), together);
        return Vec::new();
    }
    let each = values.iter().enumerate().filter_map(|(at, value)| {
        let path = format!("attachments[{at}]");
        let Value::Object(members) = value else {
            wrong.add(&path, "Attachment must be an object");
            return None;
        };
        let mut part = Wrong::default();
        let file = file(Members::of(members), limits, &mut part);
        wrong.add_under(&path, part);
        file
    });
    each.collect()
}

/// The contents of a body's attachments, in their order: after they were found to be good.
pub(super) fn take_contents(body: &mut Map<String, Value>) -> Vec<Content> {
    let files = body.get_mut(ATTACHMENTS.path).and_then(Value::as_array_mut).into_iter().flatten();
    let content = |file: &mut Value| match file.get_mut(CONTENT.path).map(Value::take) {
        Some(Value::String(text)) => Some(Content::of(text)),
        _ => None,
    };
    files.filter_map(content).collect()
}

fn file(of: Members<'_>, limits: &AttachmentLimits, wrong: &mut Wrong) -> Option<Attachment> {
    let filename = required_text(of, &FILENAME, wrong);
    let mime_type = required_text(of, &MIME_TYPE, wrong);
    let size = size(of, wrong);
    let description = prose(of, &DESCRIPTION, wrong);
    let (bytes, sha256) = content(of, limits, wrong)?;
    Some(Attachment {
        filename: without_cards(filename?),
        mime_type: mime_type?.to_owned(),
        // The documents always print a size; where a client leaves it out the true one serves.
        size: size.unwrap_or(bytes),
        description,
        bytes,
        sha256,
    })
}

fn size(of: Members<'_>, wrong: &mut Wrong) -> Option<u64> {
    let size = of.find(&SIZE)?;
    if size.as_u64().is_none() {
        wrong.add(SIZE.path, "Size must be a whole number of bytes");
    }
    size.as_u64()
}

fn content(
    of: Members<'_>,
    limits: &AttachmentLimits,
    wrong: &mut Wrong,
) -> Option<(u64, Checksum)> {
    require(of, &CONTENT, wrong);
    let complaint = match of.find(&CONTENT)? {
        Value::String(text) if decoded_bytes(text) > limits.bytes_max => {
            format!("Content is larger than {}", mb(limits.bytes_max))
        }
        Value::String(text) => match measure(text) {
            Some(measured) => return Some(measured),
            None => "Content must be base64".to_owned(),
        },
        _ => "Content must be text".to_owned(),
    };
    wrong.add(CONTENT.path, complaint);
    None
}

/// The first attachment with which all of the ticket are larger than they may be together.
fn one_too_many(attachments: &[Value], before: usize, bytes_max: usize) -> Option<usize> {
    let text = |value: &'_ Value| value.get("content").and_then(Value::as_str).map(decoded_bytes);
    let mut bytes = before;
    attachments.iter().position(|attachment| {
        bytes = bytes.saturating_add(text(attachment).unwrap_or(0));
        bytes > bytes_max
    })
}

fn mb(bytes: usize) -> String {
    const MB: usize = 1024 * 1024;
    if bytes >= MB { format!("{} MB", bytes / MB) } else { format!("{bytes} bytes") }
}
