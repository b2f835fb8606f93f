//! The SLA clock: what did not come in time, by the bank's own hours or by the regulator's days, becomes an
//! event of its ticket, once for each due.
//!
//! It keeps no time of its own: each ticket stands in the store's plan under its next due, and is looked
//! at then. One that was due while nobody looked is looked at when somebody does again.

use std::sync::{Arc, mpsc};

use futures_util::future::join_all;
use jiff::Timestamp;
use omnihub_contract::{Breach, Event, EventKind, Sla, SlaDue, Source, Ticket, TicketNumber};

use super::Ears;
use super::regulatory::standing;
use crate::store::judgement::Judgement;
use crate::store::marks::SlaMarks;
use crate::store::outbox::TicketState;
use crate::store::{Heard, StoreError};

/// Tickets in one step: they share a commit, and others have their turn between two steps.
const STEP_MAX: usize = 64;

/// What came too late by now, and when there is something to look at again. Pure. The regulatory due is
/// absent where the ticket has none, or its clock is stopped; what was due before the hub had the ticket
/// is not the hub's to tell.
pub fn late(
    sla: &Sla,
    regulatory: Option<Timestamp>,
    marks: &SlaMarks,
    (since, now): (Timestamp, Timestamp),
) -> (Vec<Breach>, Option<Timestamp>) {
    // Whoever ended a ticket has answered it.
    let answered = [marks.responded_at, marks.ended_at].into_iter().flatten().min();
    let own = [
        (SlaDue::Response, sla.response_due, answered, marks.response_breached_at),
        (SlaDue::Resolution, sla.resolution_due, marks.ended_at, marks.resolution_breached_at),
    ];
    let regulatory =
        regulatory.map(|at| (SlaDue::Regulatory, at, marks.ended_at, marks.regulatory_breached_at));
    let dues: Vec<_> = own.into_iter().chain(regulatory).collect();
    let is_late = |at: Timestamp, came: Option<Timestamp>| {
        since <= at && at <= now && came.is_none_or(|came| at < came)
    };
    let breaches = dues.iter().filter(|(_, at, came, told)| is_late(*at, *came) && told.is_none());
    let breaches = breaches.map(|(due, at, ..)| Breach { due: *due, at: *at }).collect();
    let next = dues.iter().map(|(_, at, ..)| *at).filter(|at| now < *at).min();
    (breaches, next)
}

impl Ears {
    /// Looks at every ticket whose SLA is due; gives how many were late.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub async fn tell_breaches(&self) -> Result<usize, StoreError> {
        let mut late = 0;
        loop {
            let dues = self.store.due_slas(STEP_MAX)?;
            let turns = dues.iter().map(|due| self.turn(*due));
            for heard in join_all(turns).await {
                late += usize::from(matches!(heard?, Heard::Kept { events } if events > 0));
            }
            if dues.len() < STEP_MAX {
                return Ok(late);
            }
        }
    }

    async fn turn(&self, due: (Timestamp, TicketNumber)) -> Result<Heard, StoreError> {
        let (now, route) = (self.clock.now(), Arc::clone(&self.route));
        let calendar = Arc::clone(&self.calendar);
        let (tell, told) = mpsc::channel();
        let judge = move |ticket: &Ticket, state: &TicketState| {
            let regulatory = standing(ticket, &state.regulatory, &calendar);
            let regulatory = regulatory.and_then(|stands| stands.due());
            let at = regulatory.map(|due| due.at);
            let (breaches, next) = late(&ticket.sla, at, &state.sla, (state.created.at, now));
            let is_late = breaches.iter().any(|breach| breach.due == SlaDue::Regulatory);
            let unsure = regulatory.filter(|_| is_late).and_then(|due| due.note());
            // Nobody counts where nobody waits any more.
            drop(tell.send(breaches.iter().map(|breach| breach.due).collect::<Vec<_>>()));
            let events = breaches.into_iter().map(|breach| {
                let event = Event::new(EventKind::SlaBreached, now, Source::Hub);
                let event = Event { breach: Some(breach), ..event };
                let due = route(ticket, &event);
                (event, due)
            });
            let (events, findings) = (events.collect(), unsure.into_iter().collect());
            (Judgement { events, findings, ..Judgement::default() }, next)
        };
        let heard = self.store.turn(due, Box::new(judge)).await?;
        if matches!(heard, Heard::Kept { .. }) {
            told.try_iter().flatten().for_each(|due| self.breaches.told(due));
        }
        Ok(heard)
    }
}

#[cfg(test)]
mod tests {
    use omnihub_contract::{Comment, Status, StatusChange, StatusWord};

    use super::*;

    const START: i64 = 1_734_604_200;

    fn hour(hours: i64) -> Timestamp {
        Timestamp::from_second(START + 3600 * hours).unwrap()
    }

    fn sla() -> Sla {
        Sla { hours: 24, response_due: hour(6), resolution_due: hour(24) }
    }

