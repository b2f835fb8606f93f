//! By when a ticket is to be answered and ended, and how that stands: by the bank's own hours, and by the
//! regulator's days.

use jiff::Timestamp;
use jiff::civil::Date;
use omnihub_contract::{Regulatory, SlaDue};
use serde::{Deserialize, Serialize};

use super::tickets::Entry;
use crate::store::Record;
use crate::sync::regulatory::{Calendar, Standing, standing};

const MINUTE_S: i64 = 60;
const HOUR_S: i64 = 60 * MINUTE_S;
const DAY_S: i64 = 24 * HOUR_S;

/// Something that is due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueView {
    /// `response`, `resolution` or `regulatory`.
    pub what: String,
    /// By when; absent while the clock is stopped.
    pub at: Option<Timestamp>,
    /// How it stands, as `in 3 h`, `late by 2 d` or `in time`.
    pub stands: String,
    /// Whether it came in time.
    pub is_met: bool,
    /// What it is reckoned from, where that is not plain.
    pub of: Option<String>,
}

/// Everything that is due of a ticket.
pub fn dues(record: &Record, calendar: &Calendar, now: Timestamp) -> Vec<DueView> {
    let (sla, marks) = (&record.ticket.sla, &record.state.sla);
    // Whoever ended a ticket has answered it.
    let answered = [marks.responded_at, marks.ended_at].into_iter().flatten().min();
    let mut dues = vec![
        due(SlaDue::Response, sla.response_due, answered, now),
        due(SlaDue::Resolution, sla.resolution_due, marks.ended_at, now),
    ];
    let stands = standing(&record.ticket, &record.state.regulatory, calendar);
    if let (Some(stands), Some(regulatory)) = (stands, &record.ticket.regulatory) {
        let last = stands.due().map(|due| due.on);
        let own = match stands {
            Standing::Runs(it) => due(SlaDue::Regulatory, it.at, marks.ended_at, now),
            Standing::Stopped { since, days_left } => DueView {
                what: SlaDue::Regulatory.as_str().to_owned(),
                at: None,
                stands: format!("stopped since {since}, {days_left} working days left"),
                is_met: marks.ended_at.is_some(),
                of: None,
            },
        };
        let is_extended = record.state.regulatory.extended_at.is_some();
        let of = Some(words(regulatory, is_extended, last));
        dues.push(DueView { of, ..own });
    }
    dues
}

/// What is still due, and what was not met, at its time.
pub(super) fn entries(dues: &[DueView]) -> impl Iterator<Item = Entry> {
    let open = dues.iter().filter(|due| !due.is_met);
    open.filter_map(|due| {
        let of = due.of.as_ref().map(|of| format!(" ({of})")).unwrap_or_default();
        Some(Entry { at: due.at?, what: format!("due: {}{of}", due.what) })
    })
}

fn words(regulatory: &Regulatory, is_extended: bool, last: Option<Date>) -> String {
    let Regulatory { form, days, extension_days, clock } = regulatory;
    let more = if is_extended { format!(" and {extension_days} more") } else { String::new() };
    let clock = clock.as_ref().map(|clock| format!(", {clock}")).unwrap_or_default();
    let last = last.map(|last| last.strftime(", the last is %A %Y-%m-%d").to_string());
    let last = last.unwrap_or_default();
    format!("{}, {days}{more} working days{clock}{last}", form.as_str())
}

fn due(what: SlaDue, at: Timestamp, came: Option<Timestamp>, now: Timestamp) -> DueView {
    let stands = match came {
        Some(came) if came <= at => "in time".to_owned(),
        Some(came) => format!("came late by {}", span(at, came)),
        None if now <= at => format!("in {}", span(now, at)),
        None => format!("late by {}", span(at, now)),
    };
    let is_met = came.is_some_and(|came| came <= at);
    DueView { what: what.as_str().to_owned(), at: Some(at), stands, is_met, of: None }
}

/// A time in its largest unit, rounded down.
fn span(from: Timestamp, to: Timestamp) -> String {
    let seconds = to.duration_since(from).as_secs();
    match seconds {
        ..MINUTE_S => format!("{seconds} s"),
        MINUTE_S..HOUR_S => format!("{} min", seconds / MINUTE_S),
        HOUR_S..DAY_S => format!("{} h", seconds / HOUR_S),
        DAY_S.. => format!("{} d", seconds / DAY_S),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_stands(came: Option<i64>, now: i64, stands: &str) {
        let at = |seconds: i64| Timestamp::from_second(1_734_604_200 + seconds).unwrap();
        let shown = due(SlaDue::Response, at(0), came.map(at), at(now));
        assert_eq!((&*shown.stands, shown.is_met), (stands, stands == "in time"));
    }

    #[test]
    fn what_is_due_is_said_in_its_largest_unit() {
        check_stands(None, -3 * HOUR_S - 59, "in 3 h");
        check_stands(None, -59, "in 59 s");
        check_stands(None, 0, "in 0 s");
        check_stands(None, 2 * DAY_S + HOUR_S, "late by 2 d");
        check_stands(None, HOUR_S - 1, "late by 59 min");
        check_stands(Some(0), HOUR_S, "in time");
        check_stands(Some(-DAY_S), DAY_S, "in time");
        check_stands(Some(DAY_S - 1), DAY_S, "came late by 23 h");
    }
}
