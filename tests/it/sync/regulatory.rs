//! The regulatory clock of a running hub: shown, extended, stopped, and told once when it is over.

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use omnihub::access::{Permission, Scope};
use omnihub::clock::Clock;
use omnihub::operate::dues::DueView;
use omnihub::operate::regulatory::{Asked, ClockError, What, change};
use omnihub::operate::tickets::{TicketView, show};
use omnihub::store::memory;
use omnihub::sync::Ears;
use omnihub_contract::{Form, Regulatory, Sla, SlaDue, Ticket, TicketNumber};
use omnihub_kit::bare_ticket;
use omnihub_sandbox::System;
use serde_json::{Value, json};

use super::sla::late;
use crate::hub::TestHub;
use crate::hub::samples::{claim, ticket, with};
use crate::store::samples::acceptance;
use crate::store::settings;

async fn ask(hub: &TestHub, number: &str, what: What) -> Result<Vec<DueView>, ClockError> {
    let (by, reason) = ("sari".to_owned(), "the customer was told".to_owned());
    let asked = Asked { number: number.to_owned(), what, by, reason };
    change(hub.store(), &hub.ears().calendar, asked, hub.clock().1).await
}

fn view(hub: &TestHub, number: &str) -> TicketView {
    show(hub.store(), &[], number, hub.clock()).unwrap().unwrap()
}

/// The regulatory block that a client is shown.
async fn block(hub: &TestHub, number: &str) -> Value {
    hub.client().show(number, 200).await.json()["sla"]["regulatory"].clone()
}

fn complaint(number: TicketNumber, received: Timestamp) -> Ticket {
    let clock = None;
    let regulatory = Some(Regulatory { form: Form::Written, days: 10, extension_days: 10, clock });
    Ticket { regulatory, ..bare_ticket(number, received) }
}

/// A complaint that was received then; gives its number.
async fn received(hub: &TestHub, at: &str) -> String {
    let number = hub.store().reserve_number();
    let complaint = Arc::new(complaint(number, at.parse().unwrap()));
    hub.store().accept(acceptance(&complaint, Vec::new())).await.unwrap();
    number.to_string()
}

