//! The compiled lines of a rule: where values come from, and what stands by if there is none.
//!
//! Everything is decided before: paths are functions, settings are literals, tables are here. How
//! lines run is in `run`, and who may look on while they do is in `watch`.

use std::sync::Arc;

use omnihub_contract::{Event, FieldKind, ReceiptName, Status, Ticket};
use serde_json::{Map, Value};

use super::Facts;
use super::condition::Condition;
use super::transform::Transform;
use super::val::Val;

mod files;
mod run;
pub(super) mod watch;

pub(super) use run::fill;

/// Why a line has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lack {
    /// There is none.
    Absent,
    /// There is one, and it cannot be converted.
    Unfit,
}

/// What lines and conditions look at.
#[derive(Clone, Copy)]
pub(super) enum Scene<'a> {
    /// A rule is chosen: nothing is known yet but what happened.
    Choosing(&'a Ticket, &'a Event),
    /// A rule's fields are filled.
    Filling(&'a Facts<'a>),
    /// What a system said is read, and perhaps one member of a list in it.
    Reading(&'a Value, Option<&'a Value>),
}

/// Where a value comes from.
#[derive(Clone)]
pub(super) enum Source {
    Literal(Value),
    Ticket(fn(&Ticket) -> Option<Val<'_>>),
    Status(fn(&Status) -> Option<Val<'_>>),
    Event(fn(&Event) -> Option<Val<'_>>),
    Kind,
    Metadata(Names),
    /// The files with their contents; the function says whether there are any.
    Files(fn(&Ticket, &Event) -> bool),
    Receipt(ReceiptName),
    /// A member of what a system said, as a value of that kind.
    Said(Names, FieldKind),
    /// The same of one member of a list in it.
    Item(Names, FieldKind),
}

/// The parts of a path into JSON.
pub(super) type Names = Arc<[Box<str>]>;

/// A source and what is done to its value.
#[derive(Clone)]
pub(super) struct Operand {
    /// As the file writes it.
    pub(super) path: Box<str>,
    /// Whether what is read may be personal data.
    pub(super) is_personal: bool,
    pub(super) source: Source,
    pub(super) steps: Vec<Step>,
}

/// A transform, and how the file writes it.
#[derive(Clone)]
pub(super) struct Step {
    pub(super) written: Box<str>,
    pub(super) transform: Transform,
}

/// One way to a value, open where its conditions hold and `unless` has nothing.
pub(super) struct Term {
    pub(super) when: Vec<Condition>,
    pub(super) unless: Option<Operand>,
    pub(super) make: Make,
}

/// How a way makes its value.
pub(super) enum Make {
    Read(Operand),
    /// A composed text.
    Text(Vec<Part>),
    /// A list of lines; what gives nothing is left out.
    List(Vec<Plan>),
    /// An object of lines.
    Object(Vec<Member>),
}

/// A part of a composed text.
pub(super) enum Part {
    Letters(Box<str>),
    Hole(Operand),
}

/// What happens when no term gives a value.
pub(super) enum Otherwise {
    /// It was proved that one does.
    Proved,
    Omit,
    Null,
    Refuse,
    Use(Term),
}

/// One line: the first term that has a value gives it.
pub(super) struct Plan {
    /// Dotted name of what it fills, for messages.
    pub(super) name: Box<str>,
    /// Where it stands in its file, counted from 1.
    pub(super) line: usize,
    pub(super) terms: Vec<Term>,
    pub(super) otherwise: Otherwise,
}

/// A member of the payload, given whole, in parts, or both; parts win.
pub(super) struct Member {
    pub(super) key: Box<str>,
    pub(super) whole: Option<Plan>,
    pub(super) parts: Vec<Member>,
}

/// A line that refused: the field, and why.
#[derive(Debug)]
pub(super) struct Refusal<'m> {
    pub(super) field: &'m str,
    pub(super) lack: Lack,
    /// Whether the line says `refuse`, or was proved to have a value.
    pub(super) is_declared: bool,
}

impl Source {
    /// The value, if it is there.
    pub(super) fn read<'a>(&'a self, scene: Scene<'a>) -> Option<Val<'a>> {
        match (self, scene) {
            (Self::Literal(value), _) => Val::literal(value),
            (Self::Ticket(read), Scene::Choosing(ticket, _)) => read(ticket),
            (Self::Ticket(read), Scene::Filling(facts)) => read(facts.ticket),
            (Self::Event(read), Scene::Choosing(_, event)) => read(event),
            (Self::Event(read), Scene::Filling(facts)) => read(facts.event),
            (Self::Metadata(names), Scene::Choosing(ticket, _)) => {
                member(&ticket.metadata, names).map(Val::Any)
            }
            (Self::Metadata(names), Scene::Filling(facts)) => {
                member(&facts.ticket.metadata, names).map(Val::Any)
            }
            (Self::Status(read), Scene::Filling(facts)) => read(facts.status),
            (Self::Kind, Scene::Filling(facts)) => Some(Val::text(facts.event.kind.as_str())),
            (Self::Files(are_there), Scene::Choosing(ticket, event)) => {
                are_there(ticket, event).then_some(Val::Group)
            }
            (Self::Files(_), Scene::Filling(facts)) => {
                (!facts.attachments.is_empty()).then_some(Val::List(facts.attachments))
            }
            (Self::Receipt(name), Scene::Filling(facts)) => {
                facts.receipts.find(name.adapter.as_str(), &name.name).map(Val::text)
            }
            (Self::Said(names, kind), Scene::Reading(said, _)) => said_as(said, names, *kind),
            (Self::Item(names, kind), Scene::Reading(_, item)) => said_as(item?, names, *kind),
            _ => None,
        }
    }
}

/// A member of an object; `null` and a text without a letter are none.
fn member<'m>(object: &'m Map<String, Value>, names: &[Box<str>]) -> Option<&'m Value> {
    let (first, rest) = names.split_first()?;
    rest.iter()
        .try_fold(object.get(&**first)?, |value, name| value.get(&**name))
        .filter(|value| !value.is_null() && !Val::Any(value).is_blank())
}

/// A member of what a system said. A number passes for a text and the other way round: systems are
/// not of one mind about their own numbers (contract traps 36 and 50).
fn said_as<'v>(said: &'v Value, names: &[Box<str>], kind: FieldKind) -> Option<Val<'v>> {
    let found = match names {
        [] => said,
        names => member(said.as_object()?, names)?,
    };
    match (kind, found) {
        (FieldKind::Text, Value::String(_) | Value::Number(_) | Value::Bool(_)) => {
            Val::Any(found).into_text().map(Val::Text)
        }
        (FieldKind::Number, _) => super::convert::number(Val::Any(found)),
        (FieldKind::Flag, Value::Bool(_))
        | (FieldKind::Object, Value::Object(_))
        | (FieldKind::List, Value::Array(_)) => Val::literal(found),
        _ => None,
    }
}
