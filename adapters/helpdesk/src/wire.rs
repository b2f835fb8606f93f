//! The body: the mapped fields as they are, in the documents' order, but for one member name, and without
//! copying attachments. An update's says its action too, and not the number that stands in the path.

use omnihub_contract::{Delivery, Operation};
use omnihub_upstream::rows;
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::{Map, Value};

use crate::operations::{ADD_ATTACHMENT, ADD_COMMENT, UPDATE_STATUS, UPDATE_TWIN};

const ATTACHMENTS: &str = "attachments";

/// A delivery as the helpdesk reads it.
pub(crate) struct Body<'a>(pub(crate) &'a Delivery);

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut body = serializer.serialize_map(None)?;
        if let Some(action) = action(self.0.operation) {
            body.serialize_entry("action", action)?;
        }
        let mapped = rows::Body { row: self.0.operation, payload: &self.0.payload };
        for (name, member) in mapped.members() {
            match member.value {
                Value::Array(files) if name == ATTACHMENTS => {
                    body.serialize_entry(name, &Files(files))?;
                }
                _ => body.serialize_entry(name, &member)?,
            }
        }
        body.end()
    }
}

/// What discriminates the bodies of an update (contract 1.6).
fn action(operation: &Operation) -> Option<&'static str> {
    match operation.name {
        ADD_COMMENT => Some("ADD_COMMENT"),
        UPDATE_STATUS | UPDATE_TWIN => Some("UPDATE_STATUS"),
        ADD_ATTACHMENT => Some("ADD_ATTACHMENT"),
        _ => None,
    }
}

struct Files<'a>(&'a [Value]);

impl Serialize for Files<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut files = serializer.serialize_seq(Some(self.0.len()))?;
        for file in self.0 {
            match file {
                Value::Object(members) => files.serialize_element(&File(members))?,
                other => files.serialize_element(other)?,
            }
        }
        files.end()
    }
}

/// The members of a file, as the documents have them.
const FILE: [&str; 5] = ["filename", "mime_type", "size", "content", "description"];

struct File<'a>(&'a Map<String, Value>);

impl Serialize for File<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let place = |name: &str| FILE.iter().position(|known| *known == name);
        let mut members: Vec<_> = self.0.iter().collect();
        members.sort_by_key(|(name, _)| place(name).unwrap_or(FILE.len()));
        serializer.collect_map(members.into_iter().map(|(name, value)| (wire_name(name), value)))
    }
}

/// The canonical attachment says `mime_type`; every other member is spelled as the helpdesk does.
fn wire_name(name: &str) -> &str {
    if name == "mime_type" { "mimeType" } else { name }
}
