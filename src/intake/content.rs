//! The content of an attachment: base64 text, decoded in pieces.
//!
//! Either alphabet, padded or not; white space and stray trailing bits are ignored, since clients
//! break lines and cut padding. It keeps nothing: who wants the bytes reads them ([`Content::read`])
//! after the whole was found to be good.
//!
//! Invariants:
//! - Beside the text itself one piece is in memory, whatever the content's size.
//! - A text is good base64 in pieces exactly if it is as a whole.

use std::fmt;
use std::io::{self, Read};

use base64::alphabet::{Alphabet, STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::{DecodeError, Engine};
use omnihub_contract::Checksum;
use sha2::{Digest, Sha256};

/// Digits that are decoded at once; a multiple of four, so that each piece is whole bytes.
const DIGITS: usize = 32 << 10;

/// A content that was found to be good, as it was posted.
#[derive(PartialEq, Eq)]
pub struct Content(String);

impl Content {
    /// A text that [`measure`] has measured.
    pub(super) fn of(text: String) -> Self {
        Self(text)
    }

    /// The decoded bytes, a piece at a time.
    pub fn read(self) -> impl Read + Send + 'static {
        let pieces = Pieces::of(&self.0);
        Reading { text: self.0, pieces, piece: Vec::new(), at: 0 }
    }
}

/// What a customer attached is as personal as anything else.
impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Content").finish_non_exhaustive()
    }
}

/// The bytes that a text decodes to, if it is base64. Nothing is decoded.
pub(super) fn decoded_bytes(text: &str) -> usize {
    let is_digit = |byte: &u8| !byte.is_ascii_whitespace() && *byte != b'=';
    text.bytes().filter(is_digit).count() * 3 / 4
}

/// Size and checksum of what a text decodes to; none where it is no base64.
pub(super) fn measure(text: &str) -> Option<(u64, Checksum)> {
    let (mut hash, mut bytes, mut piece) = (Sha256::new(), 0, Vec::new());
    let mut pieces = Pieces::of(text);
    while pieces.next(text, &mut piece).ok()? {
        hash.update(&piece);
        bytes += piece.len();
    }
    Some((u64::try_from(bytes).ok()?, Checksum(hash.finalize().into())))
}

/// How far a text has been decoded.
struct Pieces {
    alphabet: &'static Engines,
    has_space: bool,
    at: usize,
    end: usize,
    digits: Vec<u8>,
}

impl Pieces {
    fn of(text: &str) -> Self {
        let is_url_safe = text.bytes().any(|byte| matches!(byte, b'-' | b'_'));
        Self {
            alphabet: if is_url_safe { &FROM_URL_SAFE } else { &FROM_STANDARD },
            has_space: text.bytes().any(|byte| byte.is_ascii_whitespace()),
            at: 0,
            // So that the last digits are known to be the last.
            end: text.trim_ascii_end().len(),
            digits: Vec::new(),
        }
    }

    /// Decodes the next piece of the text; false at its end.
    fn next(&mut self, text: &str, piece: &mut Vec<u8>) -> Result<bool, DecodeError> {
        piece.clear();
        self.gather(text.as_bytes());
        let is_last = self.at == self.end;
        let engine = if is_last { &self.alphabet.last } else { &self.alphabet.inner };
        engine.decode_vec(&self.digits, piece)?;
        Ok(!self.digits.is_empty())
    }

    fn gather(&mut self, text: &[u8]) {
        self.digits.clear();
        while self.digits.len() < DIGITS && self.at < self.end {
            let to = self.end.min(self.at + DIGITS - self.digits.len());
            let part = text.get(self.at..to).unwrap_or_default();
            match self.has_space {
                true => self.digits.extend(part.iter().filter(|byte| !byte.is_ascii_whitespace())),
                false => self.digits.extend_from_slice(part),
            }
            self.at = to;
        }
    }
}

struct Reading {
    text: String,
    pieces: Pieces,
    piece: Vec<u8>,
    /// What of the piece has been read.
    at: usize,
}

impl Read for Reading {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.at == self.piece.len() {
            self.at = 0;
            self.pieces.next(&self.text, &mut self.piece).map_err(io::Error::other)?;
        }
        let count = self.piece.get(self.at..).unwrap_or_default().read(into)?;
        self.at += count;
        Ok(count)
    }
}

struct Engines {
    /// Padding stands nowhere but at the end.
    inner: GeneralPurpose,
    last: GeneralPurpose,
}

static FROM_STANDARD: Engines = engines(&STANDARD);
static FROM_URL_SAFE: Engines = engines(&URL_SAFE);

const fn engines(alphabet: &Alphabet) -> Engines {
    let lenient = GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true);
    let inner = lenient.with_decode_padding_mode(DecodePaddingMode::RequireNone);
    let last = lenient.with_decode_padding_mode(DecodePaddingMode::Indifferent);
    Engines {
        inner: GeneralPurpose::new(alphabet, inner),
        last: GeneralPurpose::new(alphabet, last),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What the text decodes to as a whole.
    fn whole(text: &str) -> Option<Vec<u8>> {
        let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        Pieces::of(text).alphabet.last.decode(digits).ok()
    }

    #[track_caller]
    fn check(text: &str) {
        let expected = whole(text);
        let measured =
            measure(text).map(|(bytes, sha256)| (usize::try_from(bytes).unwrap(), sha256));
        let of = |content: &Vec<u8>| (content.len(), Checksum(Sha256::digest(content).into()));
        assert_eq!(measured, expected.as_ref().map(of));
        if let Some(expected) = expected {
            let mut read = Vec::new();
            Content::of(text.to_owned()).read().read_to_end(&mut read).unwrap();
            assert!(read == expected);
            assert_eq!(decoded_bytes(text), expected.len());
        }
    }

    #[test]
    fn what_stands_across_the_end_of_a_piece_is_decoded_as_in_the_middle_of_one() {
        for length in [DIGITS - 1, DIGITS, DIGITS + 1, DIGITS + 2, 2 * DIGITS, 2 * DIGITS + 3] {
            let digits: String = "QUJD".chars().cycle().take(length).collect();
            for end in ["", "=", "==", "===", "\n", "\r\n==\n", "=Q", "*", " A"] {
                check(&format!("{digits}{end}"));
                check(&format!("{digits}{end}{digits}"));
            }
            check(&digits.chars().flat_map(|digit| [digit, '\n']).collect::<String>());
        }
    }

    proptest! {
        #[test]
        fn a_text_is_base64_in_pieces_exactly_if_it_is_as_a_whole(
            before in (DIGITS - 4)..(DIGITS + 4), rest in "[A-D+/_= \n-]{0,12}",
        ) {
            check(&("A".repeat(before) + &rest));
        }
    }
}
