//! Names the four systems that the sandbox stands in for.

use std::fmt;
use std::str::FromStr;

/// A system that the sandbox stands in for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum System {
    /// BSG Helpdesk.
    Helpdesk,
    /// Sociomile.
    Sociomile,
    /// 3Dolphins SRM.
    Dolphins,
    /// A client's webhook receiver.
    Webhook,
}

impl System {
    /// Every system, in the order in which tables show them.
    pub const ALL: [Self; 4] = [Self::Helpdesk, Self::Sociomile, Self::Dolphins, Self::Webhook];

    /// The name, as it stands in settings and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Helpdesk => "helpdesk",
            Self::Sociomile => "sociomile",
            Self::Dolphins => "dolphins",
            Self::Webhook => "webhook",
        }
    }
}

impl fmt::Display for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A name that is none of the four systems.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownSystem(String);

impl fmt::Display for UnknownSystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no system is called {:?}: helpdesk, sociomile, dolphins or webhook", self.0)
    }
}

impl std::error::Error for UnknownSystem {}

impl FromStr for System {
    type Err = UnknownSystem;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|system| system.as_str() == name);
        found.ok_or_else(|| UnknownSystem(name.to_owned()))
    }
}
