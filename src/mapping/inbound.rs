//! The way back: what a system says, a callback or the answer to a query, in the hub's own words.
//!
//! It decides nothing: whether a status counts, whether a comment is an echo, and what a finding
//! does to a ticket is for others. Nothing is ever refused here: what cannot be read becomes a
//! finding, so that no callback is lost over a word.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use omnihub_contract::{AdapterName, Personal, Priority, Status, StatusWord, mask};
use serde_json::{Map, Value};

use super::codes;
use super::convert;
use super::step::watch::Watch;
use super::step::{Lack, Make, Member, Operand, Plan, Scene, fill};
use super::transform::Transform;
use super::val::Val;

/// Comments that are read of one answer; the documented ones bring at most five (domain 2.9).
const COMMENTS_MAX: usize = 100;

/// Longest word that a finding shows: long enough for any status.
const WORD_CHARS_MAX: usize = 60;

/// What a system said, in the hub's words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inbound {
    /// The status, with the word that it came as; absent where nothing was said of it, or a word that
    /// nobody knows.
    pub status: Option<Status>,
    /// The word for the status that nobody knows, where it is one.
    pub unknown: Option<String>,
    /// Who works on the ticket.
    pub assignee: Option<Personal>,
    /// How urgent it is.
    pub priority: Option<Priority>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// Comments, in the order in which they stand.
    pub comments: Vec<InboundComment>,
    /// What a person should look at.
    pub findings: Vec<InboundFinding>,
}

/// A comment as a system says it.
#[derive(Clone, Debug, PartialEq)]
pub struct InboundComment {
    /// The system's own id of it.
    pub id: Option<String>,
    /// The words, as they came: card numbers are not masked yet. Never empty.
    pub content: Personal,
    /// Who is said to have written it.
    pub author: Option<Personal>,
    /// When it was written, where that could be read.
    pub at: Option<Timestamp>,
    /// Whether the bank's side wrote it, where the system says so.
    pub is_from_support: Option<bool>,
}

/// Something in what a system said that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboundFinding {
    /// Code with a page of its own: `H03…`.
    pub code: &'static str,
    /// One sentence, with the system's own word where it is one; card numbers are masked in it.
    pub message: String,
}

/// A compiled `[[inbound]]`.
pub(super) struct Section {
    pub(super) adapter: AdapterName,
    /// The callback, or the operation whose answer it is.
    pub(super) what: Box<str>,
    pub(super) status: Option<Plan>,
    pub(super) assignee: Option<Plan>,
    pub(super) priority: Option<Plan>,
    pub(super) created_at: Option<Plan>,
    pub(super) comment: Option<CommentLines>,
    /// The zone of times that have none.
    pub(super) zone: TimeZone,
}

/// The lines of a comment.
pub(super) struct CommentLines {
    /// The list of which each member is a comment; absent where there is only one.
    pub(super) each: Option<Operand>,
    pub(super) members: Vec<Member>,
}

/// What is said where nothing reads it.
pub(super) fn unread(adapter: &AdapterName, what: &str) -> Inbound {
    let message = format!("no mapping says how to read `{}` of {adapter}", shown(what));
    Inbound {
        findings: vec![InboundFinding { code: codes::NOT_READ, message }],
        ..Inbound::default()
    }
}

impl Section {
    /// Reads what the system said.
    pub(super) fn read(&self, said: &Value) -> Inbound {
        let mut inbound = Inbound::default();
        if let Some(plan) = &self.status {
            self.read_status(plan, said, &mut inbound);
        }
        let word = |plan: &Option<Plan>| self.word(plan.as_ref(), said);
        inbound.assignee = word(&self.assignee).map(Personal::from);
        inbound.priority = word(&self.priority).map(|word| Priority::from(&*word));
        let created_at = word(&self.created_at);
        inbound.created_at = created_at.and_then(|at| self.time(&Value::from(at)));
        if let Some(lines) = &self.comment {
            self.read_comments(lines, said, &mut inbound);
        }
        inbound
    }

