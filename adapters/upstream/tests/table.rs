//! A system of which the table says only where it is and what its statuses mean keeps the promises too.
#![cfg(test)]

use std::time::Duration;

use omnihub_contract::{
    Adapter, Arguments, Delivery, Effect, Fault, Field, Operation, Place, Receipt, Repeat, Secret,
};
use omnihub_kit::{
    Built, Case, Own, Reply, Sample, ScriptedUpstream, Step, Subject, check_conformance, delivery,
    usual_verdict, verdict_by_status, verdict_by_status_of_one,
};
use omnihub_upstream::{
    ClientSettings, Credential, Meaning, Search, Shown, Success, Table, TableAdapter,
};
use serde_json::json;

const KEY: &str = "kunci-tabel-7731";

static OPERATIONS: &[Operation] = &[
    Operation {
        name: "open",
        method: "POST",
        path: "/cases",
        fields: &[Field::text("name").mandatory()],
        gives: &["caseId"],
        repeat: Repeat::Unsafe,
        effect: Effect::Create,
    },
    Operation {
        name: "close",
        method: "DELETE",
        path: "/cases/{caseId}",
        fields: &[Field::text("caseId").mandatory().at(Place::Path)],
        gives: &[],
        repeat: Repeat::Safe,
        effect: Effect::Status,
    },
    Operation::query("health", "/health", &[]),
];

static TABLE: Table = Table {
    operations: OPERATIONS,
    receipts: &[("caseId", "/case/0/id")],
    success: Success::Status,
    words: &["/message"],
    meanings: &[
        (Shown::Says(409, "/code", "KNOWN"), Meaning::Done),
        (Shown::Status(409), Meaning::Fault(Fault::Unavailable)),
    ],
    probe: "health",
    ..Table::BLANK
};

fn adapter(base: &str, timeout: Duration) -> TableAdapter {
    let client = ClientSettings { base_url: base.to_owned(), timeout };
    TableAdapter::new(&client, &TABLE, Credential::Header("x-api-key", &Secret::from(KEY))).unwrap()
}

fn open(_: &str) -> Delivery {
    delivery(OPERATIONS, "open", json!({"name": "Nasabah Contoh"}))
}

fn close(_: &str) -> Delivery {
    delivery(OPERATIONS, "close", json!({"caseId": "Nasabah Contoh"}))
}

fn health(_: &str) -> Delivery {
    delivery(OPERATIONS, "health", json!({}))
}

/// Its status is all that it says; but who makes something has to say what.
fn of_open(case: Case) -> Result<(), Fault> {
    but_for_409(case, usual_verdict)
}

fn of_health(case: Case) -> Result<(), Fault> {
    but_for_409(case, verdict_by_status)
}

fn of_close(case: Case) -> Result<(), Fault> {
    but_for_409(case, verdict_by_status_of_one)
}

fn but_for_409(case: Case, usual: fn(Case) -> Result<(), Fault>) -> Result<(), Fault> {
    match case {
        Case::Status(409) => Err(Fault::Unavailable),
        case => usual(case),
    }
}

#[tokio::test]
async fn it_keeps_the_promises_of_the_trait() {
    let subject = Subject {
        build: |base, timeout| Built::new(adapter(base, timeout)),
        aside: Vec::new(),
        planted: &[KEY, "Nasabah Contoh"],
        own: vec![
            Own {
                what: "done before",
                reply: Reply::json(409, json!({"code": "KNOWN", "case": [{"id": 9}]})),
                // No question is answered by that.
                verdict: |row| match row.effect {
                    Effect::Read => Err(Fault::Unavailable),
                    _ => Ok(()),
                },
            },
            Own {
                what: "a page that says so",
                reply: Reply::html(409),
                verdict: |_| Err(Fault::Unavailable),
            },
        ],
        well: Some(Reply::text(204, "")),
    };
    let good = || Reply::json(201, json!({"case": [{"id": 9}]}));
    let receipt = Receipt::of([("caseId", "9".to_owned())]);
    let nothing = |delivery, verdict| {
        let (good, receipt) = (Reply::text(204, ""), Receipt::default());
        Sample { delivery, good, receipt, verdict }
    };
    let create = Sample { delivery: open, good: good(), receipt, verdict: of_open };
    let (close, health) = (nothing(close, of_close), nothing(health, of_health));
    check_conformance(&subject, &[create, close, health]).await;
}

