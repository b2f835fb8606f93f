//! The whole table: every fault, whether a repeat is safe, and what went before.

use Fault::{
    Inapplicable, Misconfigured, Refused, Throttled, Unauthorized, Unavailable, Unknown, Unreadable,
};
use omnihub_contract::{DeliveryId, Event, EventKind, Receipt, Receipts, Source, Status, Ticket};
use omnihub_contract::{TicketNumber, mask};
use serde_json::json;

use super::*;
use crate::dispatch::brakes::ByHand;

/// What a delivery went through before.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Past {
    /// One failure.
    Young,
    /// The same, and it may have arrived, but was not found there.
    Sought,
    /// One failure less than it may have.
    Spent,
    /// It has failed for as long as it may.
    Old,
    /// One failure less than it may have, and it may have arrived.
    SpentSought,
}

const PASTS: [Past; 5] = [Past::Young, Past::Sought, Past::Spent, Past::Old, Past::SpentSought];

const SAFE: &[bool] = &[true];
const UNSAFE: &[bool] = &[false];
const BOTH: &[bool] = &[true, false];

const REFUSED: &str = "dead H0401";
const INAPPLICABLE: &str = "discarded H0411";
const NO_KEY: &str = "pause H0402, retry H0402 after 6s";
const NO_PATH: &str = "pause H0403, retry H0403 after 6s";
const THROTTLED: &str = "throttle 10s, retry H0404 after 10s";
const DOWN: &str = "retry H0405 within 2s, counted";
const LOST: &str = "retry H0406 within 2s, counted";
const SEEK: &str = "retry H0406 after 0s, counted, unknown";
const SPENT: &str = "dead H0409";
const HELD: &str = "held H0407";

/// What follows for each of [`PASTS`].
const TABLE: &[(&[Fault], &[bool], [&str; 5])] = &[
    (&[Refused], BOTH, [REFUSED; 5]),
    (&[Inapplicable], BOTH, [INAPPLICABLE; 5]),
    (&[Unauthorized], BOTH, [NO_KEY; 5]),
    (&[Misconfigured], BOTH, [NO_PATH; 5]),
    (&[Throttled], BOTH, [THROTTLED; 5]),
    (&[Unavailable], SAFE, [DOWN, DOWN, SPENT, SPENT, SPENT]),
    (&[Unavailable], UNSAFE, [DOWN, DOWN, SPENT, SPENT, HELD]),
    (&[Unknown, Unreadable], SAFE, [LOST, LOST, SPENT, SPENT, SPENT]),
    (&[Unknown, Unreadable], UNSAFE, [SEEK, LOST, SEEK, SEEK, HELD]),
];

fn now() -> Timestamp {
    "2024-12-19T10:30:00Z".parse().unwrap()
}

fn policy() -> RetryPolicy {
    RetryPolicy { attempts_max: 5, age_max: Duration::from_secs(3600), ..RetryPolicy::default() }
}

fn ticket() -> Ticket {
    let sla = json!({ "hours": 72, "response_due": now(), "resolution_due": now() });
    let ticket = json!({
        "id": "0193ddf0-7c00-7000-8000-00000000002a", "number": "9000000042", "kind": "ticket",
        "partner": "wa-bot", "service_type": "INQUIRY", "channel": "EMAIL", "priority": "LOW",
        "title": "Keluhan", "description": "Rusak", "customer": { "name": "Budi Contoh" },
        "sla": sla, "created_at": now(),
    });
    serde_json::from_value(ticket).unwrap()
}

fn lease(past: Past) -> Lease {
    let age = if past == Past::Old { 3600 } else { 60 };
    Lease {
        track: crate::store::Track::Creates,
        id: DeliveryId { ticket: TicketNumber(9_000_000_042), ordinal: 1 },
        ticket: ticket().into(),
        event: Event::new(EventKind::TicketCreated, now(), Source::Client),
        event_place: 0,
        status: Status::open(),
        receipts: Receipts::default(),
        operation: "create".into(),
        rule: "ticket".into(),
        attempts: if matches!(past, Past::Spent | Past::SpentSought) { 4 } else { 1 },
        since: now() - SignedDuration::from_secs(age),
        unknown: matches!(past, Past::Sought | Past::SpentSought),
        pinned: None,
    }
}

