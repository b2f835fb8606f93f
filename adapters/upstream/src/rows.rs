//! From a row and its fields to a call: each field where its place is, the body in the row's order.
//!
//! It adds no credential; an adapter does that, and what its vendor wants otherwise.
//!
//! Invariant: the call is the row's own. A value that would make another row's path of it is refused
//! (contract trap 74).

use std::borrow::Cow;

use http::Method;
use omnihub_contract::{Failure, Fault, Operation, Place};
use serde::ser::{Serialize, SerializeMap, Serializer};
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

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut body = serializer.serialize_map(None)?;
        let first = |name: &'static str| name.split('.').next().unwrap_or(name);
        let mut named: Vec<&str> = Vec::with_capacity(self.row.fields.len());
        for field in self.row.named_fields().filter(|field| field.place == Place::Body) {
            let member = first(field.name);
            if named.contains(&member) {
                continue;
            }
            named.push(member);
            if let Some(value) = self.payload.get(member) {
                body.serialize_entry(member, value)?;
            }
        }
        for (member, value) in self.payload {
            if !named.contains(&member.as_str()) && self.row.is_in_body(member) {
                body.serialize_entry(member, value)?;
            }
        }
        body.end()
    }
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
