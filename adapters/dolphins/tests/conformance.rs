//! The 3Dolphins adapter keeps the promises of the trait, and speaks as the document shows.
#![cfg(test)]

use std::collections::BTreeSet;
use std::time::Duration;

use omnihub_contract::{
    Adapter, Arguments, Delivery, Failure, Fault, LookUp, Operation, Place, Receipt, payload,
};
use omnihub_dolphins::{Dolphins, OPERATIONS, Settings};
use omnihub_kit::{
    Built, Case, Own, Reply, Sample, ScriptedUpstream, Step, Subject, check_conformance,
    check_exchanges, check_request, delivery, usual_verdict_of_one,
};
use omnihub_upstream::ClientSettings;
use serde_json::{Value, json};

const LOGIN: &str = "/dolphin/apiv1/graph/auth";
const TOKEN: &str = "token-uji-7731";
const TIMEOUT: Duration = Duration::from_secs(30);

fn dolphins(base: &str, timeout: Duration) -> Dolphins {
    let client = ClientSettings { base_url: base.to_owned(), timeout };
    let settings = json!({"username": "hub-uji", "password": "sandi-uji-7731"});
    Dolphins::new(&client, &serde_json::from_value(settings).unwrap()).unwrap()
}

fn login() -> Reply {
    let end = "2024-12-19T18:30+07:00[Asia/Jakarta]";
    Reply::json(200, json!({"token": TOKEN, "expireAt": end}))
}

fn subject() -> Subject {
    Subject {
        build: |base, timeout| Built::new(dolphins(base, timeout)),
        aside: vec![(LOGIN, login())],
        planted: &[TOKEN, "sandi-uji-7731", "hub-uji", "Pesan rahasia", "620001-CONTOH"],
        own: own_answers(),
        // Its probe is a login, which is answered aside.
        well: Some(login()),
    }
}

/// No error is documented: an envelope that says another word than success, and what servers say.
fn own_answers() -> Vec<Own> {
    let own = |what, status, body, verdict| Own { what, reply: Reply::json(status, body), verdict };
    let no = json!({"status": "failed", "message": "channel is closed"});
    let not_found = json!({"status": "failed", "message": "Ticket Not Found"});
    let page = Reply::html(500);
    vec![
        own("an envelope that says no", 200, no, |operation| match operation.name {
            "ticket" => Err(Fault::Unreadable),
            _ => Err(Fault::Refused),
        }),
        own("no such ticket", 404, not_found.clone(), inapplicable_or_refused),
        own("no such ticket, in a success", 200, not_found, inapplicable_or_refused),
        own("an exception", 500, json!({"status": "error", "error": "java"}), |_| {
            Err(Fault::Unknown)
        }),
        Own { what: "a container's page", reply: page, verdict: |_| Err(Fault::Unknown) },
    ]
}

/// A link to a ticket that is not there is none; whatever else is about it is refused.
fn inapplicable_or_refused(operation: &Operation) -> Result<(), Fault> {
    Err(if operation.name == "ticket" { Fault::Inapplicable } else { Fault::Refused })
}

fn ticket(_: &str) -> Delivery {
    delivery(OPERATIONS, "ticket", json!({"ticketNumber": "620001-CONTOH"}))
}

fn message(_: &str) -> Delivery {
    delivery(
        OPERATIONS,
        "send_message",
        json!({
            "ticketNumber": "620001-CONTOH", "channelType": "whatsapp", "message": "Pesan rahasia",
        }),
    )
}

/// A delivery of the row in this place, with a value in every mandatory field.
fn of_row<const PLACE: usize>(_: &str) -> Delivery {
    let row = &OPERATIONS[PLACE];
    let mandatory = row.fields.iter().filter(|field| field.mandatory);
    let given = mandatory.map(|field| (field.name.to_owned(), "620001-CONTOH".to_owned()));
    delivery(OPERATIONS, row.name, payload(row, &given.collect()).unwrap().into())
}

macro_rules! of_rows {
    ($($place:literal)*) => { [$(of_row::<$place>),*] };
}

/// One for each of the 23 routes.
fn all_rows() -> [fn(&str) -> Delivery; 23] {
    of_rows!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22)
}

