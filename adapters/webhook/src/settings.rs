//! `[webhooks]`, as far as sending them is concerned.

use std::collections::BTreeMap;

use omnihub_contract::PartnerId;
use serde::Deserialize;

/// What only this adapter needs to know.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Hosts that need be neither public nor encrypted: `host` or `host:port` (without a port all ports),
    /// or a range of addresses.
    pub allow_hosts: Vec<String>,
    /// Further ones for the webhooks of one partner, by its name.
    pub partner_hosts: BTreeMap<PartnerId, Vec<String>>,
}
