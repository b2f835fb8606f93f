//! The body: the mapped fields as they are, but for one member name, and without copying attachments.
//! An update's says its action too, and not the number that stands in the path.

use omnihub_contract::{Delivery, Operation};
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
        for (name, value) in &self.0.payload {
            match value {
                _ if !self.0.operation.is_in_body(name) => {}
                Value::Array(files) if name == ATTACHMENTS => {
                    body.serialize_entry(name, &Files(files))?;
                }
                _ => body.serialize_entry(name, value)?,
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

struct File<'a>(&'a Map<String, Value>);

impl Serialize for File<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (wire_name(name), value)))
    }
}

/// The canonical attachment says `mime_type`; every other member is spelled as the helpdesk does.
fn wire_name(name: &str) -> &str {
    if name == "mime_type" { "mimeType" } else { name }
}
