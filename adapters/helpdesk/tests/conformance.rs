//! The helpdesk adapter keeps the promises of the trait, and speaks as the documents show.
#![cfg(test)]

use std::time::Duration;

use omnihub_contract::{Adapter, Delivery, Effect, Fault, LookUp, Operation, Receipt};
use omnihub_helpdesk::{Auth, Helpdesk, OPERATIONS, Settings};
use omnihub_kit::{
    Built, Case, Own, Reply, Sample, ScriptedUpstream, Step, Subject, check_conformance,
    check_exchanges, check_request, check_requests, delivery, usual_verdict, usual_verdict_of_one,
};
use omnihub_upstream::ClientSettings;
use serde_json::{Value, json};

const KEY: &str = "kunci-uji-7731";
const PARTNERS_KEY: &str = "kunci-mitra-7731";
const TIMEOUT: Duration = Duration::from_secs(30);

fn helpdesk(base: &str, timeout: Duration, auth: Auth) -> Helpdesk {
    let client = ClientSettings { base_url: base.to_owned(), timeout };
    let partner_keys = [("mitra".into(), PARTNERS_KEY.into())].into();
    let settings = Settings { api_key: KEY.into(), webhook_secret: None, auth, partner_keys };
    Helpdesk::new(&client, &settings).unwrap()
}

fn subject() -> Subject {
    Subject {
        build: |base, timeout| Built::new(helpdesk(base, timeout, Auth::Bearer)),
        aside: Vec::new(),
        planted: &[
            KEY,
            PARTNERS_KEY,
            "Nasabah Contoh",
            "1230004567",
            "uang \\\"hilang\\\"",
            "08119990001",
        ],
        own: own_answers(),
        well: Some(Reply::json(404, json!({"error": "Ticket not found"}))),
    }
}

/// What the documents show of errors, in both of their shapes, and what the server itself makes of them.
fn own_answers() -> Vec<Own> {
    let own = |what, status, body, verdict| Own { what, reply: Reply::json(status, body), verdict };
    let errors = json!({"nominal": "Nominal must be positive"});
    let flat = json!({"success": false, "message": "Validation failed", "errors": errors});
    let other = json!({"error": "Validation failed", "errors": errors, "status": 400});
    let closed = json!({"error": "Cannot update closed or resolved tickets", "status": 400});
    vec![
        own("a refusal, in one shape", 400, flat.clone(), refused),
        own("a refusal, in the other shape", 400, other, refused),
        own("a closed ticket", 400, closed, refused),
        own("a refusal that calls itself a success", 200, flat, |_| Err(Fault::Unreadable)),
        own("a wrong key", 401, json!({"error": "Invalid API key"}), |_| Err(Fault::Unauthorized)),
        own("a poor key", 403, json!({"message": "Insufficient permissions"}), |_| {
            Err(Fault::Unauthorized)
        }),
        own("no such ticket", 404, json!({"error": "Ticket not found"}), |operation| {
            // Who makes a ticket names none: it is the address that is wrong.
            let is_about_none = operation.effect == Effect::Create;
            if is_about_none { Err(Fault::Misconfigured) } else { refused(operation) }
        }),
        own("too many", 429, json!({"error": "Rate Limit Exceeded"}), |_| Err(Fault::Throttled)),
        own("a failure", 500, json!({"error": "Failed to create ticket"}), |_| Err(Fault::Unknown)),
    ]
}

/// What is refused about a second ticket does not concern the first.
fn refused(operation: &Operation) -> Result<(), Fault> {
    Err(if operation.name.ends_with("_twin") { Fault::Inapplicable } else { Fault::Refused })
}

fn claim(_: &str) -> Delivery {
    delivery(
        OPERATIONS,
        "create_claim",
        json!({
            "namaNasabah": "Nasabah Contoh", "mediaTransaksi": "ATM", "jenisTransaksi": "PEMBELIAN",
            "nominal": 500_000, "nomorRekening": "1230004567", "description": "uang \"hilang\"",
        }),
    )
}

fn ticket(_: &str) -> Delivery {
    delivery(
        OPERATIONS,
        "create_ticket",
        json!({
            "channel": "WHATSAPP", "channelReferenceId": "omnihub:1", "serviceType": "INQUIRY",
            "customer": {"name": "Nasabah Contoh", "phone": "08119990001"},
            "ticket": {"description": "uang \"hilang\""},
            "integration": {"requestId": "omnihub:1"},
        }),
    )
}

fn comment(_: &str) -> Delivery {
    let payload = json!({"ticketNumber": "1446", "comment": "uang \"hilang\""});
    delivery(OPERATIONS, "add_comment", payload)
}

