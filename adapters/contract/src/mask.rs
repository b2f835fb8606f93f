//! Masking of card numbers in free text and in the card field (PCI DSS 3.5.1: truncation).
//!
//! A run of 13 to 19 digits, with single spaces or dashes between groups, counts as a card number
//! when it has an issuer's prefix and length and passes the Luhn check. At most the first six and
//! the last four digits survive.
//!
//! It does not look at field names: who calls it decides which fields are scanned.

use std::borrow::Cow;
use std::ops::RangeInclusive;

const DIGITS_MIN: usize = 13;
const DIGITS_MAX: usize = 19;
const KEPT_FIRST: usize = 6;
const KEPT_LAST: usize = 4;

/// Issuer prefixes, as ranges of the first four digits, and the lengths their cards have.
const ISSUERS: &[(RangeInclusive<u32>, RangeInclusive<usize>)] = &[
    (4000..=4999, 13..=19), // Visa
    (5100..=5599, 16..=16), // Mastercard
    (2221..=2720, 16..=16), // Mastercard, second range
    (3400..=3499, 15..=15), // American Express
    (3700..=3799, 15..=15), // American Express
    (3000..=3059, 14..=19), // Diners Club
    (3600..=3699, 14..=19), // Diners Club
    (3800..=3999, 14..=19), // Diners Club
    (3528..=3589, 16..=19), // JCB
    (1946..=1946, 16..=19), // GPN, Indonesia's national debit scheme
    (5000..=5099, 13..=19), // Maestro and GPN
    (5600..=5899, 13..=19), // Maestro and GPN
    (6000..=6199, 13..=19), // Maestro, Discover and GPN
    (6200..=6299, 16..=19), // UnionPay; shorter ones are Indonesian phone numbers
    (6300..=6999, 13..=19), // Maestro, Discover
];

/// The text with every card number in it masked.
pub fn cards(text: &str) -> Cow<'_, str> {
    // A text with too few digits, which is nearly every one, costs one pass and no allocation.
    if text.bytes().filter(u8::is_ascii_digit).count() < DIGITS_MIN {
        return Cow::Borrowed(text);
    }
    let mut masked: Option<Vec<u8>> = None;
    for run in runs(text.as_bytes()) {
        for card in cards_in(&run) {
            let bytes = masked.get_or_insert_with(|| text.as_bytes().to_vec());
            blank(bytes, card);
        }
    }
    match masked.map(String::from_utf8) {
        Some(Ok(text)) => Cow::Owned(text),
        // Only ASCII digits were replaced, by an ASCII star: the text is still UTF-8.
        Some(Err(_)) | None => Cow::Borrowed(text),
    }
}

/// A card field in canonical form: at most its first six and last four digits, `*` for the rest.
pub fn card(text: &str) -> String {
    let kept: Vec<char> =
        text.chars().filter(|c| c.is_ascii_digit() || matches!(c, '*' | 'X' | 'x')).collect();
    let digits = kept.iter().filter(|c| c.is_ascii_digit()).count();
    let first =
        if digits >= DIGITS_MIN { KEPT_FIRST } else { leading_digits(&kept).min(KEPT_FIRST) };
    let last_from = kept.len().saturating_sub(KEPT_LAST);
    let is_short = digits <= KEPT_LAST && digits == kept.len();
    kept.iter()
        .enumerate()
        .map(|(at, c)| {
            let visible = is_short || at >= last_from || (at < first && digits > KEPT_LAST);
            if visible && c.is_ascii_digit() { *c } else { '*' }
        })
        .collect()
}

fn leading_digits(kept: &[char]) -> usize {
    kept.iter().take_while(|c| c.is_ascii_digit()).count()
}

/// One digit group: the positions of its digits in the text.
type Group = Vec<(usize, u8)>;

