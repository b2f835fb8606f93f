//! What may be kept and shown of payloads: personal values in their shape, addresses without secrets.
//!
//! Whether a field may be personal is known before anything runs: one of the paths that its line
//! reads is. What no line gives is taken for personal.

use omnihub_contract::mask;
use omnihub_contract::outline::Shape;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

use super::step::{Make, Member, Operand, Otherwise, Part, Plan, Term};

/// A value of which it is known whether it may be personal; serialises as what may be shown of it.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    /// The value.
    pub value: &'a Value,
    /// Whether it may be personal.
    pub is_personal: bool,
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let within = |value| Shown { value, ..*self };
        match self.value {
            Value::Null | Value::Bool(_) => self.value.serialize(serializer),
            Value::Array(items) => serializer.collect_seq(items.iter().map(within)),
            Value::Object(members) => {
                serializer.collect_map(members.iter().map(|(key, value)| (key, within(value))))
            }
            Value::String(text) if self.is_personal => serializer.collect_str(&Shape(text)),
            Value::Number(number) if self.is_personal => {
                serializer.collect_str(&Shape(&number.to_string()))
            }
            Value::Number(number) => number.serialize(serializer),
            Value::String(text) => serializer.serialize_str(&mask::cards(&without_secrets(text))),
        }
    }
}

/// An address without what stands before `@` or behind `?`, where keys stand; other texts as they are.
fn without_secrets(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://").filter(|(s, _)| s.starts_with("http")) else {
        return text.to_owned();
    };
    let (address, query) =
        rest.split_once('?').map_or((rest, ""), |(address, _)| (address, "?***"));
    let (host, path) = address.split_once('/').map_or((address, None), |(h, p)| (h, Some(p)));
    let host = host.rsplit_once('@').map_or(host.to_owned(), |(_, host)| format!("***@{host}"));
    let path = path.map(|path| format!("/{path}")).unwrap_or_default();
    format!("{scheme}://{host}{path}{query}")
}

/// A payload as its rule's lines let it be shown.
pub(super) struct ShownPayload<'a> {
    pub(super) members: &'a [Member],
    pub(super) payload: &'a Map<String, Value>,
}

impl Serialize for ShownPayload<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(self.payload.len()))?;
        for (key, value) in self.payload {
            let member = self.members.iter().find(|member| *member.key == **key);
            let whole = member.and_then(|member| member.whole.as_ref());
            match (member, value) {
                (Some(member), Value::Object(payload)) if !member.parts.is_empty() => {
                    let members = &member.parts;
                    object.serialize_entry(key, &ShownPayload { members, payload })?;
                }
                _ => {
                    let is_personal = whole.is_none_or(Plan::is_personal);
                    object.serialize_entry(key, &Shown { value, is_personal })?;
                }
            }
        }
        object.end()
    }
}

impl Plan {
    fn is_personal(&self) -> bool {
        let otherwise = match &self.otherwise {
            Otherwise::Use(term) => Some(term),
            Otherwise::Proved | Otherwise::Omit | Otherwise::Null | Otherwise::Refuse => None,
        };
        self.terms.iter().chain(otherwise).any(Term::is_personal)
    }
}

impl Term {
    fn is_personal(&self) -> bool {
        let is_personal = |operand: &Operand| operand.is_personal;
        match &self.make {
            Make::Read(operand) => is_personal(operand),
            Make::Text(parts) => parts.iter().any(|part| match part {
                Part::Hole(operand) => is_personal(operand),
                Part::Letters(_) => false,
            }),
            Make::List(plans) => plans.iter().any(Plan::is_personal),
            Make::Object(members) => members.iter().any(Member::is_personal),
        }
    }
}

impl Member {
    fn is_personal(&self) -> bool {
        self.whole.as_ref().is_some_and(Plan::is_personal)
            || self.parts.iter().any(Self::is_personal)
    }
}
