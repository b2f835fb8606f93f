//! Settings: the shipped `config.toml`, the operator's, then `OMNIHUB_…` variables with `__` between
//! levels, merged by figment.
//!
//! Everything after start works on [`Config`]; only this module knows figment. Unknown keys in the
//! file are errors with the near name; unknown variables are only warned of, since orchestrators
//! inject some. A secret may name a file instead (`api_key_file`). Paths in the file are relative to
//! it.
//!
//! Its parts: `sections`, `adapters` and `partners` (the keys and their defaults), `regulatory` (the same of complaints), `edge` (what has to fit
//! together), `secrets` (files, variables and lengths), `units` (durations and sizes as texts),
//! `problem` (errors with file, line and suggestion).

mod adapters;
mod edge;
mod partners;
mod problem;
mod regulatory;
mod secrets;
mod sections;
mod units;

use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::Env;
use figment::value::{Dict, Map, Value};
use figment::{Metadata, Profile, Provider};

pub use adapters::{
    AdapterSection, LimitsSection, OnDead, OnUnknown, OperationSection, RetryOverride,
};
pub use partners::{BranchNames, Catalogue, Net, PartnerSection, ServiceNames};
pub use problem::ConfigError;
pub use regulatory::{ClockSection, RegulatorySection};
pub use sections::{
    Accept, Config, Http, Idempotency, Limits, Log, LogFormat, MappingFiles, Operate, Retry, Sla,
    StoreHome, Webhooks,
};
pub use units::{Size, Span};

const PREFIX: &str = "OMNIHUB_";

/// The shipped file: every key with its default and one comment.
pub const SHIPPED: &str = include_str!("../config.toml");

/// Reads the settings of this file and the environment.
///
/// # Errors
/// When the file cannot be read, is no TOML, or holds a key or value that is wrong.
pub fn load(file: &Path) -> Result<Config, ConfigError> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| ConfigError::Unreadable { file: file.to_owned(), error })?;
    read(file, &text)
}

/// The settings of a text that stands, or would stand, in this file, and of the environment.
///
/// # Errors
/// As [`load`].
pub fn read(file: &Path, text: &str) -> Result<Config, ConfigError> {
    let shipped = parse(Path::new("config.toml"), SHIPPED)?;
    let toml = parse(file, text)?;
    let mut ignored: Vec<String> = Vec::new();
    loop {
        let skipped = ignored.clone();
        let variables = Env::prefixed(PREFIX)
            .filter(move |key| !skipped.iter().any(|name| key.as_str().eq_ignore_ascii_case(name)))
            .split("__");
        // The shipped file is the defaults: what another one leaves out is as there.
        match Figment::from(&shipped).merge(&toml).merge(variables).extract::<Config>() {
            Ok(mut config) => {
                config.ignored_variables = ignored;
                config.resolve(file.parent().unwrap_or(Path::new(".")))?;
                return Ok(config);
            }
            Err(error) => match unknown_variable(&toml.table, &error) {
                Some(name) if !ignored.contains(&name) => ignored.push(name),
                _ => return Err(problem::of_figment(file, text, &error)),
            },
        }
    }
}

fn parse(file: &Path, text: &str) -> Result<Toml, ConfigError> {
    let table = text.parse().map_err(|error| problem::syntax(file, text, &error))?;
    Ok(Toml { file: file.to_owned(), table })
}

/// The variable (without its prefix) that brought in an unknown key, if it was one.
fn unknown_variable(table: &toml::Table, error: &figment::Error) -> Option<String> {
    let figment::error::Kind::UnknownField(name, _) = &error.kind else { return None };
    let mut path = error.path.clone();
    if path.last() != Some(name) {
        path.push(name.clone());
    }
    let mut names = path.iter();
    let first = names.next().and_then(|name| table.get(name));
    let in_file =
        first.and_then(|first| names.try_fold(first, |value, name| value.get(name))).is_some();
    let variable = path.join("__");
    let is_set = Env::prefixed(PREFIX).iter().any(|(key, _)| key.as_str() == variable);
    (is_set && !in_file).then_some(variable)
}

/// TOML for figment, kept by ourselves so that errors can point at their line.
struct Toml {
    file: PathBuf,
    table: toml::Table,
}

impl Provider for &Toml {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.file.display().to_string())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        let value = Value::serialize(&self.table)?;
        let dict = value.into_dict().unwrap_or_default();
        Ok(Map::from([(Profile::Default, dict)]))
    }
}
