//! One way to a value: a path, a literal, a composed text, or a table that says how it is made.

use omnihub_contract::FieldKind;
use toml::de::{DeTable, DeValue};

use super::super::codes;
use super::super::parse::{self, Piece};
use super::super::report::{Span, issue};
use super::super::step::{Operand, Part, Term};
use super::super::val::Ty;
use super::document::{self, Item};
use super::operand::{Reader, Typed, literal};

/// Keys of which one says where a value comes from.
const STEPS: &[&str] = &["value", "first", "text", "from"];
/// Keys of a way inside `first` or `otherwise`.
const INNER_KEYS: &[&str] =
    &["value", "text", "from", "table", "format", "timezone", "as", "unless", "wait"];

/// Whether a table says how a value is made, and is no object that only groups lines.
pub(super) fn is_step(table: &DeTable<'_>) -> bool {
    table.is_empty() || STEPS.iter().any(|key| table.contains_key(*key))
}

impl Reader<'_, '_> {
    /// Checks that exactly one key says where the value comes from.
    pub(super) fn check_steps(&mut self, table: &DeTable<'_>, span: &Span) -> Option<()> {
        for (key, with) in [("wait", "from"), ("unless", "from"), ("timezone", "format")] {
            if let (Some((span, _)), false) =
                (document::entry(table, key), table.contains_key(with))
            {
                let message = format!("`{key}` only goes with `{with}`");
                self.report.add(issue(codes::FORM, &span, message));
            }
        }
        if STEPS.iter().filter(|key| table.contains_key(**key)).count() == 1 {
            return Some(());
        }
        let message = "a line needs exactly one of `from`, `first`, `text` and `value`";
        self.report.add(issue(codes::FORM, span, message));
        None
    }

    /// One way: a path, a literal, or a table that says how the value is made.
    pub(super) fn term(&mut self, item: &Item<'_>) -> Option<Typed<Term>> {
        match item.get_ref() {
            DeValue::String(text) => {
                self.pipeline(text, &item.span(), true).map(Typed::<Operand>::into_term)
            }
            DeValue::Table(table) => {
                document::check_keys(self.report, table, INNER_KEYS, "this");
                self.check_steps(table, &item.span())?;
                self.made(table)
            }
            value if document::is_scalar(value) => self.value(item),
            _ => {
                let wanted = "a path in quotes, or a table such as `{ value = … }`";
                document::wrong_form(self.report, item, "a line", wanted);
                None
            }
        }
    }

    /// What `{ value | text | from = … }` makes.
    pub(super) fn made(&mut self, table: &DeTable<'_>) -> Option<Typed<Term>> {
        let term = if let Some((_, item)) = document::entry(table, "value") {
            self.value(item)?
        } else if let Some((_, item)) = document::entry(table, "text") {
            let text = document::text(self.report, item, "`text`")?;
            self.composed(text, &item.span())?
        } else {
            let (_, item) = document::entry(table, "from")?;
            let wait = match document::entry(table, "wait") {
                Some((_, wait)) => document::flag(self.report, wait, "`wait`")?,
                None => true,
            };
            let text = document::text(self.report, item, "`from`")?;
            self.pipeline(text, &item.span(), wait)?.into_term()
        };
        self.after(term, table)
    }

    fn value(&mut self, item: &Item<'_>) -> Option<Typed<Term>> {
        let Some(value) = document::literal(item.get_ref()) else {
            let wanted = "a text, a number, a flag, a list or an object";
            document::wrong_form(self.report, item, "`value`", wanted);
            return None;
        };
        literal(value, "this value", item.span()).map(Typed::<Operand>::into_term)
    }