    /// The word by which the system calls a status, the first where it has several.
    pub(super) fn word_for(&self, status: &StatusWord) -> Option<&str> {
        let terms = self.status.iter().flat_map(|plan| &plan.terms);
        terms
            .filter_map(|term| match &term.make {
                Make::Read(operand) => operand.steps.last(),
                _ => None,
            })
            .find_map(|step| match &step.transform {
                Transform::Back(table) => table.rows.get(status.as_str())?.as_str(),
                _ => None,
            })
    }

    fn read_status(&self, plan: &Plan, said: &Value, inbound: &mut Inbound) {
        let mut words = Words::default();
        match plan.run(Scene::Reading(said, None), &mut words) {
            Ok(Some(Value::String(word))) => {
                let canonical = StatusWord::from(word.as_str());
                inbound.status = Some(Status { canonical, raw: words.last.map(|raw| shown(&raw)) });
            }
            Ok(_) => {}
            Err(refusal) if refusal.lack == Lack::Absent => {}
            Err(_) => {
                let word = shown(&words.unknown.or(words.last).unwrap_or_default());
                let message = format!(
                    "{} says the status is `{word}`, which its mapping does not know",
                    self.adapter
                );
                inbound.findings.push(InboundFinding { code: codes::UNKNOWN_SAID, message });
                inbound.unknown = Some(word);
            }
        }
    }

    fn read_comments(&self, lines: &CommentLines, said: &Value, inbound: &mut Inbound) {
        let Some(each) = &lines.each else {
            inbound.comments.extend(self.comment(lines, Scene::Reading(said, None)));
            return;
        };
        let Some(Val::List(list)) = each.source.read(Scene::Reading(said, None)) else { return };
        let items = list.iter().take(COMMENTS_MAX);
        inbound
            .comments
            .extend(items.filter_map(|item| self.comment(lines, Scene::Reading(said, Some(item)))));
        if list.len() > COMMENTS_MAX {
            let message = format!(
                "{} says {} comments at once; the first {COMMENTS_MAX} were read",
                self.adapter,
                list.len()
            );
            inbound.findings.push(InboundFinding { code: codes::NOT_READ, message });
        }
    }

    /// A word that is said and is not empty.
    fn word(&self, plan: Option<&Plan>, said: &Value) -> Option<String> {
        match plan?.run(Scene::Reading(said, None), &mut ()) {
            Ok(Some(Value::String(word))) if !word.trim().is_empty() => Some(shown(&word)),
            _ => None,
        }
    }

    fn time(&self, said: &Value) -> Option<Timestamp> {
        match convert::time(Val::Any(said), &self.zone) {
            Some(Val::Time(at)) => Some(at),
            _ => None,
        }
    }

    /// The comment, where it has words.
    fn comment(&self, lines: &CommentLines, scene: Scene<'_>) -> Option<InboundComment> {
        let mut read = fill(&lines.members, scene, &mut ()).ok()?;
        let content = text(&mut read, "content").filter(|content| !content.trim().is_empty())?;
        let at = read.get("at").and_then(|at| self.time(at));
        Some(InboundComment {
            id: text(&mut read, "id"),
            content: content.into(),
            author: text(&mut read, "author").map(Personal::from),
            at,
            is_from_support: read.get("is_from_support").and_then(Value::as_bool),
        })
    }
}

fn text(read: &mut Map<String, Value>, name: &str) -> Option<String> {
    match read.remove(name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

/// A word from outside as people may see it.
fn shown(word: &str) -> String {
    let flat = word.trim().chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    mask::cards(&flat.take(WORD_CHARS_MAX).collect::<String>()).into_owned()
}

/// Keeps the words that a line read: the last one, and the first that a table did not know.
#[derive(Default)]
struct Words {
    last: Option<String>,
    unknown: Option<String>,
}

impl Watch for Words {
    fn read(&mut self, _: &Operand, value: Option<&Val<'_>>) {
        if let Some(word) = value.and_then(|value| value.clone().into_text()) {
            self.last = Some(word.into_owned());
        }
    }

    fn step(&mut self, _: &str, value: Option<&Val<'_>>) {
        if value.is_none() && self.unknown.is_none() {
            self.unknown.clone_from(&self.last);
        }
    }
}
