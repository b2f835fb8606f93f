//! The fingerprint of a posted value: two posts with the same one are the same post.
//!
//! SHA-256 over a form of the JSON value in which every part is told apart by a tag and its length,
//! so that no two values share it: members in the order of their names, numbers by value.

use std::fmt::{self, Write};

use serde_json::{Map, Number, Value};
use sha2::{Digest, Sha256};

/// Kept fingerprints are compared with new ones: a change of the form needs a new name here.
const FORM: &str = "omnihub fingerprint 1";

/// The fingerprint of a post.
pub(super) fn of(members: &Map<String, Value>, method: &str, path: &str) -> [u8; 32] {
    let mut print = Print::default();
    [FORM, method, path].iter().for_each(|text| print.text(text));
    print.object(members, Place::Top);
    print.finish()
}

/// Where a value stands, as far as attachment contents must be told from other texts.
#[derive(Clone, Copy)]
enum Place {
    Top,
    Attachments,
    Content,
    Elsewhere,
}

impl Place {
    fn of_member(self, name: &str) -> Self {
        match (self, name) {
            (Self::Top, "attachments") => Self::Attachments,
            (Self::Attachments, "content") => Self::Content,
            _ => Self::Elsewhere,
        }
    }
}

/// Parts are short, and a hash of many short parts costs more than one of their whole.
#[derive(Default)]
struct Print {
    hash: Sha256,
    waiting: Vec<u8>,
}

/// Bytes that are hashed at once.
const WAITING_MAX: usize = 4096;

impl Print {
    fn finish(mut self) -> [u8; 32] {
        self.hash.update(&self.waiting);
        self.hash.finalize().into()
    }

    fn put(&mut self, bytes: &[u8]) {
        if self.waiting.len() + bytes.len() > WAITING_MAX {
            self.hash.update(&self.waiting);
            self.waiting.clear();
        }
        match bytes.len() > WAITING_MAX {
            true => self.hash.update(bytes),
            false => self.waiting.extend_from_slice(bytes),
        }
    }

    fn value(&mut self, value: &Value, place: Place) {
        match value {
            Value::Null => self.put(b"n"),
            Value::Bool(true) => self.put(b"t"),
            Value::Bool(false) => self.put(b"f"),
            Value::Number(number) => self.number(number),
            Value::String(content) if matches!(place, Place::Content) => {
                self.put(b"h");
                self.put(&Sha256::digest(content));
            }
            Value::String(text) => self.text(text),
            Value::Array(values) => {
                self.tag(b'a', values.len());
                values.iter().for_each(|value| self.value(value, place));
            }
            Value::Object(members) => self.object(members, place),
        }
    }

    fn object(&mut self, members: &Map<String, Value>, place: Place) {
        self.tag(b'o', members.len());
        let mut member = |(name, value): (&String, &Value)| {
            self.text(name);
            self.value(value, place.of_member(name));
        };
        // serde_json sorts members unless a feature of it, which any dependency may switch on, keeps
        // the order of the text.
        if members.keys().is_sorted() {
            members.iter().for_each(member);
        } else {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_unstable_by_key(|(name, _)| *name);
            sorted.into_iter().for_each(&mut member);
        }
    }

    fn text(&mut self, text: &str) {
        self.tag(b's', text.len());
        self.put(text.as_bytes());
    }

    fn number(&mut self, number: &Number) {
        self.put(b"#");
        // A float that is whole prints as an integer does, and -0 + 0 is 0.
        let written = match number.as_f64() {
            Some(float) if number.is_f64() => write!(self, "{}", float + 0.0),
            _ => write!(self, "{number}"),
        };
        debug_assert!(written.is_ok(), "hashing cannot fail");
        self.put(b";");
    }

    fn tag(&mut self, tag: u8, len: usize) {
        self.put(&[tag]);
        // As wide on every machine, so that a moved store keeps its fingerprints.
        self.put(&u64::try_from(len).unwrap_or(u64::MAX).to_le_bytes());
    }
}

impl Write for Print {
    fn write_str(&mut self, digits: &str) -> fmt::Result {
        self.put(digits.as_bytes());
        Ok(())
    }
}
