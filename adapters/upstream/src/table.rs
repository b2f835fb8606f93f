//! What there is to know of a system whose answers can be read by pointing at them: a table, and nothing
//! that is done. [`TableAdapter`] is the adapter that it makes.
//!
//! What no table can say (a signature over each body, say) wants an adapter by hand; it may still use
//! [`rows`](crate::rows) for its calls and [`Table::receipt`] and [`Table::found`] for their answers.

mod adapter;
mod check;
mod reading;

use omnihub_contract::{Fault, Operation};

pub use adapter::{Credential, Receive, TableAdapter};
pub use reading::{Answered, Said};

/// What there is to know of a system. Pointers are JSON pointers (RFC 6901), as `/data/id`.
#[derive(Debug)]
pub struct Table {
    /// What it can be asked to do.
    pub operations: &'static [Operation],
    /// Where receipts stand in its answers: the names that rows give, each with a pointer. Of several with
    /// one name the first that leads somewhere counts. A create whose answer lacks one is of unknown outcome.
    pub receipts: &'static [(&'static str, &'static str)],
    /// What an answer says that did it.
    pub success: Success,
    /// Pointers to what a refusal says, the best first. Nothing else of an answer is ever told.
    pub words: &'static [&'static str],
    /// Answers that mean something else than their status does everywhere (see
    /// [`fault_of`](crate::fault_of)). The first that fits counts, before `success` is looked at.
    pub meanings: &'static [(Shown, Meaning)],
    /// How it is found out whether a delivery of unknown outcome arrived.
    pub searches: &'static [Search],
    /// The query without mandatory fields that is asked to see whether the system is well.
    pub probe: &'static str,
}

impl Table {
    /// A table that says nothing yet: `..Table::BLANK` for what a system has not.
    pub const BLANK: Self = Self {
        operations: &[],
        receipts: &[],
        success: Success::Status,
        words: &[],
        meanings: &[],
        searches: &[],
        probe: "",
    };
}

/// What an answer says that did what it was asked.
#[derive(Clone, Copy, Debug)]
pub enum Success {
    /// Its status is one of 2xx.
    Status,
    /// That, and at this pointer stands this word, number or flag. Another one there is a refusal.
    Says(&'static str, &'static str),
    /// What this says of it, which begins best with [`Said::usual`].
    Judged(fn(&Said<'_>) -> Result<(), Fault>),
}

/// What an answer can be known by.
#[derive(Clone, Copy, Debug)]
pub enum Shown {
    /// This status.
    Status(u16),
    /// This status, and at this pointer this word, number or flag.
    Says(u16, &'static str, &'static str),
    /// This status, and at this pointer an empty list.
    Nothing(u16, &'static str),
}

/// What an answer means.
#[derive(Clone, Copy, Debug)]
pub enum Meaning {
    /// What was asked is done, now or before: receipts are read from it as from any success. Questions
    /// are not done by it.
    Done,
    /// It failed, in this way.
    Fault(Fault),
}

/// How it is found out whether a delivery arrived: by asking for something that it carried and that no
/// other delivery does, a reference.
#[derive(Debug)]
pub struct Search {
    /// The operation whose deliveries can be searched for.
    pub of: &'static str,
    /// The query that is asked.
    pub by: &'static str,
    /// Its one argument, and the field of the delivery that it is filled from. Without that nothing is asked.
    pub with: (&'static str, &'static str),
    /// Where the answer repeats it: what does not is somebody else's, and nothing is taken from it.
    pub repeats: &'static str,
    /// What the answer says where there is none. The delivery is made again then, so it has to be a word or
    /// an empty list, of a system that shows at once what it has.
    pub none: Shown,
}
