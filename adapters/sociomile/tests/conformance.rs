//! The Sociomile adapter keeps the promises of the trait, and speaks as the document shows.
#![cfg(test)]

use std::time::Duration;

use omnihub_contract::{Adapter, Delivery, Effect, Failure, Fault, LookUp, Operation, Receipt};
use omnihub_kit::{
    Built, Case, Own, Reply, Sample, ScriptedUpstream, Step, Subject, check_conformance,
    check_exchanges, check_request, check_requests, delivery,
};
use omnihub_sociomile::{Encoding, OPERATIONS, Paths, Settings, Sociomile};
use omnihub_upstream::ClientSettings;
use serde_json::{Value, json};

const SECRET: &str = "rahasia+uji/7731";
const TIMEOUT: Duration = Duration::from_secs(30);

fn settings() -> Settings {
    let (encoding, paths) = (Encoding::Json, Paths::default());
    Settings { client_secret_key: SECRET.into(), callback_secret: None, encoding, paths }
}

fn sociomile(base: &str, timeout: Duration, settings: &Settings) -> Sociomile {
    let client = ClientSettings { base_url: base.to_owned(), timeout };
    Sociomile::new(&client, settings).unwrap()
}

fn subject() -> Subject {
    Subject {
        build: |base, timeout| Built::new(sociomile(base, timeout, &settings())),
        aside: Vec::new(),
        planted: &[
            SECRET,
            "rahasia%2Buji%2F7731",
            "Nasabah Contoh",
            "contoh@example.com",
            "08119990001",
            "12356788",
        ],
        own: own_answers(),
        well: Some(Reply::json(200, error("sociomile_ticket_id required"))),
    }
}

/// What the document shows of errors, and what the server was seen to say beyond it.
fn own_answers() -> Vec<Own> {
    let own = |what, status, body, verdict| Own { what, reply: Reply::json(status, body), verdict };
    let field = |message: &str| json!({"type": "error", "message": message, "line": 424});
    vec![
        own("a missing field", 200, error("NamaNasabah required"), |_| Err(Fault::Refused)),
        own("the same by status", 422, error("Customer_hp required"), |_| Err(Fault::Refused)),
        own("without a flag", 200, field("sociomile_ticket_id required"), |_| Err(Fault::Refused)),
        own("a wrong secret", 200, error("client_secret_key invalid"), |_| {
            Err(Fault::Unauthorized)
        }),
        own("an exception", 200, error("SQLSTATE[23000]: insert into t"), unknown),
        own("the same by status", 500, error("Server Error"), unknown),
        own("a path not deployed", 404, error("not found"), |_| Err(Fault::Misconfigured)),
    ]
}

/// A create may have been done. A status can be told again, so whether it was does not matter.
fn unknown(operation: &Operation) -> Result<(), Fault> {
    match operation.effect {
        Effect::Create => Err(Fault::Unknown),
        _ => Err(Fault::Unavailable),
    }
}

fn helpdesk(_: &str) -> Delivery {
    delivery(
        OPERATIONS,
        "create_helpdesk",
        json!({
            "namaNasabah": "Nasabah Contoh", "ticketType": "helpdesk", "content": "halo",
            "connectID": "contoh@example.com", "mediaTransaksi": "ATM", "nominal": 200_000,
            "nomorRekening": 12_356_788, "branchCode": "001", "branchName": "Cabang Utama",
            "atmName": "N/A", "atmId": "0126", "nomorTicketHelpdesk": 826_282,
            "noRegPengaduanCabang": 826_282,
        }),
    )
}

fn voice(_: &str) -> Delivery {
    delivery(
        OPERATIONS,
        "create_voice",
        json!({
            "customer_hp": "08119990001", "ticketType": "voice", "content": "halo",
            "customer_email": "contoh@example.com", "connectID": "c1",
            "customer_name": "Nasabah Contoh",
        }),
    )
}

