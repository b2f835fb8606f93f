//! The checker: from the texts of mapping files to compiled rules, or every finding at once.
//!
//! It goes on after a finding, so that one run shows all of them; a line with an error is left out
//! of its rule, and what would only follow from that is not reported.

use sha2::{Digest, Sha256};

use super::finding::{Finding, Findings, Severity};
use super::report::Report;
use super::rule::Rule;
use super::{Catalog, CompileOptions, MappingFile, Mappings};

mod after;
mod conditions;
mod document;
mod fields;
mod file;
mod inbound;
mod line;
mod nested;
mod operand;
mod receipts;
mod resolve;
mod rule;
mod rules;
mod tables;
mod term;
mod transforms;

pub(super) use inbound::COMMENT_KEYS;
pub(super) use term::STEPS;
pub(super) use transforms::TAKEN_AS;

/// Compiles a set of files.
pub(super) fn compile(
    files: &[MappingFile],
    catalogs: &[Catalog],
    options: CompileOptions,
) -> Result<Mappings, Findings> {
    let mut reports: Vec<Report<'_>> = files.iter().map(Report::new).collect();
    let mut rules: Vec<Rule> = Vec::new();
    let mut sections = Vec::new();
    let mut are_whole = true;
    for (index, (file, report)) in files.iter().zip(&mut reports).enumerate() {
        let read = file::read(&file::Source { index, file, catalogs, options }, report);
        are_whole &= read.is_whole;
        rules.extend(read.rules);
        sections.extend(read.sections);
    }
    rules::check(&rules, files, &mut reports);
    // Where a rule could not be read, what waits for it is not at fault.
    if are_whole {
        receipts::check(&rules, &mut reports);
    }
    let findings: Vec<Finding> =
        reports.into_iter().flat_map(|report| in_order(report.findings)).collect();
    let findings = Findings::new(findings);
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Err(findings);
    }
    let digest = digest(files, catalogs, options);
    Ok(Mappings { rules, sections, warnings: findings, digest, sources: files.to_vec() })
}

fn in_order(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by_key(|finding| (finding.line, finding.column));
    findings
}

fn digest(files: &[MappingFile], catalogs: &[Catalog], options: CompileOptions) -> String {
    let mut hash = Sha256::new();
    // Lengths keep the end of one part from passing for the beginning of the next.
    let mut add = |part: &str| {
        hash.update(part.len().to_string());
        hash.update(":");
        hash.update(part);
    };
    for file in files {
        add(file.adapter.as_str());
        add(&file.text);
    }
    for catalog in catalogs {
        add(catalog.adapter.as_str());
        for (name, value) in &catalog.settings {
            add(name);
            add(&value.to_string());
        }
    }
    add(if options.switched_off_rules { "all rules" } else { "enabled rules" });
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
