//! What happens to a ticket after it was created: whom it is told, and in which words.

use omnihub_contract::{Attachment, Checksum, Comment, Event, EventKind, Receipts, Source, Status};
use omnihub_contract::{StatusChange, StatusWord, Ticket};
use serde_json::{Value, json};

use super::catalogs::{compiled, file, shipped};
use super::samples::{bare_claim, bare_ticket, created, receipts};
use crate::mapping::{Facts, MapFailure, Mappings, Route, codes};

fn mappings() -> Mappings {
    compiled(&shipped(), true).unwrap_or_else(|findings| panic!("{findings}"))
}

fn event(kind: EventKind) -> Event {
    Event::new(kind, created().at, Source::Client)
}

pub(super) fn commented() -> Event {
    let comment = Comment {
        id: "c-1".to_owned(),
        content: "Masih gagal".into(),
        author: "Budi Contoh".into(),
        is_from_support: false,
        at: created().at,
    };
    Event { comment: Some(comment), ..event(EventKind::TicketCommented) }
}

pub(super) fn changed_to(word: &str) -> Event {
    let to = Status { canonical: word.into(), raw: None };
    let change = Some(StatusChange::new(StatusWord::Open, to));
    Event { change, ..event(EventKind::TicketStatusChanged) }
}

pub(super) fn attached() -> Event {
    let file = Attachment {
        filename: "log.txt".into(),
        mime_type: "text/plain".into(),
        size: 4,
        description: None,
        bytes: 4,
        sha256: Checksum([0; 32]),
    };
    Event { attachments: vec![file], ..event(EventKind::TicketAttachmentAdded) }
}

/// What the helpdesk is told of an event.
fn at_the_helpdesk(mappings: &Mappings, ticket: &Ticket, event: &Event) -> Vec<Route> {
    let routes = mappings.route(ticket, event).into_iter();
    routes.filter(|route| route.adapter.as_str() == "helpdesk").collect()
}

#[track_caller]
fn check_goes_to(event: &Event, expected: &[&str]) {
    for ticket in [bare_claim(), bare_ticket()] {
        let routes = at_the_helpdesk(&mappings(), &ticket, event);
        let told: Vec<String> = routes
            .iter()
            .map(|route| format!("{}.{}", route.adapter, route.operation.name))
            .collect();
        assert_eq!(told, expected);
        let waits = |needs: &[_]| needs == ["helpdesk.ticketNumber".parse().unwrap()];
        assert!(routes.iter().all(|route| waits(&route.needs)), "each waits for the create");
    }
}

#[track_caller]
fn mapped(event: &Event, receipts: &Receipts, files: &[Value]) -> Result<Value, MapFailure> {
    let (ticket, status): (Ticket, Status) = (bare_ticket(), Status::open());
    let facts = Facts { ticket: &ticket, event, status: &status, receipts, attachments: files };
    let mappings = mappings();
    let routes = at_the_helpdesk(&mappings, &ticket, event);
    let [route] = routes.as_slice() else { panic!("{routes:?}") };
    mappings.map(&route.adapter, &route.rule, &facts).map(Value::Object)
}

/// What a rule on a change of status says when it becomes that word.
pub(super) fn mapped_by(mappings: &Mappings, adapter: &str, rule: &str, word: &str) -> Value {
    let (ticket, status, event) = (bare_ticket(), Status::open(), changed_to(word));
    let mut receipts = receipts("1446");
    receipts.add(&"sociomile".into(), [("ticketId".to_owned(), "691d2c9e".to_owned())].into());
    let facts = Facts {
        ticket: &ticket,
        event: &event,
        status: &status,
        receipts: &receipts,
        attachments: &[],
    };
    Value::Object(mappings.map(&adapter.into(), rule, &facts).unwrap())
}

