//! One line: the ways to its value, and what happens when none gives one.

use omnihub_contract::FieldKind;

use super::super::report::{Span, issue};
use super::super::step::{Make, Operand, Otherwise, Plan, Source, Term};
use super::super::val::Ty;
use super::super::{MayRefuse, codes};
use super::document::{self, Item};
use super::fields::Slot;
use super::operand::{Reader, Typed};
use super::resolve::Site;
use super::term::{BESIDE, STEPS, hint, is_step};

/// A line while it is read.
pub(super) struct Line<'l, 'r, 'f> {
    /// Dotted name of its field.
    name: &'l str,
    /// Absent for a free member of an object.
    kind: Option<FieldKind>,
    is_mandatory: bool,
    reader: Reader<'r, 'f>,
}

impl<'l, 'r, 'f> Line<'l, 'r, 'f> {
    /// The line of a field, or of a free member of an object.
    pub(super) fn of(name: &'l str, slot: Slot, reader: Reader<'r, 'f>) -> Self {
        let field = slot.field();
        let kind = field.map(|field| field.kind);
        Self { name, kind, is_mandatory: field.is_some_and(|field| field.mandatory), reader }
    }

    /// Reads it. Nothing where it has a finding.
    pub(super) fn plan(mut self, item: &Item<'_>) -> Option<Plan> {
        let terms = self.terms(item)?;
        let misfits = terms.iter().filter(|term| !self.fits(term)).count();
        self.check_reach(&terms);
        let table = item.get_ref().as_table().filter(|table| is_step(table));
        let otherwise = table.and_then(|table| document::entry(table, "otherwise"));
        let otherwise = self.otherwise(&terms, otherwise, &item.span())?;
        let line = self.reader.report.line(&item.span());
        if matches!(otherwise, Otherwise::Refuse) {
            self.reader.gathered.may_refuse.push(MayRefuse { field: self.name.into(), line });
        }
        let terms = terms.into_iter().map(|term| term.it).collect();
        (misfits == 0).then(|| Plan { name: self.name.into(), line, terms, otherwise })
    }

    /// The ways to the value, the first that has one wins.
    fn terms(&mut self, item: &Item<'_>) -> Option<Vec<Typed<Term>>> {
        let Some(table) = item.get_ref().as_table().filter(|table| is_step(table)) else {
            return self.reader.term(item, self.name).map(|term| vec![term]);
        };
        let known = [STEPS, BESIDE, &["otherwise"]].concat();
        self.reader.check_keys(table, &known, &item.span())?;
        let Some((_, list)) = document::entry(table, "first") else {
            return self.reader.made(table, self.name).map(|term| vec![term]);
        };
        let ways = list.get_ref().as_array().map(|list| list.as_ref()).unwrap_or_default();
        if ways.is_empty() {
            let message = "`first` should be a list of at least one path or `{ value = … }`";
            self.reader.report.add(issue(codes::FORM, &list.span(), message));
            return None;
        }
        let kept = self.reader.conditions.len();
        let when = self.reader.narrowed(table);
        let terms: Vec<_> = ways
            .iter()
            .map(|item| {
                let term = self.reader.term(item, self.name)?;
                self.reader.after(term, table)
            })
            .collect();
        self.reader.conditions.truncate(kept);
        let (when, mut terms) = (when?, terms.into_iter().collect::<Option<Vec<_>>>()?);
        for term in &mut terms {
            term.gap = term.gap.take().or_else(|| when.gap.clone());
            term.it.when.extend(when.conditions.iter().cloned());
        }
        Some(terms)
    }

