//! Text that must not be printed: secrets and personal data.
//!
//! [`Secret`] is for keys, passwords and tokens: wiped on drop, never serialised. [`Personal`] is
//! for names, phones, accounts and free text: stored and sent on, never in a log or an error.

use std::fmt;

use serde::{Deserialize, Serialize};

pub use secrecy::{ExposeSecret, SecretString as Secret};

/// A personal datum: serialises as its text, prints as `…`.
#[derive(Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Personal(String);

impl Personal {
    /// The text itself, for storing it or telling it to a system that is meant to have it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Personal {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Personal {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Personal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}
