//! `[adapters.sociomile]`, but for what every adapter has.

use omnihub_contract::Secret;
use serde::Deserialize;

/// What only this adapter needs to know.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The token that goes into the query string of every call.
    pub client_secret_key: Secret,
    /// What its callbacks show; without it none is heard.
    #[serde(default)]
    pub callback_secret: Option<Secret>,
    /// How bodies are written; the document does not say.
    #[serde(default)]
    pub encoding: Encoding,
    /// The paths; deployed ones are known to differ from the documented (domain 3.2).
    #[serde(default)]
    pub paths: Paths,
}

/// How bodies are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// `application/json`.
    #[default]
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
}

/// Paths after `base_url`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Paths {
    /// Both creates.
    pub create: String,
    /// The status update.
    pub update_status: String,
}

impl Default for Paths {
    fn default() -> Self {
        Self {
            create: "/bank-sulut/create".to_owned(),
            update_status: "/bank-sulut/update-status".to_owned(),
        }
    }
}
