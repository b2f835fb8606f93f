//! Why a rule makes no delivery for an event: the first thing that stands in its way.

use std::fmt;

use omnihub_contract::{Event, EventKind, Ticket};
use serde::Serialize;
use serde_json::Value;

use super::condition::Condition;
use super::path;
use super::rule::Rule;
use super::step::Scene;

/// What stands in a rule's way.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum WhyNot {
    /// It waits for another event.
    OtherEvent {
        /// Which one.
        on: EventKind,
    },
    /// It says `enabled = false`.
    SwitchedOff,
    /// The change came from the system that it would tell.
    Source,
    /// The first of its conditions that does not hold.
    Condition {
        /// The path, as the file writes it.
        path: String,
        /// What it should be, in words.
        wanted: String,
        /// What it is; absent where there is nothing.
        had: Option<Value>,
        /// Whether that may be personal data.
        is_personal: bool,
    },
}

/// The same, as long as nobody has to be told.
enum Obstacle<'r> {
    OtherEvent,
    SwitchedOff,
    Source,
    Condition(&'r Condition),
}

impl Rule {
    /// Whether it makes a delivery.
    pub(super) fn is_due(&self, ticket: &Ticket, event: &Event) -> bool {
        self.obstacle(ticket, event).is_none()
    }

    /// What stands in its way; nothing where it makes a delivery.
    pub(super) fn why_not(&self, ticket: &Ticket, event: &Event) -> Option<WhyNot> {
        Some(match self.obstacle(ticket, event)? {
            Obstacle::OtherEvent => WhyNot::OtherEvent { on: self.on },
            Obstacle::SwitchedOff => WhyNot::SwitchedOff,
            Obstacle::Source => WhyNot::Source,
            Obstacle::Condition(condition) => unmet(condition, Scene::Choosing(ticket, event)),
        })
    }

    fn obstacle(&self, ticket: &Ticket, event: &Event) -> Option<Obstacle<'_>> {
        if self.on != event.kind {
            return Some(Obstacle::OtherEvent);
        }
        let scene = Scene::Choosing(ticket, event);
        let unmet = self.conditions.iter().find(|condition| !condition.holds(scene));
        if let Some(condition) = unmet {
            return Some(Obstacle::Condition(condition));
        }
        if !self.is_on {
            return Some(Obstacle::SwitchedOff);
        }
        super::is_source(event, &self.adapter).then_some(Obstacle::Source)
    }
}

fn unmet(condition: &Condition, scene: Scene<'_>) -> WhyNot {
    // What has no row is a member of the metadata: whatever the client sent.
    let is_personal = path::find(&condition.path).is_none_or(|row| row.is_personal);
    WhyNot::Condition {
        path: condition.path.to_string(),
        wanted: condition.test.to_string(),
        had: condition.source.read(scene).map(|value| value.shown()),
        is_personal,
    }
}

/// For people; it shows what the ticket has, which may be personal.
impl fmt::Display for WhyNot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherEvent { on } => write!(f, "it is for {}", on.as_str()),
            Self::SwitchedOff => f.write_str("it is switched off (enabled = false)"),
            Self::Source => f.write_str("the change came from there"),
            Self::Condition { path, wanted, had: None, .. } => {
                write!(f, "{path} should be {wanted}, and is absent")
            }
            Self::Condition { path, wanted, had: Some(had), .. } => {
                write!(f, "{path} should be {wanted}, and is {had}")
            }
        }
    }
}
