//! Codes of what systems say and a person should look at; each has a page in `src/docs/codes.md`.

/// A system says that a ticket is open which is final.
pub(super) const REOPENS: &str = "H0604";
/// A system closed a ticket, and its closing is not final.
pub(super) const CLOSES: &str = "H0605";
