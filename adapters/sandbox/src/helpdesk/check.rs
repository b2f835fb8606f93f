//! Checks the members of a body one by one and collects what is wrong.
//!
//! A member that is there with `null` is of the wrong type, as the server's schemas have it.

use serde_json::Value;

pub(super) struct Check<'a> {
    body: &'a Value,
    wrong: Vec<String>,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Need {
    Required,
    Optional,
}

impl<'a> Check<'a> {
    pub(super) fn new(body: &'a Value) -> Self {
        let wrong = if body.is_object() { Vec::new() } else { vec!["not an object".to_owned()] };
        Self { body, wrong }
    }

    pub(super) fn finish(self) -> Result<(), Vec<String>> {
        if self.wrong.is_empty() { Ok(()) } else { Err(self.wrong) }
    }

    pub(super) fn refuse(&mut self, path: &str, why: &str) {
        self.wrong.push(format!("{path}: {why}"));
    }

    /// A member by its dotted path.
    pub(super) fn at(&self, path: &str) -> Option<&'a Value> {
        path.split('.').try_fold(self.body, |value, name| value.get(name))
    }

    /// A text that, where required, is not empty.
    pub(super) fn text(&mut self, path: &str, need: Need) -> Option<&'a str> {
        match self.at(path) {
            Some(Value::String(text)) if text.is_empty() && need == Need::Required => {
                self.refuse(path, "is required");
            }
            Some(Value::String(text)) => return Some(text),
            Some(_) => self.refuse(path, "is no string"),
            None if need == Need::Required => self.refuse(path, "is required"),
            None => {}
        }
        None
    }

    /// A text that a predicate holds for.
    pub(super) fn form(&mut self, path: &str, holds: fn(&str) -> bool, why: &str) {
        if let Some(text) = self.text(path, Need::Optional)
            && !holds(text)
        {
            self.refuse(path, why);
        }
    }

    /// One of these words.
    pub(super) fn word(&mut self, path: &str, words: &[&str], need: Need) -> Option<&'a str> {
        let text = self.text(path, need)?;
        if words.contains(&text) {
            return Some(text);
        }
        self.refuse(path, &format!("is none of {}", words.join(", ")));
        None
    }

    /// A number above 0 and at most a thousand million (OMNI API 1.0, "Create Simplified Claim").
    pub(super) fn amount(&mut self, path: &str, name: &str) {
        match self.at(path).map(Value::as_f64) {
            Some(Some(amount)) if amount <= 0.0 => {
                self.refuse(path, &format!("{name} must be positive"));
            }
            Some(Some(amount)) if amount > 1e9 => {
                self.refuse(path, &format!("{name} exceeds maximum"));
            }
            Some(Some(_)) => {}
            Some(None) => self.refuse(path, &format!("{name} must be a number")),
            None => self.refuse(path, &format!("{name} is required")),
        }
    }

    /// A member that must be there and must not be empty, of whatever type.
    pub(super) fn present(&mut self, path: &str) {
        let is_empty = |value: &Value| value.is_null() || value.as_str().is_some_and(str::is_empty);
        if self.at(path).is_none_or(is_empty) {
            self.refuse(path, "is required");
        }
    }
}
