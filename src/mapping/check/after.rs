//! What stands beside the source of a value: `when`, `unless`, `table`, `format` and `as`.

use toml::de::DeTable;

use super::super::codes;
use super::super::condition::{self, Condition};
use super::super::report::issue;
use super::super::step::{Make, Term};
use super::super::val::Ty;
use super::conditions;
use super::document;
use super::operand::{Reader, Typed};
use super::resolve::Asker;

/// The conditions of a line, and why they may keep it from its value.
pub(super) struct Narrowed {
    pub(super) conditions: Vec<Condition>,
    pub(super) gap: Option<String>,
}

impl Reader<'_, '_> {
    /// Reads `when`, and takes what it asks for granted from here on. Nothing where it has a finding.
    pub(super) fn narrowed(&mut self, table: &DeTable<'_>) -> Option<Narrowed> {
        let Some((at, item)) = document::entry(table, "when") else {
            return Some(Narrowed { conditions: Vec::new(), gap: None });
        };
        let errors = self.report.errors();
        let site = self.site;
        let conditions = conditions::read(self.scope, (site, Asker::Line), item, self.report);
        if self.report.errors() > errors {
            return None;
        }
        let outer = std::mem::take(&mut self.conditions);
        let is_implied = conditions
            .iter()
            .all(|condition| condition::imply(&outer, &condition.path, &condition.test));
        self.conditions = [outer, conditions.clone()].concat();
        if is_implied {
            let message = "this `when` always holds here";
            self.report.add(issue(codes::NO_EFFECT, &at, message).warning());
        } else if let Some(paths) = condition::impossible(&self.conditions) {
            let message = "this `when` never holds here";
            let why = conditions::impossible(paths);
            self.report.add(issue(codes::NO_EFFECT, &at, message).why(why).warning());
        }
        let gap = (!is_implied).then(|| "its `when` need not hold".to_owned());
        Some(Narrowed { conditions, gap })
    }

    /// What stands beside the source: `unless`, `table`, `format` and `as`, in this order; but `as`
    /// comes first where it says what something untyped is.
    pub(super) fn after(
        &mut self,
        mut term: Typed<Term>,
        table: &DeTable<'_>,
    ) -> Option<Typed<Term>> {
        if let Some((_, item)) = document::entry(table, "unless") {
            let text = document::text(self.report, item, "`unless`")?;
            term.it.unless = Some(self.pipeline(text, &item.span(), true)?.it);
            term.gap = term.gap.or_else(|| Some("`unless` can leave it out".to_owned()));
        }
        let Typed { it: Term { when, unless, make }, ty, gap, span, what } = term;
        let operand = match make {
            Make::Read(operand) => Typed { it: operand, ty, gap, span, what },
            make => {
                self.check_nothing_after(table, &what);
                return Some(Typed { it: Term { when, unless, make }, ty, gap, span, what });
            }
        };
        let is_untyped = operand.ty == Ty::Any;
        let mut operand = if is_untyped { self.converted(operand, table)? } else { operand };
        operand = self.looked_up(operand, table)?;
        operand = self.formatted(operand, table)?;
        if !is_untyped {
            operand = self.converted(operand, table)?;
        }
        let Typed { it, ty, gap, span, what } = operand;
        Some(Typed { it: Term { when, unless, make: Make::Read(it) }, ty, gap, span, what })
    }

    fn check_nothing_after(&mut self, table: &DeTable<'_>, what: &str) {
        for key in ["table", "format", "as"] {
            if let Some((span, _)) = document::entry(table, key) {
                let message = format!("{what} takes no `{key}`");
                let help = "write it as a transform where the path stands: `{path | transform}`";
                self.report.add(issue(codes::FORM, &span, message).help(help));
            }
        }
    }
}
