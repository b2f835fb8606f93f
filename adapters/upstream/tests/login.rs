//! A system with a login, codes of its own, a look-up and callbacks is still no more than a table.
#![cfg(test)]

use std::time::Duration;

use omnihub_contract::{
    About, Adapter, Callback, Delivery, Effect, Fault, Field, LookUp, Notice, Operation, Place,
    Receipt, Rejected, Repeat, Secret,
};
use omnihub_kit::{
    Built, Own, Reply, Sample, ScriptedUpstream, Step, Subject, check_conformance, delivery,
    usual_verdict,
};
use omnihub_upstream::{
    ClientSettings, Credential, End, Login, Meaning, Said, Search, Shown, Success, Table,
    TableAdapter, shows,
};
use serde_json::{Value, json};

const PASSWORD: &str = "sandi-loket-7731";
const TOKEN: &str = "token-loket-7731";
const TIMEOUT: Duration = Duration::from_secs(30);

static OPERATIONS: &[Operation] = &[
    Operation {
        name: "open",
        method: "POST",
        path: "/jobs",
        fields: &[Field::text("reference").mandatory(), Field::text("text").mandatory()],
        gives: &["job"],
        repeat: Repeat::Unsafe,
        effect: Effect::Create,
    },
    Operation::query("find", "/jobs", &[Field::text("reference").at(Place::Query)]),
];

static TABLE: Table = Table {
    operations: OPERATIONS,
    receipts: &[("job", "/job/no"), ("job", "/jobs/0/no")],
    success: Success::Judged(judged),
    words: &["/text"],
    meanings: &[(Shown::Says(200, "/code", "17"), Meaning::Done)],
    searches: &[Search {
        of: "open",
        by: "find",
        with: ("reference", "reference"),
        repeats: "/jobs/0/reference",
        none: Shown::Nothing(200, "/jobs"),
    }],
    probe: "find",
};

/// "00: done. 9x: not now. All others: not like this."
fn judged(said: &Said<'_>) -> Result<(), Fault> {
    said.usual()?;
    match said.text("/code").as_deref() {
        Some("00") => Ok(()),
        Some(code) if code.starts_with('9') => Err(Fault::Unavailable),
        Some(_) => Err(Fault::Refused),
        None => Err(Fault::Unreadable),
    }
}

fn adapter(base: &str, timeout: Duration) -> TableAdapter {
    let client = ClientSettings { base_url: base.to_owned(), timeout };
    let password = Secret::from(PASSWORD);
    let login = Login {
        path: "/login",
        name: ("user", "hub"),
        password: ("secret", &password),
        token: &["/session/token"],
        end: End::In(&["/session/seconds"]),
    };
    let made = TableAdapter::new(&client, &TABLE, Credential::Login(login)).unwrap();
    made.hearing(receive, Some(&Secret::from(PASSWORD)))
}

fn receive(secret: Option<&Secret>, callback: &Callback) -> Result<Vec<Notice>, Rejected> {
    if !shows(secret, callback.header("x-secret")) {
        return Err(Rejected::Unauthenticated);
    }
    let about = vec![About::Receipt("job", "77".to_owned())];
    Ok(vec![Notice { what: "done", said: Value::Null, about, id: None, look: None }])
}

fn login() -> Reply {
    Reply::json(200, json!({"session": {"token": TOKEN, "seconds": 3600}}))
}

fn open(_: &str) -> Delivery {
    delivery(OPERATIONS, "open", json!({"reference": "R-77", "text": "Nasabah Contoh"}))
}

fn find(_: &str) -> Delivery {
    delivery(OPERATIONS, "find", json!({"reference": "R-77"}))
}

fn made() -> Reply {
    Reply::json(200, json!({"code": "00", "job": {"no": 77}}))
}

fn jobs(jobs: &Value) -> Reply {
    Reply::json(200, json!({"code": "00", "jobs": jobs}))
}

#[tokio::test]
async fn it_keeps_the_promises_of_the_trait() {
    let own = |what, code, verdict| {
        let reply = Reply::json(200, json!({"code": code, "job": {"no": 77}, "text": "R-77?"}));
        Own { what, reply, verdict }
    };
    let subject = Subject {
        build: |base, timeout| Built::new(adapter(base, timeout)),
        aside: vec![("/login", login())],
        planted: &[PASSWORD, TOKEN, "Nasabah Contoh", "R-77"],
        own: vec![
            own("not now", "91", |_| Err(Fault::Unavailable)),
            own("not like this", "40", |_| Err(Fault::Refused)),
            own("it is there already", "17", |row| match row.effect {
                Effect::Read => Err(Fault::Refused),
                _ => Ok(()),
            }),
        ],
        well: Some(jobs(&json!([]))),
    };
    let receipt = Receipt::of([("job", "77".to_owned())]);
    let create = Sample { delivery: open, good: made(), receipt, verdict: usual_verdict };
    let (good, receipt) = (jobs(&json!([])), Receipt::default());
    let read = Sample { delivery: find, good, receipt, verdict: usual_verdict };
    check_conformance(&subject, &[create, read]).await;
}