#[tokio::test]
async fn a_due_date_that_is_over_is_told_once_shown_everywhere_and_survives_a_restart() {
    use SlaDue::{Regulatory, Resolution, Response};
    let mut hub = TestHub::start().await;
    let number = received(&hub, "2025-12-22T02:00:00Z").await;
    // Ten days later, but for two holidays, two days of joint leave and two weekends.
    let due = "2026-01-08T15:59:59Z";
    hub.until(|hub| late(hub, &number).len() == 3).await;
    hub.restart().await;
    let other = received(&hub, "2023-12-22T02:00:00Z").await;
    hub.until(|hub| late(hub, &other).len() == 3).await;
    assert_eq!(late(&hub, &number), [Response, Resolution, Regulatory]);
    let all = hub.client_of("operators", &Permission::ALL, Scope::All).await;
    let shown = all.show(&number, 200).await.json()["sla"]["regulatory"].clone();
    assert_eq!((&shown["deadline"], &shown["isBreached"]), (&json!(due), &json!(true)), "{shown}");
    assert_eq!(shown["unknownHolidays"], Value::Null);
    let view = view(&hub, &number);
    let told = format!("sla.breached by the clock: regulatory, due {due}");
    assert!(view.timeline.iter().any(|entry| entry.what == told), "{view:?}");
    let entry = view.timeline.iter().find(|entry| entry.what.starts_with("due: regulatory"));
    let entry = entry.unwrap();
    assert_eq!(entry.at.to_string(), due);
    let words = "due: regulatory (written, 10 working days, the last is Thursday 2026-01-08)";
    assert_eq!(entry.what, words);
    assert!(view.dues[2].stands.starts_with("late by ") && view.findings.is_empty(), "{view:?}");
    let refused = ask(&hub, &number, What::Extend).await.unwrap_err().to_string();
    assert!(refused.contains("it was due on 2026-01-08"), "{refused}");
    // No holidays of 2023 are known: that is said, and kept with the breach.
    let unsure = &self::view(&hub, &other).findings;
    assert!(unsure.len() == 1 && unsure[0].what.starts_with("H0607 "), "{unsure:?}");
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_complaint_is_extended_once_and_its_clock_stopped_and_started() {
    let mut hub = TestHub::start().await;
    let number = hub.client().post_claim(&claim(), 201).await.number();
    let first = block(&hub, &number).await;
    assert_eq!((&first["form"], &first["workingDays"]), (&json!("WRITTEN"), &json!(10)));
    assert_eq!((&first["isBreached"], &first["extendedUntil"]), (&json!(false), &Value::Null));
    let extended = ask(&hub, &number, What::Extend).await.unwrap();
    let of = extended[2].of.as_deref().unwrap();
    assert!(of.starts_with("written, 10 and 10 more working days, the last is "), "{of}");
    let longer = block(&hub, &number).await;
    assert_eq!(longer["extendedUntil"], longer["deadline"]);
    assert!(first["deadline"].as_str() < longer["deadline"].as_str(), "{first} {longer}");
    let refused = ask(&hub, &number, What::Extend).await.unwrap_err().to_string();
    assert!(refused.contains("that may be done once"), "{refused}");
    let stopped = ask(&hub, &number, What::Stop).await.unwrap();
    assert!(stopped[2].stands.ends_with("20 working days left"), "{stopped:?}");
    hub.restart().await;
    let stopped = block(&hub, &number).await;
    assert_eq!(stopped["deadline"], Value::Null);
    assert!(stopped["clockStoppedSince"].is_string(), "{stopped}");
    ask(&hub, &number, What::Start).await.unwrap();
    let refused = ask(&hub, &number, What::Start).await.unwrap_err().to_string();
    assert!(refused.contains("its clock is not stopped"), "{refused}");
    assert!(block(&hub, &number).await["deadline"].is_string());
    let timeline = view(&hub, &number).timeline.into_iter().map(|entry| entry.what);
    let decided: Vec<String> = timeline.filter(|what| what.contains(" by sari ")).collect();
    assert_eq!(
        decided,
        [
            "regulatory due date extended by sari (the customer was told)",
            "regulatory clock stopped by sari (the customer was told)",
            "regulatory clock started by sari (the customer was told)",
        ]
    );
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_question_has_no_regulatory_clock_and_an_unknown_ticket_none_at_all() {
    let hub = TestHub::start().await;
    let number = hub.client().post_ticket(&ticket(), 201).await.number();
    assert_eq!(block(&hub, &number).await, Value::Null);
    assert_eq!(view(&hub, &number).dues.len(), 2);
    let refused = ask(&hub, &number, What::Stop).await.unwrap_err().to_string();
    assert!(refused.contains("it has no regulatory clock"), "{refused}");
    let refused = ask(&hub, "7777777", What::Stop).await.unwrap_err().to_string();
    assert_eq!(refused, "there is no ticket 7777777");
    hub.done(&[]).await;
}

#[tokio::test]
async fn what_is_late_is_escalated_in_3dolphins_where_that_rule_is_on() {
    let mut hub = TestHub::start_with_every_rule().await;
    hub.reconfigure(|config| config.sla.low_hours = 0).await;
    let chat = with(ticket(), "channel", "CHAT");
    let chat = with(chat, "channelReferenceId", "CHAT-77");
    let number = hub.client().post_ticket(&chat, 201).await.number();
    hub.until(|hub| late(hub, &number).len() == 2).await;
    hub.settled(&[]).await;
    let calls = hub.sandbox.received(System::Dolphins).into_iter();
    let escalated = calls.filter(|call| call.path().ends_with("/update/escalate"));
    let bodies = escalated.map(|call| serde_json::from_slice::<Value>(&call.body).unwrap());
    let one = json!({ "ticketNumber": "CHAT-77", "supervisorId": "supervisor" });
    assert_eq!(bodies.collect::<Vec<_>>(), [one.clone(), one], "response and resolution");
    hub.done(&[]).await;
}

/// A clock that stands until it is set.
struct Set(Mutex<Timestamp>);

impl Set {
    fn to(&self, at: &str) {
        *self.0.lock().unwrap() = at.parse().unwrap();
    }
}

impl Clock for Set {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

#[tokio::test]
async fn a_clock_that_stood_still_is_over_as_many_working_days_later_to_the_second() {
    let hub = TestHub::start().await;
    let received: Timestamp = "2026-11-02T02:00:00Z".parse().unwrap();
    let clock = Arc::new(Set(Mutex::new(received)));
    let store = memory::open(&settings(), Arc::<Set>::clone(&clock)).unwrap();
    let ears = Ears { store, clock: Arc::<Set>::clone(&clock), ..hub.ears().clone() };
    let ask = async |what| {
        let (by, reason) = ("sari".to_owned(), "a receipt".to_owned());
        let number = "9000000000".to_owned();
        change(&*ears.store, &ears.calendar, Asked { number, what, by, reason }, clock.now()).await
    };
    // The bank's own hours are no matter here.
    let never = "2200-01-01T00:00:00Z".parse().unwrap();
    let sla = Sla { hours: 1, response_due: never, resolution_due: never };
    let ticket = complaint(ears.store.reserve_number(), received);
    let ticket = Arc::new(Ticket { sla, ..ticket });
    ears.store.accept(acceptance(&ticket, Vec::new())).await.unwrap();
    clock.to("2026-11-03T02:00:00Z");
    ask(What::Stop).await.unwrap();
    // It would have been over on the 16th.
    clock.to("2026-12-01T02:00:00Z");
    assert_eq!(ears.tell_breaches().await.unwrap(), 0);
    let dues = ask(What::Start).await.unwrap();
    assert_eq!(dues[2].at.unwrap().to_string(), "2026-12-14T15:59:59Z");
    for (now, late) in [
        ("2026-12-14T15:59:58Z", 0),
        ("2026-12-14T15:59:59Z", 1),
        ("2026-12-20T00:00:00Z", 0),
        ("2199-01-01T00:00:00Z", 0),
    ] {
        clock.to(now);
        assert_eq!(ears.tell_breaches().await.unwrap(), late, "{now}");
    }
    hub.done(&[]).await;
}
