//! `attachments[]`: what is told of each file, and its content decoded.
//!
//! Base64 of either alphabet, padded or not; white space and stray trailing bits are ignored, since
//! clients break lines and cut padding. The decoded size counts, not the `size` that was sent (contract
//! trap 26), and it is reckoned from the text before anything is decoded.

mod schema;

use base64::Engine;
use base64::alphabet::{Alphabet, STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use omnihub_contract::Attachment;
use serde_json::Value;

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

/// Attachments and their contents, in the same order.
pub(super) type Files = (Vec<Attachment>, Vec<Vec<u8>>);

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
) -> Files {
    let room = limits.count_max.saturating_sub(before.count);
    let values = match body.find(&ATTACHMENTS) {
        None => return Files::default(),
        Some(Value::Array(values)) if values.len() <= room => values,
        Some(Value::Array(_)) => {
            wrong.add(ATTACHMENTS.path, format!("Attachments are more than {}", limits.count_max));
            return Files::default();
        }
        Some(_) => {
            wrong.add(ATTACHMENTS.path, "Attachments must be a list");
            return Files::default();
        }
    };
    if total_bytes(values).saturating_add(before.bytes) > limits.ticket_bytes_max {
        let together =
            format!("Attachments are larger than {} together", mb(limits.ticket_bytes_max));
        wrong.add(ATTACHMENTS.path, together);
        return Files::default();
    }
    values
        .iter()
        .enumerate()
        .filter_map(|(at, value)| {
            let path = format!("attachments[{at}]");
            let Value::Object(members) = value else {
                wrong.add(&path, "Attachment must be an object");
                return None;
            };
            let mut part = Wrong::default();
            let file = file(Members::of(members), limits, &mut part);
            wrong.add_under(&path, part);
            file
        })
        .unzip()
}

fn file(
    of: Members<'_>,
    limits: &AttachmentLimits,
    wrong: &mut Wrong,
) -> Option<(Attachment, Vec<u8>)> {
    let filename = required_text(of, &FILENAME, wrong);
    let mime_type = required_text(of, &MIME_TYPE, wrong);
    let size = size(of, wrong);
    let description = prose(of, &DESCRIPTION, wrong);
    let content = content(of, limits, wrong)?;
    let attachment = Attachment {
        filename: without_cards(filename?),
        mime_type: mime_type?.to_owned(),
        // The documents always print a size; where a client leaves it out the true one serves.
        size: size.or_else(|| u64::try_from(content.len()).ok())?,
        description,
    };
    Some((attachment, content))
}

fn size(of: Members<'_>, wrong: &mut Wrong) -> Option<u64> {
    let size = of.find(&SIZE)?;
    if size.as_u64().is_none() {
        wrong.add(SIZE.path, "Size must be a whole number of bytes");
    }
    size.as_u64()
}

fn content(of: Members<'_>, limits: &AttachmentLimits, wrong: &mut Wrong) -> Option<Vec<u8>> {
    require(of, &CONTENT, wrong);
    let complaint = match of.find(&CONTENT)? {
        Value::String(text) if decoded_bytes(text) > limits.bytes_max => {
            format!("Content is larger than {}", mb(limits.bytes_max))
        }
        Value::String(text) => match decode(text) {
            Some(content) => return Some(content),
            None => "Content must be base64".to_owned(),
        },
        _ => "Content must be text".to_owned(),
    };
    wrong.add(CONTENT.path, complaint);
    None
}

fn total_bytes(attachments: &[Value]) -> usize {
    let text = |value: &'_ Value| value.get("content").and_then(Value::as_str).map(decoded_bytes);
    attachments.iter().filter_map(text).sum()
}

/// The bytes that a base64 text decodes to.
fn decoded_bytes(text: &str) -> usize {
    let is_digit = |byte: &u8| !byte.is_ascii_whitespace() && *byte != b'=';
    text.bytes().filter(is_digit).count() * 3 / 4
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let is_url_safe = text.bytes().any(|byte| matches!(byte, b'-' | b'_'));
    let alphabet = if is_url_safe { &FROM_URL_SAFE } else { &FROM_STANDARD };
    if text.bytes().any(|byte| byte.is_ascii_whitespace()) {
        let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        return alphabet.decode(digits).ok();
    }
    alphabet.decode(text).ok()
}

static FROM_STANDARD: GeneralPurpose = lenient(&STANDARD);
static FROM_URL_SAFE: GeneralPurpose = lenient(&URL_SAFE);

const fn lenient(alphabet: &Alphabet) -> GeneralPurpose {
    let config = GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent);
    GeneralPurpose::new(alphabet, config)
}

fn mb(bytes: usize) -> String {
    const MB: usize = 1024 * 1024;
    if bytes >= MB { format!("{} MB", bytes / MB) } else { format!("{bytes} bytes") }
}
