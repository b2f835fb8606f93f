//! The mapping files of the settings, compiled against the adapters.

use omnihub_contract::AdapterName;
use serde_json::Value;

use super::{StartError, StartOptions, case_files, mapping_files};
use crate::adapters::Listed;
use crate::cases::{Bench, Failing, Passed};
use crate::config::Config;
use crate::mapping::{self, Catalog, CompileOptions, Findings, MappingFile, Mappings};

/// What a check of the mapping files comes to.
pub struct Checked {
    /// The set as the hub would run it; absent where the files are wrong.
    pub mappings: Option<Mappings>,
    /// Everything that was found, with every rule switched on and without.
    pub findings: Findings,
    /// What became of each case, in the order of the files; none where the files are wrong.
    pub cases: Vec<Result<Passed, Box<Failing>>>,
}

impl Checked {
    /// Cases that do not come out as they say.
    pub fn failing(&self) -> impl Iterator<Item = &Failing> {
        self.cases.iter().filter_map(|case| case.as_ref().err().map(|failing| &**failing))
    }
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
    mapping::compile(&files_of(config)?, &catalogs(listed), options).map_err(StartError::Mappings)
}

/// Checks the mapping files as they run, and with every rule on: whoever switches one on should find
/// it right. Where they are good, their cases are run.
///
/// # Errors
/// When files cannot be read.
pub fn check(config: &Config, listed: &[Listed]) -> Result<Checked, StartError> {
    let (files, catalogs) = (files_of(config)?, catalogs(listed));
    let compiled = |switched_off_rules| {
        mapping::compile(&files, &catalogs, CompileOptions { switched_off_rules })
    };
    let found = |compiled: &Result<Mappings, Findings>| match compiled {
        Ok(mappings) => mappings.warnings().clone(),
        Err(findings) => findings.clone(),
    };
    let (all, as_run) = (compiled(true), compiled(false));
    let findings = found(&as_run).merged(found(&all));
    let mappings = as_run.ok().filter(|_| findings.errors() == 0);
    let cases = match mappings {
        Some(_) => run_cases(config, &files, &catalogs)?,
        None => Vec::new(),
    };
    Ok(Checked { mappings, findings, cases })
}

fn run_cases(
    config: &Config,
    files: &[MappingFile],
    catalogs: &[Catalog],
) -> Result<Vec<Result<Passed, Box<Failing>>>, StartError> {
    let cases = case_files(&config.mappings.dir).map_err(unreadable(config))?;
    let mut bench = Bench::new(files, catalogs);
    Ok(cases.iter().map(|case| bench.run(case)).collect())
}

/// A JSON Schema for each adapter's mapping file.
pub fn schemas(listed: &[Listed]) -> Vec<(AdapterName, Value)> {
    mapping::schemas(&catalogs(listed))
}

/// The mapping files of the settings.
///
/// # Errors
/// When they cannot be read.
pub fn files_of(config: &Config) -> Result<Vec<MappingFile>, StartError> {
    mapping_files(&config.mappings.dir).map_err(unreadable(config))
}

fn unreadable(config: &Config) -> impl Fn(std::io::Error) -> StartError {
    let folder = config.mappings.dir.display().to_string();
    move |error| StartError::MappingFiles { folder: folder.clone(), error }
}

/// What the adapters offer to mapping files.
pub fn catalogs(listed: &[Listed]) -> Vec<Catalog> {
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
