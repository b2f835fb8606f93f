//! Lists and objects inside a line: lines again.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::super::report::Span;
use super::super::step::{Make, Member, Otherwise, Plan, Term};
use super::super::val::Ty;
use super::document::Item;
use super::fields::{self, Slot};
use super::line::Line;
use super::operand::{Reader, Typed};
use super::term::made;

impl Reader<'_, '_> {
    /// A list of lines. It has a value where one of them always has.
    pub(super) fn list(
        &mut self,
        list: &[Spanned<DeValue<'_>>],
        span: &Span,
        name: &str,
    ) -> Option<Typed<Term>> {
        let plans: Vec<Option<Plan>> = list
            .iter()
            .enumerate()
            .map(|(at, item)| self.inner_line(item, &format!("{name}[{at}]")))
            .collect();
        let plans: Vec<Plan> = plans.into_iter().collect::<Option<_>>()?;
        let gap = (!plans.iter().any(is_given)).then(|| match plans.is_empty() {
            true => "an empty list counts as none".to_owned(),
            false => "all that stands in the list may be left out".to_owned(),
        });
        Some(made(Make::List(plans), Ty::List, gap, (span, "this".to_owned())))
    }

    /// An object of lines. It has a value where one of them always has.
    pub(super) fn object(
        &mut self,
        table: &DeTable<'_>,
        span: &Span,
        name: &str,
    ) -> Option<Typed<Term>> {
        let mut rows = Vec::new();
        fields::walk(None, table, &format!("{name}."), &mut rows, self.report);
        let mut members: Vec<Member> = Vec::new();
        let mut is_whole = true;
        let mut is_there = false;
        for row in rows {
            let Some(plan) = self.inner_line(row.item, &row.name) else {
                is_whole = false;
                continue;
            };
            is_there |= is_given(&plan);
            let short = row.name.get(name.len() + 1..).unwrap_or(&row.name);
            fields::plant(&mut members, (short, &row.at), plan, self.report);
        }
        let gap = (!is_there).then(|| "all that stands in the object may be left out".to_owned());
        let what = (span, "this".to_owned());
        is_whole.then(|| made(Make::Object(members), Ty::Object, gap, what))
    }

    fn inner_line(&mut self, item: &Item<'_>, name: &str) -> Option<Plan> {
        Line::of(name, Slot::Inside, self.inner()).plan(item)
    }
}

/// Whether a line leaves nothing out, whatever the ticket.
pub(super) fn is_given(plan: &Plan) -> bool {
    !matches!(plan.otherwise, Otherwise::Omit)
}
