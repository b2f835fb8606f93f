//! What the transforms do: plain functions from values to values.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Number, Value};

use super::val::Val;

/// The largest whole number that a double keeps exactly: receivers in JavaScript and PHP read
/// numbers as doubles (contract trap 37).
const WHOLE_MAX: u64 = (1 << 53) - 1;

/// Letters of an E.164 number after its `+`: ITU-T allows 15 at most; fewer than 8 is no subscriber.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 8..=15;

/// Digits that a masked card shows (BSG Helpdesk: four to twelve stars and four digits).
const CARD_DIGITS: usize = 4;

/// A value as a number, where that loses nothing: no leading zero, none beyond [`WHOLE_MAX`].
pub(super) fn number(value: Val<'_>) -> Option<Val<'_>> {
    match value {
        Val::Any(value) => number(Val::literal(value)?),
        Val::Whole(number) => (number <= WHOLE_MAX).then_some(Val::Whole(number)),
        Val::Number(number) => Some(Val::Number(number)),
        Val::Text(text) => decimal(&text).map(|number| match number.as_u64() {
            Some(whole) => Val::Whole(whole),
            None => Val::Number(number),
        }),
        _ => None,
    }
}

/// A value as a whole number that is not negative.
pub(super) fn whole(value: Val<'_>) -> Option<Val<'_>> {
    match number(value)? {
        Val::Whole(number) => Some(Val::Whole(number)),
        _ => None,
    }
}

/// A value as `true` or `false`, where it is one or says so in English.
pub(super) fn flag(value: Val<'_>) -> Option<Val<'_>> {
    match value {
        Val::Any(value) => flag(Val::literal(value)?),
        Val::Flag(flag) => Some(Val::Flag(flag)),
        Val::Text(text) => text.trim().to_lowercase().parse().ok().map(Val::Flag),
        _ => None,
    }
}

/// An instant: RFC 3339, the same with a zone behind it in brackets (domain 1.1), a local time in that
/// zone (`2025-10-23 16:54:08`), or a number of milliseconds since 1970 (contract 3.1).
pub(super) fn time<'a>(value: Val<'a>, zone: &TimeZone) -> Option<Val<'a>> {
    let time = match value {
        Val::Any(value) => return time(Val::literal(value)?, zone),
        Val::Whole(millisecond) => {
            Timestamp::from_millisecond(i64::try_from(millisecond).ok()?).ok()?
        }
        Val::Text(text) => instant(text.trim(), zone)?,
        Val::Time(time) => time,
        _ => return None,
    };
    Some(Val::Time(time))
}

fn instant(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let bare = text.split('[').next().unwrap_or(text);
    let local = || bare.parse::<DateTime>().ok()?.to_zoned_datetime(zone.clone()).ok();
    bare.parse().ok().or_else(|| local().map(|time| time.timestamp()))
}

/// A member of the metadata that is an object or a list, as it is.
pub(super) fn nested<'v>(value: &Val<'v>, is_wanted: fn(&Value) -> bool) -> Option<Val<'v>> {
    match value {
        Val::Any(value) if is_wanted(value) => Val::literal(value),
        _ => None,
    }
}

fn decimal(text: &str) -> Option<Number> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let are_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let is_plain = whole == "0" || !whole.starts_with('0');
    let is_exact = whole.parse::<u64>().is_ok_and(|number| number <= WHOLE_MAX);
    (are_digits(whole) && are_digits(fraction) && is_plain && is_exact)
        .then(|| text.parse().ok())
        .flatten()
}

/// The first `most` characters.
pub(super) fn first(text: Cow<'_, str>, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        None => text,
        Some((end, _)) => part(text, 0, end),
    }
}

/// The last `most` characters.
pub(super) fn last(text: Cow<'_, str>, most: usize) -> Cow<'_, str> {
    match text.char_indices().rev().nth(most.saturating_sub(1)) {
        None => text,
        Some((start, _)) => {
            let end = text.len();
            part(text, start, end)
        }
    }
}

fn part(text: Cow<'_, str>, start: usize, end: usize) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.get(start..end).unwrap_or(text)),
        Cow::Owned(text) => Cow::Owned(text.get(start..end).unwrap_or(&text).to_owned()),
    }
}

/// The text with the filler added until it has at least so many characters.
pub(super) fn extended<'t>(text: Cow<'t, str>, least: usize, filler: &str) -> Cow<'t, str> {
    let missing = least.saturating_sub(text.chars().count());
    if missing == 0 || filler.is_empty() {
        return text;
    }
    let times = missing.div_ceil(filler.chars().count());
    Cow::Owned(text.into_owned() + &filler.repeat(times))
}

/// Only the digits, if there are any.
pub(super) fn digits(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    (!digits.is_empty()).then_some(digits)
}

