//! Phone numbers: E.164 where that is certain, always with the text as sent.
//!
//! It never refuses a number: the documents state no form, and a person can read what a program
//! cannot. Operators are not inferred, since numbers move between them (domain 5).

use std::ops::RangeInclusive;

use omnihub_contract::{Personal, Phone};

use super::fields::{Field, Members, Wrong, text};

/// Indonesia's country code.
const INDONESIA: &str = "62";
/// Digits of an Indonesian number after the trunk 0 (domain 5).
const NATIONAL_DIGITS: RangeInclusive<usize> = 8..=12;
/// Digits of a foreign number with its country code: E.164 has at most 15, and a number with fewer
/// than 8 is a short code or cut off.
const INTERNATIONAL_DIGITS: RangeInclusive<usize> = 8..=15;

/// A phone number, where the member is there and is text.
pub(super) fn phone(of: Members<'_>, field: &Field, wrong: &mut Wrong) -> Option<Phone> {
    let raw = text(of, field, wrong)?;
    Some(Phone { e164: e164(raw).map(Personal::from), raw: raw.into() })
}

fn e164(raw: &str) -> Option<String> {
    // `+62 (0)812…`: the bracket says that the trunk 0 is not dialled after a country code.
    let raw = if raw.starts_with("(0") { raw.to_owned() } else { raw.replace("(0)", "") };
    let mut digits = String::with_capacity(raw.len());
    for (at, c) in raw.char_indices() {
        match c {
            '0'..='9' => digits.push(c),
            '+' if at == 0 => {}
            ' ' | '-' | '.' | '(' | ')' => {}
            _ => return None,
        }
    }
    if raw.starts_with('+') {
        return international(&digits);
    }
    // Without a + only the bank's own country is certain: its code, or the trunk 0.
    let domestic = digits.strip_prefix("00").unwrap_or(&digits);
    match domestic.strip_prefix(INDONESIA) {
        Some(national) => after_country_code(national),
        None => indonesian(digits.strip_prefix('0')?),
    }
}

fn international(digits: &str) -> Option<String> {
    match digits.strip_prefix(INDONESIA) {
        Some(national) => after_country_code(national),
        None if digits.starts_with('0') || !INTERNATIONAL_DIGITS.contains(&digits.len()) => None,
        None => Some(format!("+{digits}")),
    }
}

/// `+62 0812…`: a trunk 0 that does not belong there is dropped.
fn after_country_code(national: &str) -> Option<String> {
    indonesian(national.strip_prefix('0').unwrap_or(national))
}

fn indonesian(national: &str) -> Option<String> {
    let is_number = NATIONAL_DIGITS.contains(&national.len()) && !national.starts_with('0');
    is_number.then(|| format!("+{INDONESIA}{national}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_phone(raw: &str, expected: Option<&str>) {
        assert_eq!(e164(raw).as_deref(), expected, "{raw}");
    }

    #[test]
    fn every_way_to_write_an_indonesian_number_becomes_one() {
        for raw in [
            "+628123456789",
            "628123456789",
            "08123456789",
            "+62 812-3456-789",
            "+62 (0)812 3456 789",
            "+62 0812 3456 789",
            "62 0812 3456 789",
            "0062 812 3456 789",
            "0812.3456.789",
            "(0812) 3456789",
        ] {
            check_phone(raw, Some("+628123456789"));
        }
        check_phone("(0431) 861-759", Some("+62431861759"));
        check_phone("(0)431 861759", Some("+62431861759"));
    }

    #[test]
    fn a_foreign_number_needs_its_country_code() {
        check_phone("+1 415 555 2671", Some("+14155552671"));
        check_phone("0044 20 7946 0958", None);
        check_phone("4155552671", None);
    }

    #[test]
    fn what_is_not_certain_stays_as_it_is() {
        for raw in [
            "1500659",
            "8123456789",
            "0812",
            "0812345678901234",
            "6281234",
            "+0812345678",
            "0812 3456 789 ext 2",
            "08123456789 / 08129876543",
            "0431-861759/60",
            "tidak ada",
            "+",
            "٠٨١٢٣٤٥٦٧٨٩",
        ] {
            check_phone(raw, None);
        }
    }
}
