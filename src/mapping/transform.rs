//! Transforms: the fixed list of what can be done to a value on its way into a field.
//!
//! Each is a row of [`SPECS`] with its types, and one line of [`Transform::run`]. None can loop,
//! none can fail but by giving nothing, and which inputs can make it do so stands in its row.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::convert;
use super::parse::Argument;
use super::val::{Ty, Val};

/// One transform, ready to run.
#[derive(Clone)]
pub(super) enum Transform {
    Upper,
    Lower,
    Trim,
    Truncate(usize),
    Last(usize),
    Extend(usize, Box<str>),
    Digits,
    E164,
    LocalPhone,
    MaskCard,
    Iso,
    Text,
    Number,
    Whole,
    Flag,
    Object,
    List,
    Time(TimeZone),
    Format(Box<str>, TimeZone),
    Table(Arc<Table>),
    /// A table read from right to left.
    Back(Arc<Table>),
}

/// Words and what they become, and the way back.
pub(super) struct Table {
    /// What each word becomes.
    pub(super) rows: BTreeMap<Box<str>, Value>,
    /// The type that all of them become.
    pub(super) ty: Ty,
    /// What stands on the right, in small letters, and the word that it comes from.
    pub(super) back: BTreeMap<String, Box<str>>,
}

/// How the right side of a table is compared: systems are not of one mind about capitals (contract 3).
pub(super) fn folded(word: &str) -> String {
    word.trim().to_lowercase()
}

/// What mapping files must know of a transform.
pub(super) struct Spec {
    /// As mapping files write it.
    pub(super) name: &'static str,
    /// How it is written, for messages.
    pub(super) usage: &'static str,
    /// Types it takes.
    pub(super) takes: &'static [Ty],
    /// Type it gives.
    pub(super) gives: Ty,
    /// Types of which some value makes it give nothing.
    pub(super) may_fail_on: &'static [Ty],
    /// Makes it from its arguments; nothing where they are not what `usage` says.
    pub(super) build: fn(&[Argument<'_>]) -> Option<Transform>,
}

const TEXT: &[Ty] = &[Ty::Text];
const SCALARS: &[Ty] = &[Ty::Text, Ty::Whole, Ty::Number, Ty::Flag, Ty::Any];
const NUMERIC: &[Ty] = &[Ty::Text, Ty::Whole, Ty::Number, Ty::Any];

const fn on_text(name: &'static str, build: fn(&[Argument<'_>]) -> Option<Transform>) -> Spec {
    Spec { name, usage: name, takes: TEXT, gives: Ty::Text, may_fail_on: &[], build }
}

impl Spec {
    const fn written(self, usage: &'static str) -> Self {
        Self { usage, ..self }
    }

    const fn may_fail(self) -> Self {
        Self { may_fail_on: TEXT, ..self }
    }
}