/// A path that names a ticket or a customer: a page that says 404 is about what was named.
fn verdict_of_one(case: Case) -> Result<(), Fault> {
    match case {
        Case::Html(404) => Err(Fault::Refused),
        other => usual_verdict_of_one(other),
    }
}

fn ticket_verdict(case: Case) -> Result<(), Fault> {
    match case {
        Case::Status(404) | Case::Html(404) => Err(Fault::Inapplicable),
        other => usual_verdict_of_one(other),
    }
}

/// A link's receipt is the number itself, so it is not among what must not be seen.
fn link() -> Sample {
    let data = json!({"ticketNumber": "CHAT-1", "status": "Assigned"});
    Sample {
        delivery: |_| delivery(OPERATIONS, "ticket", json!({"ticketNumber": "CHAT-1"})),
        good: Reply::json(200, json!({"status": "success", "data": data})),
        receipt: Receipt::of([("ticketNumber", "CHAT-1".to_owned())]),
        verdict: ticket_verdict,
    }
}

#[tokio::test]
async fn each_of_the_23_routes_keeps_the_promises_of_the_trait() {
    assert_eq!(OPERATIONS.len(), all_rows().len());
    let samples = all_rows().map(|delivery| {
        let row = delivery("").operation;
        let good = match row.name {
            "ticket" => return link(),
            "transform_button_message" => json!({"severity": "Medium", "selected": false}),
            _ => json!({"status": "success", "data": "[]"}),
        };
        let verdict = if row.path.contains('{') { verdict_of_one } else { usual_verdict_of_one };
        let delivery = if row.name == "send_message" { message } else { delivery };
        Sample { delivery, good: Reply::json(200, good), receipt: Receipt::default(), verdict }
    });
    check_conformance(&subject(), &samples).await;
}

#[test]
fn every_route_is_one_row_and_nothing_but_its_fields_is_in_its_path() {
    let routes: BTreeSet<_> = OPERATIONS.iter().map(|row| (row.method, row.path)).collect();
    assert_eq!(routes.len(), 23);
    for row in OPERATIONS {
        let in_path: Vec<_> = row.path.split(['{', '}']).skip(1).step_by(2).collect();
        let segments = row.fields.iter().filter(|field| field.place == Place::Path);
        assert_eq!(in_path, segments.map(|field| field.name).collect::<Vec<_>>(), "{}", row.name);
    }
}

#[tokio::test]
async fn a_value_that_would_make_another_route_is_refused_before_anything_is_sent() {
    for (name, fields) in [
        ("ticket", json!({"ticketNumber": "assignment"})),
        ("update_by_number", json!({"ticketNumber": "close"})),
        ("update_by_number", json!({"ticketNumber": ".."})),
        ("history", json!({"channel": "channelId", "socialId": "x"})),
        (
            "history_by_channel_key",
            json!({"channel": "a", "channelKey": "b", "socialId": "history"}),
        ),
    ] {
        let upstream = ScriptedUpstream::start([]).await;
        let adapter = dolphins(&upstream.base_url(), TIMEOUT);
        let outcome = adapter.deliver(&delivery(OPERATIONS, name, fields)).await;
        assert_eq!(outcome.unwrap_err().fault, Fault::Refused, "{name}");
        assert_eq!(upstream.connections(), 0, "{name}");
    }
}

#[tokio::test]
async fn it_speaks_as_the_document_shows() {
    check_exchanges("dolphins", &subject()).await;
}

async fn delivered(delivery: &Delivery, reply: Reply) -> Result<Receipt, Failure> {
    let steps = [Step::Answer(reply)];
    let upstream = ScriptedUpstream::start_with_aside(vec![(LOGIN, login())], steps).await;
    dolphins(&upstream.base_url(), TIMEOUT).deliver(delivery).await
}

#[tokio::test]
async fn a_ticket_is_linked_in_every_form_of_data() {
    let linked = Receipt::of([("ticketNumber", "620001-CONTOH".to_owned())]);
    for body in [
        json!({"status": "success", "data": {"ticketNumber": "620001-CONTOH"}}),
        json!({"status": "success", "data": [{"id": "x"}, {"ticketNumber": "620001-CONTOH"}]}),
        json!({"data": "[]", "ticketNumber": "620001-CONTOH", "status": "Unassigned"}),
    ] {
        let outcome = delivered(&ticket(""), Reply::json(200, body.clone())).await;
        assert_eq!(outcome.unwrap().values, linked.values, "{body}");
    }
}

