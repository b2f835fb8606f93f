//! `[webhooks]`, as far as sending them is concerned.

use serde::Deserialize;

/// What only this adapter needs to know.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Hosts that need be neither public nor encrypted: `host` or `host:port`, without a port all ports.
    pub allow_hosts: Vec<String>,
}