/// Maximal runs of digit groups that are joined by single spaces or dashes.
fn runs(bytes: &[u8]) -> Vec<Vec<Group>> {
    let mut runs: Vec<Vec<Group>> = Vec::new();
    let mut last_digit: Option<usize> = None;
    for (at, byte) in bytes.iter().enumerate().filter(|(_, b)| b.is_ascii_digit()) {
        let gap = last_digit.map(|last| bytes.get(last + 1..at).unwrap_or_default());
        match (gap, runs.last_mut().and_then(|run| run.last_mut())) {
            (Some([]), Some(group)) => group.push((at, *byte)),
            (Some([b' ' | b'-']), Some(_)) => {
                if let Some(run) = runs.last_mut() {
                    run.push(vec![(at, *byte)]);
                }
            }
            _ => runs.push(vec![vec![(at, *byte)]]),
        }
        last_digit = Some(at);
    }
    runs
}

/// The card numbers in a run: whole groups only, the longest first, without overlap.
fn cards_in(run: &[Group]) -> Vec<Vec<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    while start < run.len() {
        match card_from(run.get(start..).unwrap_or_default()) {
            Some((groups, positions)) => {
                found.push(positions);
                start += groups;
            }
            None => start += 1,
        }
    }
    found
}

/// The longest card number that begins with the first of these groups, and how many groups it takes.
fn card_from(groups: &[Group]) -> Option<(usize, Vec<usize>)> {
    let mut best = None;
    let mut digits: Vec<u8> = Vec::new();
    let mut positions = Vec::new();
    for (index, group) in groups.iter().enumerate() {
        digits.extend(group.iter().map(|(_, digit)| digit));
        positions.extend(group.iter().map(|(at, _)| *at));
        if digits.len() > DIGITS_MAX {
            break;
        }
        if is_card(&digits) {
            best = Some((index + 1, positions.clone()));
        }
    }
    best
}

fn is_card(digits: &[u8]) -> bool {
    let prefix = digits.iter().take(4).fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
    digits.len() >= DIGITS_MIN
        && ISSUERS.iter().any(|(range, len)| range.contains(&prefix) && len.contains(&digits.len()))
        && luhn(digits)
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| {
            let value = u32::from(digit - b'0') << (at % 2);
            if value > 9 { value - 9 } else { value }
        })
        .sum();
    sum.is_multiple_of(10)
}

fn blank(bytes: &mut [u8], positions: Vec<usize>) {
    let hidden = positions.len().saturating_sub(KEPT_FIRST + KEPT_LAST);
    for at in positions.into_iter().skip(KEPT_FIRST).take(hidden) {
        if let Some(byte) = bytes.get_mut(at) {
            *byte = b'*';
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check_cards(text: &str, masked: &str) {
        assert_eq!(cards(text), masked);
    }

    #[test]
    fn a_card_number_in_text_keeps_its_first_six_and_last_four() {
        check_cards("kartu 4111111111111111 hilang", "kartu 411111******1111 hilang");
        check_cards("4111 1111 1111 1111", "4111 11** **** 1111");
        check_cards("5500-0000-0000-0004.", "5500-00**-****-0004.");
        check_cards("pada 2024-12-19 4111111111111111", "pada 2024-12-19 411111******1111");
    }

    #[test]
    fn what_is_no_card_number_stays() {
        check_cards("telepon 6281234567890", "telepon 6281234567890");
        check_cards("rekening 1234567890123", "rekening 1234567890123");
        check_cards("4111111111111112 salah cek", "4111111111111112 salah cek");
        check_cards("nominal 1.000.000.000.000.000", "nominal 1.000.000.000.000.000");
    }

    #[test]
    fn a_card_field_is_masked_whatever_its_form() {
        assert_eq!(card("****1234"), "****1234");
        assert_eq!(card("4111111111111111"), "411111******1111");
        assert_eq!(card("4111 1111 1111 1111"), "411111******1111");
        assert_eq!(card("XXXX-XXXX-XXXX-5678"), "************5678");
        assert_eq!(card("411111******1111"), "411111******1111");
        assert_eq!(card("1234"), "1234");
    }

    proptest! {
        #[test]
        fn masking_twice_is_masking_once(text in "[0-9 a-z\\-]{0,60}") {
            let once = cards(&text).into_owned();
            prop_assert_eq!(cards(&once), once.as_str());
        }

        #[test]
        fn a_card_field_never_shows_more_than_ten_digits(text in "[0-9*X \\-]{0,30}") {
            let shown = card(&text).chars().filter(char::is_ascii_digit).count();
            prop_assert!(shown <= 10);
        }
    }
}