fn status(_: &str) -> Delivery {
    let payload = json!({"ticketNumber": "1446", "status": "CANCELLED"});
    delivery(OPERATIONS, "update_status", payload)
}

fn attachment(_: &str) -> Delivery {
    let files = json!([{"filename": "Nasabah Contoh", "mime_type": "text/plain", "size": 1, "content": "QQ=="}]);
    delivery(OPERATIONS, "add_attachment", json!({"ticketNumber": "1446", "attachments": files}))
}

fn by_number(_: &str) -> Delivery {
    delivery(OPERATIONS, "ticket", json!({"ticketNumber": "1446"}))
}

fn by_reference(_: &str) -> Delivery {
    delivery(OPERATIONS, "tickets", json!({"channelReferenceId": "omnihub:1"}))
}

fn link_twin(_: &str) -> Delivery {
    delivery(OPERATIONS, "link_twin", json!({"channelReferenceId": "KLAIM-omnihub:1"}))
}

fn update_twin(_: &str) -> Delivery {
    let payload = json!({"ticketNumber": "1447", "status": "CANCELLED"});
    delivery(OPERATIONS, "update_twin", payload)
}

/// What is refused about a second ticket does not concern the first.
fn verdict_of_twin(case: Case) -> Result<(), Fault> {
    usual_verdict_of_one(case).map_err(|fault| match fault {
        Fault::Refused => Fault::Inapplicable,
        other => other,
    })
}

type Update = (fn(&str) -> Delivery, Receipt, Value);
type Question = (fn(&str) -> Delivery, Receipt, fn(Case) -> Result<(), Fault>);

fn creates() -> [Sample; 2] {
    let good =
        json!({"success": true, "ticketNumber": "1446", "ticketId": "cm1", "status": "OPEN"});
    let receipt = Receipt::of([("ticketNumber", "1446".into()), ("ticketId", "cm1".into())]);
    [claim, ticket].map(|delivery| Sample {
        delivery,
        good: Reply::json(200, good.clone()),
        receipt: receipt.clone(),
        verdict: usual_verdict,
    })
}

fn updates() -> [Sample; 3] {
    let id = Receipt::of([("commentId", "cm2".into())]);
    let updates: [Update; 3] = [
        (comment, id, json!({"comment": {"id": "cm2"}})),
        (status, Receipt::default(), json!({"status": "CANCELLED"})),
        (attachment, Receipt::default(), json!({"attachments": []})),
    ];
    updates.map(|(delivery, receipt, result)| {
        let good = json!({"success": true, "ticketNumber": "1446", "result": result});
        Sample { delivery, good: Reply::json(200, good), receipt, verdict: usual_verdict_of_one }
    })
}

fn questions_and_second_tickets() -> [Sample; 4] {
    let found = Receipt::of([("ticketNumber", "1446".into())]);
    let questions: [Question; 4] = [
        (by_number, found.clone(), usual_verdict_of_one),
        (by_reference, found, usual_verdict_of_one),
        (link_twin, Receipt::of([("twinNumber", "1446".into())]), verdict_of_twin),
        (update_twin, Receipt::default(), verdict_of_twin),
    ];
    questions.map(|(delivery, receipt, verdict)| {
        let good = json!({"success": true, "ticketNumber": "1446", "status": "OPEN"});
        Sample { delivery, good: Reply::json(200, good), receipt, verdict }
    })
}

#[tokio::test]
async fn it_keeps_the_promises_of_the_trait() {
    let all = creates().into_iter().chain(updates()).chain(questions_and_second_tickets());
    check_conformance(&subject(), &all.collect::<Vec<_>>()).await;
}

#[tokio::test]
async fn a_question_by_both_parameters_or_none_is_refused_unasked() {
    let both = json!({"ticketNumber": "1446", "channelReferenceId": "omnihub:1"});
    for fields in [both, json!({})] {
        let upstream = ScriptedUpstream::start([]).await;
        let adapter = helpdesk(&upstream.base_url(), TIMEOUT, Auth::Bearer);
        let outcome = adapter.deliver(&delivery(OPERATIONS, "tickets", fields)).await;
        assert_eq!(outcome.unwrap_err().fault, Fault::Refused);
        assert_eq!(upstream.calls(), 0);
    }
}

#[tokio::test]
async fn a_partners_tickets_go_with_its_own_key() {
    let upstream = ScriptedUpstream::start([]).await;
    let adapter = helpdesk(&upstream.base_url(), TIMEOUT, Auth::XApiKey);
    for (delivery, partner, key) in [
        (claim(""), "mitra", PARTNERS_KEY),
        (claim(""), "wa-bot", KEY),
        (comment(""), "mitra", PARTNERS_KEY),
        (by_number(""), "mitra", PARTNERS_KEY),
    ] {
        let delivery = Delivery { partner: partner.into(), ..delivery };
        assert!(adapter.deliver(&delivery).await.is_err());
        assert_eq!(upstream.last().header("x-api-key"), Some(key), "{partner}");
    }
    let delivery = Delivery { partner: "mitra".into(), ..ticket("") };
    assert!(adapter.look_up(&delivery).await.is_err());
    assert_eq!(upstream.last().header("x-api-key"), Some(PARTNERS_KEY), "a look-up too");
}

