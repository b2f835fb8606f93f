//! omnihub.