    /// Whether a way gives what the field takes.
    fn fits(&mut self, term: &Typed<Term>) -> bool {
        let fits = self.kind.map_or(term.ty.is_json(), |kind| term.ty.fits(kind));
        if !fits {
            let wanted = self.kind.map_or("a value of JSON", Ty::wanted);
            let is = term.ty.as_str();
            let message = format!("`{}` takes {wanted}, and {} is {is}", self.name, term.what);
            let help = match (&term.it.make, self.kind) {
                (
                    Make::Read(Operand { source: Source::Literal(value), path, .. }),
                    Some(FieldKind::Text),
                ) if path.is_empty() && !value.is_string() => {
                    format!("a text stands in quotes: `{{ value = \"{value}\" }}`")
                }
                _ => hint(term.ty, self.kind).to_owned(),
            };
            self.reader.report.add(issue(codes::TYPE, &term.span, message).help(help));
        }
        fits
    }

    /// Warns of ways that can never be taken.
    fn check_reach(&mut self, terms: &[Typed<Term>]) {
        let always = terms.iter().position(|term| term.gap.is_none());
        if let Some(unreached) = always.and_then(|at| terms.get(at + 1)) {
            let message = "this is never reached: the one before it always has a value";
            self.reader.report.add(issue(codes::NO_EFFECT, &unreached.span, message).warning());
        }
    }

    fn otherwise(
        &mut self,
        terms: &[Typed<Term>],
        given: Option<(Span, &Item<'_>)>,
        line: &Span,
    ) -> Option<Otherwise> {
        let gap = terms.last().and_then(|term| term.gap.clone());
        let is_proved = terms.iter().any(|term| term.gap.is_none());
        match (given, gap) {
            (None, _) if is_proved => Some(Otherwise::Proved),
            (None, _) if matches!(self.reader.site, Site::Incoming(..)) => {
                // Nothing that a system says is refused: what is missing or strange is left out, and
                // where it matters it becomes a finding.
                Some(if self.is_mandatory { Otherwise::Refuse } else { Otherwise::Omit })
            }
            (None, gap) => {
                self.lacks_otherwise(gap, line);
                None
            }
            (Some((span, item)), _) => {
                if is_proved {
                    let message = "this never happens: the line always has a value";
                    self.reader.report.add(issue(codes::NO_EFFECT, &span, message).warning());
                }
                self.last_resort(item)
            }
        }
    }

    fn lacks_otherwise(&mut self, gap: Option<String>, line: &Span) {
        let message = format!(
            "`{}` may have no value, and the line does not say what happens then",
            self.name
        );
        let help = if self.is_mandatory {
            "it is mandatory: add `otherwise = \"settings.…\"`, `{ value = … }` or `\"refuse\"`"
        } else {
            "add `otherwise = \"omit\"`, a path, `{ value = … }` or `\"refuse\"`"
        };
        let found = issue(codes::MAY_BE_ABSENT, line, message).help(help);
        self.reader.report.add(match gap {
            Some(gap) => found.why(gap),
            None => found,
        });
    }

    /// What `otherwise` says.
    fn last_resort(&mut self, item: &Item<'_>) -> Option<Otherwise> {
        match item.get_ref().as_str() {
            Some("refuse") => return Some(Otherwise::Refuse),
            Some(word @ ("omit" | "null")) if self.is_mandatory => {
                let message = format!("`{}` is mandatory: it cannot be `{word}`", self.name);
                let help = "take `\"settings.…\"`, `{ value = … }` or `\"refuse\"`";
                let found = issue(codes::MAY_BE_ABSENT, &item.span(), message);
                self.reader.report.add(found.help(help));
                return None;
            }
            Some("omit") => return Some(Otherwise::Omit),
            Some("null") => return Some(Otherwise::Null),
            _ => {}
        }
        let mut term = self.reader.term(item, self.name)?;
        let fits = self.fits(&term);
        if let Some(gap) = term.gap.take() {
            let message = format!("what `{}` takes otherwise may have no value either", self.name);
            let help = "put it into `first = […]`, and end with what is always there";
            let found = issue(codes::MAY_BE_ABSENT, &item.span(), message);
            self.reader.report.add(found.why(gap).help(help));
            return None;
        }
        fits.then_some(Otherwise::Use(term.it))
    }
}