#[tokio::test]
async fn it_speaks_as_the_documents_show() {
    check_exchanges("helpdesk", &subject()).await;
}

#[tokio::test]
async fn the_key_is_sent_in_either_documented_header() {
    let build = |base: &str, timeout| Built::new(helpdesk(base, timeout, Auth::XApiKey));
    check_requests("helpdesk", "x-api-key", &Subject { build, ..subject() }).await;
}

async fn probed(reply: Reply) -> (Result<(), Fault>, String) {
    let upstream = ScriptedUpstream::start([Step::Answer(reply)]).await;
    let adapter = helpdesk(&upstream.base_url(), TIMEOUT, Auth::Bearer);
    let outcome = adapter.probe().await.map_err(|failure| failure.fault);
    let seen = upstream.last();
    check_request("helpdesk/probe", &seen);
    (outcome, format!("{} {}", seen.method, seen.target))
}

#[tokio::test]
async fn a_probe_asks_for_a_ticket_that_cannot_be() {
    let not_found = Reply::json(404, json!({"error": "Ticket not found", "status": 404}));
    let asked = "GET /api/omnichannel/tickets?ticketNumber=0".to_owned();
    assert_eq!(probed(not_found).await, (Ok(()), asked));
    let found = Reply::json(200, json!({"ticketNumber": "0"}));
    assert_eq!(probed(found).await.0, Ok(()));
    let page = Reply::html(404);
    assert_eq!(probed(page).await.0, Err(Fault::Misconfigured));
    let no_key = Reply::json(401, json!({"error": "Invalid API key", "status": 401}));
    assert_eq!(probed(no_key).await.0, Err(Fault::Unauthorized));
}

async fn looked_up(delivery: &Delivery, reply: Reply) -> Result<LookUp, Fault> {
    let upstream = ScriptedUpstream::start([Step::Answer(reply)]).await;
    let adapter = helpdesk(&upstream.base_url(), TIMEOUT, Auth::Bearer);
    let found = adapter.look_up(delivery).await.map_err(|failure| failure.fault);
    let outcome = found.map(|found| match found {
        LookUp::Found(receipt) => LookUp::Found(Receipt { answer: None, ..receipt }),
        other => other,
    });
    if outcome != Ok(LookUp::CannotSay) {
        let target = "/api/omnichannel/tickets?channelReferenceId=omnihub%3A1";
        assert_eq!(upstream.last().target, target);
    }
    outcome
}

#[tokio::test]
async fn a_ticket_of_unknown_outcome_is_looked_up_by_its_reference() {
    let found = |body: Value| looked_up_ticket(Reply::json(200, body));
    let receipt = Receipt::of([("ticketNumber", "1446".into())]);
    let flat = found(json!({"ticketNumber": "1446", "status": "OPEN"})).await;
    assert_eq!(flat, Ok(LookUp::Found(receipt.clone())));
    let nested = found(json!({"success": true, "data": {"ticketNumber": 1446}})).await;
    assert_eq!(nested, Ok(LookUp::Found(receipt)));
    let absent = Reply::json(404, json!({"success": false, "message": "Ticket not found"}));
    assert_eq!(looked_up_ticket(absent).await, Ok(LookUp::Absent));
    assert_eq!(looked_up_ticket(Reply::html(404)).await, Err(Fault::Misconfigured));
    assert_eq!(looked_up_ticket(Reply::html(502)).await, Err(Fault::Unknown));
}

async fn looked_up_ticket(reply: Reply) -> Result<LookUp, Fault> {
    looked_up(&ticket(""), reply).await
}

#[tokio::test]
async fn a_claim_of_unknown_outcome_cannot_be_looked_up() {
    assert_eq!(looked_up(&claim(""), Reply::html(200)).await, Ok(LookUp::CannotSay));
    let mut delivery = ticket("");
    delivery.payload.remove("channelReferenceId");
    assert_eq!(looked_up(&delivery, Reply::html(200)).await, Ok(LookUp::CannotSay));
}

