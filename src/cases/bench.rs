//! Runs cases: what a set of mappings makes of what is given, against what the case says.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use omnihub_contract::AdapterName;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::case::{Case, CaseFile, Instead, Wanted};
use super::differ::{Difference, differences};
use super::given::GivenError;
use super::subject::{Planned, Stage, Subject, deliveries};
use super::{FAILS, FORM};
use crate::intake::{IntakeError, PartnerDefaults, Policy};
use crate::mapping::{
    self, Catalog, CompileOptions, Inbound, MapFailure, MappingFile, Mappings, WhyNot,
};

/// Where cases are run: with every rule switched on, so that those that are off keep their cases.
pub struct Bench<'a> {
    files: &'a [MappingFile],
    catalogs: &'a [Catalog],
    policy: Policy,
    /// Compiled sets by the settings that cases change.
    sets: BTreeMap<String, Arc<Mappings>>,
}

/// A case that came out as it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    /// The adapter that it is about.
    pub adapter: AdapterName,
    /// The rule that made its delivery, or that it says makes none.
    pub rule: Option<String>,
}

/// A case that cannot be read or did not come out as it says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Failing {
    /// Code with a page of its own.
    pub code: &'static str,
    /// The file as people see it.
    pub file: String,
    /// What is wrong, in one line.
    pub message: String,
    /// Fields that are not as the case says: first what it says, then what is sent.
    pub differences: Vec<Difference>,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// What is sent, where that is all that the case has wrong.
    #[serde(skip)]
    pub sent: Option<Map<String, Value>>,
}

/// Why a case fails, before it is known which.
struct Fault {
    code: &'static str,
    message: String,
    differences: Vec<Difference>,
    help: Option<String>,
    sent: Option<Map<String, Value>>,
}

impl Fault {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), differences: Vec::new(), help: None, sent: None }
    }
}

impl<'a> Bench<'a> {
    /// A bench for mappings that compile against these.
    pub fn new(files: &'a [MappingFile], catalogs: &'a [Catalog]) -> Self {
        Self { files, catalogs, policy: Policy::default(), sets: BTreeMap::new() }
    }

    /// Runs a case.
    ///
    /// # Errors
    /// When it cannot be read or does not come out as it says.
    pub fn run(&mut self, file: &CaseFile) -> Result<Passed, Box<Failing>> {
        self.passed(file).map_err(|fault| {
            let Fault { code, message, differences, help, sent } = fault;
            Box::new(Failing { code, file: file.path.clone(), message, differences, help, sent })
        })
    }

    fn passed(&mut self, file: &CaseFile) -> Result<Passed, Fault> {
        let case: Case = serde_json::from_str(&file.text)
            .map_err(|error| Fault::new(FORM, format!("the case cannot be read: {error}")))?;
        let wanted = case.wanted().map_err(|why| Fault::new(FORM, why))?;
        let mappings = self.set(&file.adapter, &case.given.settings)?;
        let adapter = file.adapter.clone();
        if let Wanted::Reads { what, said, reads } = wanted {
            let read = as_json(&mappings.inbound(&adapter, what, said));
            same("what is read", reads, &read, &format!("[[inbound]] what = \"{what}\""))?;
            return Ok(Passed { adapter, rule: None });
        }
        let stage = Stage { policy: &self.policy, defaults: &PartnerDefaults::default() };
        let subject = case.given.subject(&stage).map_err(given)?;
        check_names(&mappings, &adapter, &case)?;
        let planned: Vec<Planned> = deliveries(&mappings, &subject)
            .into_iter()
            .filter(|planned| planned.adapter == adapter && is_meant(&case, planned))
            .collect();
        match (wanted, &*planned) {
            (Wanted::Instead(Instead::NoDelivery), []) => Ok(Passed { adapter, rule: case.rule }),
            (Wanted::Instead(Instead::NoDelivery), [planned, ..]) => {
                Err(unwanted(&Instead::NoDelivery.to_string(), planned))
            }
            (_, []) => Err(not_made(&mappings, &adapter, &case, &subject)),
            (_, [_, _, ..]) => {
                let rules: Vec<&str> = planned.iter().map(|planned| &*planned.rule).collect();
                let message = format!("more than one rule matches: {}", rules.join(", "));
                Err(Fault { help: Some("name one in `rule`".into()), ..Fault::new(FORM, message) })
            }
            (wanted, [planned]) => {
                check(&wanted, planned)?;
                Ok(Passed { adapter, rule: Some(planned.rule.to_string()) })
            }
        }
    }

