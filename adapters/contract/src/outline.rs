//! Outlines: what may be kept and shown of values that may be personal.
//!
//! It does not know which values are; who does says so. Of a text only its shape survives, so that
//! people see whether something was there and in which form, and nothing else.

use std::fmt::{self, Write as _};
use std::io;

use serde::Serialize;

/// Longest text whose shape is shown; of a longer one only the length is.
const SHAPE_CHARS_MAX: usize = 60;

/// Only the shape of a text: `Budi Contoh-7` is `**** ******-*`.
#[derive(Clone, Copy)]
pub struct Shape<'a>(pub &'a str);

impl fmt::Display for Shape<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let chars = self.0.chars().count();
        if chars > SHAPE_CHARS_MAX {
            return write!(f, "*** ({chars} characters)");
        }
        self.0.chars().try_for_each(|c| f.write_char(if c.is_alphanumeric() { '*' } else { c }))
    }
}

/// The value as JSON, cut at so many bytes; `…` stands for what is missing.
pub fn json(value: &impl Serialize, bytes_max: usize) -> String {
    let mut room = Room { bytes: Vec::with_capacity(256), bytes_max };
    let whole = serde_json::to_writer(&mut room, value).is_ok();
    let mut text = match String::from_utf8(room.bytes) {
        Ok(text) => text,
        Err(error) => {
            let end = error.utf8_error().valid_up_to();
            let mut bytes = error.into_bytes();
            bytes.truncate(end);
            String::from_utf8(bytes).unwrap_or_default()
        }
    };
    if !whole {
        text.push('…');
    }
    text
}

/// Takes bytes as long as there is room, then ends the writing: what nobody keeps is not made.
struct Room {
    bytes: Vec<u8>,
    bytes_max: usize,
}

impl io::Write for Room {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        let room = self.bytes_max.saturating_sub(self.bytes.len()).min(piece.len());
        if room == 0 && !piece.is_empty() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.bytes.extend(piece.iter().take(room));
        Ok(room)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_text_only_the_shape_is_left() {
        assert_eq!(Shape("Budi Contoh-7").to_string(), "**** ******-*");
        assert_eq!(Shape("é+628").to_string(), "*+***");
        assert_eq!(Shape(&"x".repeat(61)).to_string(), "*** (61 characters)");
    }

    #[track_caller]
    fn check_cut(bytes_max: usize, expected: &str) {
        assert_eq!(json(&serde_json::json!({"a": "éé"}), bytes_max), expected);
    }

    #[test]
    fn what_has_no_room_is_cut_between_letters() {
        check_cut(12, "{\"a\":\"éé\"}");
        check_cut(9, "{\"a\":\"é…");
        check_cut(8, "{\"a\":\"é…");
        check_cut(7, "{\"a\":\"…");
        check_cut(0, "…");
    }
}
