//! `[adapters.dolphins]`, but for what every adapter has.

use omnihub_contract::Secret;
use serde::Deserialize;

/// What only this adapter needs to know.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Name of the user that the hub logs in as; the vendor asks for a supervisor's.
    pub username: String,
    /// The user's password.
    pub password: Secret,
    /// What its events show; without it none is heard.
    #[serde(default)]
    pub callback_secret: Option<Secret>,
    /// Where to log in: known from elsewhere than the document, so it may differ.
    #[serde(default = "documented_login_path")]
    pub login_path: String,
}

fn documented_login_path() -> String {
    "/dolphin/apiv1/graph/auth".to_owned()
}
