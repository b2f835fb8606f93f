//! The regulatory clock as GET shows it, under `sla`: an addition to the documents.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::store::Record;
use crate::sync::regulatory::{Calendar, Standing, standing};

/// By when the regulator wants it answered; `null` where it is no complaint.
pub(crate) fn block(record: &Record, calendar: &Calendar, now: Timestamp) -> Value {
    let (ticket, state) = (&record.ticket, &record.state);
    let stands = standing(ticket, &state.regulatory, calendar);
    let (Some(stands), Some(regulatory)) = (stands, &ticket.regulatory) else {
        return Value::Null;
    };
    let due = stands.due();
    let deadline = due.map(|due| due.at);
    let is_over = state.sla.ended_at.is_none() && deadline.is_some_and(|at| at < now);
    let stopped_since = match stands {
        Standing::Stopped { since, .. } => Some(since),
        Standing::Runs(_) => None,
    };
    json!({
        "form": regulatory.form.as_str().to_uppercase(),
        "receivedAt": ticket.created_at,
        "workingDays": regulatory.days,
        "deadline": deadline,
        "isBreached": state.sla.regulatory_breached_at.is_some() || is_over,
        "extendedUntil": deadline.filter(|_| state.regulatory.extended_at.is_some()),
        "clockStoppedSince": stopped_since,
        "unknownHolidays": due.and_then(|due| due.unknown_year),
    })
}