fn verdict(case: Case) -> Result<(), Fault> {
    Err(match case {
        Case::Status(302 | 404) | Case::Html(404) => Fault::Misconfigured,
        Case::Status(401 | 403) => Fault::Unauthorized,
        Case::Status(408 | 503) => Fault::Unavailable,
        Case::Status(429) => Fault::Throttled,
        Case::Status(_) | Case::Html(_) | Case::Empty | Case::Blank | Case::Oversized => {
            Fault::Unknown
        }
    })
}

fn good() -> Reply {
    let data = json!({"ticketId": "691d2c9e24596a3fa719fb0e", "ticket_number": 32197});
    Reply::json(200, json!({"success": true, "message": "success", "data": data, "code": 200}))
}

fn receipt() -> Receipt {
    let id = "691d2c9e24596a3fa719fb0e".to_owned();
    Receipt::of([("ticketId", id), ("ticket_number", "32197".to_owned())])
}

fn status(_: &str) -> Delivery {
    delivery(
        OPERATIONS,
        "update_status",
        json!({
            "sociomile_ticket_id": "691d2c9e24596a3fa719fb0e", "bsg_ticket_id": "82927jklagq828",
            "status": "InProgress",
        }),
    )
}

/// A status can always be told again.
fn verdict_of_status(case: Case) -> Result<(), Fault> {
    verdict(case).map_err(|fault| if fault == Fault::Unknown { Fault::Unavailable } else { fault })
}

#[tokio::test]
async fn it_keeps_the_promises_of_the_trait() {
    let create = |delivery| Sample { delivery, good: good(), receipt: receipt(), verdict };
    let told =
        json!({"status": true, "ticket": {"data": {}, "is_escalation": true}, "success": true});
    let status = Sample {
        delivery: status,
        good: Reply::json(200, told),
        receipt: Receipt::default(),
        verdict: verdict_of_status,
    };
    check_conformance(&subject(), &[create(helpdesk), create(voice), status]).await;
}

#[tokio::test]
async fn it_speaks_as_the_document_shows() {
    check_exchanges("sociomile", &subject()).await;
}

#[tokio::test]
async fn a_form_is_sent_where_the_settings_say_so() {
    let build = |base: &str, timeout| {
        let form = Settings { encoding: Encoding::Form, ..settings() };
        Built::new(sociomile(base, timeout, &form))
    };
    check_requests("sociomile", "form", &Subject { build, ..subject() }).await;
}

async fn delivered(reply: Reply) -> Result<Receipt, Failure> {
    let upstream = ScriptedUpstream::start([Step::Answer(reply)]).await;
    sociomile(&upstream.base_url(), TIMEOUT, &settings()).deliver(&helpdesk("")).await
}

async fn check_fault(status: u16, body: Value, fault: Fault, words: &str) {
    let failure = delivered(Reply::json(status, body.clone())).await.err().unwrap();
    assert_eq!((failure.fault, failure.message.as_str()), (fault, words), "{body}");
}

fn error(message: &str) -> Value {
    json!({
        "type": "error", "trace_id": "ecPUkJSF", "message": message,
        "file": "/srv/app/BankSulutController.php", "line": 99, "status": false,
    })
}

#[tokio::test]
async fn a_complaint_about_a_field_is_a_refusal_whatever_the_status() {
    for status in [200, 201, 400, 422, 500] {
        let words = "NamaNasabah required (trace ecPUkJSF)";
        check_fault(status, error("NamaNasabah required"), Fault::Refused, words).await;
    }
    let sentence = "The nominal field is invalid.";
    check_fault(422, json!({ "message": sentence }), Fault::Refused, sentence).await;
}

#[tokio::test]
async fn anything_else_on_a_create_is_of_unknown_outcome() {
    let own = "an error of its own (trace ecPUkJSF)";
    let query = "SQLSTATE[22007]: values ('Nasabah Contoh') invalid";
    check_fault(200, error(query), Fault::Unknown, own).await;
    check_fault(500, error("Server Error"), Fault::Unknown, own).await;
    check_fault(400, error("Trying to get property of non-object"), Fault::Unknown, own).await;
    let none = "an answer without a ticket";
    check_fault(200, json!({"success": true}), Fault::Unknown, none).await;
    check_fault(200, json!({"success": true, "data": {"ticketId": ""}}), Fault::Unknown, none)
        .await;
    let denied = json!({"success": true, "status": false, "data": {"ticketId": "a"}});
    check_fault(200, denied, Fault::Unknown, none).await;
}

