//! The HTTP client that adapters share: one call, one answer, transport errors classified.
//!
//! It does not retry, follow redirects, read proxy settings or know any vendor. What an answer
//! means is the adapter's business; [`fault_of`] is only the part that every vendor shares.
//!
//! Invariants:
//! - An address is never printed and never part of a message: Sociomile's carries its secret,
//!   3Dolphins' a customer's phone number.
//! - A call ends: connecting, the whole exchange and the size of an answer are bounded.
//! - "Nothing was sent" ([`Fault::Unavailable`](omnihub_contract::Fault::Unavailable)) is claimed only
//!   when the connection was never made.
//!
//! Read on in `client.rs`.

mod address;
mod answer;
mod bodies;
mod call;
mod client;
mod faults;
mod guard;
mod outline;
mod proof;
mod redact;
mod retry_after;
mod routes;
pub mod rows;
mod session;
mod table;
mod tls;
mod token;
mod values;

pub use address::{Address, fill};
pub use answer::Answer;
pub use bodies::{form, form_members, json};
pub use call::Call;
pub use client::{BadSettings, Client, ClientSettings};
pub use faults::fault_of;
pub use guard::{LookUp, Screen};
pub use proof::{shows, signs};
pub use redact::redact;
pub use session::{End, Login, Session};
pub use table::{
    Answered, Credential, Meaning, Receive, Said, Search, Shown, Success, Table, TableAdapter,
};
pub use tls::install_tls;
pub use token::{Expiry, Token, TokenCache};
pub use values::{find, word};