#[tokio::test]
async fn a_ticket_that_is_not_there_makes_the_delivery_inapplicable() {
    for body in [
        json!({"status": "success", "data": "[]"}),
        json!({"status": "success", "data": []}),
        json!({"status": "success", "data": {"ticketNumber": "another-1"}}),
        json!({"status": "failed", "message": "Ticket Not Found"}),
    ] {
        let failure = delivered(&ticket(""), Reply::json(200, body.clone())).await.unwrap_err();
        assert_eq!(failure.fault, Fault::Inapplicable, "{body}");
        assert_eq!(failure.message, "3Dolphins knows no ticket of this number");
    }
}

#[tokio::test]
async fn a_message_that_was_taken_but_not_delivered_leaves_a_warning() {
    let data = json!({
        "ticketNumber": "620001-CONTOH", "errorCode": "WC-Driver Exception",
        "errorMessage": "User is no longer online", "errorShown": false,
    });
    let reply = Reply::json(200, json!({"status": "success", "data": data}));
    let receipt = delivered(&message(""), reply).await.unwrap();
    let words = "WC-Driver Exception: User is no longer online";
    assert_eq!(receipt.warning.as_deref(), Some(words));
}

#[tokio::test]
async fn a_message_that_was_not_taken_is_refused() {
    let reply = Reply::json(200, json!({"status": "failed", "message": "channel is closed"}));
    let failure = delivered(&message(""), reply).await.unwrap_err();
    assert_eq!((failure.fault, failure.message.as_str()), (Fault::Refused, "channel is closed"));
}

#[tokio::test]
async fn a_token_that_is_turned_away_is_renewed_once() {
    let good = Reply::json(200, json!({"status": "success", "data": []}));
    let steps = [Step::Answer(Reply::text(401, "")), Step::Answer(good)];
    let upstream = ScriptedUpstream::start_with_aside(vec![(LOGIN, login())], steps).await;
    let adapter = dolphins(&upstream.base_url(), TIMEOUT);
    assert!(adapter.deliver(&message("")).await.is_ok());
    let paths: Vec<_> = upstream.seen().into_iter().map(|seen| seen.target).collect();
    let send = "/dolphin/apiv1/graph/tickets/sendMessage";
    assert_eq!(paths, [LOGIN, send, LOGIN, send]);
}

#[tokio::test]
async fn a_token_serves_many_deliveries() {
    let good = || Reply::json(200, json!({"status": "success", "data": []}));
    let steps = [Step::Answer(good()), Step::Answer(good())];
    let upstream = ScriptedUpstream::start_with_aside(vec![(LOGIN, login())], steps).await;
    let adapter = dolphins(&upstream.base_url(), TIMEOUT);
    let (first, second) = (message(""), message(""));
    let outcomes = tokio::join!(adapter.deliver(&first), adapter.deliver(&second));
    assert!(outcomes.0.is_ok() && outcomes.1.is_ok());
    let logins = upstream.seen().into_iter().filter(|seen| seen.target == LOGIN);
    assert_eq!(logins.count(), 1);
}

async fn check_login(step: Step, fault: Fault) {
    let timeout = if matches!(step, Step::Hang) { Duration::from_secs(1) } else { TIMEOUT };
    let upstream = ScriptedUpstream::start([step]).await;
    let adapter = dolphins(&upstream.base_url(), timeout);
    let failure = adapter.deliver(&message("")).await.unwrap_err();
    assert_eq!(failure.fault, fault, "{failure}");
    assert!(!failure.message.contains("sandi-uji-7731"), "{failure}");
    assert_eq!(upstream.seen().last().map(|seen| seen.target.as_str()), Some(LOGIN));
}

