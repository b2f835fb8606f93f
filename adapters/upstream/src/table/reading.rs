//! What an answer means, by the table.
//!
//! Invariant: of what an answer says only the words that the table points to are told, without what was
//! sent and without secrets.

use omnihub_contract::{Delivery, Effect, Failure, Fault, LookUp, Operation, Receipt, Secret};
use serde_json::{Map, Value};

use super::{Meaning, Search, Shown, Success, Table};
use crate::answer::Answer;
use crate::faults::fault_of;
use crate::redact::redact;
use crate::values::word;

/// An answer, and what was asked.
#[derive(Clone, Copy)]
pub struct Answered<'a> {
    /// The operation that was asked for.
    pub operation: &'a Operation,
    /// With these fields.
    pub fields: &'a Map<String, Value>,
    /// What came back.
    pub answer: &'a Answer,
    /// What was shown as a credential: the answer may quote it.
    pub secret: &'a Secret,
}

/// An answer, as it is judged.
pub struct Said<'a> {
    /// The operation that it answers.
    pub operation: &'a Operation,
    /// HTTP status.
    pub status: u16,
    /// The body, where it is JSON.
    pub body: Option<Value>,
    is_page: bool,
}

impl<'a> Said<'a> {
    fn of(answered: Answered<'a>) -> Self {
        let Answered { operation, answer, .. } = answered;
        let body = answer.json();
        let is_page = body.is_none() && !answer.body.is_empty();
        Self { operation, status: answer.status, body, is_page }
    }

    /// The word, number or flag at a pointer, as text.
    pub fn text(&self, pointer: &str) -> Option<String> {
        let value = self.body.as_ref()?.pointer(pointer)?;
        word(value).or_else(|| value.as_bool().map(|flag| flag.to_string()))
    }

    /// What it means by its status alone.
    ///
    /// # Errors
    /// Where it is no success: one of 2xx, with JSON or nothing in it.
    pub fn usual(&self) -> Result<(), Fault> {
        let is_about_one = self.body.is_some() && self.operation.path.contains('{');
        match fault_of(self.status) {
            // What the path names is not there; the system is.
            Some(_) if self.status == 404 && is_about_one => Err(Fault::Refused),
            Some(fault) => Err(fault),
            // A page instead of an answer did nothing; no body at all is an answer.
            None if self.is_page => Err(Fault::Unreadable),
            None => Ok(()),
        }
    }

    /// The receipts in it, and the name of one that this row gives and it lacks.
    fn given(&self, table: &Table, row: &Operation) -> (Receipt, Option<&'static str>) {
        let pointed = |name: &str| {
            let mut pointers = table.receipts.iter().filter(|(known, _)| *known == name);
            pointers.find_map(|(_, pointer)| self.body.as_ref()?.pointer(pointer).and_then(word))
        };
        let (mut receipt, mut missing) = (Receipt::default(), None);
        for name in row.gives {
            match pointed(name) {
                Some(value) => drop(receipt.values.insert((*name).to_owned(), value)),
                None => missing = missing.or(Some(*name)),
            }
        }
        (receipt, missing)
    }
}

impl Shown {
    fn fits(self, said: &Said<'_>) -> bool {
        match self {
            Self::Status(status) => said.status == status,
            Self::Says(status, pointer, word) => {
                said.status == status && said.text(pointer).is_some_and(|said| said == word)
            }
            Self::Nothing(status, pointer) => {
                let list = said.body.as_ref().and_then(|body| body.pointer(pointer)?.as_array());
                said.status == status && list.is_some_and(Vec::is_empty)
            }
        }
    }
}

impl Table {
    /// What came of a delivery.
    ///
    /// # Errors
    /// When the answer is no success, or lacks what a create gives.
    pub fn receipt(&self, answered: Answered<'_>) -> Result<Receipt, Failure> {
        let said = self.success(answered)?;
        let (receipt, missing) = said.given(self, answered.operation);
        match missing.filter(|_| answered.operation.effect == Effect::Create) {
            Some(name) => {
                let words = format!("a success without {name}");
                Err(answered.answer.failure(Fault::Unreadable, words))
            }
            None => Ok(answered.answer.receipt(receipt)),
        }
    }

    /// What a question found; null where its answer is a success without a body.
    ///
    /// # Errors
    /// When the answer is no success.
    pub fn found(&self, answered: Answered<'_>) -> Result<Value, Failure> {
        Ok(self.success(answered)?.body.unwrap_or_default())
    }

    /// What the answer to a search says of the delivery that was searched for.
    pub(super) fn searched(
        &self,
        search: &Search,
        delivery: &Delivery,
        answered: Answered<'_>,
    ) -> Result<LookUp, Failure> {
        let said = Said::of(answered);
        // An empty list says so in a success only: who is busy may show one too.
        let is_said = matches!(search.none, Shown::Says(..)) || self.verdict(&said).is_ok();
        if is_said && search.none.fits(&said) {
            return Ok(LookUp::Absent);
        }
        let said = self.success(answered)?;
        let carried = delivery.field(search.with.1).and_then(word);
        let is_ours = carried.is_some() && said.text(search.repeats) == carried;
        Ok(match said.given(self, delivery.operation) {
            (receipt, None) if is_ours => LookUp::Found(answered.answer.receipt(receipt)),
            _ => LookUp::CannotSay,
        })
    }

    fn success<'a>(&self, answered: Answered<'a>) -> Result<Said<'a>, Failure> {
        let said = Said::of(answered);
        match self.verdict(&said) {
            Ok(()) => Ok(said),
            Err(fault) => Err(self.failure(fault, &said, answered)),
        }
    }

    fn verdict(&self, said: &Said<'_>) -> Result<(), Fault> {
        let can_be_done = said.operation.effect != Effect::Read && !said.is_page;
        let mut meanings = self.meanings.iter().filter(|(shown, _)| shown.fits(said));
        let meaning = meanings.find_map(|(_, meaning)| match meaning {
            Meaning::Fault(fault) => Some(Err(*fault)),
            Meaning::Done => can_be_done.then_some(Ok(())),
        });
        match (meaning, self.success) {
            (Some(meant), _) => meant,
            (None, Success::Status) => said.usual(),
            (None, Success::Judged(judge)) => judge(said),
            (None, Success::Says(pointer, wanted)) => {
                said.usual()?;
                match said.text(pointer) {
                    Some(text) if text == wanted => Ok(()),
                    Some(_) => Err(Fault::Refused),
                    None => Err(Fault::Unreadable),
                }
            }
        }
    }

    fn failure(&self, fault: Fault, said: &Said<'_>, answered: Answered<'_>) -> Failure {
        let Answered { fields, answer, secret, .. } = answered;
        // Behind 5xx stands an exception, which may quote anybody's data.
        let body = said.body.as_ref().filter(|_| said.status < 500);
        let words = self.words.iter().find_map(|pointer| body?.pointer(pointer)?.as_str());
        match words {
            Some(words) => answer.failure(fault, redact(words, fields, &[secret])),
            None => answer.failure(fault, "answered without an explanation"),
        }
    }
}
