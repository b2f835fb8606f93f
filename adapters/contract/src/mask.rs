//! Masking of card numbers in free text and in the card field (PCI DSS 3.5.1: truncation).
//!
//! A run of 13 to 19 digits, with single spaces or dashes between groups, counts as a card number
//! when it has an issuer's prefix and length and passes the Luhn check. At most the first six and
//! the last four digits survive.
//!
//! It does not look at field names: who calls it decides which fields are scanned.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use serde_json::Value;

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
    let found = card_positions(text.as_bytes());
    if found.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut masked = text.as_bytes().to_vec();
    let mut next = found;
    // The digits that stay of a card can, with their neighbours, make another number that looks like one.
    while !next.is_empty() {
        next.into_iter().for_each(|card| blank(&mut masked, card));
        next = card_positions(&masked);
    }
    match String::from_utf8(masked) {
        Ok(text) => Cow::Owned(text),
        // Only ASCII digits were replaced, by an ASCII star: the text is still UTF-8.
        Err(_) => Cow::Borrowed(text),
    }
}

/// Masks every card number in the texts of a JSON value; a number that is one becomes a masked text.
pub fn cards_of(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Cow::Owned(masked) = cards(text) {
                *text = masked;
            }
        }
        Value::Number(number) => {
            if let Cow::Owned(masked) = cards(&number.to_string()) {
                *value = Value::String(masked);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(cards_of),
        Value::Object(members) => members.values_mut().for_each(cards_of),
        Value::Null | Value::Bool(_) => {}
    }
}

/// Where the digits of each card number are.
fn card_positions(bytes: &[u8]) -> Vec<Vec<usize>> {
    runs(bytes).iter().flat_map(|run| cards_in(run)).collect()
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
    use proptest::sample::Index;

    #[track_caller]
    fn check_cards(text: &str, masked: &str) {
        assert_eq!(cards(text), masked);
    }

    #[test]
    fn a_value_is_masked_wherever_a_card_number_stands_in_it() {
        let mut value = serde_json::json!({
            "data": [{ "kartu": 4_111_111_111_111_111_u64, "at": 1_595_403_499_334_u64 }],
            "words": "kartu 4111 1111 1111 1111", "nothing": null, "is": true,
        });
        cards_of(&mut value);
        let masked = serde_json::json!({
            "data": [{ "kartu": "411111******1111", "at": 1_595_403_499_334_u64 }],
            "words": "kartu 4111 11** **** 1111", "nothing": null, "is": true,
        });
        assert_eq!(value, masked);
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

    /// A card number of some issuer, its check digit included, in groups that a separator parts.
    fn card_number() -> impl Strategy<Value = String> {
        let digits = prop::collection::vec(0_u32..10, DIGITS_MAX);
        (prop::sample::select(ISSUERS), any::<Index>(), digits, "[ -]?", 1_usize..8).prop_map(
            |((prefixes, lengths), at, digits, separator, group)| {
                let prefix = prefixes.clone().nth(at.index(prefixes.clone().count())).unwrap();
                let length = lengths.clone().nth(at.index(lengths.clone().count())).unwrap();
                let prefix = [1000, 100, 10, 1].map(|place| prefix / place % 10);
                let mut number = [&prefix[..], &digits].concat();
                number.truncate(length);
                number[length - 1] = 0;
                number[length - 1] = (10 - luhn_sum(&number) % 10) % 10;
                let groups = number.chunks(group);
                let groups = groups.map(|group| group.iter().map(u32::to_string).collect());
                groups.collect::<Vec<String>>().join(&separator)
            },
        )
    }

    fn luhn_sum(digits: &[u32]) -> u32 {
        let places = digits.iter().rev().enumerate();
        let doubled = places.map(|(at, digit)| if at % 2 == 1 { digit * 2 } else { *digit });
        doubled.map(|value| value / 10 + value % 10).sum()
    }

    fn is_luhn_valid(digits: &[u32]) -> bool {
        luhn_sum(digits).is_multiple_of(10)
    }

    fn has_issuer(digits: &[u32]) -> bool {
        let prefix = digits[..4].iter().fold(0, |sum, digit| sum * 10 + digit);
        ISSUERS.iter().any(|(of, len)| of.contains(&prefix) && len.contains(&digits.len()))
    }

    /// The digits of every run of 13 to 19 of them: whole groups, with single separators between.
    fn runs_left(text: &str) -> Vec<Vec<u32>> {
        let chars: Vec<char> = text.chars().collect();
        let digit = |at: usize| chars.get(at).and_then(|c| c.to_digit(10));
        let is_start = |at: &usize| at.checked_sub(1).and_then(digit).is_none();
        let mut left = Vec::new();
        for start in (0..chars.len()).filter(is_start) {
            let mut run = Vec::new();
            let mut at = start;
            while let Some(next) = digit(at) {
                run.push(next);
                let is_whole = digit(at + 1).is_none();
                if is_whole && (DIGITS_MIN..=DIGITS_MAX).contains(&run.len()) {
                    left.push(run.clone());
                }
                let is_parted = is_whole && matches!(chars.get(at + 1), Some(' ' | '-'));
                at += if is_parted { 2 } else { 1 };
            }
        }
        left
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn masking_leaves_no_luhn_valid_run_of_13_to_19_digits(
            parts in prop::collection::vec(prop_oneof![card_number(), "[0-9 a-z.\\-]{0,20}"], 1..5),
            between in "[ a-z\\-]?",
        ) {
            let masked = cards(&parts.join(&between)).into_owned();
            let mut left = runs_left(&masked);
            left.retain(|run| has_issuer(run) && is_luhn_valid(run));
            prop_assert!(left.is_empty(), "{:?} in {:?}", left, masked);
        }

        #[test]
        fn a_card_number_among_words_is_never_left(card in card_number(), words in "[a-z .]{0,9}") {
            let masked = cards(&format!("{words}x{card}x{words}")).into_owned();
            prop_assert!(masked.chars().filter(char::is_ascii_digit).count() <= 10, "{masked}");
            prop_assert!(!runs_left(&masked).iter().any(|run| is_luhn_valid(run)), "{masked}");
        }

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