#[test]
fn the_helpdesk_is_told_of_comments_files_and_the_words_that_it_takes() {
    check_goes_to(&commented(), &["helpdesk.add_comment"]);
    check_goes_to(&attached(), &["helpdesk.add_attachment"]);
    for word in StatusWord::WORDS {
        let is_taken = ["CANCELLED", "PENDING"].contains(word);
        check_goes_to(&changed_to(word), if is_taken { &["helpdesk.update_status"] } else { &[] });
    }
}

#[test]
fn what_the_helpdesk_says_is_not_told_back_to_it() {
    let source = Source::Adapter("helpdesk".into());
    check_goes_to(&Event { source: source.clone(), ..commented() }, &[]);
    check_goes_to(&Event { source, ..changed_to("CANCELLED") }, &[]);
}

#[test]
fn an_update_is_told_in_the_helpdesks_words_once_it_has_a_number() {
    let receipts = receipts("1446");
    let files = [json!({"filename": "log.txt", "mime_type": "text/plain", "content": "aGFsbw=="})];
    let comment = json!({"ticketNumber": "1446", "comment": "Masih gagal"});
    assert_eq!(mapped(&commented(), &receipts, &[]), Ok(comment));
    let status = json!({"ticketNumber": "1446", "status": "PENDING"});
    assert_eq!(mapped(&changed_to("PENDING"), &receipts, &[]), Ok(status));
    let attachments = json!({"ticketNumber": "1446", "attachments": files});
    assert_eq!(mapped(&attached(), &receipts, &files), Ok(attachments));
    let waits = MapFailure::Waits("helpdesk.ticketNumber".parse().unwrap());
    assert_eq!(mapped(&commented(), &Receipts::default(), &[]), Err(waits));
}

#[test]
fn an_event_without_what_its_kind_brings_makes_a_dead_letter_and_no_panic() {
    for event in [event(EventKind::TicketCommented), event(EventKind::TicketAttachmentAdded)] {
        let Err(MapFailure::Refused { code, .. }) = mapped(&event, &receipts("1446"), &[]) else {
            panic!("{event:?}")
        };
        assert_eq!(code, codes::BROKEN_PROMISE);
    }
    check_goes_to(&event(EventKind::TicketStatusChanged), &[]);
}

/// `data` of a webhook that a rule on the event's kind fills with these lines.
#[track_caller]
fn data(event: &Event, lines: &str) -> Value {
    let text = format!(
        "adapter = 'webhook'\n[[rule]]\nname = 'r'\non = '{}'\noperation = 'send'\n[rule.fields]\n\
         url = {{ value = 'https://x.example' }}\nevent = 'event.kind'\n\
         ticketNumber = 'ticket.number'\ntimestamp = 'event.at | iso'\n{lines}",
        event.kind.as_str()
    );
    let mappings = compiled(&[file("webhook", &text)], false);
    let mappings = mappings.unwrap_or_else(|findings| panic!("{findings}"));
    let (ticket, status, receipts) = (bare_ticket(), Status::open(), Receipts::default());
    let facts =
        Facts { ticket: &ticket, event, status: &status, receipts: &receipts, attachments: &[] };
    let mut mapped = mappings.map(&"webhook".into(), "r", &facts).unwrap();
    assert_eq!(mapped["event"], event.kind.as_str());
    mapped.remove("data").unwrap()
}

#[test]
fn a_line_reads_what_the_event_brought() {
    let lines = "data.id = 'event.comment.id'\ndata.by = 'event.comment.author | upper'\n\
                 data.on = 'event.comment.at | iso'";
    let expected = json!({"id": "c-1", "by": "BUDI CONTOH", "on": "2024-12-19T16:30:00.25Z"});
    assert_eq!(data(&commented(), lines), expected);
    let lines = "data.old = 'event.change.from'\ndata.to = 'event.change.to | table(words)'\n\
                 [tables.words]\nOPEN = 'a'\nIN_PROGRESS = 'b'\nRESOLVED = 'c'\nCLOSED = 'd'\n\
                 ON_HOLD = 'e'\nCANCELLED = 'f'\nPENDING = 'g'";
    assert_eq!(data(&changed_to("CLOSED"), lines), json!({"old": "OPEN", "to": "d"}));
}
