//! The compiled lines of a rule, and how they run over a ticket.
//!
//! Everything is decided before: paths are functions, settings are literals, tables are here. What
//! is left to run is straight: read, transform, and if there is nothing, what the line says.

use std::borrow::Cow;
use std::sync::Arc;

use omnihub_contract::{Event, ReceiptName, Status, Ticket};
use serde_json::{Map, Value};

use super::Facts;
use super::transform::Transform;
use super::val::Val;

/// Why a line has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lack {
    /// There is none.
    Absent,
    /// There is one, and it cannot be converted.
    Unfit,
}

/// Where a value comes from.
#[derive(Clone)]
pub(super) enum Source {
    Literal(Value),
    Ticket(fn(&Ticket) -> Option<Val<'_>>),
    Status(fn(&Status) -> Option<Val<'_>>),
    Event(fn(&Event) -> Option<Val<'_>>),
    Kind,
    Metadata(Arc<[Box<str>]>),
    Files,
    Receipt(ReceiptName),
}

/// A source and what is done to its value.
#[derive(Clone)]
pub(super) struct Operand {
    pub(super) source: Source,
    pub(super) transforms: Vec<Transform>,
}

/// A part of a composed text.
#[derive(Clone)]
pub(super) enum Part {
    Letters(Box<str>),
    Hole(Operand),
}

/// One way to a field's value.
#[derive(Clone)]
pub(super) enum Term {
    /// A source; only where the second is absent, if there is a second.
    Read(Operand, Option<Operand>),
    /// A composed text.
    Text(Vec<Part>),
}

/// What happens when no term gives a value.
#[derive(Clone)]
pub(super) enum Otherwise {
    /// It was proved that one does.
    Proved,
    Omit,
    Null,
    Refuse,
    Use(Term),
}

/// One line: the first term that has a value gives it.
#[derive(Clone)]
pub(super) struct Plan {
    pub(super) terms: Vec<Term>,
    pub(super) otherwise: Otherwise,
}

/// A member of the payload, given whole, in parts, or both; parts win.
pub(super) struct Member {
    pub(super) key: Box<str>,
    /// Dotted name, for messages.
    pub(super) name: Box<str>,
    pub(super) whole: Option<Plan>,
    pub(super) parts: Vec<Member>,
}

/// A line that refused: the field, and why.
pub(super) struct Refusal<'m> {
    pub(super) field: &'m str,
    pub(super) lack: Lack,
    /// Whether the line says `refuse`, or was proved to have a value.
    pub(super) is_declared: bool,
}

/// Builds the object that the members describe.
pub(super) fn fill<'m>(
    members: &'m [Member],
    facts: &Facts<'_>,
) -> Result<Map<String, Value>, Refusal<'m>> {
    let mut object = Map::new();
    for member in members {
        if let Some(value) = member.fill(facts)? {
            object.insert(member.key.to_string(), value);
        }
    }
    Ok(object)
}

impl Member {
    fn fill(&self, facts: &Facts<'_>) -> Result<Option<Value>, Refusal<'_>> {
        let whole = match &self.whole {
            None => None,
            Some(plan) => plan.run(facts).map_err(|lack| Refusal {
                field: &self.name,
                lack,
                is_declared: matches!(plan.otherwise, Otherwise::Refuse),
            })?,
        };
        if self.parts.is_empty() {
            return Ok(whole);
        }
        let parts = fill(&self.parts, facts)?;
        Ok(match whole {
            Some(Value::Object(mut object)) => {
                object.extend(parts);
                Some(Value::Object(object))
            }
            whole if parts.is_empty() => whole,
            _ => Some(Value::Object(parts)),
        })
    }
}

impl Member {
    /// Whether a line of it reads the files that came with an event.
    pub(super) fn reads_files(&self) -> bool {
        self.whole.as_ref().is_some_and(Plan::reads_files)
            || self.parts.iter().any(Self::reads_files)
    }
}

impl Plan {
    fn reads_files(&self) -> bool {
        let otherwise = match &self.otherwise {
            Otherwise::Use(term) => Some(term),
            Otherwise::Proved | Otherwise::Omit | Otherwise::Null | Otherwise::Refuse => None,
        };
        self.terms.iter().chain(otherwise).any(Term::reads_files)
    }

