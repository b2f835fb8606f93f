//! The regulatory clock: how many working days a complaint has, and where that clock stands (domain 4.1).
//!
//! Pure: it knows no store's keys, no file and no time but what it is given. Parts: [`calendar`] (working
//! days), [`mod@standing`] (the due date of a ticket), [`decision`] (what people may decide about it).
//!
//! How days are counted, all of it:
//! - A day is a day of the bank's own zone, WITA: what comes on Friday at 23:30 came on Friday.
//! - The day of receipt is day 0, a working day or not; day 1 is the first working day after it.
//! - Due is the end of the last day, so it is never due on a day on which nobody works.
//! - While the clock is stopped no day counts: day 0 again is the day on which it goes on.
//! - An extension adds days to those of the beginning, once.
//!
//! A year that the calendar does not know has no holidays in it, so that a due date there is rather too
//! early than too late; and it says so ([`Due::unknown_year`]).

pub mod calendar;
pub mod decision;
pub mod standing;

pub use calendar::{BadHolidays, Calendar};
pub use decision::{Refusal, Step, decide};
pub use standing::{Due, Standing, standing, uncertainty};
