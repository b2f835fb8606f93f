//! The bank's working days: Monday to Friday, but for holidays.
//!
//! It holds years as a government decides them, one at a time: a year without a list is unknown, and not
//! a year without holidays.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde::Deserialize;

/// Months that are looked ahead: what comes today may be due then, extended and with a clock that was
/// stopped, and a government decides a year's holidays in the autumn before.
const AHEAD_MONTHS: i8 = 2;

/// Working days in one zone.
#[derive(Clone, Debug)]
pub struct Calendar {
    zone: TimeZone,
    years: BTreeMap<i16, BTreeSet<Date>>,
}

/// A year in a file of holidays.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Year {
    /// Who decided it: kept for readers of the file, and so asked for.
    source: String,
    holidays: BTreeMap<String, String>,
    #[serde(default)]
    joint_leave: BTreeMap<String, String>,
}

/// Why a text is no list of holidays.
#[derive(Debug, thiserror::Error)]
pub enum BadHolidays {
    /// It is no TOML, or has other members than a year has.
    #[error("{0}")]
    Form(#[from] toml::de::Error),
    /// The name of a section is no year.
    #[error("[{0}] is no year; write sections as [2027], [2027.holidays] and [2027.joint_leave]")]
    NoYear(String),
    /// Nobody decided it.
    #[error("[{0}] does not say who decided it: give its `source`")]
    NoSource(i16),
    /// The name of a member is no day of its year.
    #[error("`{day}` is no day of {year}; write days as {year}-01-01 = \"its name\"")]
    NoDay {
        /// What stands there.
        day: String,
        /// The year that it stands under.
        year: i16,
    },
}

impl Calendar {
    /// A calendar of this zone that knows no year.
    pub fn new(zone: TimeZone) -> Self {
        Self { zone, years: BTreeMap::new() }
    }

    /// Adds the years of a text; each takes the place of the same year of before.
    ///
    /// # Errors
    /// When it is no list of holidays.
    pub fn add(&mut self, text: &str) -> Result<(), BadHolidays> {
        let sections: BTreeMap<String, Year> = toml::from_str(text)?;
        for (name, section) in sections {
            let year = name.parse().map_err(|_| BadHolidays::NoYear(name))?;
            if section.source.trim().is_empty() {
                return Err(BadHolidays::NoSource(year));
            }
            let days = section.holidays.into_keys().chain(section.joint_leave.into_keys());
            let days = days.map(|day| match day.parse::<Date>() {
                Ok(date) if date.year() == year => Ok(date),
                _ => Err(BadHolidays::NoDay { day, year }),
            });
            let days = days.collect::<Result<_, _>>()?;
            self.years.insert(year, days);
        }
        Ok(())
    }

    /// The day on which that is, where the bank is.
    pub fn day_of(&self, at: Timestamp) -> Date {
        at.to_zoned_datetime(self.zone.clone()).date()
    }

    /// The last second of a day, where the bank is.
    pub fn end_of(&self, day: Date) -> Timestamp {
        let end = day.at(23, 59, 59, 0).to_zoned_datetime(self.zone.clone());
        // Only beyond the last day that there is.
        end.map_or(Timestamp::MAX, |end| end.timestamp())
    }

    /// Whether the bank works on that day, as far as is known.
    pub fn is_working(&self, day: Date) -> bool {
        let is_weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        let is_holiday = self.years.get(&day.year()).is_some_and(|days| days.contains(&day));
        !is_weekend && !is_holiday
    }

    /// Whether the holidays of that year are known.
    pub fn knows(&self, year: i16) -> bool {
        self.years.contains_key(&year)
    }

    /// The year that is not known and that due dates of these days may reach into, if there is one.
    pub fn lacks(&self, now: Timestamp) -> Option<i16> {
        let today = self.day_of(now);
        let ahead = today.checked_add(Span::new().months(AHEAD_MONTHS)).unwrap_or(Date::MAX);
        self.unknown_year(today, ahead)
    }

    /// The first year from this day to the other whose holidays are not known.
    pub fn unknown_year(&self, from: Date, to: Date) -> Option<i16> {
        (from.year()..=to.year()).find(|year| !self.knows(*year))
    }
}

#[cfg(test)]
pub(crate) mod tests;