    /// The mappings with these settings of the adapter changed.
    fn set(
        &mut self,
        adapter: &AdapterName,
        settings: &Map<String, Value>,
    ) -> Result<Arc<Mappings>, Fault> {
        let key = match settings.is_empty() {
            true => String::new(),
            false => format!("{adapter} {}", json!(settings)),
        };
        if let Some(set) = self.sets.get(&key) {
            return Ok(Arc::clone(set));
        }
        let mut catalogs = self.catalogs.to_vec();
        for catalog in catalogs.iter_mut().filter(|catalog| catalog.adapter == *adapter) {
            catalog.settings.extend(settings.clone());
        }
        let options = CompileOptions { switched_off_rules: true };
        let compiled = mapping::compile(self.files, &catalogs, options).map_err(|findings| {
            let first = findings.iter().next().map(ToString::to_string).unwrap_or_default();
            Fault::new(
                FORM,
                format!("with the settings of the case the mappings are wrong:\n{first}"),
            )
        })?;
        let compiled = Arc::new(compiled);
        self.sets.insert(key, Arc::clone(&compiled));
        Ok(compiled)
    }
}

fn is_meant(case: &Case, planned: &Planned) -> bool {
    case.rule.as_ref().is_none_or(|rule| **rule == *planned.rule)
        && case.operation.as_ref().is_none_or(|operation| operation == planned.operation.name)
}

/// A name that is there no more would make `no delivery` come true for ever.
fn check_names(mappings: &Mappings, adapter: &AdapterName, case: &Case) -> Result<(), Fault> {
    let mut rules = mappings.rules().filter(|rule| rule.adapter == adapter);
    let is_there = rules.any(|rule| {
        case.rule.as_ref().is_none_or(|name| **name == **rule.name)
            && case.operation.as_ref().is_none_or(|name| name == rule.operation.name)
    });
    if is_there {
        return Ok(());
    }
    let of = |name: &Option<String>| name.clone().unwrap_or_else(|| "any".to_owned());
    let (rule, operation) = (of(&case.rule), of(&case.operation));
    let message = format!("{adapter} has no rule `{rule}` for operation `{operation}`");
    let names: Vec<String> = mappings
        .rules()
        .filter(|rule| rule.adapter == adapter)
        .map(|rule| format!("`{}`", rule.name))
        .collect();
    let help = Some(format!("its rules are {}", names.join(", ")));
    Err(Fault { help, ..Fault::new(FORM, message) })
}

fn check(wanted: &Wanted<'_>, planned: &Planned) -> Result<(), Fault> {
    match (wanted, &planned.explained.payload) {
        (Wanted::Payload(wanted), Ok(payload)) => {
            let (wanted, sent) = (Value::Object((*wanted).clone()), Value::Object(payload.clone()));
            same("the payload", &wanted, &sent, &place(planned))
                .map_err(|fault| Fault { sent: Some(payload.clone()), ..fault })
        }
        (Wanted::Instead(Instead::WaitsFor(wanted)), Err(MapFailure::Waits(receipt)))
            if wanted == receipt =>
        {
            Ok(())
        }
        (Wanted::Instead(Instead::Refuses(wanted)), Err(MapFailure::Refused { .. }))
            if planned.explained.refused.as_ref() == Some(wanted) =>
        {
            Ok(())
        }
        (Wanted::Instead(wanted), _) => Err(unwanted(&wanted.to_string(), planned)),
        (Wanted::Payload(_) | Wanted::Reads { .. }, _) => Err(unwanted("a payload", planned)),
    }
}

/// Something else happens than the case says.
fn unwanted(wanted: &str, planned: &Planned) -> Fault {
    let happens = match &planned.explained.payload {
        Ok(_) => "there is a payload".to_owned(),
        Err(MapFailure::Waits(receipt)) => format!("the delivery waits for {receipt}"),
        Err(failure) => failure.to_string(),
    };
    let message = format!("the case says `{wanted}`, but {happens}: {}", place(planned));
    Fault::new(FAILS, message)
}

