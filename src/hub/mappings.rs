//! The mapping files of the settings, compiled against the adapters.

use omnihub_contract::AdapterName;
use serde_json::Value;

use super::{StartError, StartOptions, mapping_files};
use crate::adapters::Listed;
use crate::config::Config;
use crate::mapping::{self, Catalog, CompileOptions, Findings, MappingFile, Mappings};

/// What a check of the mapping files comes to.
pub struct Checked {
    /// The set as the hub would run it; absent where the files are wrong.
    pub mappings: Option<Mappings>,
    /// Everything that was found, with every rule switched on and without.
    pub findings: Findings,
}

/// Compiles the mapping files of the settings against the adapters' operations.
///
/// # Errors
/// When files cannot be read or are wrong.
pub fn compile(
    config: &Config,
    listed: &[Listed],
    options: StartOptions,
) -> Result<Mappings, StartError> {
    let options = CompileOptions { switched_off_rules: options.switched_off_rules };
    mapping::compile(&files(config)?, &catalogs(listed), options).map_err(StartError::Mappings)
}

/// Checks the mapping files as they run, and with every rule on: whoever switches one on should find
/// it right.
///
/// # Errors
/// When files cannot be read.
pub fn check(config: &Config, listed: &[Listed]) -> Result<Checked, StartError> {
    let (files, catalogs) = (files(config)?, catalogs(listed));
    let compiled = |switched_off_rules| {
        mapping::compile(&files, &catalogs, CompileOptions { switched_off_rules })
    };
    let found = |compiled: &Result<Mappings, Findings>| match compiled {
        Ok(mappings) => mappings.warnings().clone(),
        Err(findings) => findings.clone(),
    };
    let (all, as_run) = (compiled(true), compiled(false));
    let findings = found(&as_run).merged(found(&all));
    Ok(Checked { mappings: as_run.ok().filter(|_| findings.errors() == 0), findings })
}

/// A JSON Schema for each adapter's mapping file.
pub fn schemas(listed: &[Listed]) -> Vec<(AdapterName, Value)> {
    mapping::schemas(&catalogs(listed))
}

fn files(config: &Config) -> Result<Vec<MappingFile>, StartError> {
    let folder = &config.mappings.dir;
    mapping_files(folder)
        .map_err(|error| StartError::MappingFiles { folder: folder.display().to_string(), error })
}

fn catalogs(listed: &[Listed]) -> Vec<Catalog> {
    listed
        .iter()
        .map(|listed| Catalog {
            adapter: listed.name.clone(),
            operations: listed.operations,
            incoming: listed.incoming,
            settings: listed.settings.clone(),
        })
        .collect()
}
