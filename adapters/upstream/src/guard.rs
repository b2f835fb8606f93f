//! Name resolution that lets through only some addresses, checked on the very address that is
//! connected to, so that a name cannot show one address to a check and another to the connection.
//!
//! It does not see addresses that are written as numbers: those never reach a resolver, and whoever
//! sets a screen checks them before the call.

use std::io;
use std::net::{IpAddr, SocketAddr};

use omnihub_contract::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Whether an address may be connected to.
pub type Screen = fn(IpAddr) -> bool;

/// How a name becomes addresses.
pub type LookUp = fn(String) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>>;

/// As the system does it.
pub(crate) fn by_the_system(name: String) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> {
    Box::pin(async move { Ok(tokio::net::lookup_host((&*name, 0)).await?.collect()) })
}

pub(crate) struct Guard {
    pub(crate) screen: Screen,
    pub(crate) look_up: LookUp,
}

/// The name led to no address that may be called.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to an address that may not be called")]
pub(crate) struct Screened;

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let Self { screen, look_up } = *self;
        Box::pin(async move {
            let found = look_up(name.as_str().to_owned()).await?;
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
