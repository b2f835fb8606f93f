//! What tests share: a scripted upstream, the conformance suite that every adapter passes, and golden
//! exchanges kept as files.
//!
//! It knows no adapter and no vendor; an adapter's tests bring what is theirs.
//! Read on in [`conformance`].
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test tool: what goes wrong here fails the test that called it"
)]

pub mod conformance;
pub mod deliveries;
pub mod exchanges;
pub mod golden;
pub mod logs;
pub mod scripted;
pub mod tickets;

mod wire;

pub use conformance::{
    Built, Case, Own, Sample, Subject, UNKNOWN_NAME, check_conformance, usual_verdict,
    usual_verdict_of_one, verdict_by_status, verdict_by_status_of_one,
};
pub use deliveries::{at, delivery};
pub use exchanges::{check_exchanges, check_requests};
pub use golden::check_request;
pub use scripted::{Reply, ScriptedUpstream, Seen, Step};
pub use tickets::{bare_customer, bare_ticket};
