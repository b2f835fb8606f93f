//! What operators decide about tickets' regulatory clocks: to extend, to stop, to let go on.
//!
//! A decision is judged on the ticket as it stands, in one transaction of the store, and kept with who,
//! when and why.

use std::sync::{Arc, mpsc};

use axum::extract::{Extension, State};
use axum::routing::post;
use axum::{Json, Router};
use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::dues::{DueView, dues};
use super::gate::Actor;
use super::{Desk, Failed, REASON_CHARS_MAX, by, is_said};
use crate::store::judgement::{ClockDecision, Judgement};
use crate::store::{Heard, PastDecision, Store, StoreError};
use crate::sync::regulatory::{Calendar, Refusal, Step, decide, standing};

/// A decision, as it is asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Any number that the ticket has.
    pub number: String,
    /// What is to happen.
    pub what: What,
    /// Who says so; a key says so by itself.
    #[serde(default)]
    pub by: String,
    /// Why.
    pub reason: String,
}

/// What is to happen to the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// It gets more working days.
    Extend,
    /// It is stopped.
    Stop,
    /// It goes on.
    Start,
}

/// Why it could not be done.
#[derive(Debug, thiserror::Error)]
pub enum ClockError {
    /// There is no such ticket.
    #[error("there is no ticket {0}")]
    NoTicket(String),
    /// Who says so, or why, is missing or too long.
    #[error("say who decides, and why in at most {REASON_CHARS_MAX} characters")]
    Reason,
    /// The clock does not allow it.
    #[error("ticket {number}: {why}")]
    Refused {
        /// Which ticket.
        number: String,
        /// Why.
        why: Refusal,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl What {
    fn step(self) -> Step {
        match self {
            Self::Extend => Step::Extend,
            Self::Stop => Step::Stop,
            Self::Start => Step::Start,
        }
    }

    /// As the ticket keeps it.
    fn done(self) -> &'static str {
        match self {
            Self::Extend => "regulatory due date extended",
            Self::Stop => "regulatory clock stopped",
            Self::Start => "regulatory clock started",
        }
    }
}

pub(super) fn routes() -> Router<Desk> {
    Router::new().route("/hub/tickets/clock", post(clock))
}

/// Does it; gives how the ticket stands by that.
///
/// # Errors
/// When it may not be done or the store fails.
pub async fn change(
    store: &dyn Store,
    calendar: &Arc<Calendar>,
    asked: Asked,
    now: Timestamp,
) -> Result<Vec<DueView>, ClockError> {
    let Asked { number, what, by, reason } = asked;
    if !is_said(&by) || !is_said(&reason) {
        return Err(ClockError::Reason);
    }
    let no_ticket = || ClockError::NoTicket(number.clone());
    let record = store.find(&number)?.ok_or_else(no_ticket)?;
    let decision =
        PastDecision { at: now, delivery: None, what: what.done().to_owned(), by, reason };
    let (tell, told) = mpsc::channel();
    let judged_by = Arc::clone(calendar);
    let heard = store.hear(
        record.ticket.number,
        Box::new(move |ticket, state| {
            let marks = decide(what.step(), (ticket, state), &judged_by, now);
            let clock = marks.map(|marks| {
                let due = standing(ticket, &marks, &judged_by).and_then(|stands| stands.due());
                ClockDecision { marks, decision, look_at: due.map(|due| due.at) }
            });
            let clock = clock.map_err(|why| tell.send(why)).ok();
            Judgement { clock, ..Judgement::default() }
        }),
    );
    match (heard.await?, told.try_recv()) {
        (_, Ok(why)) => Err(ClockError::Refused { number, why }),
        (Heard::NoTicket, _) => Err(no_ticket()),
        (Heard::Kept { .. } | Heard::Nothing, Err(_)) => {
            let record = store.find(&number)?.ok_or_else(no_ticket)?;
            Ok(dues(&record, calendar, now))
        }
    }
}

async fn clock(
    State(desk): State<Desk>,
    actor: Option<Extension<Actor>>,
    Json(mut asked): Json<Asked>,
) -> Result<Json<Vec<DueView>>, Failed> {
    asked.by = by(actor, asked.by);
    let (calendar, now) = (&desk.ears.calendar, desk.clock.now());
    Ok(Json(change(&*desk.store, calendar, asked, now).await?))
}

impl From<ClockError> for Failed {
    fn from(error: ClockError) -> Self {
        let status = match error {
            ClockError::NoTicket(_) => StatusCode::NOT_FOUND,
            ClockError::Reason => StatusCode::BAD_REQUEST,
            ClockError::Refused { .. } => StatusCode::CONFLICT,
            ClockError::Store(error) => return error.into(),
        };
        Self { status, detail: error.to_string() }
    }
}
