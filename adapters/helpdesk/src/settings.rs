//! `[adapters.helpdesk]`, but for what every adapter has.

use std::collections::BTreeMap;

use omnihub_contract::{PartnerId, Secret};
use serde::Deserialize;

/// What only this adapter needs to know.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The API key that the helpdesk gave us.
    pub api_key: Secret,
    /// What its webhooks are signed with; without it none is heard.
    #[serde(default)]
    pub webhook_secret: Option<Secret>,
    /// How the key is sent.
    #[serde(default)]
    pub auth: Auth,
    /// Keys of their own, for what these partners' tickets bring.
    #[serde(skip)]
    pub partner_keys: BTreeMap<PartnerId, Secret>,
}

/// How the key is sent: the two documents differ (contract trap 1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Auth {
    /// `Authorization: Bearer KEY`, as OMNI API 1.0 says.
    #[default]
    Bearer,
    /// `X-API-Key: KEY`, as Omnichannel payloads 1.0.0 says.
    XApiKey,
}