    fn run(&self, facts: &Facts<'_>) -> Result<Option<Value>, Lack> {
        let mut lack = Lack::Absent;
        for term in &self.terms {
            match term.run(facts) {
                Ok(value) => return value.into_json().map(Some).ok_or(Lack::Unfit),
                Err(Lack::Unfit) => lack = Lack::Unfit,
                Err(Lack::Absent) => {}
            }
        }
        match &self.otherwise {
            Otherwise::Omit => Ok(None),
            Otherwise::Null => Ok(Some(Value::Null)),
            Otherwise::Use(term) => term.run(facts)?.into_json().map(Some).ok_or(Lack::Unfit),
            Otherwise::Refuse | Otherwise::Proved => Err(lack),
        }
    }
}

impl Term {
    fn reads_files(&self) -> bool {
        match self {
            Self::Read(operand, unless) => {
                [Some(operand), unless.as_ref()].into_iter().flatten().any(Operand::reads_files)
            }
            Self::Text(parts) => parts.iter().any(|part| match part {
                Part::Hole(operand) => operand.reads_files(),
                Part::Letters(_) => false,
            }),
        }
    }

    fn run<'a>(&'a self, facts: &Facts<'a>) -> Result<Val<'a>, Lack> {
        match self {
            Self::Read(_, Some(unless)) if unless.run(facts).is_ok() => Err(Lack::Absent),
            Self::Read(operand, _) => operand.run(facts),
            Self::Text(parts) => {
                let mut text = String::new();
                for part in parts {
                    match part {
                        Part::Letters(letters) => text.push_str(letters),
                        Part::Hole(operand) => {
                            text.push_str(&operand.run(facts)?.into_text().ok_or(Lack::Unfit)?);
                        }
                    }
                }
                Ok(Val::Text(Cow::Owned(text)))
            }
        }
    }
}

impl Operand {
    fn reads_files(&self) -> bool {
        matches!(self.source, Source::Files)
    }

    fn run<'a>(&'a self, facts: &Facts<'a>) -> Result<Val<'a>, Lack> {
        let value = self.source.read(facts).ok_or(Lack::Absent)?;
        self.transforms
            .iter()
            .try_fold(value, |value, transform| transform.run(value))
            .ok_or(Lack::Unfit)
    }
}

impl Source {
    fn read<'a>(&'a self, facts: &Facts<'a>) -> Option<Val<'a>> {
        match self {
            Self::Literal(value) => Val::literal(value),
            Self::Ticket(read) => read(facts.ticket),
            Self::Status(read) => read(facts.status),
            Self::Event(read) => read(facts.event),
            Self::Kind => Some(Val::text(facts.event.kind.as_str())),
            Self::Metadata(names) => member(&facts.ticket.metadata, names).map(Val::Any),
            Self::Files if facts.attachments.is_empty() => None,
            Self::Files => Some(Val::List(facts.attachments)),
            Self::Receipt(name) => {
                facts.receipts.find(name.adapter.as_str(), &name.name).map(Val::text)
            }
        }
    }
}

/// A member of the metadata; `null` and a text without a letter are none.
pub(super) fn member<'m>(
    metadata: &'m Map<String, Value>,
    names: &[Box<str>],
) -> Option<&'m Value> {
    let (first, rest) = names.split_first()?;
    rest.iter().try_fold(metadata.get(&**first)?, |value, name| value.get(&**name)).filter(
        |value| !value.is_null() && value.as_str().is_none_or(|text| !text.trim().is_empty()),
    )
}