#[tokio::test]
async fn a_complaint_about_the_secret_stops_the_adapter() {
    let words = "client_secret_key invalid (trace ecPUkJSF)";
    check_fault(200, error("client_secret_key invalid"), Fault::Unauthorized, words).await;
}

#[tokio::test]
async fn a_path_that_is_not_deployed_stops_the_adapter() {
    let shape = json!({"status": false, "message": "", "errors": {"file": "x", "message": ""}});
    check_fault(404, shape, Fault::Misconfigured, "an answer without a ticket").await;
}

#[tokio::test]
async fn a_success_is_judged_by_its_body() {
    let data = json!([{"ticketId": "691d2c9e24596a3fa719fb0e", "ticket_number": "32197"}]);
    let other_flag = Reply::json(500, json!({"status": true, "data": data}));
    assert_eq!(delivered(other_flag).await.unwrap().values, receipt().values);
}

#[tokio::test]
async fn a_path_is_the_one_in_the_settings() {
    let upstream = ScriptedUpstream::start([Step::Answer(good())]).await;
    let mut settings = settings();
    settings.paths.create = "/v2/create".to_owned();
    let adapter = sociomile(&upstream.base_url(), TIMEOUT, &settings);
    assert_eq!(adapter.deliver(&voice("")).await.unwrap().values, receipt().values);
    let target = "/v2/create?client_secret_key=rahasia%2Buji%2F7731";
    assert_eq!(upstream.last().target, target);
}

#[tokio::test]
async fn a_create_of_unknown_outcome_cannot_be_looked_up() {
    let adapter = sociomile("http://127.0.0.1:1", TIMEOUT, &settings());
    assert_eq!(adapter.look_up(&helpdesk("")).await, Ok(LookUp::CannotSay));
}

async fn probed(reply: Reply) -> Result<(), Fault> {
    let upstream = ScriptedUpstream::start([Step::Answer(reply)]).await;
    let adapter = sociomile(&upstream.base_url(), TIMEOUT, &settings());
    let outcome = adapter.probe().await.map_err(|failure| failure.fault);
    check_request("sociomile/probe", &upstream.last());
    outcome
}

#[tokio::test]
async fn a_probe_is_a_status_update_without_fields() {
    let complaint = json!({
        "type": "error", "trace_id": "ecPUkKiJ", "message": "sociomile_ticket_id required",
        "file": "x", "line": 424,
    });
    assert_eq!(probed(Reply::json(200, complaint)).await, Ok(()));
    assert_eq!(probed(Reply::html(404)).await, Err(Fault::Misconfigured));
    assert_eq!(probed(Reply::json(401, json!({}))).await, Err(Fault::Unauthorized));
    assert_eq!(probed(Reply::html(200)).await, Err(Fault::Unreadable));
    assert_eq!(probed(Reply::json(500, error("Server Error"))).await, Err(Fault::Unreadable));
}

#[test]
fn settings_are_read_and_unknown_ones_refused() {
    let read = |settings: Value| serde_json::from_value::<Settings>(settings);
    let given = read(json!({"client_secret_key": "geheim", "encoding": "form"})).unwrap();
    assert_eq!((given.encoding, given.paths.clone()), (Encoding::Form, Paths::default()));
    assert!(!format!("{given:?}").contains("geheim"));
    let paths = json!({"client_secret_key": "k", "paths": {"update_status": "/x"}});
    assert_eq!(read(paths).unwrap().paths.create, "/bank-sulut/create");
    assert!(read(json!({"client_secret_key": "k", "encodin": "form"})).is_err());
}