const fn of_metadata(
    name: &'static str,
    gives: Ty,
    build: fn(&[Argument<'_>]) -> Option<Transform>,
) -> Spec {
    Spec { takes: &[Ty::Any], gives, may_fail_on: &[Ty::Any], ..on_text(name, build) }
}

/// Every transform but `table(name)`, `format('…')` and `time`, which need the file around them.
pub(super) static SPECS: &[Spec] = &[
    on_text("upper", |a| bare(a, Transform::Upper)),
    on_text("lower", |a| bare(a, Transform::Lower)),
    on_text("trim", |a| bare(a, Transform::Trim)).may_fail(),
    on_text("truncate", |a| Some(Transform::Truncate(count(a)?))).written("truncate(100)"),
    on_text("last", |a| Some(Transform::Last(count(a)?))).written("last(4)"),
    on_text("extend", extend).written("extend(10, ' (text to add)')"),
    on_text("digits", |a| bare(a, Transform::Digits)).may_fail(),
    on_text("e164", |a| bare(a, Transform::E164)).may_fail(),
    on_text("local_phone", |a| bare(a, Transform::LocalPhone)).may_fail(),
    on_text("mask_card", |a| bare(a, Transform::MaskCard)).may_fail(),
    Spec { takes: &[Ty::Time], ..on_text("iso", |a| bare(a, Transform::Iso)) },
    Spec {
        takes: SCALARS,
        may_fail_on: &[Ty::Any],
        ..on_text("text", |a| bare(a, Transform::Text))
    },
    Spec {
        takes: NUMERIC,
        gives: Ty::Number,
        may_fail_on: &[Ty::Text, Ty::Any],
        ..on_text("number", |a| bare(a, Transform::Number))
    },
    Spec {
        takes: NUMERIC,
        gives: Ty::Whole,
        may_fail_on: &[Ty::Text, Ty::Number, Ty::Any],
        ..on_text("whole", |a| bare(a, Transform::Whole))
    },
    Spec {
        takes: &[Ty::Text, Ty::Flag, Ty::Any],
        gives: Ty::Flag,
        may_fail_on: &[Ty::Text, Ty::Any],
        ..on_text("flag", |a| bare(a, Transform::Flag))
    },
    of_metadata("object", Ty::Object, |a| bare(a, Transform::Object)),
    of_metadata("list", Ty::List, |a| bare(a, Transform::List)),
];

/// Names of the transforms that need the file around them.
pub(super) const OF_THE_FILE: &[&str] = &["time", "format", "table"];

/// Names of all transforms.
pub(super) fn names() -> impl Iterator<Item = &'static str> + Clone {
    SPECS.iter().map(|spec| spec.name).chain(OF_THE_FILE.iter().copied())
}

fn bare(arguments: &[Argument<'_>], transform: Transform) -> Option<Transform> {
    arguments.is_empty().then_some(transform)
}

/// A single count, which must leave something.
fn count(arguments: &[Argument<'_>]) -> Option<usize> {
    match arguments {
        [Argument::Count(count)] if *count > 0 => Some(*count),
        _ => None,
    }
}

fn extend(arguments: &[Argument<'_>]) -> Option<Transform> {
    match arguments {
        [Argument::Count(least), Argument::Word(filler)] if !filler.is_empty() => {
            Some(Transform::Extend(*least, (*filler).into()))
        }
        _ => None,
    }
}

impl Transform {
    /// The value after it, or nothing where there is none.
    pub(super) fn run<'a>(&'a self, value: Val<'a>) -> Option<Val<'a>> {
        match (self, value) {
            (Self::Text, value) => value.into_text().map(Val::Text),
            (Self::Number, value) => convert::number(value),
            (Self::Whole, value) => convert::whole(value),
            (Self::Iso, Val::Time(time)) => Some(Val::Text(time.to_string().into())),
            (Self::Format(format, zone), Val::Time(time)) => {
                let text =
                    strtime::format(&**format, &time.to_zoned_datetime(zone.clone())).ok()?;
                Some(Val::Text(text.into()))
            }
            (Self::Flag, value) => convert::flag(value),
            (Self::Object, value) => convert::nested(&value, Value::is_object),
            (Self::List, value) => convert::nested(&value, Value::is_array),
            (Self::Time(zone), value) => convert::time(value, zone),
            (Self::Table(table), Val::Text(word)) => table.rows.get(&*word).and_then(Val::literal),
            (Self::Back(table), Val::Text(word)) => {
                table.back.get(&folded(&word)).map(|word| Val::text(word))
            }
            (_, Val::Text(text)) => self.run_on_text(text).map(Val::Text),
            _ => None,
        }
    }

    fn run_on_text<'a>(&self, text: Cow<'a, str>) -> Option<Cow<'a, str>> {
        match self {
            Self::Upper => Some(text.to_uppercase().into()),
            Self::Lower => Some(text.to_lowercase().into()),
            Self::Trim => {
                Some(text.trim().to_owned().into()).filter(|text: &Cow<'_, str>| !text.is_empty())
            }
            Self::Truncate(most) => Some(convert::first(text, *most)),
            Self::Last(most) => Some(convert::last(text, *most)),
            Self::Extend(least, filler) => Some(convert::extended(text, *least, filler)),
            Self::Digits => convert::digits(&text).map(Cow::Owned),
            Self::E164 => convert::e164(&text).map(Cow::Owned),
            Self::LocalPhone => convert::local_phone(&text).map(Cow::Owned),
            Self::MaskCard => convert::masked_card(&text).map(Cow::Owned),
            _ => None,
        }
    }
}
