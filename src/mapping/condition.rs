//! Conditions: which tickets a rule or a line is for, and what can be known of them beforehand.
//!
//! A condition asks one path one thing; all conditions of a `when` must hold. They are simple enough
//! that two sets of them can be compared without a ticket.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use super::convert;
use super::path;
use super::step::{Scene, Source};
use super::val::Val;

/// One thing asked of one path.
#[derive(Clone)]
pub(super) struct Condition {
    /// As the file writes it.
    pub(super) path: Box<str>,
    pub(super) source: Source,
    pub(super) test: Test,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Test {
    /// It is one of these words.
    Words(BTreeSet<Box<str>>),
    /// It is there, or it is not.
    Present(bool),
    /// It is a number not below this.
    AtLeast(u64),
    /// It is a number below this.
    Below(u64),
}

impl Condition {
    /// Whether what is looked at is as it asks.
    pub(super) fn holds(&self, scene: Scene<'_>) -> bool {
        let value = self.source.read(scene);
        match (&self.test, value) {
            (Test::Present(wanted), value) => value.is_some() == *wanted,
            (Test::Words(words), Some(value)) => {
                value.into_text().is_some_and(|word| words.contains(&*word))
            }
            (Test::AtLeast(least), value) => whole(value).is_some_and(|number| number >= *least),
            (Test::Below(limit), value) => whole(value).is_some_and(|number| number < *limit),
            (Test::Words(_), None) => false,
        }
    }
}

fn whole(value: Option<Val<'_>>) -> Option<u64> {
    match convert::whole(value?)? {
        Val::Whole(number) => Some(number),
        _ => None,
    }
}

/// In words, as what a path should be.
impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Words(words) if words.is_empty() => f.write_str("a word of an empty list"),
            Self::Words(words) => {
                let few = if words.len() == 1 { "" } else { "one of " };
                let words: Vec<&str> = words.iter().map(|word| &**word).collect();
                write!(f, "{few}{}", words.join(", "))
            }
            Self::Present(true) => f.write_str("there"),
            Self::Present(false) => f.write_str("absent"),
            Self::AtLeast(least) => write!(f, "at least {least}"),
            Self::Below(limit) => write!(f, "below {limit}"),
        }
    }
}

impl Test {
    /// Whether it can only hold where the path is there.
    fn needs_presence(&self) -> bool {
        *self != Self::Present(false)
    }
}

/// Something that is known of every ticket that is as conditions ask.
struct Known<'c> {
    path: &'c str,
    test: Cow<'c, Test>,
    /// The path that was asked.
    asked: &'c str,
}

/// What the conditions say, and what follows from it by the canonical model.
fn known(conditions: &[Condition]) -> Vec<Known<'_>> {
    let mut known: Vec<Known<'_>> = conditions
        .iter()
        .map(|Condition { path, test, .. }| Known { path, test: Cow::Borrowed(test), asked: path })
        .collect();
    let is_kind = |kind: &str| {
        conditions.iter().any(|condition| {
            &*condition.path == KIND
                && matches!(&condition.test, Test::Words(words) if words.len() == 1 && words.contains(kind))
        })
    };
    let of_kind = |path, test| Known { path, test: Cow::Owned(test), asked: KIND };
    if is_kind("claim") {
        let claims = Test::Words(BTreeSet::from(["CLAIM".into()]));
        known.push(of_kind("ticket.service_type", claims));
        known.push(of_kind("ticket.claim.amount", Test::Present(true)));
        known.push(of_kind("ticket.claim.medium", Test::Present(true)));
    }
    if is_kind("ticket") {
        known.push(of_kind("ticket.claim.medium", Test::Present(false)));
    }
    known
}

const KIND: &str = "ticket.kind";

/// Whether `name` is a member of what stands at `path`.
fn is_within(name: &str, path: &str) -> bool {
    name.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'))
}

/// Whether every ticket that is as the conditions ask has the path: because every ticket has it,
/// because they ask for it or for a member of it, or because a claim always has it.
pub(super) fn is_there(conditions: &[Condition], path: &str) -> bool {
    path::find(path).is_some_and(|row| row.always)
        || known(conditions).iter().any(|known| {
            known.test.needs_presence() && (known.path == path || is_within(known.path, path))
        })
}

/// The words that a path can still be, where that is known.
pub(super) fn words_left(conditions: &[Condition], path: &str) -> Option<BTreeSet<Box<str>>> {
    let documented = path::find(path)
        .and_then(|row| row.words)
        .map(|words| words.iter().map(|word| Box::from(*word)).collect::<BTreeSet<_>>());
    known(conditions)
        .into_iter()
        .filter(|known| known.path == path)
        .filter_map(|known| match known.test.into_owned() {
            Test::Words(words) => Some(words),
            _ => None,
        })
        .chain(documented)
        .reduce(|left, right| left.intersection(&right).cloned().collect())
}

/// Whether no ticket can be as both ask. Only what is evident counts.
pub(super) fn are_disjoint(left: &[Condition], right: &[Condition]) -> bool {
    let right = known(right);
    known(left).iter().any(|one| right.iter().any(|other| exclude_each_other(one, other)))
}

/// What two paths are asked that no ticket can be at once, where that is evident; it may be one path.
pub(super) fn impossible(conditions: &[Condition]) -> Option<(&str, &str)> {
    // A setting that lists no words switches a rule off on purpose.
    let is_none =
        |known: &Known<'_>| matches!(&*known.test, Test::Words(words) if words.is_empty());
    let known: Vec<Known<'_>> =
        known(conditions).into_iter().filter(|known| !is_none(known)).collect();
    known.iter().find_map(|one| {
        let other = known.iter().find(|other| exclude_each_other(one, other));
        let is_below_all = matches!(&*one.test, Test::Below(0));
        Some((one.asked, other.map(|other| other.asked).or(is_below_all.then_some(one.asked))?))
    })
}

fn exclude_each_other(one: &Known<'_>, other: &Known<'_>) -> bool {
    let is_absent = |test: &Test| *test == Test::Present(false);
    if is_within(other.path, one.path) {
        return is_absent(&one.test) && other.test.needs_presence();
    }
    if is_within(one.path, other.path) {
        return is_absent(&other.test) && one.test.needs_presence();
    }
    one.path == other.path
        && match (&*one.test, &*other.test) {
            (Test::Words(left), Test::Words(right)) => left.is_disjoint(right),
            (Test::AtLeast(least), Test::Below(limit))
            | (Test::Below(limit), Test::AtLeast(least)) => limit <= least,
            (left, right) => is_absent(left) != is_absent(right),
        }
}

/// Whether every ticket that is as the conditions ask passes the test too.
pub(super) fn imply(conditions: &[Condition], path: &str, test: &Test) -> bool {
    match test {
        Test::Present(true) => is_there(conditions, path),
        Test::Words(words) => {
            words_left(conditions, path).is_some_and(|left| left.is_subset(words))
                && is_there(conditions, path)
        }
        test => known(conditions).iter().any(|known| {
            known.path == path
                && match (&*known.test, test) {
                    (Test::AtLeast(known), Test::AtLeast(least)) => known >= least,
                    (Test::Below(known), Test::Below(limit)) => known <= limit,
                    (known, test) => known == test,
                }
        }),
    }
}