fn not_made(mappings: &Mappings, adapter: &AdapterName, case: &Case, subject: &Subject) -> Fault {
    let meant =
        mappings.why_not(&subject.ticket, &subject.event).into_iter().filter(|(rule, why)| {
            let is_of_event = !matches!(why, WhyNot::OtherEvent { .. });
            let is_named = match (&case.rule, &case.operation) {
                (Some(name), _) => **name == **rule.name,
                (None, Some(name)) => name == rule.operation.name && is_of_event,
                (None, None) => is_of_event,
            };
            rule.adapter == adapter && is_named
        });
    let whys: Vec<String> = meant.map(|(rule, why)| format!("`{}`: {why}", rule.name)).collect();
    let help = (!whys.is_empty()).then(|| whys.join("; "));
    Fault { help, ..Fault::new(FAILS, "the case expects a delivery, and no rule makes one") }
}

fn same(what: &str, wanted: &Value, sent: &Value, place: &str) -> Result<(), Fault> {
    let differences = differences(wanted, sent);
    if differences.is_empty() {
        return Ok(());
    }
    let message = format!("{what} is not as the case says: {place}");
    Err(Fault { differences, ..Fault::new(FAILS, message) })
}

fn place(planned: &Planned) -> String {
    format!("rule `{}` ({}:{})", planned.rule, planned.explained.file, planned.line)
}

fn given(error: GivenError) -> Fault {
    let (what, errors) = match error {
        GivenError::Body(IntakeError::Fields(errors)) => ("body", errors),
        GivenError::Update(IntakeError::Fields(errors)) => ("update", errors),
        other => return Fault::new(FORM, other.to_string()),
    };
    let told: Vec<String> = errors.iter().map(|(path, why)| format!("{path}: {why}")).collect();
    Fault::new(FORM, format!("the door would not take the {what}: {}", told.join("; ")))
}

/// What was read, with what is absent left out.
fn as_json(inbound: &Inbound) -> Value {
    let mut read = Map::new();
    if let Some(status) = &inbound.status {
        read.insert("status".into(), json!(status.canonical));
    }
    if let Some(assignee) = &inbound.assignee {
        read.insert("assignee".into(), json!(assignee));
    }
    if let Some(priority) = &inbound.priority {
        read.insert("priority".into(), json!(priority));
    }
    if let Some(at) = &inbound.created_at {
        read.insert("created_at".into(), json!(at));
    }
    let comments: Vec<Value> = inbound
        .comments
        .iter()
        .map(|comment| {
            let members = json!({
                "id": comment.id,
                "content": comment.content,
                "author": comment.author,
                "at": comment.at,
                "is_from_support": comment.is_from_support,
            });
            let members = members.as_object().cloned().unwrap_or_default().into_iter();
            Value::Object(members.filter(|(_, value)| !value.is_null()).collect())
        })
        .collect();
    if !comments.is_empty() {
        read.insert("comments".into(), Value::Array(comments));
    }
    if !inbound.findings.is_empty() {
        let codes: Vec<&str> = inbound.findings.iter().map(|finding| finding.code).collect();
        read.insert("findings".into(), json!(codes));
    }
    Value::Object(read)
}

impl fmt::Display for Failing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "error {}: {}", self.code, self.message)?;
        writeln!(f, " --> {}", self.file)?;
        let widest = self.differences.iter().map(|it| it.field.chars().count()).max().unwrap_or(0);
        for Difference { field, first, second } in &self.differences {
            let shown = |value: &Option<Value>| {
                value.as_ref().map_or_else(|| "(nothing)".to_owned(), Value::to_string)
            };
            writeln!(f, "  - {field:widest$}  {}", shown(first))?;
            writeln!(f, "  + {:widest$}  {}", "", shown(second))?;
        }
        if !self.differences.is_empty() {
            writeln!(f, "  (- as the case says, + as it is)")?;
        }
        if let Some(help) = &self.help {
            writeln!(f, "  = help: {help}")?;
        }
        Ok(())
    }
}
