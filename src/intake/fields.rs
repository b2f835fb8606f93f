//! Reads members of a JSON object by the rules of a [`Field`], and gathers what is wrong.
//!
//! A reader returns `None` for a member that is absent or wrong; which of the two it was stands in
//! [`Wrong`]. The first complaint about a path stands, so that "must be text" is never covered by
//! "is required".

use std::collections::BTreeMap;

use omnihub_contract::{Personal, mask};
use serde_json::{Map, Value};

use super::IntakeError;
use super::limits::WORD_CHARS_MAX;

/// One text member: where it stands, what a complaint calls it, and what it may hold.
pub(super) struct Field {
    /// Its dotted path; the last part is the member's name.
    pub(super) path: &'static str,
    /// Its name in a sentence, as the documents' own texts have it (`Nama nasabah`).
    pub(super) label: &'static str,
    /// Most characters, as they were sent.
    pub(super) chars_max: usize,
    /// Whether it may have several lines.
    pub(super) is_prose: bool,
}

impl Field {
    /// A text of one line.
    pub(super) const fn line(path: &'static str, label: &'static str, chars_max: usize) -> Self {
        Self { path, label, chars_max, is_prose: false }
    }

    /// A text that may have several lines.
    pub(super) const fn prose(path: &'static str, label: &'static str, chars_max: usize) -> Self {
        Self { path, label, chars_max, is_prose: true }
    }

    /// One word of a closed list.
    pub(super) const fn word(path: &'static str, label: &'static str) -> Self {
        Self::line(path, label, WORD_CHARS_MAX)
    }

    /// A member that is no text: a number, an object, a list.
    pub(super) const fn member(path: &'static str, label: &'static str) -> Self {
        Self::line(path, label, 0)
    }

    /// The member's own name, the last part of its path.
    pub(super) fn name(&self) -> &'static str {
        self.path.rsplit_once('.').map_or(self.path, |(_, name)| name)
    }
}

/// Everything that is wrong with a body, by dotted path.
#[derive(Default)]
pub(super) struct Wrong(BTreeMap<String, String>);

impl Wrong {
    /// Adds a complaint, unless the path already has one.
    pub(super) fn add(&mut self, path: &str, complaint: impl Into<String>) {
        self.0.entry(path.to_owned()).or_insert_with(|| complaint.into());
    }

    /// Adds the complaints about a part of the body, under the path of that part.
    pub(super) fn add_under(&mut self, path: &str, part: Wrong) {
        self.0.extend(part.0.into_iter().map(|(name, text)| (format!("{path}.{name}"), text)));
    }

    /// Whether nothing is wrong.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The error that says everything.
    pub(super) fn into_error(self) -> IntakeError {
        IntakeError::Fields(self.0)
    }
}

/// The members of one JSON object; none where the body lacks it.
#[derive(Clone, Copy)]
pub(super) struct Members<'a>(Option<&'a Map<String, Value>>);

impl<'a> Members<'a> {
    /// All members of an object.
    pub(super) fn of(object: &'a Map<String, Value>) -> Self {
        Self(Some(object))
    }

    /// The object itself.
    pub(super) fn object(self) -> Option<&'a Map<String, Value>> {
        self.0
    }

    /// A field's value. `null` and blank text count as absent.
    pub(super) fn find(self, field: &Field) -> Option<&'a Value> {
        match self.sent(field)? {
            Value::String(text) if text.trim().is_empty() => None,
            value => Some(value),
        }
    }

    /// The same, but blank text is what it is.
    fn sent(self, field: &Field) -> Option<&'a Value> {
        self.0?.get(field.name()).filter(|value| !value.is_null())
    }
}

/// A nested object by its dotted path: without members where it is absent, `None` where it is no
/// object (the complaint about it then stands for all its members).
pub(super) fn section<'a>(
    of: Members<'a>,
    field: &Field,
    wrong: &mut Wrong,
) -> Option<Members<'a>> {
    match of.find(field) {
        None => Some(Members(None)),
        Some(Value::Object(object)) => Some(Members::of(object)),
        Some(_) => {
            wrong.add(field.path, format!("{} must be an object", field.label));
            None
        }
    }
}

/// A text, trimmed.
pub(super) fn text<'a>(of: Members<'a>, field: &Field, wrong: &mut Wrong) -> Option<&'a str> {
    let Value::String(text) = of.sent(field)? else {
        wrong.add(field.path, format!("{} must be text", field.label));
        return None;
    };
    checked(text, field, wrong)
}

/// A text that is there already, trimmed; absent where nothing is left of it.
pub(super) fn checked<'a>(text: &'a str, field: &Field, wrong: &mut Wrong) -> Option<&'a str> {
    if let Some(complaint) = complaint(text, field) {
        wrong.add(field.path, complaint);
        return None;
    }
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// A text that must be there, trimmed.
pub(super) fn required_text<'a>(
    of: Members<'a>,
    field: &Field,
    wrong: &mut Wrong,
) -> Option<&'a str> {
    require(of, field, wrong);
    text(of, field, wrong)
}

/// A text of its own, trimmed.
pub(super) fn owned(of: Members<'_>, field: &Field, wrong: &mut Wrong) -> Option<String> {
    text(of, field, wrong).map(str::to_owned)
}

/// Free text, trimmed and with the card numbers in it masked.
pub(super) fn prose(of: Members<'_>, field: &Field, wrong: &mut Wrong) -> Option<Personal> {
    text(of, field, wrong).map(without_cards)
}

/// A text with the card numbers in it masked.
pub(super) fn without_cards(text: &str) -> Personal {
    mask::cards(text).into_owned().into()
}

/// One of a closed list of words, written exactly so.
pub(super) fn word<T: for<'w> From<&'w str>>(
    of: Members<'_>,
    field: &Field,
    words: &[&str],
    wrong: &mut Wrong,
) -> Option<T> {
    text(of, field, wrong)?;
    // As it was sent: the documents' words have no white space around them.
    if let Some(word) = of.find(field).and_then(Value::as_str).filter(|word| words.contains(word)) {
        return Some(T::from(word));
    }
    wrong.add(field.path, format!("{} must be one of {}", field.label, words.join(", ")));
    None
}

/// One of a closed list of words, which must be there.
pub(super) fn required_word<T: for<'w> From<&'w str>>(
    of: Members<'_>,
    field: &Field,
    words: &[&str],
    wrong: &mut Wrong,
) -> Option<T> {
    require(of, field, wrong);
    word(of, field, words, wrong)
}

/// Complains where a member is absent.
pub(super) fn require(of: Members<'_>, field: &Field, wrong: &mut Wrong) {
    if of.find(field).is_none() {
        wrong.add(field.path, format!("{} is required", field.label));
    }
}

fn complaint(text: &str, field: &Field) -> Option<String> {
    let Field { label, chars_max, is_prose, .. } = field;
    // A text has at most as many characters as bytes, so that only a long one is counted.
    if text.len() > *chars_max && text.chars().count() > *chars_max {
        return Some(format!("{label} is longer than {chars_max} characters"));
    }
    let is_bad =
        |byte: u8| byte.is_ascii_control() && !(*is_prose && matches!(byte, b'\n' | b'\r' | b'\t'));
    text.trim().bytes().any(is_bad).then(|| match is_prose {
        true => format!("{label} must not contain control characters"),
        false => format!("{label} must be one line without control characters"),
    })
}
