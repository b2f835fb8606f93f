//! A compiled rule: for which tickets, what is asked, and with which fields.

use std::sync::Arc;

use omnihub_contract::{AdapterName, EventKind, Operation, ReceiptName};

use super::condition::Condition;
use super::report::Span;
use super::step::Member;
use super::{MayRefuse, RuleSummary};

/// One rule.
pub(super) struct Rule {
    pub(super) name: Arc<str>,
    pub(super) adapter: AdapterName,
    pub(super) on: EventKind,
    pub(super) operation: &'static Operation,
    /// Whether it makes deliveries.
    pub(super) is_on: bool,
    /// Whether it may match beside an earlier rule of its operation.
    pub(super) also: bool,
    pub(super) conditions: Vec<Condition>,
    /// Whether a condition is left out because of a finding; the rule then looks wider than it is.
    pub(super) is_cut: bool,
    pub(super) members: Vec<Member>,
    /// Receipts that its lines wait for, each once.
    pub(super) needs: Vec<ReceiptName>,
    pub(super) may_refuse: Vec<MayRefuse>,
    pub(super) place: Place,
}

/// Where a rule stands.
pub(super) struct Place {
    /// Index of its file.
    pub(super) file: usize,
    /// As findings show it.
    pub(super) path: Arc<str>,
    pub(super) line: usize,
    /// Its name's text.
    pub(super) name: Span,
}

impl Rule {
    /// What there is to know of it.
    pub(super) fn summary(&self) -> RuleSummary<'_> {
        RuleSummary {
            name: &self.name,
            adapter: &self.adapter,
            operation: self.operation,
            event: self.on,
            enabled: self.is_on,
            needs: &self.needs,
            may_refuse: &self.may_refuse,
            file: &self.place.path,
            line: self.place.line,
        }
    }
}
