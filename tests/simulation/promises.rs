//! What clients asked for and were told: what is held against the hub in the end.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use omnihub::store::{Due, RequestKey};
use omnihub_contract::TicketNumber;

/// What all clients asked, and were told.
#[derive(Default)]
pub(crate) struct Promises(Mutex<Promised>);

#[derive(Clone, Default)]
pub(crate) struct Promised {
    /// What each request would make due, as often as it was asked.
    pub(crate) tried: BTreeMap<RequestKey, Vec<Vec<Owed>>>,
    /// Requests that were answered: the ticket, the place of the event, and its words.
    pub(crate) answered: Vec<Answered>,
    /// Numbers that clients were told.
    pub(crate) numbers: BTreeMap<TicketNumber, String>,
}

/// A delivery that is owed: to whom, what, and by which rule.
pub(crate) type Owed = (String, String, String);

#[derive(Clone, Debug)]
pub(crate) struct Answered {
    pub(crate) key: RequestKey,
    pub(crate) number: TicketNumber,
    pub(crate) event: u16,
    pub(crate) words: String,
}

impl Promises {
    pub(crate) fn all(&self) -> Promised {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn note(&self, note: impl FnOnce(&mut Promised)) {
        note(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// A request is asked, and would make this due.
    pub(crate) fn tries(&self, key: RequestKey, due: &[Due]) {
        let owed =
            |due: &Due| (due.adapter.to_string(), due.operation.to_string(), due.rule.to_string());
        let owed = due.iter().map(owed).collect();
        self.note(|promised| promised.tried.entry(key).or_default().push(owed));
    }

    /// A request was answered.
    pub(crate) fn answered(&self, answered: Answered) {
        self.note(|promised| promised.answered.push(answered));
    }
}
