//! The adapter for BSG Helpdesk: speaks the OMNI API as a client.
//!
//! Sources: OMNI API 1.0 (`omni-api-v1.0.md`) and Omnichannel payloads 1.0.0
//! (`omni-payloads-v1.0.0.md`); where the running server differs, both forms are read.
//! It does not map, retry or mask; fields arrive in the helpdesk's own words.
//!
//! Read on in [`operations`], then `adapter.rs`.

mod adapter;
mod answers;
mod callbacks;
mod comments;
mod credentials;
mod faults;
mod marks;
pub mod operations;
mod settings;
mod wire;

pub use adapter::Helpdesk;
pub use operations::{INCOMING, OPERATIONS, POLLS};
pub use settings::{Auth, Settings};

/// The adapter's name in config.toml, mapping files and receipts.
pub const NAME: &str = "helpdesk";
