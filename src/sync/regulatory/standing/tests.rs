use omnihub_contract::{Form, TicketNumber};
use omnihub_kit::bare_ticket;
use proptest::prelude::*;

use super::super::calendar::tests::shipped;
use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn complaint(received: Timestamp, days: u16) -> Ticket {
    let regulatory = Regulatory { form: Form::Written, days, extension_days: 10, clock: None };
    Ticket { regulatory: Some(regulatory), ..bare_ticket(TicketNumber(9_000_000_042), received) }
}

fn due_of(received: &str, days: u16, marks: &RegulatoryMarks) -> Due {
    standing(&complaint(at(received), days), marks, &shipped()).unwrap().due().unwrap()
}

#[track_caller]
fn check_due(received: &str, days: u16, on: &str) {
    let due = due_of(received, days, &RegulatoryMarks::default());
    assert_eq!(due.on.to_string(), on);
    assert_eq!(due.at, shipped().end_of(due.on));
}

#[test]
fn the_day_of_receipt_is_day_0_and_day_1_is_the_next_on_which_the_bank_works() {
    // Monday to the Monday after.
    check_due("2026-11-02T02:00:00Z", 5, "2026-11-09");
    // Friday, half past eleven at night in WITA, and half an hour into Saturday there: both count from Monday.
    check_due("2026-11-06T15:30:00Z", 1, "2026-11-09");
    check_due("2026-11-06T16:30:00Z", 1, "2026-11-09");
    check_due("2026-11-06T15:30:00Z", 5, "2026-11-13");
    check_due("2026-11-08T02:00:00Z", 5, "2026-11-13");
    // Idul Fitri: from Tuesday 17 March the next working day is Wednesday the week after.
    check_due("2026-03-17T02:00:00Z", 1, "2026-03-25");
    check_due("2026-03-16T02:00:00Z", 10, "2026-04-07");
    // No day at all is the day itself, as long as it lasts.
    check_due("2026-11-02T02:00:00Z", 0, "2026-11-02");
}

#[test]
fn a_due_date_that_reaches_into_an_unknown_year_says_so() {
    let known = due_of("2026-12-01T02:00:00Z", 10, &RegulatoryMarks::default());
    assert_eq!((known.unknown_year, known.note()), (None, None));
    let due = due_of("2026-12-21T02:00:00Z", 10, &RegulatoryMarks::default());
    assert_eq!((due.on.to_string().as_str(), due.unknown_year), ("2027-01-06", Some(2027)));
    let note = due.note().unwrap();
    assert_eq!(note.code, "H0607");
    assert!(note.words.contains("2027-01-06") && note.words.contains("holidays of 2027"));
}

#[test]
fn an_extension_adds_days_to_those_of_the_beginning() {
    let marks = RegulatoryMarks {
        extended_at: Some(at("2026-11-05T02:00:00Z")),
        ..RegulatoryMarks::default()
    };
    assert_eq!(due_of("2026-11-02T02:00:00Z", 10, &marks).on.to_string(), "2026-11-30");
}

#[test]
fn no_day_counts_while_the_clock_is_stopped() {
    // Stopped on Tuesday, on again on Thursday: Wednesday and Thursday do not count.
    let stop = |from: &str, until: &str| Stop { from: at(from), until: at(until) };
    let marks = |stops: Vec<Stop>| RegulatoryMarks { stops, ..RegulatoryMarks::default() };
    let due = |stops| due_of("2026-11-02T02:00:00Z", 5, &marks(stops)).on.to_string();
    assert_eq!(due(vec![]), "2026-11-09");
    let two_days = stop("2026-11-03T02:00:00Z", "2026-11-05T02:00:00Z");
    assert_eq!(due(vec![two_days]), "2026-11-11");
    let same_day = stop("2026-11-06T02:00:00Z", "2026-11-06T08:00:00Z");
    assert_eq!(due(vec![two_days, same_day]), "2026-11-11");
    let weekend = stop("2026-11-06T02:00:00Z", "2026-11-08T02:00:00Z");
    assert_eq!(due(vec![weekend]), "2026-11-09");
    let received = complaint(at("2026-11-02T02:00:00Z"), 5);
    let since = at("2026-11-04T02:00:00Z");
    let marks = RegulatoryMarks { stopped_since: Some(since), ..marks(vec![]) };
    let stands = standing(&received, &marks, &shipped());
    assert_eq!(stands, Some(Standing::Stopped { since, days_left: 3 }));
}

proptest! {
    #[test]
    fn it_is_never_due_on_a_day_on_which_nobody_works_and_more_days_are_never_earlier(
        second in 1_704_067_200_i64..1_798_761_600,
        days in 1_u16..60,
        stops in prop::collection::vec((0_i64..40, 0_i64..40), 0..4),
    ) {
        let calendar = shipped();
        let received = Timestamp::from_second(second).unwrap();
        let day_after = |days: i64| Timestamp::from_second(second + 86_400 * days).unwrap();
        let stops: Vec<Stop> = stops
            .into_iter()
            .map(|(from, long)| Stop { from: day_after(from), until: day_after(from + long) })
            .collect();
        let due = |days: u16, stops: &[Stop]| {
            let marks = RegulatoryMarks { stops: stops.to_vec(), ..RegulatoryMarks::default() };
            standing(&complaint(received, days), &marks, &calendar).unwrap().due().unwrap()
        };
        let (it, more) = (due(days, &stops), due(days + 1, &stops));
        prop_assert!(calendar.is_working(it.on), "{}", it.on);
        prop_assert!(received < it.at && it.on < more.on && it.at < more.at);
        prop_assert!(due(days, &[]).on <= it.on, "a stop never makes it earlier");
        // Exactly so many days are worked in between, where none is stopped.
        let between = days_after(calendar.day_of(received)).take_while(|day| *day <= due(days, &[]).on);
        prop_assert_eq!(between.filter(|day| calendar.is_working(*day)).count(), usize::from(days));
    }
}
