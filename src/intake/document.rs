//! A body as a JSON object, parsed once, and what idempotency needs of it before validation.

use serde_json::{Map, Value};

use super::content::Content;
use super::fields::{Members, Wrong, section, text};
use super::{IntakeError, attachments, fingerprint, integration};

/// A parsed JSON object. Where a member stands twice the last one counts, as in JavaScript.
pub struct Document {
    members: Map<String, Value>,
}

impl Document {
    /// Parses a body.
    ///
    /// # Errors
    /// [`IntakeError::NotJson`] (nesting beyond 127 levels included) and [`IntakeError::NotAnObject`].
    pub fn parse(body: &[u8]) -> Result<Self, IntakeError> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(members)) => Ok(Self { members }),
            Ok(_) => Err(IntakeError::NotAnObject),
            Err(error) => Err(not_json(&error)),
        }
    }

    /// The idempotency key: `integration.requestId` or the header of that name, checked for type and
    /// length only. A quoted header (a structured field's string) and a bare one are the same key.
    ///
    /// # Errors
    /// [`IntakeError::RequestIdConflict`] where both are given and differ; [`IntakeError::Fields`]
    /// where one is no key. [`claim`](super::claim) and [`ticket`](super::ticket) repeat the complaint
    /// about the member beside all others.
    pub fn request_id(&self, header: Option<&str>) -> Result<Option<String>, IntakeError> {
        let mut wrong = Wrong::default();
        // An `integration` that is no object is left for validation to tell.
        let member = section(self.members(), &integration::INTEGRATION, &mut Wrong::default())
            .and_then(|integration| text(integration, &integration::REQUEST_ID, &mut wrong));
        let header = header.and_then(|header| integration::header_key(header, &mut wrong));
        match (member, header) {
            _ if !wrong.is_empty() => Err(wrong.into_error()),
            (Some(member), Some(header)) if member != header => Err(IntakeError::RequestIdConflict),
            (Some(member), _) => Ok(Some(member.to_owned())),
            (None, header) => Ok(header),
        }
    }

    /// `integration.partnerId`, part of the scope of an idempotency key.
    pub fn partner_reference(&self) -> Option<&str> {
        let integration =
            section(self.members(), &integration::INTEGRATION, &mut Wrong::default())?;
        text(integration, &integration::PARTNER_ID, &mut Wrong::default())
    }

    /// SHA-256 over method, path and the JSON value. The order of members and white space do not
    /// matter, nor how a number is written; attachment contents enter by their hash.
    pub fn fingerprint(&self, method: &str, path: &str) -> [u8; 32] {
        fingerprint::of(&self.members, method, path)
    }

    pub(super) fn members(&self) -> Members<'_> {
        Members::of(&self.members)
    }

    /// The contents of its attachments, which it has no more afterwards.
    pub(super) fn take_contents(&mut self) -> Vec<Content> {
        attachments::take_contents(&mut self.members)
    }
}

fn not_json(error: &serde_json::Error) -> IntakeError {
    // serde_json's words are fixed phrases: they say what was expected and never quote the body.
    let words = error.to_string();
    let phrase = words.split_once(" at line ").map_or(words.as_str(), |(phrase, _)| phrase);
    let reason = match phrase {
        "recursion limit exceeded" => "nested too deep",
        phrase => phrase,
    };
    IntakeError::NotJson { line: error.line(), column: error.column(), reason: reason.to_owned() }
}
