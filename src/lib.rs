//! omnihub: Bank SulutGo's integration hub.

pub mod clock;
pub mod intake;
pub mod mapping;
pub mod store;
