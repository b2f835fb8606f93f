//! One way to a value: a path, a literal, a composed text, a list, or a table that says how it is made.

use omnihub_contract::FieldKind;
use toml::de::{DeTable, DeValue};

use super::super::codes;
use super::super::near::near;
use super::super::parse::{self, Piece};
use super::super::report::{Span, issue};
use super::super::step::{Make, Operand, Part, Term};
use super::super::val::Ty;
use super::document::{self, Item};
use super::operand::{Reader, Typed, literal};

/// Keys of which one says where a value comes from.
pub(in crate::mapping) const STEPS: &[&str] = &["value", "text", "from", "first", "all", "object"];
/// What may stand beside them.
pub(super) const BESIDE: &[&str] = &["table", "format", "timezone", "as", "when", "unless", "wait"];

/// What to write where an object has members that are called as a line's keys are.
const AS_AN_OBJECT: &str =
    "an object with members such as `text` or `from` is written `{ object = { … } }`";

/// Whether a table says how a value is made, and is no object that only groups lines.
pub(super) fn is_step(table: &DeTable<'_>) -> bool {
    let tells = |key: &&str| table.contains_key(*key);
    table.is_empty() || STEPS.iter().any(tells) || ["otherwise", "unless"].iter().any(tells)
}

impl Reader<'_, '_> {
    /// Checks the keys of a line: that there are no others, and exactly one says where the value
    /// comes from.
    pub(super) fn check_keys(
        &mut self,
        table: &DeTable<'_>,
        known: &[&str],
        span: &Span,
    ) -> Option<()> {
        for (key, at, _) in document::in_order(table) {
            if !known.contains(&key) {
                let message = format!("a line has no key `{key}` here");
                let help = match (key, near(key, known.iter().copied())) {
                    ("first", _) => "put all ways into one `first`".to_owned(),
                    ("otherwise", _) => "it goes to the end of the line".to_owned(),
                    (_, Some(near)) => format!("did you mean `{near}`?"),
                    (_, None) => AS_AN_OBJECT.to_owned(),
                };
                self.report.add(issue(codes::UNKNOWN_KEY, &at, message).help(help));
            }
        }
        for (key, with) in [("wait", "from"), ("unless", "from")] {
            if let (Some((span, _)), false) =
                (document::entry(table, key), table.contains_key(with))
            {
                let message = format!("`{key}` only goes with `{with}`");
                self.report.add(issue(codes::FORM, &span, message));
            }
        }
        if let (Some((span, _)), false, false) = (
            document::entry(table, "timezone"),
            table.contains_key("format"),
            table.contains_key("as"),
        ) {
            let message = "`timezone` only goes with `format` or with `as = \"time\"`";
            self.report.add(issue(codes::FORM, &span, message));
        }
        let steps: Vec<&str> =
            STEPS.iter().copied().filter(|key| table.contains_key(*key)).collect();
        if steps.len() == 1 {
            return Some(());
        }
        let message =
            "a line needs exactly one of `from`, `value`, `text`, `first`, `all` and `object`";
        let found = issue(codes::FORM, span, message);
        self.report.add(match steps.as_slice() {
            [] => found,
            several => found.why(format!("this one has {}", document::quoted(several))),
        });
        None
    }

    /// One way: a path, a literal, a list, or a table that says how the value is made.
    pub(super) fn term(&mut self, item: &Item<'_>, name: &str) -> Option<Typed<Term>> {
        match item.get_ref() {
            DeValue::String(text) => {
                self.pipeline(text, &item.span(), true).map(Typed::<Operand>::into_term)
            }
            DeValue::Table(table) if is_step(table) => {
                let inner: Vec<&str> =
                    STEPS.iter().copied().filter(|key| *key != "first").collect();
                self.check_keys(table, &[&inner, BESIDE].concat(), &item.span())?;
                self.made(table, name)
            }
            DeValue::Table(table) => self.object(table, &item.span(), name),
            DeValue::Array(list) => self.list(list, &item.span(), name),
            value if document::is_scalar(value) => self.value(item),
            _ => {
                let wanted = "a path in quotes, a number, a flag, a list, or a table such as `{ value = … }`";
                document::wrong_form(self.report, item, "a line", wanted);
                None
            }
        }
    }