    /// When the bank answered and when the ticket ended, in hours; and what is late at that hour.
    #[track_caller]
    fn check_late(came: (Option<i64>, Option<i64>), now: i64, late_ones: &[SlaDue]) {
        let (responded_at, ended_at) = (came.0.map(hour), came.1.map(hour));
        let mut marks = SlaMarks { responded_at, ended_at, ..SlaMarks::default() };
        let (breaches, next) = late(&sla(), None, &marks, (hour(0), hour(now)));
        assert_eq!(breaches.iter().map(|breach| breach.due).collect::<Vec<_>>(), late_ones);
        assert_eq!(next, [6, 24].into_iter().find(|due| now < *due).map(hour));
        for breach in breaches {
            let event = Event::new(EventKind::SlaBreached, hour(now), Source::Hub);
            marks.learn(&Event { breach: Some(breach), ..event });
        }
        assert_eq!(late(&sla(), None, &marks, (hour(0), hour(now))).0, []);
    }

    #[test]
    fn what_did_not_come_in_time_is_late_once_for_each_due() {
        use SlaDue::{Resolution, Response};
        check_late((None, None), 5, &[]);
        check_late((None, None), 6, &[Response]);
        // Nobody looked for days.
        check_late((None, None), 100, &[Response, Resolution]);
        check_late((Some(3), None), 6, &[]);
        check_late((Some(6), None), 6, &[]);
        check_late((Some(7), None), 8, &[Response]);
        check_late((Some(3), None), 24, &[Resolution]);
        check_late((Some(3), Some(20)), 24, &[]);
        check_late((None, Some(5)), 24, &[]);
        check_late((None, Some(10)), 24, &[Response]);
        check_late((Some(3), Some(25)), 30, &[Resolution]);
    }

    #[test]
    fn what_was_due_before_a_ticket_was_taken_over_is_not_told_and_what_comes_after_is() {
        let found = |now| late(&sla(), None, &SlaMarks::default(), (hour(7), hour(now)));
        assert_eq!(found(8), (vec![], Some(hour(24))));
        let resolution = Breach { due: SlaDue::Resolution, at: hour(24) };
        assert_eq!(found(30), (vec![resolution], None));
    }

    #[test]
    fn the_regulatory_due_is_told_once_like_the_others_and_not_while_its_clock_is_stopped() {
        use SlaDue::{Regulatory, Resolution, Response};
        let found = |regulatory: Option<i64>, marks: &SlaMarks, now: i64| {
            let (breaches, next) = late(&sla(), regulatory.map(hour), marks, (hour(0), hour(now)));
            (breaches.into_iter().map(|breach| breach.due).collect::<Vec<_>>(), next)
        };
        let mut marks = SlaMarks::default();
        assert_eq!(found(Some(30), &marks, 24), (vec![Response, Resolution], Some(hour(30))));
        assert_eq!(found(Some(30), &marks, 30).0, [Response, Resolution, Regulatory]);
        assert_eq!(found(None, &marks, 30), (vec![Response, Resolution], None));
        assert_eq!(found(Some(2), &marks, 2), (vec![Regulatory], Some(hour(6))));
        let event = Event::new(EventKind::SlaBreached, hour(30), Source::Hub);
        let breach = Some(Breach { due: Regulatory, at: hour(30) });
        marks.learn(&Event { breach, ..event });
        assert_eq!(found(Some(30), &marks, 40).0, [Response, Resolution]);
        assert!(!marks.is_breached(), "the bank's own hours are another matter");
    }

    #[track_caller]
    fn check_marks(event: &Event, responded: bool, ended: bool) {
        let mut marks = SlaMarks::default();
        marks.learn(event);
        assert_eq!((marks.responded_at.is_some(), marks.ended_at.is_some()), (responded, ended));
    }

    #[test]
    fn a_system_answers_and_a_client_does_not() {
        let changed = |source: Source, to: &str| {
            let to = Status { canonical: to.into(), raw: None };
            let change = Some(StatusChange::new(StatusWord::Open, to));
            Event { change, ..Event::new(EventKind::TicketStatusChanged, hour(1), source) }
        };
        let commented = |source: Source, is_from_support| {
            let (content, author) = ("Halo".into(), "Jane".into());
            let comment =
                Comment { id: "1".to_owned(), content, author, is_from_support, at: hour(1) };
            let event = Event::new(EventKind::TicketCommented, hour(1), source);
            Event { comment: Some(comment), ..event }
        };
        let desk = || Source::Adapter("desk".into());
        check_marks(&changed(desk(), "IN_PROGRESS"), true, false);
        check_marks(&changed(desk(), "RESOLVED"), true, true);
        check_marks(&changed(desk(), "OPEN"), false, false);
        check_marks(&changed(Source::Client, "PENDING"), false, false);
        check_marks(&changed(Source::Client, "CANCELLED"), false, true);
        check_marks(&commented(desk(), true), true, false);
        check_marks(&commented(desk(), false), false, false);
        check_marks(&commented(Source::Client, false), false, false);
    }
}
