//! `omnihub check`: settings, mapping files and their cases, without running anything.

use std::path::Path;
use std::sync::Arc;

use omnihub_contract::{PartnerId, Secret, SigningSecrets};
use serde_json::{Value, json};

use super::{Failed, say, say_aside};
use crate::adapters::{self, Listed, Needs};
use crate::clock::{Clock as _, SystemClock};
use crate::config::Config;
use crate::hub::{self, Checked};
use crate::mapping::{Mappings, RuleSummary};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Tell every finding, rule and line that may refuse as one JSON object
    #[arg(long)]
    json: bool,
    /// Write the schema of each mapping file, for editors, into `schema` in the folder of the mapping
    /// files, and check nothing
    #[arg(long, conflicts_with = "json")]
    schema: bool,
    /// Write what is sent now into the cases that say another payload; look at them afterwards
    #[arg(long, conflicts_with_all = ["json", "schema"])]
    accept: bool,
}

pub(crate) fn run(config: &Config, args: &Args) -> Result<(), Failed> {
    for name in &config.ignored_variables {
        say_aside(&format!("warning: OMNIHUB_{} names no setting", name.to_uppercase()));
    }
    hub::tls(config)?;
    if let Some(lacking) = hub::lacking(&hub::calendar(config)?, SystemClock.now()) {
        say_aside(&format!("warning: {lacking}"));
    }
    let listed = adapters::all(config, &Needs { secrets: Arc::new(NoSecrets) })?;
    if args.schema {
        return write_schemas(&config.mappings.dir, &listed);
    }
    let mut checked = hub::check(config, &listed)?;
    if args.accept && accept(config, &checked)? > 0 {
        checked = hub::check(config, &listed)?;
    }
    match (args.json, &checked.mappings) {
        (true, _) => say(&as_json(&checked).to_string()),
        (false, None) => {}
        (false, Some(mappings)) => tell(mappings, &checked),
    }
    let (errors, failing) = (checked.findings.errors(), checked.failing().count());
    match (args.json, errors, failing) {
        (_, 0, 0) => Ok(()),
        (true, ..) => Err(Failed::Wrong(format!(
            "{errors} errors in the mapping files, {failing} cases that fail"
        ))),
        (false, 0, _) => {
            let told: String = checked.failing().map(|failing| format!("{failing}\n")).collect();
            let all = checked.cases.len();
            let help = "If that is what was meant: omnihub check --accept";
            Err(Failed::Wrong(format!("{failing} of {all} cases fail\n{told}{help}")))
        }
        (false, ..) => Err(Failed::Wrong(checked.findings.to_string())),
    }
}

/// Corrects the cases whose payload is another one, and tells which; gives how many.
fn accept(config: &Config, checked: &Checked) -> Result<usize, Failed> {
    let folder = &config.mappings.dir;
    if !folder.is_dir() {
        let folder = folder.display();
        return Err(Failed::Wrong(format!("there is no folder of mapping files at {folder}")));
    }
    let mut accepted = 0;
    for file in hub::case_files(folder)? {
        let failing = checked.failing().find(|failing| failing.file == file.path);
        let sent = failing.and_then(|failing| failing.sent.as_ref());
        if let Some(text) = sent.and_then(|sent| file.with_payload(sent)) {
            std::fs::write(&file.path, text)?;
            say(&format!("{} says now what is sent", file.path));
            accepted += 1;
        }
    }
    Ok(accepted)
}

fn tell(mappings: &Mappings, checked: &Checked) {
    for warning in &checked.findings {
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
        for line in rule.may_refuse {
            say(&format!("  may refuse a ticket: {} ({}:{})", line.field, rule.file, line.line));
        }
    }
    let (cases, failing) = (checked.cases.len(), checked.failing().count());
    if failing == 0 {
        say(&format!(
            "good, and so are {cases} cases; the mappings' digest is {}",
            mappings.digest()
        ));
    }
}

fn as_json(checked: &Checked) -> Value {
    let rules = checked.mappings.iter().flat_map(Mappings::rules).map(|rule| rule_as_json(&rule));
    json!({
        "good": checked.mappings.is_some() && checked.failing().next().is_none(),
        "digest": checked.mappings.as_ref().map(Mappings::digest),
        "findings": checked.findings,
        "rules": rules.collect::<Vec<_>>(),
        "cases": checked.cases.len(),
        "failing_cases": checked.failing().collect::<Vec<_>>(),
    })
}

fn rule_as_json(rule: &RuleSummary<'_>) -> Value {
    json!({
        "name": rule.name,
        "adapter": rule.adapter,
        "operation": rule.operation.name,
        "event": rule.event.as_str(),
        "enabled": rule.enabled,
        "file": rule.file,
        "line": rule.line,
        "needs": rule.needs,
        "may_refuse": rule.may_refuse,
    })
}

fn write_schemas(folder: &Path, listed: &[Listed]) -> Result<(), Failed> {
    if !folder.is_dir() {
        let folder = folder.display();
        return Err(Failed::Wrong(format!("there is no folder of mapping files at {folder}")));
    }
    let into = folder.join("schema");
    std::fs::create_dir_all(&into)?;
    for (adapter, schema) in hub::schemas(listed) {
        let file = into.join(format!("{adapter}.json"));
        std::fs::write(&file, serde_json::to_string_pretty(&schema)? + "\n")?;
        say(&file.display().to_string());
    }
    Ok(())
}

/// Nothing is signed when nothing runs.
pub(crate) struct NoSecrets;

impl SigningSecrets for NoSecrets {
    fn newest_first(&self, _: &PartnerId) -> Vec<Secret> {
        Vec::new()
    }
}
