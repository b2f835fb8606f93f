//! A case as its file has it.

use std::collections::BTreeMap;
use std::fmt;

use omnihub_contract::{AdapterName, ReceiptName};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::given::Given;

/// A file with a case.
#[derive(Clone, Debug)]
pub struct CaseFile {
    /// The adapter whose mappings it is about: its folder is `<adapter>.cases`.
    pub adapter: AdapterName,
    /// The file as findings show it.
    pub path: String,
    /// What it says.
    pub text: String,
}

/// What goes in and what comes out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What it shows, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// What goes in.
    pub given: Given,
    /// The rule that is meant; absent: any of the adapter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The operation that is meant; absent: any of the adapter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// The `[[inbound]]` section that reads what is `said`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inbound: Option<String>,
    /// What is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<Map<String, Value>>,
    /// What happens where nothing is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead: Option<Instead>,
    /// What is read of what was said: `status`, `comments` and codes of `findings`, as far as there
    /// are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reads: Option<Value>,
}

/// What happens where nothing is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Instead {
    /// No rule makes a delivery.
    NoDelivery,
    /// The delivery waits for this receipt.
    WaitsFor(ReceiptName),
    /// The delivery is dead, because this field has no value that can be sent.
    Refuses(String),
}

impl fmt::Display for Instead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDelivery => f.write_str(NO_DELIVERY),
            Self::WaitsFor(receipt) => write!(f, "{WAITS_FOR}{receipt}"),
            Self::Refuses(field) => write!(f, "{REFUSES}{field}"),
        }
    }
}

const NO_DELIVERY: &str = "no delivery";
const WAITS_FOR: &str = "waits for ";
const REFUSES: &str = "refuses ";

impl Serialize for Instead {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instead {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text == NO_DELIVERY {
            return Ok(Self::NoDelivery);
        }
        if let Some(receipt) = text.strip_prefix(WAITS_FOR) {
            return receipt.parse().map(Self::WaitsFor).map_err(serde::de::Error::custom);
        }
        match text.strip_prefix(REFUSES) {
            Some(field) => Ok(Self::Refuses(field.to_owned())),
            None => Err(serde::de::Error::custom(
                "`instead` is \"no delivery\", \"waits for <receipt>\" or \"refuses <field>\"",
            )),
        }
    }
}

impl CaseFile {
    /// The file with another payload, and everything else as it is written; none where it has none.
    pub fn with_payload(&self, payload: &Map<String, Value>) -> Option<String> {
        let members: BTreeMap<String, &RawValue> = serde_json::from_str(&self.text).ok()?;
        let old = members.get("payload")?.get();
        let new = serde_json::to_string_pretty(payload).ok()?.replace('\n', "\n  ");
        // What goes in may have the same words; what comes out stands behind it.
        let (before, after) = self.text.rsplit_once(old)?;
        Some(format!("{before}{new}{after}"))
    }
}

/// What a case says of what comes out.
pub(super) enum Wanted<'c> {
    Payload(&'c Map<String, Value>),
    Instead(&'c Instead),
    Reads { what: &'c str, said: &'c Value, reads: &'c Value },
}

impl Case {
    /// What it says of what comes out, where it says one thing.
    pub(super) fn wanted(&self) -> Result<Wanted<'_>, &'static str> {
        if let Some(what) = &self.inbound {
            return match (&self.given.said, &self.reads, &self.payload, &self.instead) {
                (Some(said), Some(reads), None, None) => Ok(Wanted::Reads { what, said, reads }),
                _ => Err("a case with `inbound` has `given.said` and `reads`, and nothing else"),
            };
        }
        match (&self.payload, &self.instead, &self.reads) {
            (Some(payload), None, None) => Ok(Wanted::Payload(payload)),
            (None, Some(instead), None) => Ok(Wanted::Instead(instead)),
            (None, None, Some(_)) => Err("a case with `reads` names its section in `inbound`"),
            _ => Err("a case says one of `payload` and `instead`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_corrected_file_differs_in_its_payload_only() {
        let text = "{\n  \"given\": {\"b\": 1, \"a\": 2},\n  \"payload\": {\"a\": 2},\n  \"rule\": \"r\"\n}\n";
        let file = CaseFile { adapter: "x".into(), path: String::new(), text: text.to_owned() };
        let payload = json!({ "a": 3 });
        let corrected = file.with_payload(payload.as_object().unwrap()).unwrap();
        assert_eq!(corrected, text.replace("{\"a\": 2}", "{\n    \"a\": 3\n  }"));
    }
}
