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
pub mod logs;
pub mod scripted;

mod wire;

pub use conformance::{Built, Case, Sample, Subject, check_conformance};
pub use deliveries::{at, delivery};
pub use exchanges::check_exchanges;
pub use scripted::{Reply, ScriptedUpstream, Seen, Step};
