//! Mappings: from mapping files to which deliveries an event makes and what each of them says.
//!
//! [`compile`] reads a set of mapping files, checks them against the adapters' operations and
//! settings, and either gives [`Mappings`] or every finding at once. [`Mappings::route`] says which
//! rules match an event; [`Mappings::map`] fills one rule's fields from a ticket.
//!
//! It deliberately does not read files, keep tickets, look at a clock or call anybody. What a
//! mapping file may say is described in `mappings/README.md`; what it cannot say belongs in an
//! adapter, not in a bigger language.
//!
//! Invariants:
//! - What compiled cannot fail while it runs, but where a line says `refuse`, or a ticket breaks
//!   the canonical model ([`codes::BROKEN_PROMISE`]).
//! - A mandatory field always has a value of its type.
//! - The receipts that a rule waits for are exactly those that its lines read without
//!   `wait = false`; rules never wait for each other in a circle.
//! - Nothing is looked up by name on the way: paths are functions, settings and tables are there.
//!
//! What others need of it: [`Mappings::rules`] lists the rules with what they wait for and may refuse;
//! [`Mappings::explain`] is [`Mappings::map`], told line by line; [`Mappings::inbound`] reads what a
//! system says; [`Mappings::digest`] names the set; [`schemas`] are for editors.
//!
//! The way through: `parse` and `check` (texts to rules), `step` (rules to payloads, and looking on
//! while they run), `condition` (which rule), `path` (what can be read), `transform` (what can be done
//! to it), `inbound` (the way back), `schema` (the same tables, for editors).

use std::fmt;
use std::sync::Arc;

use omnihub_contract::outline;
use omnihub_contract::{
    AdapterName, Event, EventKind, Incoming, Operation, ReceiptName, Receipts, Source,
};
use omnihub_contract::{Status, StatusWord, Ticket};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

mod check;
pub mod codes;
mod condition;
mod convert;
mod explain;
mod files;
mod finding;
mod inbound;
pub mod near;
mod parse;
mod path;
mod report;
mod rule;
mod schema;
mod shown;
mod step;
#[cfg(test)]
mod tests;
mod transform;
mod val;
mod why;

pub use explain::{Explanation, Line, LineStep};
pub use files::file;
pub use finding::{Finding, Findings, Severity};
pub use inbound::{Inbound, InboundComment, InboundFinding};
pub use shown::Shown;
pub use why::WhyNot;

use rule::Rule;
use step::{Lack, Scene};

/// One mapping file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MappingFile {
    /// The adapter that it is for; the file must say the same.
    pub adapter: AdapterName,
    /// The file as findings show it.
    pub path: String,
    /// What it says.
    pub text: String,
}

/// What an adapter offers to mapping files.
#[derive(Clone, Debug)]
pub struct Catalog {
    /// Its name.
    pub adapter: AdapterName,
    /// What it can be asked to do.
    pub operations: &'static [Operation],
    /// What it tells: callbacks, and answers to queries.
    pub incoming: &'static [Incoming],
    /// What `settings.…` reads in its mapping file: `[adapters.<name>.settings]`.
    pub settings: Map<String, Value>,
}

/// How files are compiled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CompileOptions {
    /// Whether rules with `enabled = false` are on all the same, as in the sandbox.
    pub switched_off_rules: bool,
}

/// Compiles and checks a set of mapping files as one.
///
/// # Errors
/// Every finding of every file, warnings included, if one of them is an error.
pub fn compile(
    files: &[MappingFile],
    catalogs: &[Catalog],
    options: CompileOptions,
) -> Result<Mappings, Findings> {
    check::compile(files, catalogs, options)
}

/// A JSON Schema for each adapter's mapping file, for editors.
pub fn schemas(catalogs: &[Catalog]) -> Vec<(AdapterName, Value)> {
    let schema = |catalog: &Catalog| (catalog.adapter.clone(), schema::of(catalog, catalogs));
    catalogs.iter().map(schema).collect()
}

/// As many characters as `git` shows of a commit in a large repository.
const SHORT_DIGEST_CHARS: usize = 12;

/// A checked set of mapping files. Swapped as a whole.
pub struct Mappings {
    rules: Vec<Rule>,
    sections: Vec<inbound::Section>,
    warnings: Findings,
    digest: String,
    sources: Vec<MappingFile>,
}