    /// What `{ value | text | from | all | object = … }` makes.
    pub(super) fn made(&mut self, table: &DeTable<'_>, name: &str) -> Option<Typed<Term>> {
        let kept = self.conditions.len();
        let when = self.narrowed(table);
        let made = self.source_of(table, name).and_then(|term| self.after(term, table));
        self.conditions.truncate(kept);
        let (when, mut term) = (when?, made?);
        if !when.conditions.is_empty() {
            term.gap = term.gap.or(when.gap);
            term.it.when = when.conditions;
        }
        Some(term)
    }

    fn source_of(&mut self, table: &DeTable<'_>, name: &str) -> Option<Typed<Term>> {
        if let Some((_, item)) = document::entry(table, "value") {
            return self.value(item);
        }
        if let Some((_, item)) = document::entry(table, "text") {
            if item.get_ref().as_table().is_some() {
                let message = "`text` should be a text with paths in braces, and this is a table";
                self.report.add(issue(codes::FORM, &item.span(), message).help(AS_AN_OBJECT));
                return None;
            }
            let text = document::text(self.report, item, "`text`")?;
            return self.composed(text, &item.span());
        }
        if let Some((_, item)) = document::entry(table, "all") {
            let Some(list) = item.get_ref().as_array() else {
                document::wrong_form(self.report, item, "`all`", "a list of lines");
                return None;
            };
            return self.list(list, &item.span(), name);
        }
        if let Some((_, item)) = document::entry(table, "object") {
            let fields = document::table(self.report, item, "`object`")?;
            return self.object(fields, &item.span(), name);
        }
        let (_, item) = document::entry(table, "from")?;
        let wait = match document::entry(table, "wait") {
            Some((_, wait)) => document::flag(self.report, wait, "`wait`")?,
            None => true,
        };
        let text = document::text(self.report, item, "`from`")?;
        self.pipeline(text, &item.span(), wait).map(Typed::<Operand>::into_term)
    }

    fn value(&mut self, item: &Item<'_>) -> Option<Typed<Term>> {
        let Some(value) = document::literal(item.get_ref()) else {
            let wanted = "a text, a number, a flag, a list or an object";
            document::wrong_form(self.report, item, "`value`", wanted);
            return None;
        };
        literal(value, "", item.span()).map(Typed::<Operand>::into_term)
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
        Some(made(Make::Text(parts), Ty::Text, gap, (span, what)))
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
}

/// A way that is open in any case.
pub(super) fn made(
    make: Make,
    ty: Ty,
    gap: Option<String>,
    (span, what): (&Span, String),
) -> Typed<Term> {
    let it = Term { when: Vec::new(), unless: None, make };
    Typed { it, ty, gap, span: span.clone(), what }
}

/// How a value of one type gets into a field of another.
pub(super) fn hint(ty: Ty, kind: Option<FieldKind>) -> &'static str {
    match (ty, kind) {
        (Ty::Time, _) => "write the time with `| iso` or with `format = \"…\"`",
        (Ty::Any, Some(FieldKind::Number)) => "say what it is: `as = \"number\"`",
        (Ty::Any, Some(FieldKind::Flag)) => "say what it is: `as = \"flag\"`",
        (Ty::Any, _) => {
            "say what it is: `as = \"text\"`, `\"number\"`, `\"whole\"`, `\"flag\"`, `\"object\"` or `\"list\"`"
        }
        (Ty::Group, _) => "name one of the group's members",
        (Ty::Text, Some(FieldKind::Number)) => "convert it with `as = \"number\"`",
        (Ty::Whole | Ty::Number | Ty::Flag, Some(FieldKind::Text)) => {
            "convert it with `as = \"text\"`"
        }
        (Ty::List | Ty::Object, Some(FieldKind::Text)) => {
            "take a path alone, or put several into one text: `{ text = \"{a.path} {another}\" }`"
        }
        (_, Some(FieldKind::List)) => "make a list of it: `[ … ]`",
        _ => "there is no conversion between the two",
    }
}

impl Typed<Operand> {
    pub(super) fn into_term(self) -> Typed<Term> {
        let Self { it, ty, gap, span, what } = self;
        made(Make::Read(it), ty, gap, (&span, what))
    }
}
