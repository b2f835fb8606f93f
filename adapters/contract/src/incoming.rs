//! Incoming: what an upstream tells us, as rows of a table.
//!
//! Mapping files are checked against these rows: they say which member of a callback or of an answer
//! becomes a status or a comment. Nothing here does anything, and nothing here is a promise of the
//! upstream's: a member that is missing or of another type is read as absent.

use crate::operation::Field;

/// A question by which a ticket is polled: a query with one argument, whose answer is read as what it is
/// called. Where no mapping reads that, it is not asked.
#[derive(Clone, Copy, Debug)]
pub struct Poll {
    /// The query, and the row of [`Incoming`] by which its answer is read.
    pub query: &'static str,
    /// Name of its argument.
    pub argument: &'static str,
    /// The receipt that is its value: what the adapter gave when it made or linked the ticket.
    pub receipt: &'static str,
    /// How it is asked where its answer is the ticket's conversation, which grows.
    pub pages: Option<Pages>,
}

/// How a conversation is asked for, page after page: its answer is a list of messages and nothing else, in the
/// order of their times or against it.
#[derive(Clone, Copy, Debug)]
pub struct Pages {
    /// The argument that says where a page begins, counted from 0.
    pub start: &'static str,
    /// The argument that says how many messages a page has at most.
    pub count: &'static str,
    /// The member of the row of [`Incoming`] that the list is read as.
    pub list: &'static str,
}

/// Something that an upstream tells us.
#[derive(Debug)]
pub struct Incoming {
    /// Name in mapping files: a callback that it makes, or the operation whose answer it is.
    pub name: &'static str,
    /// What it holds, by dotted names. `comments[].content` is the member `content` of each object in
    /// the list `comments`.
    pub members: &'static [Field],
}