#[tokio::test]
async fn a_login_that_fails_is_never_of_unknown_outcome() {
    check_login(Step::Hang, Fault::Unavailable).await;
    check_login(Step::Close, Fault::Unavailable).await;
    check_login(Step::Echo(400), Fault::Unauthorized).await;
    check_login(Step::Echo(401), Fault::Unauthorized).await;
    check_login(Step::Echo(500), Fault::Unavailable).await;
    check_login(Step::Answer(Reply::html(404)), Fault::Misconfigured).await;
    check_login(Step::Answer(Reply::html(200)), Fault::Unavailable).await;
    check_login(Step::Answer(Reply::json(200, json!({"status": "failed"}))), Fault::Unauthorized)
        .await;
}

#[tokio::test]
async fn a_probe_logs_in() {
    let upstream = ScriptedUpstream::start([Step::Answer(login())]).await;
    assert_eq!(dolphins(&upstream.base_url(), TIMEOUT).probe().await, Ok(()));
    check_request("dolphins/login", &upstream.last());
}

async fn queried(operation: &str, arguments: &Arguments) -> Result<Value, Fault> {
    let body = json!({"status": "success", "data": [{"ticketNumber": "a/1", "status": "Closed"}]});
    let steps = [Step::Answer(Reply::json(200, body))];
    let upstream = ScriptedUpstream::start_with_aside(vec![(LOGIN, login())], steps).await;
    let adapter = dolphins(&upstream.base_url(), TIMEOUT);
    adapter.query(operation, arguments).await.map_err(|failure| failure.fault)
}

#[tokio::test]
async fn a_ticket_can_be_asked_for() {
    let arguments = Arguments::from([("ticketNumber".to_owned(), "a/1".to_owned())]);
    let ticket = json!({"ticketNumber": "a/1", "status": "Closed"});
    assert_eq!(queried("ticket", &arguments).await, Ok(ticket));
    assert_eq!(queried("ticket", &Arguments::new()).await, Err(Fault::Refused));
    assert_eq!(queried("tickets", &arguments).await, Err(Fault::Refused), "a field it has not");
    assert_eq!(queried("close", &arguments).await, Err(Fault::Refused), "no query");
}

async fn looked_up(delivery: &Delivery, messages: Value) -> LookUp {
    let steps = [Step::Answer(Reply::json(200, json!({"status": "success", "data": messages})))];
    let upstream = ScriptedUpstream::start_with_aside(vec![(LOGIN, login())], steps).await;
    let found = dolphins(&upstream.base_url(), TIMEOUT).look_up(delivery).await.unwrap();
    let asked = upstream.last();
    let talk = "/dolphin/apiv1/graph/tickets/conversations/620001-CONTOH?start=0&count=100";
    assert_eq!((asked.method.as_str(), asked.target.as_str()), ("GET", talk));
    found
}

#[tokio::test]
async fn a_message_of_unknown_outcome_is_found_in_its_conversation_and_never_called_absent() {
    let sent = message("");
    let since = sent.since.as_millisecond();
    let said = |words: &str, is_answer: bool, at: i64| json!({"message": words, "answer": is_answer, "createdDate": at});
    let ours = || json!([said("Halo", false, since), said(" Pesan rahasia\n", true, since)]);
    assert_eq!(looked_up(&sent, ours()).await, LookUp::Found(Receipt::default()));
    for other in [
        json!("[]"),
        json!([said("Pesan rahasia", true, since - 1)]),
        json!([said("Pesan rahasia", false, since)]),
        json!([said("Pesan rahasia!", true, since)]),
        json!([{"message": "Pesan rahasia", "answer": true}]),
    ] {
        assert_eq!(looked_up(&sent, other.clone()).await, LookUp::CannotSay, "{other}");
    }
    let adapter = dolphins("http://127.0.0.1:9", TIMEOUT);
    assert_eq!(adapter.look_up(&ticket("")).await, Ok(LookUp::CannotSay), "asked for nothing");
    assert_eq!(adapter.shown_as(&sent), Some("Pesan rahasia"));
    assert_eq!(adapter.shown_as(&ticket("")), None);
}

#[test]
fn settings_are_read_and_unknown_ones_refused() {
    let read = |settings: Value| serde_json::from_value::<Settings>(settings);
    let given = read(json!({"username": "u", "password": "geheim"})).unwrap();
    assert_eq!(given.login_path, LOGIN);
    assert!(!format!("{given:?}").contains("geheim"));
    assert!(read(json!({"username": "u", "password": "p", "loginpath": "/x"})).is_err());
}
