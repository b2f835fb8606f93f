//! Conditions: which tickets a rule is for, and what can be known of them beforehand.
//!
//! A condition asks one path of the ticket or the event one thing; a rule's conditions must all hold.
//! They are simple enough that two sets of them can be compared without a ticket.

use std::collections::BTreeSet;
use std::sync::Arc;

use omnihub_contract::{Event, Ticket};

use super::path::{self, Read};
use super::step;
use super::val::Val;

/// One thing asked of one path.
#[derive(Clone)]
pub(super) struct Condition {
    /// As the file writes it.
    pub(super) path: Box<str>,
    pub(super) subject: Subject,
    pub(super) test: Test,
}

/// How the path is read.
#[derive(Clone)]
pub(super) enum Subject {
    Ticket(fn(&Ticket) -> Option<Val<'_>>),
    Metadata(Arc<[Box<str>]>),
    Event(fn(&Event) -> Option<Val<'_>>),
    Files(fn(&Ticket, &Event) -> bool),
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
    /// Whether the ticket and the event are as it asks.
    pub(super) fn holds(&self, ticket: &Ticket, event: &Event) -> bool {
        let value = match &self.subject {
            Subject::Ticket(read) => read(ticket),
            Subject::Metadata(names) => step::member(&ticket.metadata, names).map(Val::Any),
            Subject::Event(read) => read(event),
            Subject::Files(are_there) => are_there(ticket, event).then_some(Val::Group),
        };
        match (&self.test, value) {
            (Test::Present(wanted), value) => value.is_some() == *wanted,
            (Test::Words(words), Some(value)) => {
                value.into_text().is_some_and(|word| words.contains(&*word))
            }
            (Test::AtLeast(least), Some(Val::Whole(number))) => number >= *least,
            (Test::Below(limit), Some(Val::Whole(number))) => number < *limit,
            _ => false,
        }
    }

    /// Whether it can only hold where the path is there.
    fn needs_presence(&self) -> bool {
        self.test != Test::Present(false)
    }
}

/// Whether every ticket that is as the conditions ask has the path: because every ticket has it,
/// because they ask for it or for a member of it, or because a claim always has it.
pub(super) fn is_there(conditions: &[Condition], path: &str) -> bool {
    let is_claim = conditions.iter().any(|condition| {
        &*condition.path == "ticket.kind"
            && matches!(&condition.test, Test::Words(words) if words.len() == 1 && words.contains("claim"))
    });
    let of_a_claim = ["ticket.claim", "ticket.claim.amount", "ticket.claim.medium"];
    let is_member = |name: &str| name.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'));
    path::find(path).is_some_and(|row| row.always)
        || (is_claim && of_a_claim.contains(&path))
        || conditions.iter().any(|condition| {
            condition.needs_presence() && (&*condition.path == path || is_member(&condition.path))
        })
}

/// The words that a path can still be, where that is known.
pub(super) fn words_left(conditions: &[Condition], path: &str) -> Option<BTreeSet<Box<str>>> {
    let known = path::find(path)
        .and_then(|row| row.words)
        .map(|words| words.iter().map(|word| Box::from(*word)).collect::<BTreeSet<_>>());
    conditions
        .iter()
        .filter(|condition| &*condition.path == path)
        .filter_map(|condition| match &condition.test {
            Test::Words(words) => Some(words.clone()),
            _ => None,
        })
        .chain(known)
        .reduce(|left, right| left.intersection(&right).cloned().collect())
}

/// Whether no ticket can be as both ask. Only what is evident counts.
pub(super) fn are_disjoint(left: &[Condition], right: &[Condition]) -> bool {
    left.iter().any(|one| {
        right
            .iter()
            .any(|other| one.path == other.path && exclude_each_other(&one.test, &other.test))
    })
}

fn exclude_each_other(left: &Test, right: &Test) -> bool {
    match (left, right) {
        (Test::Words(left), Test::Words(right)) => left.is_disjoint(right),
        (Test::Present(false), other) | (other, Test::Present(false)) => {
            *other != Test::Present(false)
        }
        (Test::AtLeast(least), Test::Below(limit)) | (Test::Below(limit), Test::AtLeast(least)) => {
            limit <= least
        }
        _ => false,
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
        test => {
            conditions.iter().any(|condition| &*condition.path == path && condition.test == *test)
        }
    }
}

impl Subject {
    /// How a path is asked when a rule is chosen, if it can be: the status at the time of mapping is
    /// not known then, and the event's kind is what `on` says.
    pub(super) fn of(read: Read) -> Option<Self> {
        match read {
            Read::Ticket(read) => Some(Self::Ticket(read)),
            Read::Event(read) => Some(Self::Event(read)),
            Read::Files(are_there) => Some(Self::Files(are_there)),
            Read::Status(_) | Read::Kind => None,
        }
    }
}
