//! omnihub: Bank SulutGo's integration hub.

pub mod clock;
pub mod store;
