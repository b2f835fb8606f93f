//! Dates of transactions: ISO 8601 texts become UTC instants.
//!
//! With or without seconds, fraction and offset (contract trap 28). Where no offset is given the time
//! is WITA, the bank's own; a date alone is the start of that day there. WITA has no summer time, so that
//! a fixed offset serves (domain 5).

use jiff::Timestamp;
use jiff::civil::Time;
use jiff::fmt::temporal::Pieces;
use jiff::tz::{Offset, offset};
use serde_json::Value;

use super::fields::{Field, Members, Wrong, text};
use super::schema::text_like;

/// Asia/Makassar: the zone of Manado and Gorontalo.
const WITA: Offset = offset(8);

/// An instant, where the member is there and right.
pub(super) fn instant(of: Members<'_>, field: &Field, wrong: &mut Wrong) -> Option<Timestamp> {
    let instant = parse(text(of, field, wrong)?);
    if instant.is_none() {
        let example = "must be an ISO 8601 date, such as 2024-12-19T10:30:00Z";
        wrong.add(field.path, format!("{} {example}", field.label));
    }
    instant
}

/// What is said of such a member.
pub(super) fn schema(field: &Field, about: &str) -> Value {
    let form = "ISO 8601, such as `2024-12-19T10:30:00Z`; without an offset it is WITA (UTC+8).";
    text_like(field, r"^\s*(?:[0-9]{4}[^\x00-\x1F\x7F]*)?\s*$", &format!("{about} {form}"))
}

fn parse(text: &str) -> Option<Timestamp> {
    // ISO 8601's signed, six-digit years have no place in a claim.
    if !text.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let pieces = Pieces::parse(text).ok()?;
    let offset = match pieces.to_numeric_offset() {
        Some(offset) => offset,
        None if pieces.time_zone_annotation().is_none() => WITA,
        // A zone's name without an offset would need its rules.
        None => return None,
    };
    let local = pieces.date().to_datetime(pieces.time().unwrap_or(Time::midnight()));
    offset.to_timestamp(local).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_date(text: &str, instant: Option<&str>) {
        let expected = instant.map(|text| text.parse::<Timestamp>().unwrap());
        assert_eq!(parse(text), expected, "{text}");
    }

    #[test]
    fn a_date_with_an_offset_is_that_instant() {
        check_date("2024-12-19T10:30:00Z", Some("2024-12-19T10:30:00Z"));
        check_date("2025-09-26T07:27:51.547Z", Some("2025-09-26T07:27:51.547Z"));
        check_date("2024-12-19T10:30:00+08:00", Some("2024-12-19T02:30:00Z"));
        check_date("2024-12-19T10:30:00.5-05:00", Some("2024-12-19T15:30:00.5Z"));
        check_date("2024-12-19T10:30+07:00[Asia/Jakarta]", Some("2024-12-19T03:30:00Z"));
    }

    #[test]
    fn a_date_without_an_offset_is_in_wita() {
        check_date("2024-12-19T10:30:00", Some("2024-12-19T02:30:00Z"));
        check_date("2024-12-19 10:30:00.250", Some("2024-12-19T02:30:00.25Z"));
        check_date("2024-12-19T10:30", Some("2024-12-19T02:30:00Z"));
        check_date("2024-12-19", Some("2024-12-18T16:00:00Z"));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "kemarin",
            "19-12-2024",
            "19/12/2024",
            "2024-13-01",
            "2024-02-30",
            "2024-12-19T25:00:00Z",
            "2024-12-19T10:30:00 WITA",
            "2024-12-19T10:30:00[Asia/Makassar]",
            "2024-12-19T10:30:00+99:00",
            "+002024-12-19",
            "-000001-12-19",
            "1734604200",
        ] {
            check_date(text, None);
        }
    }
}
