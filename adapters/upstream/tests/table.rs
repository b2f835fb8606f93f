//! A system of which the table says only where it is and what its statuses mean keeps the promises too.
#![cfg(test)]

use std::time::Duration;

use omnihub_contract::{
    Adapter, Delivery, Effect, Fault, Field, Operation, Place, Receipt, Repeat, Secret,
};
use omnihub_kit::{
    Built, Case, Reply, Sample, ScriptedUpstream, Step, Subject, check_conformance, delivery,
    usual_verdict, usual_verdict_of_one,
};
use omnihub_upstream::{ClientSettings, Credential, Success, Table, TableAdapter};
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
    Operation {
        name: "health",
        method: "GET",
        path: "/health",
        fields: &[],
        gives: &[],
        repeat: Repeat::Safe,
        effect: Effect::Read,
    },
];

static TABLE: Table = Table {
    operations: OPERATIONS,
    receipts: &[("caseId", "/case/0/id")],
    success: Success::Status,
    words: &["/message"],
    faults: &[(409, Fault::Unavailable)],
    probe: "health",
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
    match case {
        Case::Status(409) => Err(Fault::Unavailable),
        case => usual_verdict(case),
    }
}

fn of_health(case: Case) -> Result<(), Fault> {
    match case {
        Case::Empty | Case::Blank => Ok(()),
        case => of_open(case),
    }
}

fn of_close(case: Case) -> Result<(), Fault> {
    match case {
        Case::Status(404) => usual_verdict_of_one(case),
        case => of_health(case),
    }
}

#[tokio::test]
async fn it_keeps_the_promises_of_the_trait() {
    let subject = Subject {
        build: |base, timeout| Built::new(adapter(base, timeout)),
        aside: Vec::new(),
        planted: &[KEY, "Nasabah Contoh"],
        own: Vec::new(),
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

#[tokio::test]
async fn its_key_goes_in_the_header_that_is_named() {
    let upstream = ScriptedUpstream::start([Step::Answer(Reply::text(204, ""))]).await;
    let adapter = adapter(&upstream.base_url(), Duration::from_secs(30));
    assert!(adapter.deliver(&close("")).await.is_ok());
    let seen = upstream.last();
    assert_eq!((&*seen.method, &*seen.target), ("DELETE", "/cases/Nasabah%20Contoh"));
    assert_eq!((seen.header("x-api-key"), seen.header("authorization")), (Some(KEY), None));
}
