//! omnihub.
pub mod intake;
