//! `omnihub check`: settings and mapping files, without running anything.

use std::sync::Arc;

use omnihub_contract::{PartnerId, Secret, SigningSecrets};

use super::{Failed, say, say_aside};
use crate::adapters::{self, Needs};
use crate::config::Config;
use crate::hub::{self, StartOptions};

pub(crate) fn run(config: &Config) -> Result<(), Failed> {
    for name in &config.ignored_variables {
        say_aside(&format!("warning: OMNIHUB_{} names no setting", name.to_uppercase()));
    }
    hub::tls(config)?;
    let listed = adapters::all(config, &Needs { secrets: Arc::new(NoSecrets) })?;
    // Rules that are switched off are checked too: whoever switches one on should find it right.
    hub::compile(config, &listed, StartOptions { switched_off_rules: true })?;
    let mappings = hub::compile(config, &listed, StartOptions::default())?;
    for warning in mappings.warnings() {
        say_aside(&warning.to_string());
    }
    for rule in mappings.rules() {
        let state = if rule.enabled { "" } else { " (switched off)" };
        say(&format!(
            "{}: {} → {}: {}{state}",
            rule.event.as_str(),
            rule.adapter,
            rule.operation.name,
            rule.name
        ));
    }
    say(&format!("good; the mappings' digest is {}", mappings.digest()));
    Ok(())
}

/// Nothing is signed when nothing runs.
struct NoSecrets;

impl SigningSecrets for NoSecrets {
    fn newest_first(&self, _: &PartnerId) -> Vec<Secret> {
        Vec::new()
    }
}
