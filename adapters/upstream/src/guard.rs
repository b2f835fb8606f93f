//! Name resolution that lets through only some addresses, checked on the very address that is
//! connected to, so that a name cannot show one address to a check and another to the connection.
//!
//! It does not see addresses that are written as numbers: those never reach a resolver, and whoever
//! sets a screen checks them before the call.

use std::net::{IpAddr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Whether an address may be connected to.
pub type Screen = fn(IpAddr) -> bool;

pub(crate) struct Guard(pub(crate) Screen);

/// The name led to no address that may be called.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to an address that may not be called")]
pub(crate) struct Screened;

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let screen = self.0;
        Box::pin(async move {
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let is_empty = found.is_empty();
            let allowed: Vec<SocketAddr> =
                found.into_iter().filter(|address| screen(address.ip())).collect();
            if allowed.is_empty() && !is_empty {
                return Err(Screened.into());
            }
            let allowed: Addrs = Box::new(allowed.into_iter());
            Ok(allowed)
        })
    }
}
