//! Cases: examples of what goes into mappings and what comes out, and what two sets of mappings make
//! of the same ticket.
//!
//! [`Given`] is what goes in, as people write it; [`Given::subject`] makes a ticket and an event of
//! it, as the door would. [`deliveries`] says what a set of mappings makes of that, [`Bench`] holds it
//! against what a [`Case`] expects, and [`compare()`] against another set.
//!
//! It evaluates nothing itself (that is [`mapping`](crate::mapping)'s), reads no files, and knows
//! neither clocks nor stores: the same case gives the same result for ever.

mod bench;
mod case;
mod compare;
mod differ;
mod given;
mod guess;
mod subject;

pub use bench::{Bench, Failing, Passed};
pub use case::{Case, CaseFile, Instead};
pub use compare::{Change, compare};
pub use differ::{Difference, differences};
pub use given::{AT, Given, GivenError, NUMBER, Omni, PARTNER, StatusGiven};
pub use guess::guess;
pub use subject::{Planned, SAMPLE_RECEIPT, Stage, Subject, deliveries};

/// A case does not come out as it says.
pub const FAILS: &str = "H0280";
/// A case cannot be read.
pub const FORM: &str = "H0281";
