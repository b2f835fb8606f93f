//! The adapter for clients' webhooks: signed events to addresses that clients name themselves.
//!
//! Sources: OMNI API 1.0, "Webhook Integration" (body and `X-Webhook-Signature`), Standard Webhooks 1.0.0
//! (the other three headers). It does not decide what an event says; the mapping does.
//!
//! Invariants:
//! - What was signed is what is sent, byte by byte.
//! - Nothing is sent to an address that is not public or not encrypted, unless its host is exempt.
//!
//! Read on in [`operations`], then `adapter.rs`.

mod adapter;
mod allow_hosts;
mod body;
mod faults;
mod guard;
pub mod operations;
mod settings;
mod sign;
mod stringify;

pub use adapter::Webhook;
pub use allow_hosts::{AllowHosts, BadAllowHost};
pub use guard::check_url;
pub use operations::OPERATIONS;
pub use settings::Settings;

/// The adapter's name in config.toml, mapping files and receipts.
pub const NAME: &str = "webhook";
