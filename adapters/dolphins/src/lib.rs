//! The adapter for 3Dolphins SRM.
//!
//! Sources: the vendor's "Ticket API" page (`3dolphins-ticket-api.txt`); the login, which it leaves out,
//! is known from elsewhere (domain 1.1). There is no create: tickets are born there from messages
//! (contract trap 56), and this adapter links and tells the ones that are known.
//!
//! Read on in [`operations`], then `adapter.rs`.

mod adapter;
mod answers;
mod callbacks;
mod conversation;
mod faults;
mod links;
pub mod operations;
mod paging;
mod settings;

pub use adapter::Dolphins;
pub use operations::{INCOMING, OPERATIONS, POLLS};
pub use settings::Settings;

/// The adapter's name in config.toml, mapping files and receipts.
pub const NAME: &str = "dolphins";
