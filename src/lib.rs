//! omnihub.
pub mod mapping;