async fn looked_up(reply: Reply) -> Result<LookUp, Fault> {
    let aside = vec![("/login", login())];
    let upstream = ScriptedUpstream::start_with_aside(aside, [Step::Answer(reply)]).await;
    let adapter = adapter(&upstream.base_url(), TIMEOUT);
    let outcome = adapter.look_up(&open("")).await;
    assert_eq!(upstream.last().target, "/jobs?reference=R-77");
    assert_eq!(upstream.last().header("authorization"), Some("Bearer token-loket-7731"));
    let plain = |found| match found {
        LookUp::Found(receipt) => LookUp::Found(Receipt { answer: None, ..receipt }),
        other => other,
    };
    outcome.map(plain).map_err(|failure| failure.fault)
}

#[tokio::test]
async fn what_may_have_arrived_is_searched_for_by_its_reference() {
    let job = |reference: &str| json!([{"no": 77, "reference": reference}]);
    let found = LookUp::Found(Receipt::of([("job", "77".to_owned())]));
    assert_eq!(looked_up(jobs(&job("R-77"))).await, Ok(found));
    assert_eq!(looked_up(jobs(&json!([]))).await, Ok(LookUp::Absent));
    // Somebody else's, or one that does not say what is needed of it.
    assert_eq!(looked_up(jobs(&job("R-7"))).await, Ok(LookUp::CannotSay));
    assert_eq!(looked_up(jobs(&json!([{"reference": "R-77"}]))).await, Ok(LookUp::CannotSay));
    assert_eq!(looked_up(jobs(&Value::Null)).await, Ok(LookUp::CannotSay));
    let busy = |jobs: Value| Reply::json(200, json!({"code": "91", "jobs": jobs}));
    assert_eq!(looked_up(busy(job("R-77"))).await, Err(Fault::Unavailable));
    assert_eq!(looked_up(busy(json!([]))).await, Err(Fault::Unavailable));
}

#[tokio::test]
async fn what_no_search_is_for_is_not_asked_about() {
    let adapter = adapter("http://127.0.0.1:1", TIMEOUT);
    assert_eq!(adapter.look_up(&find("")).await, Ok(LookUp::CannotSay));
    let without = delivery(OPERATIONS, "open", json!({"text": "Nasabah Contoh"}));
    assert_eq!(adapter.look_up(&without).await, Ok(LookUp::CannotSay));
}

#[tokio::test]
async fn it_logs_in_once_and_shows_drafts_without_a_token() {
    let steps = [Step::Answer(login()), Step::Answer(made()), Step::Answer(made())];
    let upstream = ScriptedUpstream::start(steps).await;
    let adapter = adapter(&upstream.base_url(), TIMEOUT);
    assert!(adapter.deliver(&open("")).await.is_ok());
    assert!(adapter.deliver(&open("")).await.is_ok());
    let called: Vec<String> = upstream.seen().into_iter().map(|seen| seen.target).collect();
    assert_eq!(called, ["/login", "/jobs", "/jobs"]);
    let body = format!(r#"{{"user":"hub","secret":"{PASSWORD}"}}"#);
    assert_eq!(upstream.seen()[0].text(), body, "in its own order");
    let told = delivery(OPERATIONS, "open", json!({"reference": "R-77", "text": PASSWORD}));
    let draft = adapter.draft(&told).unwrap();
    assert!(draft.headers.contains(&"authorization".to_owned()));
    assert_eq!(draft.body.as_deref(), Some(r#"{"reference":"R-77","text":"…"}"#));
}

#[test]
fn it_hears_what_shows_its_secret() {
    let hearing = adapter("http://127.0.0.1:1", TIMEOUT);
    let shown = |secret: &str| Callback {
        headers: vec![("x-secret".to_owned(), secret.to_owned())],
        ..Callback::default()
    };
    assert_eq!(hearing.receive(&shown(PASSWORD)).map(|heard| heard.len()), Ok(1));
    assert_eq!(hearing.receive(&shown("guess")), Err(Rejected::Unauthenticated));
}