    /// A template: it has a value where all its holes have one.
    fn composed(&mut self, text: &str, span: &Span) -> Option<Typed<Term>> {
        let pieces = match parse::template(text) {
            Ok(pieces) => pieces,
            Err(slip) => {
                let at = self.report.within(span, text, &slip.at);
                self.report.add(issue(codes::FORM, &at, slip.message));
                return None;
            }
        };
        let mut gap = text.trim().is_empty().then(|| "an empty text counts as none".to_owned());
        let mut parts = Vec::new();
        for piece in pieces {
            parts.push(match piece {
                Piece::Letters(letters) => Part::Letters(letters.into()),
                Piece::Hole(hole) => {
                    let at = self.report.within(span, text, &hole.at);
                    let mut operand = self.operand(&hole, (text, span), true)?;
                    self.can_be_printed(&operand, &at)?;
                    gap = gap.or(operand.gap.take());
                    Part::Hole(operand.it)
                }
            });
        }
        let what = "the composed text".to_owned();
        Some(Typed { it: Term::Text(parts), ty: Ty::Text, gap, span: span.clone(), what })
    }

    fn can_be_printed(&mut self, operand: &Typed<Operand>, at: &Span) -> Option<()> {
        if matches!(operand.ty, Ty::Text | Ty::Whole | Ty::Number | Ty::Flag) {
            return Some(());
        }
        let message =
            format!("{} cannot stand in a text: it is {}", operand.what, operand.ty.as_str());
        let help = hint(operand.ty, Some(FieldKind::Text));
        self.report.add(issue(codes::TYPE, at, message).help(help));
        None
    }

    /// What stands beside the source: `table`, `format`, `as` and `unless`, in this order.
    pub(super) fn after(&mut self, term: Typed<Term>, table: &DeTable<'_>) -> Option<Typed<Term>> {
        let Typed { it, ty, mut gap, span, what } = term;
        let (operand, mut unless) = match it {
            Term::Read(operand, unless) => (operand, unless),
            text => {
                self.check_nothing_after(table);
                return Some(Typed { it: text, ty, gap, span, what });
            }
        };
        if let Some((_, item)) = document::entry(table, "unless") {
            let text = document::text(self.report, item, "`unless`")?;
            unless = Some(self.pipeline(text, &item.span(), true)?.it);
            gap = gap.or_else(|| Some("`unless` can leave it out".to_owned()));
        }
        let operand = Typed { it: operand, ty, gap, span, what };
        let operand = self.looked_up(operand, table)?;
        let operand = self.formatted(operand, table)?;
        let operand = self.converted(operand, table)?;
        let mut term = operand.into_term();
        if let Term::Read(_, slot) = &mut term.it {
            *slot = unless;
        }
        Some(term)
    }

    fn check_nothing_after(&mut self, table: &DeTable<'_>) {
        for key in ["table", "format", "as"] {
            if let Some((span, _)) = document::entry(table, key) {
                let message = format!("a composed text takes no `{key}`");
                let help = "write it as a transform in the hole: `{path | transform}`";
                self.report.add(issue(codes::FORM, &span, message).help(help));
            }
        }
    }
}

/// How a value of one type gets into a field of another.
pub(super) fn hint(ty: Ty, kind: Option<FieldKind>) -> &'static str {
    match (ty, kind) {
        (Ty::Time, _) => "write the time with `| iso` or with `format = \"…\"`",
        (Ty::Any, Some(FieldKind::Number)) => "say what it is: `as = \"number\"`",
        (Ty::Any, _) => "say what it is: `as = \"text\"`, `\"number\"` or `\"whole\"`",
        (Ty::Group, _) => "name one of the group's members",
        (Ty::Text, Some(FieldKind::Number)) => "convert it with `as = \"number\"`",
        (Ty::Whole | Ty::Number | Ty::Flag, Some(FieldKind::Text)) => {
            "convert it with `as = \"text\"`"
        }
        _ => "there is no conversion between the two",
    }
}

impl Typed<Operand> {
    fn into_term(self) -> Typed<Term> {
        let Self { it, ty, gap, span, what } = self;
        Typed { it: Term::Read(it, None), ty, gap, span, what }
    }
}
