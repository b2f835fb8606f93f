//! From a row and its fields to a call: each field where its place is, the body in the row's order.
//!
//! It adds no credential; an adapter does that, and what its vendor wants otherwise.
//!
//! Invariant: the call is the row's own. A value that would make another row's path of it is refused
//! (contract trap 74).

use std::borrow::Cow;

use http::Method;
use omnihub_contract::{Failure, Fault, Operation, Place};
use serde::ser::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::address::fill;
use crate::bodies::json;
use crate::call::Call;
use crate::client::Client;
use crate::routes;

/// The call of a row, with these fields. `rows` are all that the upstream has.
pub fn call(
    client: &Client,
    rows: &[Operation],
    row: &Operation,
    payload: &Map<String, Value>,
) -> Result<Call, Failure> {
    let at = |place| row.fields.iter().filter(move |field| field.place == place);
    let values =
        at(Place::Path).filter_map(|field| Some((field.name, plain(payload, field.name)?)));
    let values: Vec<(&str, Cow<'_, str>)> = values.collect();
    let value = |name: &str| Some(&*values.iter().find(|(known, _)| *known == name)?.1);
    let path = fill(row.path, value)?;
    if routes::is_another(rows, row, value) {
        return Err(refused("the values in the path would make it the path of another operation"));
    }
    let mut to = client.address(&path).map_err(|_| refused("the fields make no path"))?;
    for field in at(Place::Query) {
        if let Some(text) = plain(payload, field.name) {
            to = to.with_query(field.name, &text);
        }
    }
    let method = row.method.parse().map_err(|_| refused("the row names no HTTP method"))?;
    let has_body = method != Method::GET && at(Place::Body).next().is_some();
    let call = Call::new(method, &to);
    Ok(if has_body { call.json(json(&Body { row, payload })?) } else { call })
}

/// The members of a payload that stand in the body: in the row's order, then the others.
pub struct Body<'a> {
    /// The row.
    pub row: &'a Operation,
    /// All of its fields.
    pub payload: &'a Map<String, Value>,
}

impl<'a> Body<'a> {
    /// Each member, in order.
    pub fn members(&self) -> impl Iterator<Item = (&'a str, Member<'a>)> {
        let row = self.row;
        let in_body = move |(name, _): &(&str, Member<'_>)| row.is_in_body(name);
        ordered(row, "", self.payload).into_iter().filter(in_body)
    }
}

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.members())
    }
}

/// A member of a body, written in the row's order where the row names what is in it.
pub struct Member<'a> {
    row: &'a Operation,
    /// Its dotted name with a dot behind it, where the row names what is in it.
    prefix: Option<&'static str>,
    /// As it was mapped.
    pub value: &'a Value,
}

impl Serialize for Member<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.prefix, self.value) {
            (Some(prefix), Value::Object(members)) => {
                serializer.collect_map(ordered(self.row, prefix, members))
            }
            (_, value) => value.serialize(serializer),
        }
    }
}

/// The members of an object below this prefix: those that the row names first, as the document has them.
fn ordered<'a>(
    row: &'a Operation,
    prefix: &str,
    members: &'a Map<String, Value>,
) -> Vec<(&'a str, Member<'a>)> {
    let mut found: Vec<(&str, Member<'_>)> = Vec::with_capacity(members.len());
    for field in row.named_fields() {
        let Some(rest) = field.name.strip_prefix(prefix) else { continue };
        let (name, is_deeper) = match rest.split_once('.') {
            Some((name, _)) => (name, true),
            None => (rest, false),
        };
        if found.iter().any(|(known, _)| *known == name) {
            continue;
        }
        if let Some(value) = members.get(name) {
            let inside = field.name.get(..=prefix.len() + name.len());
            let prefix = inside.filter(|_| is_deeper);
            found.push((name, Member { row, prefix, value }));
        }
    }
    for (name, value) in members {
        if !found.iter().any(|(known, _)| known == name) {
            found.push((name, Member { row, prefix: None, value }));
        }
    }
    found
}

/// A text, number or flag as it stands in an address.
fn plain<'p>(payload: &'p Map<String, Value>, name: &str) -> Option<Cow<'p, str>> {
    match payload.get(name)? {
        Value::String(text) => Some(Cow::Borrowed(text)),
        value @ (Value::Number(_) | Value::Bool(_)) => Some(Cow::Owned(value.to_string())),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn refused(words: &str) -> Failure {
    Failure::new(Fault::Refused, words)
}