/// What a create makes of a success or a conflict without what it gives.
#[tokio::test]
async fn what_was_done_before_and_does_not_say_what_it_made_is_of_unknown_outcome() {
    let known = Reply::json(409, json!({"code": "KNOWN"}));
    let upstream = ScriptedUpstream::start([Step::Answer(known)]).await;
    let adapter = adapter(&upstream.base_url(), Duration::from_secs(30));
    let failure = adapter.deliver(&open("")).await.unwrap_err();
    assert_eq!(failure.fault, Fault::Unreadable);
    assert_eq!(failure.message, "a success without caseId");
}

#[tokio::test]
async fn only_a_question_can_be_asked_and_only_a_whole_one() {
    let adapter = adapter("http://127.0.0.1:1", Duration::from_secs(30));
    let asked = async |name: &str, arguments| adapter.query(name, &arguments).await.unwrap_err();
    let name = Arguments::from([("name".to_owned(), "Nasabah Contoh".to_owned())]);
    for failure in [asked("open", name.clone()).await, asked("health", name).await] {
        assert_eq!(failure.fault, Fault::Refused, "{failure}");
    }
}

#[track_caller]
fn check_mistake(table: Table, words: &str) {
    let client = ClientSettings {
        base_url: "http://127.0.0.1:1".to_owned(),
        timeout: Duration::from_secs(30),
    };
    let key = Secret::from(KEY);
    let table: &'static Table = Box::leak(Box::new(table));
    let made = TableAdapter::new(&client, table, Credential::Bearer(&key));
    let said = made.err().map(|error| error.to_string()).unwrap_or_default();
    assert!(said.contains(words), "{said:?} is to contain {words:?}");
}

#[test]
fn a_table_that_contradicts_itself_makes_no_adapter() {
    let table = || Table { operations: OPERATIONS, receipts: TABLE.receipts, ..Table::BLANK };
    let no_read = "is no `Read` without mandatory fields";
    check_mistake(table(), no_read);
    check_mistake(Table { probe: "close", ..table() }, no_read);
    check_mistake(Table { probe: "heath", ..table() }, no_read);
    let table = || Table { probe: "health", ..table() };
    check_mistake(Table { receipts: &[], ..table() }, "`open` gives `caseId`, and no pointer");
    let receipts = &[("caseId", "/case/0/id"), ("caseid", "/case/0/id")];
    check_mistake(Table { receipts, ..table() }, "where `caseid` stands, and no operation gives");
    let operations = Box::leak(Box::new([Operation { path: "/health/{id}", ..OPERATIONS[2] }]));
    check_mistake(Table { operations, ..table() }, "`id` has to stand in the path");
    check_mistake(Table { words: &["message"], ..table() }, "does not begin with /");
    let search =
        |none| Search { of: "open", by: "health", with: ("name", "name"), repeats: "", none };
    let searches = Box::leak(Box::new([search(Shown::Nothing(200, ""))]));
    check_mistake(Table { searches, ..table() }, "no `Read` that needs no more than `name`");
}

#[tokio::test]
async fn its_key_goes_in_the_header_that_is_named() {
    let upstream = ScriptedUpstream::start([Step::Answer(Reply::text(204, ""))]).await;
    let adapter = adapter(&upstream.base_url(), Duration::from_secs(30));
    assert!(adapter.deliver(&close("")).await.is_ok());
    let seen = upstream.last();
    assert_eq!((&*seen.method, &*seen.target), ("DELETE", "/cases/Nasabah%20Contoh"));
    assert_eq!((seen.header("x-api-key"), seen.header("authorization")), (Some(KEY), None));
}