/// A phone number as E.164, where the text is an Indonesian or an international one (domain 5).
pub(super) fn e164(text: &str) -> Option<String> {
    let is_phone = |c: char| c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '(' | ')' | '.');
    if !text.chars().all(is_phone) {
        return None;
    }
    let digits = digits(text)?;
    let is_international = text.trim_start().starts_with('+');
    let country_and_rest = match (digits.strip_prefix("62"), digits.strip_prefix('0')) {
        // `+62 0812…`: the trunk zero is not dialled after the country's code.
        (Some(rest), _) => format!("62{}", rest.trim_start_matches('0')),
        (None, Some(rest)) if !is_international => format!("62{rest}"),
        (None, _) if is_international => digits,
        _ => return None,
    };
    PHONE_DIGITS.contains(&country_and_rest.len()).then(|| format!("+{country_and_rest}"))
}

/// An Indonesian phone number as it is dialled at home: `08…` (contract trap 81).
pub(super) fn local_phone(text: &str) -> Option<String> {
    e164(text)?.strip_prefix("+62").map(|rest| format!("0{rest}"))
}

/// A card number as four stars and its last four digits, where it ends with four digits.
pub(super) fn masked_card(text: &str) -> Option<String> {
    let shown: Vec<char> = text.chars().rev().take(CARD_DIGITS).collect();
    let is_card = shown.len() == CARD_DIGITS && shown.iter().all(char::is_ascii_digit);
    is_card.then(|| "*".repeat(CARD_DIGITS) + &shown.into_iter().rev().collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check_number(text: &str, expected: impl Into<Option<Value>>) {
        assert_eq!(number(Val::text(text)).and_then(Val::into_json), expected.into(), "{text}");
    }

    #[test]
    fn a_text_becomes_a_number_only_where_nothing_is_lost() {
        check_number("1446", Some(json!(1446)));
        check_number("0", Some(json!(0)));
        check_number("12.5", Some(json!(12.5)));
        check_number("-3", Some(json!(-3)));
        check_number("9007199254740991", Some(json!(9_007_199_254_740_991_u64)));
        for text in ["", "0126", "INC-2024-0001", "9007199254740992", "1e5", "1.", ".5", "+1", " 1"]
        {
            check_number(text, None);
        }
    }

    #[test]
    fn a_time_is_read_in_every_form_that_the_systems_write() {
        let zone = TimeZone::get("Asia/Makassar").unwrap();
        for (said, expected) in [
            (json!("2024-12-19T14:22:00Z"), Some("2024-12-19T14:22:00Z")),
            (json!("2024-12-19T22:22:00.5+08:00"), Some("2024-12-19T14:22:00.5Z")),
            (
                json!("2020-10-22T17:40:55.372+07:00[Asia/Jakarta]"),
                Some("2020-10-22T10:40:55.372Z"),
            ),
            (json!("2025-10-23 16:54:08"), Some("2025-10-23T08:54:08Z")),
            (json!("2025-10-23T00:00:00.000"), Some("2025-10-22T16:00:00Z")),
            (json!(1_595_403_499_334_u64), Some("2020-07-22T07:38:19.334Z")),
            (json!("22 minutes ago"), None),
            (json!(true), None),
        ] {
            let read = time(Val::Any(&said), &zone).map(|read| read.shown());
            assert_eq!(read, expected.map(|expected| json!(expected)), "{said}");
        }
    }

    #[test]
    fn a_flag_is_one_or_says_so() {
        for (said, expected) in [
            (json!(true), Some(true)),
            (json!("False "), Some(false)),
            (json!(1), None),
            (json!("ya"), None),
        ] {
            let read = flag(Val::Any(&said)).and_then(Val::into_json);
            assert_eq!(read, expected.map(Value::Bool), "{said}");
        }
    }

    #[test]
    fn a_phone_number_takes_its_two_forms() {
        for text in ["+628123456789", "08123456789", "628123456789", "+62 (0)812-345-6789"] {
            assert_eq!(e164(text).as_deref(), Some("+628123456789"), "{text}");
            assert_eq!(local_phone(text).as_deref(), Some("08123456789"), "{text}");
        }
        assert_eq!(e164("+65 6123 4567").as_deref(), Some("+6561234567"));
        assert_eq!(local_phone("+65 6123 4567"), None);
        for text in ["", "12345678", "0812", "call me", "08123456789 ext 4"] {
            assert_eq!(e164(text), None, "{text}");
        }
    }

    #[test]
    fn a_card_shows_its_last_four_digits_or_nothing() {
        assert_eq!(masked_card("411111******1111").as_deref(), Some("****1111"));
        assert_eq!(masked_card("****1234").as_deref(), Some("****1234"));
        assert_eq!(masked_card("****12**"), None);
        assert_eq!(masked_card("123"), None);
    }

    #[test]
    fn texts_are_cut_and_extended_by_characters() {
        assert_eq!(first("né à".into(), 2), "né");
        assert_eq!(last("né à".into(), 1), "à");
        assert_eq!(first("ab".into(), 5), "ab");
        assert_eq!(extended("Rusak".into(), 10, "."), "Rusak.....");
        assert_eq!(extended("long enough".into(), 10, "."), "long enough");
    }
}