#[tokio::test]
async fn the_fields_of_a_refusal_are_told_and_an_exception_is_not() {
    let refused = json!({
        "success": false, "message": "Validation failed",
        "errors": {"namaNasabah": "Nama nasabah is required", "nominal": "Nominal must be positive"},
    });
    let words = "Validation failed; namaNasabah: Nama nasabah is required; \
                 nominal: Nominal must be positive";
    assert_eq!(message(Reply::json(400, refused)).await, words);
    let other_shape = json!({"error": "Invalid API key", "timestamp": "x", "status": 401});
    assert_eq!(message(Reply::json(401, other_shape)).await, "Invalid API key");
    let exception = json!({"error": "Invalid `prisma.ticket.create()` of X", "status": 500});
    assert_eq!(message(Reply::json(500, exception)).await, "answered without an explanation");
}

async fn message(reply: Reply) -> String {
    refusal(&claim(""), reply).await.1
}

async fn refusal(delivery: &Delivery, reply: Reply) -> (Fault, String) {
    let upstream = ScriptedUpstream::start([Step::Answer(reply)]).await;
    let adapter = helpdesk(&upstream.base_url(), TIMEOUT, Auth::Bearer);
    let failure = adapter.deliver(delivery).await.err().unwrap();
    (failure.fault, failure.message)
}

#[tokio::test]
async fn a_documented_refusal_of_an_update_is_told_word_for_word() {
    let mut delivery = comment("");
    delivery.payload.insert("comment".to_owned(), "closed".into());
    let words = "Cannot update closed or resolved tickets";
    let nested = Reply::json(400, json!({"error": words, "timestamp": "x", "status": 400}));
    assert_eq!(refusal(&delivery, nested).await, (Fault::Refused, words.to_owned()));
    let quoting = Reply::json(400, json!({"message": "closed is no comment"}));
    assert_eq!(refusal(&delivery, quoting).await.1, "… is no comment");
    let unknown = Reply::json(404, json!({"success": false, "message": "Ticket not found"}));
    let expected = (Fault::Refused, "Ticket not found".to_owned());
    assert_eq!(refusal(&delivery, unknown).await, expected);
}

#[tokio::test]
async fn a_success_that_takes_itself_back_is_none() {
    let answer = json!({"success": true, "data": {"success": false, "message": "no"}});
    assert_eq!(refusal(&comment(""), Reply::json(200, answer)).await.0, Fault::Unreadable);
}

async fn comment_looked_up(reply: Reply) -> Result<LookUp, Fault> {
    let upstream = ScriptedUpstream::start([Step::Answer(reply)]).await;
    let adapter = helpdesk(&upstream.base_url(), TIMEOUT, Auth::Bearer);
    let outcome = adapter.look_up(&comment("")).await.map_err(|failure| failure.fault);
    let seen = upstream.last();
    let asked = (seen.method.as_str(), seen.target.as_str());
    assert_eq!(asked, ("GET", "/api/omnichannel/tickets/1446"));
    outcome
}

#[tokio::test]
async fn a_comment_of_unknown_outcome_is_looked_up_in_the_ticket() {
    let ours = json!([{
        "content": "[Via Omnichannel] uang \"hilang\"", "timestamp": "2024-12-19T10:31:00.547Z",
    }]);
    let flat = Reply::json(200, json!({"ticketNumber": "1446", "comments": ours}));
    assert_eq!(comment_looked_up(flat).await, Ok(LookUp::Found(Receipt::default())));
    let nested = Reply::json(200, json!({"success": true, "data": {"comments": ours}}));
    assert_eq!(comment_looked_up(nested).await, Ok(LookUp::Found(Receipt::default())));
    let none = Reply::json(200, json!({"comments": []}));
    assert_eq!(comment_looked_up(none).await, Ok(LookUp::Absent));
    let not_found = Reply::json(404, json!({"error": "Ticket not found", "status": 404}));
    assert_eq!(comment_looked_up(not_found).await, Ok(LookUp::Absent));
    let without = Reply::json(200, json!({"ticketNumber": "1446"}));
    assert_eq!(comment_looked_up(without).await, Ok(LookUp::CannotSay));
    assert_eq!(comment_looked_up(Reply::html(502)).await, Err(Fault::Unknown));
}

#[tokio::test]
async fn files_of_unknown_outcome_cannot_be_looked_up() {
    assert_eq!(looked_up(&attachment(""), Reply::html(200)).await, Ok(LookUp::CannotSay));
}

#[test]
fn settings_are_read_and_unknown_ones_refused() {
    let read = |settings: Value| serde_json::from_value::<Settings>(settings);
    assert_eq!(read(json!({"api_key": "k"})).unwrap().auth, Auth::Bearer);
    assert_eq!(read(json!({"api_key": "k", "auth": "x-api-key"})).unwrap().auth, Auth::XApiKey);
    assert!(read(json!({"api_key": "k", "aut": "bearer"})).is_err());
    assert!(!format!("{:?}", read(json!({"api_key": "geheim"})).unwrap()).contains("geheim"));
}
