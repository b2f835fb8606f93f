//! Drafts: a call as it would be sent, for people to read before it is.
//!
//! An adapter makes it from the very call that it would send, so that the two cannot differ.
//!
//! Invariant: no secret stands in it. What it was asked to tell does, and so its `Debug` shows nothing.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A call that was not sent.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// HTTP method.
    pub method: String,
    /// Scheme and host, path and query; secrets in them are `…`.
    pub address: String,
    /// Names of the headers, in small letters. Their values are not shown: credentials are among them.
    pub headers: Vec<String>,
    /// The body as text, secrets in it as `…`; absent where the call has none.
    pub body: Option<String>,
}

impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draft").field("method", &self.method).finish_non_exhaustive()
    }
}
