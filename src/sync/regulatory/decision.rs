//! What people may decide about a ticket's regulatory clock: to extend it, to stop it, to let it go on.
//!
//! A due date that is over stays over: neither an extension nor a stop takes a breach back.

use jiff::Timestamp;
use jiff::civil::Date;
use omnihub_contract::Ticket;

use super::{Calendar, Standing, standing};
use crate::store::marks::{RegulatoryMarks, STOPS_MAX, Stop};
use crate::store::outbox::TicketState;

/// A decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It gets more working days, once.
    Extend,
    /// It is stopped, while the customer's documents are awaited.
    Stop,
    /// It goes on.
    Start,
}

/// Why it cannot be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is no complaint.
    #[error(
        "it has no regulatory clock: its service type is exempt (regulatory.exempt_service_types), or it was not posted here"
    )]
    NoClock,
    /// It is resolved, closed or cancelled.
    #[error("it ended at {0}: nothing is due any more")]
    Ended(Timestamp),
    /// It is late already.
    #[error("it was due on {0}: that has to be decided before")]
    Overdue(Date),
    /// It was extended before.
    #[error("it was extended at {0}: that may be done once")]
    Extended(Timestamp),
    /// It may not be extended at all.
    #[error("complaints of this kind may not be extended: their extension_days are 0")]
    NoExtension,
    /// It is stopped already.
    #[error("its clock is stopped since {0}")]
    Stopped(Timestamp),
    /// It runs already.
    #[error("its clock is not stopped")]
    Runs,
    /// It was stopped too often.
    #[error("its clock was stopped {STOPS_MAX} times: that is as often as is kept")]
    TooOften,
}

/// What is kept of the clock from then on.
///
/// # Errors
/// When it may not be decided so.
pub fn decide(
    step: Step,
    (ticket, state): (&Ticket, &TicketState),
    calendar: &Calendar,
    now: Timestamp,
) -> Result<RegulatoryMarks, Refusal> {
    let mut marks = state.regulatory.clone();
    let regulatory = ticket.regulatory.as_ref().ok_or(Refusal::NoClock)?;
    match step {
        Step::Start => {
            let from = marks.stopped_since.take().ok_or(Refusal::Runs)?;
            marks.stops.push(Stop { from, until: now });
        }
        Step::Stop => {
            is_under_way((ticket, state), calendar, now)?;
            if let Some(since) = marks.stopped_since {
                return Err(Refusal::Stopped(since));
            }
            if marks.stops.len() >= STOPS_MAX {
                return Err(Refusal::TooOften);
            }
            marks.stopped_since = Some(now);
        }
        Step::Extend => {
            is_under_way((ticket, state), calendar, now)?;
            if let Some(at) = marks.extended_at {
                return Err(Refusal::Extended(at));
            }
            if regulatory.extension_days == 0 {
                return Err(Refusal::NoExtension);
            }
            marks.extended_at = Some(now);
        }
    }
    Ok(marks)
}

/// It is neither done nor late.
fn is_under_way(
    (ticket, state): (&Ticket, &TicketState),
    calendar: &Calendar,
    now: Timestamp,
) -> Result<(), Refusal> {
    if let Some(ended_at) = state.sla.ended_at {
        return Err(Refusal::Ended(ended_at));
    }
    match standing(ticket, &state.regulatory, calendar) {
        Some(Standing::Runs(due)) if due.at < now => Err(Refusal::Overdue(due.on)),
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
