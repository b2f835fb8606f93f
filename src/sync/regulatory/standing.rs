//! Where a ticket's regulatory clock stands: by when it is due, or since when it is stopped.
//!
//! It is reckoned anew at every look, from what was kept and from the calendar of now: when the holidays
//! of a year become known, dates that reach into it are right from then on.

use jiff::Timestamp;
use jiff::civil::Date;
use omnihub_contract::{Regulatory, Ticket};

use super::Calendar;
use crate::store::marks::{RegulatoryMarks, Stop};
use crate::store::{Note, Record};

/// Days that are looked at to find a due date: ten years. Beyond it the last one looked at has to do.
const LOOKED_AT_MAX: usize = 3660;

/// A due date was reckoned without a year's holidays.
const UNKNOWN_YEAR: &str = "H0607";

/// Where a clock stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It runs, or has run.
    Runs(Due),
    /// It is stopped.
    Stopped {
        /// Since when.
        since: Timestamp,
        /// Working days that are left from the day on which it goes on.
        days_left: u16,
    },
}

/// By when a complaint has to be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The last day, where the bank is.
    pub on: Date,
    /// The end of that day.
    pub at: Timestamp,
    /// The first year in between whose holidays are not known.
    pub unknown_year: Option<i16>,
}

impl Standing {
    /// When it is due; not while it is stopped.
    pub fn due(&self) -> Option<Due> {
        match self {
            Self::Runs(due) => Some(*due),
            Self::Stopped { .. } => None,
        }
    }
}

impl Due {
    /// What a person should know of it.
    pub fn note(&self) -> Option<Note> {
        self.unknown_year.map(|year| {
            let on = self.on;
            let words = format!(
                "the regulatory due date {on} is reckoned without the holidays of {year}, which are not known here: it may be too early"
            );
            Note { code: UNKNOWN_YEAR.to_owned(), words }
        })
    }
}

/// Where the clock of a ticket stands; none where it has none.
pub fn standing(ticket: &Ticket, marks: &RegulatoryMarks, calendar: &Calendar) -> Option<Standing> {
    let regulatory = ticket.regulatory.as_ref()?;
    let received = calendar.day_of(ticket.created_at);
    let days = days(regulatory, marks);
    let is_counted = |day: Date| {
        calendar.is_working(day) && !marks.stops.iter().any(|stop| rests(stop, day, calendar))
    };
    Some(match marks.stopped_since {
        Some(since) => {
            let stopped = calendar.day_of(since);
            let gone = days_after(received).take_while(|day| *day <= stopped);
            let gone = gone.filter(|day| is_counted(*day)).count();
            let days_left = days.saturating_sub(u16::try_from(gone).unwrap_or(u16::MAX));
            Standing::Stopped { since, days_left }
        }
        None => {
            let mut counted = days_after(received).filter(|day| is_counted(*day));
            let on = match days.checked_sub(1) {
                Some(before) => counted.nth(before.into()).unwrap_or(Date::MAX),
                None => received,
            };
            let unknown_year = calendar.unknown_year(received, on);
            Standing::Runs(Due { on, at: calendar.end_of(on), unknown_year })
        }
    })
}

/// What a person should know of the due date of a ticket that has not ended.
pub fn uncertainty(record: &Record, calendar: &Calendar) -> Option<Note> {
    let (ticket, state) = (&record.ticket, &record.state);
    let stands = standing(ticket, &state.regulatory, calendar)?;
    stands.due().filter(|_| state.sla.ended_at.is_none())?.note()
}

/// Working days that it has in all.
fn days(regulatory: &Regulatory, marks: &RegulatoryMarks) -> u16 {
    let more = if marks.extended_at.is_some() { regulatory.extension_days } else { 0 };
    regulatory.days.saturating_add(more)
}

fn days_after(day: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(day.tomorrow().ok(), |day| day.tomorrow().ok()).take(LOOKED_AT_MAX)
}

/// Whether the clock stood still on that day: after the day on which it was stopped, up to that on which
/// it went on.
fn rests(stop: &Stop, day: Date, calendar: &Calendar) -> bool {
    calendar.day_of(stop.from) < day && day <= calendar.day_of(stop.until)
}

#[cfg(test)]
pub(crate) mod tests;
