use omnihub_contract::{Event, EventKind, Source};

use super::super::calendar::tests::shipped;
use super::super::standing::tests::complaint;
use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Received on Monday, 2 November, with ten days: due at the end of Monday, 16 November.
fn taken() -> (Ticket, TicketState) {
    let received = at("2026-11-02T02:00:00Z");
    let created = Event::new(EventKind::TicketCreated, received, Source::Client);
    (complaint(received, 10), TicketState::start(created, Vec::new(), None))
}

#[track_caller]
fn check_decided(
    (ticket, state): (&Ticket, &mut TicketState),
    (step, now): (Step, &str),
    expected: Result<Option<&str>, Refusal>,
) {
    let calendar = shipped();
    let decided = decide(step, (ticket, state), &calendar, at(now));
    let due = decided.map(|marks| {
        state.regulatory = marks;
        let stands = standing(ticket, &state.regulatory, &calendar).unwrap();
        stands.due().map(|due| due.on.to_string())
    });
    assert_eq!(due, expected.map(|due| due.map(str::to_owned)));
}

#[test]
fn it_is_extended_once_and_before_it_is_due() {
    let (ticket, mut state) = taken();
    let late = (Step::Extend, "2026-11-16T16:00:00Z");
    let day = "2026-11-16".parse().unwrap();
    check_decided((&ticket, &mut state), late, Err(Refusal::Overdue(day)));
    let last_second = (Step::Extend, "2026-11-16T15:59:59Z");
    check_decided((&ticket, &mut state), last_second, Ok(Some("2026-11-30")));
    let again = (Step::Extend, "2026-11-17T02:00:00Z");
    let before = Refusal::Extended(at("2026-11-16T15:59:59Z"));
    check_decided((&ticket, &mut state), again, Err(before));
}

#[test]
fn it_is_stopped_and_goes_on_and_an_extension_meanwhile_stays() {
    let (ticket, mut state) = taken();
    let go_on = (Step::Start, "2026-11-03T02:00:00Z");
    check_decided((&ticket, &mut state), go_on, Err(Refusal::Runs));
    check_decided((&ticket, &mut state), (Step::Stop, "2026-11-03T02:00:00Z"), Ok(None));
    let twice = (Step::Stop, "2026-11-04T02:00:00Z");
    let since = Refusal::Stopped(at("2026-11-03T02:00:00Z"));
    check_decided((&ticket, &mut state), twice, Err(since));
    check_decided((&ticket, &mut state), (Step::Extend, "2026-11-20T02:00:00Z"), Ok(None));
    // Day 1 was 3 November; the other nineteen come after 20 November.
    let go_on = (Step::Start, "2026-11-20T02:00:00Z");
    check_decided((&ticket, &mut state), go_on, Ok(Some("2026-12-17")));
    assert_eq!(state.regulatory.stops.len(), 1);
}

#[test]
fn what_may_not_be_decided_says_why() {
    let (mut ticket, mut state) = taken();
    let now = "2026-11-03T02:00:00Z";
    let stop = Stop { from: at(now), until: at(now) };
    state.regulatory.stops = vec![stop; STOPS_MAX];
    check_decided((&ticket, &mut state), (Step::Stop, now), Err(Refusal::TooOften));
    ticket.regulatory.as_mut().unwrap().extension_days = 0;
    check_decided((&ticket, &mut state), (Step::Extend, now), Err(Refusal::NoExtension));
    state.sla.ended_at = Some(at(now));
    for step in [Step::Stop, Step::Extend] {
        check_decided((&ticket, &mut state), (step, now), Err(Refusal::Ended(at(now))));
    }
    ticket.regulatory = None;
    for step in [Step::Stop, Step::Extend, Step::Start] {
        check_decided((&ticket, &mut state), (step, now), Err(Refusal::NoClock));
    }
}