/// What the circumstances of this past lead to.
fn decided(past: Past, is_repeatable: bool, decide: impl Fn(Circumstances<'_>) -> Next) -> Next {
    let (lease, policy) = (lease(past), policy());
    decide(Circumstances { lease: &lease, is_repeatable, policy: &policy, seed: 7, now: now() })
}

/// A decision in one line. A wait that is not even is a jittered one, and is shown by its bound.
fn shown(next: &Next) -> String {
    let outcome = match &next.outcome {
        Outcome::Delivered(_) => "delivered".to_owned(),
        Outcome::Retry { due, counts, unknown, note } => {
            let wait = due.duration_since(now());
            let counted = if *counts { ", counted" } else { "" };
            let unknown = if *unknown { ", unknown" } else { "" };
            // The second failure's wait is at most twice the first one's second.
            let wait = match wait.subsec_millis() {
                0 => format!("after {}s", wait.as_secs()),
                _ => format!("within {}s", wait.as_secs() / 2 * 2 + 2),
            };
            format!("retry {} {wait}{counted}{unknown}", note.code)
        }
        Outcome::WaitsFor(name) => format!("waits for {name}"),
        Outcome::Aside(destination) => format!("aside for {destination}"),
        Outcome::Held(note) => format!("held {}", note.code),
        Outcome::Dead(note) => format!("dead {}", note.code),
        Outcome::Discarded(note) => format!("discarded {}", note.code),
    };
    match (&next.pause, &next.throttle) {
        (Some(pause), _) => format!("pause {}, {outcome}", pause.code),
        (None, Some(wait)) => format!("throttle {}s, {outcome}", wait.as_secs()),
        (None, None) => outcome,
    }
}

#[test]
fn every_fault_leads_where_the_table_says() {
    let mut seen = 0;
    for (faults, repeatable, expected) in TABLE {
        for fault in *faults {
            for is_repeatable in *repeatable {
                for (past, expected) in PASTS.into_iter().zip(expected) {
                    let failure = Failure::new(*fault, "words");
                    let next = decided(past, *is_repeatable, |of| after_failure(&failure, of));
                    assert_eq!(shown(&next), *expected, "{fault:?} {is_repeatable} {past:?}");
                    seen += 1;
                }
            }
        }
    }
    assert_eq!(seen, 8 * 2 * PASTS.len());
}

#[test]
fn a_question_after_a_delivery_leads_where_its_answer_says() {
    let receipt = Receipt::of([("number", "1446".to_owned())]);
    let failed = |fault| Err(Failure::new(fault, "words"));
    let next = |past, answer: Result<LookUp, Failure>| {
        let (lease, policy) = (lease(past), policy());
        let of = Circumstances {
            lease: &lease,
            is_repeatable: false,
            policy: &policy,
            seed: 7,
            now: now(),
        };
        after_look_up(answer, of)
    };
    assert_eq!(next(Past::Sought, Ok(LookUp::Absent)), None, "it is delivered again");
    let found = next(Past::Sought, Ok(LookUp::Found(receipt.clone())));
    assert_eq!(found, Some(Next::settle(Outcome::Delivered(receipt))));
    for (past, answer, expected) in [
        (Past::Sought, Ok(LookUp::CannotSay), HELD),
        (Past::SpentSought, Ok(LookUp::CannotSay), HELD),
        (Past::Sought, failed(Unauthorized), NO_KEY),
        (Past::Sought, failed(Misconfigured), NO_PATH),
        (Past::Sought, failed(Throttled), THROTTLED),
        (Past::Sought, failed(Unavailable), "retry H0408 within 2s, counted"),
        (Past::Sought, failed(Unknown), "retry H0408 within 2s, counted"),
        (Past::Sought, failed(Unreadable), "retry H0408 within 2s, counted"),
        (Past::Sought, failed(Refused), "retry H0408 within 2s, counted"),
        (Past::Sought, failed(Inapplicable), "retry H0408 within 2s, counted"),
        (Past::SpentSought, failed(Unavailable), HELD),
    ] {
        assert_eq!(shown(&next(past, answer).unwrap()), expected);
    }
}

#[test]
fn an_upstream_may_say_how_long_to_wait_up_to_an_hour() {
    for (asked_s, waited_s) in [(0, 0), (1, 1), (3600, 3600), (86_400, 3600)] {
        let failure = Failure::new(Throttled, "slow down")
            .with_retry_after(Some(Duration::from_secs(asked_s)));
        let next = decided(Past::Young, false, |of| after_failure(&failure, of));
        assert_eq!(shown(&next), format!("throttle {waited_s}s, retry H0404 after {waited_s}s"));
    }
}

#[test]
fn a_delivery_that_meets_a_pause_is_as_it_was() {
    let fault = Held::ByFault("H0403", "no such path".to_owned());
    assert_eq!(shown(&put_back(&fault, now())), "retry H0403 after 6s");
    assert_eq!(shown(&put_back(&Held::Open(now()), now())), "retry H0412 after 0s");
    let hand = ByHand { at: now(), by: "siti".to_owned(), reason: "an upgrade".to_owned() };
    assert_eq!(shown(&put_back(&Held::ByHand(hand), now())), "retry H0413 after 0s");
}

#[test]
fn what_was_said_is_kept_without_card_numbers() {
    let card = "4111111111111111";
    let failure = Failure::new(Refused, format!("card {card} is unknown")).with_status(400);
    let next = decided(Past::Young, true, |of| after_failure(&failure, of));
    let masked = format!("refused (400): card {} is unknown", mask::cards(card));
    let note = Note { code: "H0401".into(), words: masked };
    assert_eq!(next, Next { reach: Reach::Up, ..Next::settle(Outcome::Dead(note)) });
}
