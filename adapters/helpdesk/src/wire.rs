//! The body: the mapped fields as they are, but for one member name, and without copying attachments.

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::{Map, Value};

const ATTACHMENTS: &str = "attachments";

/// A payload as the helpdesk reads it.
pub(crate) struct Body<'a>(pub(crate) &'a Map<String, Value>);

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut body = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in self.0 {
            match value {
                Value::Array(files) if name == ATTACHMENTS => {
                    body.serialize_entry(name, &Files(files))?;
                }
                _ => body.serialize_entry(name, value)?,
            }
        }
        body.end()
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