impl fmt::Debug for Mappings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mappings").field("digest", &self.digest).finish_non_exhaustive()
    }
}

/// A delivery that an event makes.
#[derive(Clone, Debug)]
pub struct Route {
    /// Where it goes.
    pub adapter: AdapterName,
    /// What is asked there.
    pub operation: &'static Operation,
    /// The rule whose fields it will be mapped with.
    pub rule: Arc<str>,
    /// What the ticket must have been given before it can be mapped.
    pub needs: Vec<ReceiptName>,
}

/// What a rule's fields are filled from.
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    /// The ticket as it was accepted.
    pub ticket: &'a Ticket,
    /// The event that made the delivery.
    pub event: &'a Event,
    /// The ticket's status now.
    pub status: &'a Status,
    /// What upstreams gave the ticket.
    pub receipts: &'a Receipts,
    /// The files that the event brought, with their contents: the ticket's where it was created, those
    /// that were added where some were, else none. Objects with `filename`, `mime_type`, `size`,
    /// `content` (base64) and, where there is one, `description`.
    pub attachments: &'a [Value],
}

/// Why a delivery cannot be mapped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MapFailure {
    /// A receipt is not there yet: map it again when it is.
    #[error("waits for {0}")]
    Waits(ReceiptName),
    /// A field has no value that can be sent, and its line says `refuse`.
    #[error("{code}: {message}")]
    Refused {
        /// `H03…`.
        code: &'static str,
        /// Names the rule and the field, and shows nothing of the ticket.
        message: String,
    },
    /// The mappings have no such rule (any more).
    #[error("no mapping rule has that name")]
    NoRule,
}

/// What there is to know of a rule without running it.
#[derive(Clone, Copy, Debug)]
pub struct RuleSummary<'m> {
    /// Its name, unique among its adapter's.
    pub name: &'m Arc<str>,
    /// Where its deliveries go.
    pub adapter: &'m AdapterName,
    /// What is asked there.
    pub operation: &'static Operation,
    /// The event that it waits for.
    pub event: EventKind,
    /// Whether it makes deliveries.
    pub enabled: bool,
    /// What a ticket must have been given before it can be mapped.
    pub needs: &'m [ReceiptName],
    /// The lines that may refuse a ticket.
    pub may_refuse: &'m [MayRefuse],
    /// The file as findings show it.
    pub file: &'m str,
    /// The line on which it begins, counted from 1.
    pub line: usize,
}

/// A line that says `otherwise = "refuse"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MayRefuse {
    /// Dotted name of what it fills.
    pub field: Box<str>,
    /// Where it stands in its rule's file, counted from 1.
    pub line: usize,
}

impl Mappings {
    /// Lower-case hex of the SHA-256 over all that can change a payload: files, settings, options.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The first characters of [`digest`](Self::digest): enough to tell a few sets apart.
    pub fn short_digest(&self) -> &str {
        self.digest.get(..SHORT_DIGEST_CHARS).unwrap_or(&self.digest)
    }

    /// The files that it was compiled from.
    pub fn sources(&self) -> &[MappingFile] {
        &self.sources
    }

    /// What somebody should look at although the set was taken.
    pub fn warnings(&self) -> &Findings {
        &self.warnings
    }

    /// The deliveries that an event makes: one for every rule that matches, in the order of the
    /// files, none to the adapter that the event came from.
    pub fn route(&self, ticket: &Ticket, event: &Event) -> Vec<Route> {
        self.rules
            .iter()
            .filter(|rule| rule.is_due(ticket, event))
            .map(|rule| Route {
                adapter: rule.adapter.clone(),
                operation: rule.operation,
                rule: Arc::clone(&rule.name),
                needs: rule.needs.clone(),
            })
            .collect()
    }

    /// What stands in the way of each rule that makes no delivery, in the order of the files.
    pub fn why_not(&self, ticket: &Ticket, event: &Event) -> Vec<(RuleSummary<'_>, WhyNot)> {
        let rules = self.rules.iter();
        rules.filter_map(|rule| Some((rule.summary(), rule.why_not(ticket, event)?))).collect()
    }

