//! Receipts by name: what upstreams gave a ticket, and what a mapping may wait for.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ids::AdapterName;

/// The name of one receipt, as `helpdesk.ticketNumber`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReceiptName {
    /// Who gives it.
    pub adapter: AdapterName,
    /// What the operation's row calls it.
    pub name: Box<str>,
}

impl fmt::Display for ReceiptName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.adapter, self.name)
    }
}

impl FromStr for ReceiptName {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (adapter, name) =
            text.split_once('.').ok_or("a receipt is named as helpdesk.ticketNumber")?;
        Ok(Self { adapter: adapter.into(), name: name.into() })
    }
}

impl Serialize for ReceiptName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ReceiptName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Who gives the receipts that are the hub's own.
pub const HUB: &str = "hub";

/// `receipts.hub.number`: the number that the ticket's client knows it by, once that is fixed. Every
/// ticket is given it.
pub const PUBLIC_NUMBER: &str = "number";

/// Everything that upstreams gave one ticket, by adapter and name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Receipts(BTreeMap<AdapterName, BTreeMap<String, String>>);

impl Receipts {
    /// One receipt's value.
    pub fn find(&self, adapter: &str, name: &str) -> Option<&str> {
        self.0.get(adapter)?.get(name).map(String::as_str)
    }

    /// All of them, by name.
    pub fn all(&self) -> impl Iterator<Item = (ReceiptName, &str)> {
        self.0.iter().flat_map(|(adapter, values)| {
            values.iter().map(move |(name, value)| {
                let name = ReceiptName { adapter: adapter.clone(), name: name.as_str().into() };
                (name, value.as_str())
            })
        })
    }

    /// Whether a named receipt is there.
    pub fn has(&self, name: &ReceiptName) -> bool {
        self.find(name.adapter.as_str(), &name.name).is_some()
    }

    /// Adds what an operation gave; a newer value replaces an older one.
    pub fn add(&mut self, adapter: &AdapterName, values: BTreeMap<String, String>) {
        if !values.is_empty() {
            self.0.entry(adapter.clone()).or_default().extend(values);
        }
    }

    /// The number that the ticket's client knows it by, once that is fixed.
    pub fn public_number(&self) -> Option<&str> {
        self.find(HUB, PUBLIC_NUMBER)
    }

    /// Fixes that number, unless it is fixed: the first wins. True when it was not.
    pub fn fix_public_number(&mut self, number: &str) -> bool {
        let is_new = self.public_number().is_none();
        if is_new {
            let values = BTreeMap::from([(PUBLIC_NUMBER.to_owned(), number.to_owned())]);
            self.add(&AdapterName::from(HUB), values);
        }
        is_new
    }

    /// Whether nothing was given yet.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
