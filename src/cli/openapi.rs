//! `omnihub openapi`: what a hub with these settings serves at `/openapi.json`.

use super::{Failed, say};
use crate::config::Config;
use crate::http::openapi;
use crate::hub;

pub(crate) fn run(config: &Config) -> Result<(), Failed> {
    let document = openapi::document(&hub::facts(config));
    say(&serde_json::to_string_pretty(&document)?);
    Ok(())
}