    /// Fills the fields of one rule. A rule that was switched off since still maps the deliveries
    /// that it made before.
    ///
    /// # Errors
    /// See [`MapFailure`]. A missing receipt is `Waits` whatever its line says.
    pub fn map(
        &self,
        adapter: &AdapterName,
        rule: &str,
        facts: &Facts<'_>,
    ) -> Result<Map<String, Value>, MapFailure> {
        let rule = self.find(adapter, rule)?;
        if let Some(missing) = missing(rule, facts) {
            return Err(MapFailure::Waits(missing.clone()));
        }
        step::fill(&rule.members, Scene::Filling(facts), &mut ())
            .map_err(|refusal| refused(rule, &refusal))
    }

    /// What may be kept and shown of a payload that [`map`](Self::map) made: JSON, cut at so many bytes.
    pub fn shown(
        &self,
        adapter: &AdapterName,
        rule: &str,
        payload: &Map<String, Value>,
        bytes_max: usize,
    ) -> String {
        let members = self.find(adapter, rule).map_or(&[][..], |rule| &rule.members);
        outline::json(&shown::ShownPayload { members, payload }, bytes_max)
    }

    /// The same as [`Mappings::map`], told line by line: every line is run, also behind one that
    /// refuses.
    ///
    /// # Errors
    /// [`MapFailure::NoRule`]. Why there is no payload stands in the explanation.
    pub fn explain(
        &self,
        adapter: &AdapterName,
        rule: &str,
        facts: &Facts<'_>,
    ) -> Result<Explanation, MapFailure> {
        self.find(adapter, rule).map(|rule| explain::explain(rule, facts))
    }

    /// What a system says, in the hub's words: `what` is a callback that it makes, or the operation
    /// whose answer it is. What cannot be read is a finding, never an error.
    pub fn inbound(&self, adapter: &AdapterName, what: &str, said: &Value) -> Inbound {
        let is_meant =
            |section: &&inbound::Section| section.adapter == *adapter && *section.what == *what;
        match self.sections.iter().find(is_meant) {
            Some(section) => section.read(said),
            None => inbound::unread(adapter, what),
        }
    }

    /// Whether anything is read of this.
    pub fn reads(&self, adapter: &AdapterName, what: &str) -> bool {
        let is_it = |it: &inbound::Section| it.adapter == *adapter && *it.what == *what;
        self.sections.iter().any(is_it)
    }

    /// The word by which a system calls a status of the hub's, where it has one: the first that its
    /// mapping reads as that status, or the one that loses what it was.
    pub fn word_for(&self, adapter: &AdapterName, status: &StatusWord) -> Option<&str> {
        let sections = self.sections.iter().filter(|section| section.adapter == *adapter);
        sections.filter_map(|section| section.word_for(status)).next()
    }

    fn find(&self, adapter: &AdapterName, rule: &str) -> Result<&Rule, MapFailure> {
        let is_meant =
            |candidate: &&Rule| candidate.adapter == *adapter && *candidate.name == *rule;
        self.rules.iter().find(is_meant).ok_or(MapFailure::NoRule)
    }

    /// Whether a rule reads the files that came with an event: only then is it worth having them.
    pub fn reads_files(&self, adapter: &AdapterName, rule: &str) -> bool {
        let mut rules = self.rules.iter();
        let rule = rules.find(|it| it.adapter == *adapter && *it.name == *rule);
        rule.is_some_and(|rule| rule.members.iter().any(step::Member::reads_files))
    }

    /// Every rule, in the order of the files.
    pub fn rules(&self) -> impl Iterator<Item = RuleSummary<'_>> {
        self.rules.iter().map(Rule::summary)
    }
}

/// A change is never told to the system that it came from: that would echo for ever.
fn is_source(event: &Event, adapter: &AdapterName) -> bool {
    matches!(&event.source, Source::Adapter(source) if source == adapter)
}

/// The first receipt that the rule waits for.
fn missing<'r>(rule: &'r Rule, facts: &Facts<'_>) -> Option<&'r ReceiptName> {
    rule.needs.iter().find(|name| !facts.receipts.has(name))
}

fn refused(rule: &Rule, refusal: &step::Refusal<'_>) -> MapFailure {
    let (code, what) = match (refusal.is_declared, refusal.lack) {
        (false, _) => (codes::BROKEN_PROMISE, "lacks what every such ticket should have"),
        (true, Lack::Absent) => (codes::ABSENT, "has no value"),
        (true, Lack::Unfit) => (codes::UNFIT, "has a value that cannot be converted"),
    };
    let message =
        format!("{}: rule `{}`, field `{}` {what}", rule.adapter, rule.name, refusal.field);
    MapFailure::Refused { code, message }
}
