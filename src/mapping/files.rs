//! Files as mappings pass them on: what [`Facts::attachments`](super::Facts::attachments) holds.

use omnihub_contract::Attachment;
use serde_json::{Value, json};

/// One file with its content, which is base64 wherever it is to be sent.
pub fn file(attachment: &Attachment, content: &str) -> Value {
    json!({
        "filename": attachment.filename,
        "mime_type": attachment.mime_type,
        "size": attachment.bytes,
        "content": content,
        "description": attachment.description,
    })
}
