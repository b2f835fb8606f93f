//! Callbacks: what an upstream sends us of its own accord, and how it wants to be answered.
//!
//! Plain data, without a word of HTTP libraries. An adapter says whether a callback is authentic and
//! what it reports ([`Notice`]); what that does to a ticket is for others to decide.

use std::fmt;

use serde_json::Value;

use crate::mask;

/// What came in at `/callbacks/<adapter>`.
#[derive(Clone, Default)]
pub struct Callback {
    /// What stands in the path after the adapter's name, without the slash: `update-status`, or
    /// nothing.
    pub path: String,
    /// Pairs of the query string, decoded, in their order. Some upstreams show their secret there.
    pub query: Vec<(String, String)>,
    /// Headers, with names in small letters. Values that are no text are left out.
    pub headers: Vec<(String, String)>,
    /// The body exactly as it came, within the hub's bound.
    pub body: Vec<u8>,
}

impl Callback {
    /// The first value of a query parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        first(&self.query, name)
    }

    /// The first value of a header; the name in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        first(&self.headers, name)
    }
}

fn first<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
}

/// Shows no value: secrets stand in queries and headers, personal data in bodies.
impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callback")
            .field("path", &self.path)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// What an upstream reports about one ticket.
#[derive(Clone, PartialEq)]
pub struct Notice {
    /// What was said: the name of a row among the adapter's [`Incoming`](crate::Incoming).
    pub what: &'static str,
    /// What was said, in the members of that row.
    pub said: Value,
    /// By what the ticket is found: tried in this order, the first that a ticket has counts.
    pub about: Vec<About>,
    /// The upstream's own id of the report, where it gives one: the same id is heard once.
    pub id: Option<String>,
    /// It says only "look": the ticket is then asked for with this query of the adapter, and that answer
    /// counts. What it says itself does not.
    pub look: Option<Look>,
}

impl fmt::Debug for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notice")
            .field("what", &self.what)
            .field("about", &self.about)
            .finish_non_exhaustive()
    }
}

/// By what a ticket is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// Any number that the ticket ever had: the hub's, or the numbering adapter's.
    Number(String),
    /// What the adapter itself gave the ticket: the name in an operation's
    /// [`gives`](crate::Operation::gives), and the value.
    Receipt(&'static str, String),
}

impl About {
    /// The value by which it is found.
    pub fn value(&self) -> &str {
        match self {
            Self::Number(value) | Self::Receipt(_, value) => value,
        }
    }
}

/// A question that a [`Notice`] leads to: a query of the adapter, with one argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// The query, which is also what its answer is read as.
    pub query: &'static str,
    /// Name of its argument.
    pub argument: &'static str,
    /// Value of its argument.
    pub value: String,
}

/// Why a callback is not heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejected {
    /// It does not show that it comes from the upstream, or the hub was given nothing to tell that by.
    Unauthenticated,
    /// It cannot be understood. Sending it again does not help.
    Malformed(String),
    /// There is nothing at that path.
    NoSuchPath,
}

impl Rejected {
    /// One that cannot be understood: in words that show nothing of it but names of members.
    pub fn malformed(words: impl AsRef<str>) -> Self {
        Self::Malformed(mask::cards(words.as_ref()).into_owned())
    }
}

/// What became of a callback, for its answer.
#[derive(Clone, Copy, Debug)]
pub enum Told<'a> {
    /// It was heard, whether it changed anything or not.
    Heard(&'a [Notice]),
    /// It is kept: the hub knows no ticket that it is about.
    Kept(&'a [Notice]),
    /// It was not heard.
    Rejected(&'a Rejected),
    /// Not now: it may come again after some seconds.
    Busy,
}

/// The answer to a callback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallbackAnswer {
    /// HTTP status.
    pub status: u16,
    /// The body, as JSON.
    pub body: Value,
}

impl CallbackAnswer {
    /// The answer to an upstream that has no shapes of its own: `{"status":"success"}`, or
    /// `{"status":"error","message":…}`.
    pub fn plain(told: Told<'_>) -> Self {
        let error = |words: &str| serde_json::json!({ "status": "error", "message": words });
        let body = match told {
            Told::Heard(_) | Told::Kept(_) => serde_json::json!({ "status": "success" }),
            Told::Rejected(Rejected::Unauthenticated) => error("Unauthorized"),
            Told::Rejected(Rejected::NoSuchPath) => error("Not found"),
            Told::Rejected(Rejected::Malformed(words)) => error(words),
            Told::Busy => error("Try again later"),
        };
        Self { status: told.status(), body }
    }
}

impl Told<'_> {
    /// The HTTP status that says so.
    pub fn status(&self) -> u16 {
        match self {
            Self::Heard(_) | Self::Kept(_) => 200,
            Self::Rejected(Rejected::Unauthenticated) => 401,
            Self::Rejected(Rejected::NoSuchPath) => 404,
            Self::Rejected(Rejected::Malformed(_)) => 400,
            Self::Busy => 503,
        }
    }
}
