//! The adapter for Sociomile.
//!
//! Source: Sociomile API document V1 of 20 November 2025 (`sociomile-api.txt`). It states neither a body
//! encoding nor an HTTP status, so the encoding is a setting and answers are judged by their body.
//! There is no idempotency and nothing can be read back: a create of unknown outcome stays unknown.
//!
//! Read on in [`operations`], then `adapter.rs`.

mod adapter;
mod answers;
mod callbacks;
mod faults;
pub mod operations;
mod settings;

pub use adapter::Sociomile;
pub use operations::{INCOMING, OPERATIONS};
pub use settings::{Encoding, Paths, Settings};

/// The adapter's name in config.toml, mapping files and receipts.
pub const NAME: &str = "sociomile";
