//! What monitoring reads is what the page of metrics says, and says nothing of anybody.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use omnihub_sandbox::System;
use serde_json::json;

use crate::hub::samples::{claim, ticket, with};
use crate::hub::{PARTNER, TestHub, answer};

const PAGE: &str = include_str!("../../src/docs/metrics.md");

/// A metric's type, and the names of its labels.
type Form = (String, Vec<String>);

/// What the page's table says of each name.
fn documented() -> BTreeMap<String, Form> {
    let rows = PAGE.lines().filter(|line| line.starts_with("| `"));
    let rows = rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        assert!(!cells[3].is_empty(), "{row}");
        let labels = cells[2].split('`').skip(1).step_by(2).map(str::to_owned).collect();
        (cells[0].trim_matches('`').to_owned(), (cells[1].to_owned(), labels))
    });
    rows.collect()
}

/// A series: its labels in their order, and its value.
struct Series {
    labels: Vec<(String, String)>,
    value: f64,
}

fn series(line: &str) -> Series {
    let (named, value) = line.rsplit_once(' ').unwrap();
    let labels = named.split_once('{').map_or("", |(_, labels)| labels);
    let labels = labels.trim_end_matches('}').split(',').filter(|label| !label.is_empty());
    let labels = labels.map(|label| {
        let (name, value) = label.split_once('=').unwrap();
        (name.to_owned(), value.trim_matches('"').to_owned())
    });
    Series { labels: labels.collect(), value: value.parse().unwrap() }
}

/// What the text says of each name.
fn told(text: &str) -> BTreeMap<String, Form> {
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let types = types.map(|line| line.split_once(' ').unwrap());
    let forms = types.map(|(name, kind)| {
        let is_it = |line: &&str| {
            let its = line.strip_prefix(name);
            its.is_some_and(|rest| rest.starts_with(['{', ' ', '_']))
        };
        let one = text.lines().find(is_it).unwrap_or_else(|| panic!("no series of {name}"));
        let labels = series(one).labels.into_iter().map(|(label, _)| label);
        (name.to_owned(), (kind.to_owned(), labels.filter(|label| label != "le").collect()))
    });
    forms.collect()
}

/// The value of the series with this name and these labels.
#[track_caller]
fn value(text: &str, wanted: &str) -> f64 {
    let line = text.lines().find(|line| line.rsplit_once(' ').is_some_and(|it| it.0 == wanted));
    series(line.unwrap_or_else(|| panic!("no {wanted} in\n{text}"))).value
}

#[track_caller]
fn check(text: &str, wanted: &str, expected: f64) {
    let value = value(text, wanted);
    assert!((value - expected).abs() < 1e-9, "{wanted} is {value} in\n{text}");
}

async fn monitored() -> (TestHub, SocketAddr) {
    let place = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let hub = TestHub::start_with(|config| config.operate.listen = Some(place)).await;
    (hub, place)
}

async fn read(place: SocketAddr) -> String {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client.get(format!("http://{place}/metrics")).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
    assert!(kind.starts_with("text/plain; version=0.0.4"), "{kind}");
    answer.text().await.unwrap()
}

#[tokio::test]
async fn a_running_hub_tells_the_metrics_of_the_page_and_no_others() {
    let (hub, place) = monitored().await;
    assert_eq!(told(&read(place).await), documented());
    hub.done(&[]).await;
}

/// What is counted once a claim is refused there, a ticket has arrived everywhere, and three requests more came.
const COUNTED: &[(&str, f64)] = &[
    ("omnihub_accepted_total{kind=\"claim\"}", 1.0),
    ("omnihub_accepted_total{kind=\"ticket\"}", 1.0),
    ("omnihub_repeated_total{kind=\"ticket\"}", 1.0),
    ("omnihub_refused_total{status=\"400\"}", 1.0),
    ("omnihub_refused_total{status=\"401\"}", 1.0),
    (
        "omnihub_attempts_total{adapter=\"helpdesk\",operation=\"create_claim\",outcome=\"refused\"}",
        1.0,
    ),
    (
        "omnihub_attempts_total{adapter=\"helpdesk\",operation=\"create_ticket\",outcome=\"delivered\"}",
        1.0,
    ),
    ("omnihub_attempts_total{adapter=\"webhook\",operation=\"send\",outcome=\"delivered\"}", 1.0),
    ("omnihub_attempt_duration_seconds_count{adapter=\"helpdesk\"}", 2.0),
    ("omnihub_attempts_under_way{adapter=\"helpdesk\"}", 0.0),
    ("omnihub_deliveries{adapter=\"helpdesk\",state=\"dead\"}", 1.0),
    ("omnihub_deliveries{adapter=\"sociomile\",state=\"waiting\"}", 1.0),
    ("omnihub_deliveries{adapter=\"webhook\",state=\"due\"}", 0.0),
    ("omnihub_oldest_due_age_seconds{adapter=\"helpdesk\"}", 0.0),
    ("omnihub_adapter_state{adapter=\"helpdesk\",state=\"running\"}", 1.0),
    ("omnihub_adapter_state{adapter=\"helpdesk\",state=\"paused\"}", 0.0),
    ("omnihub_store_taking_in", 1.0),
    ("omnihub_commits_failed_total", 0.0),
];

#[tokio::test]
async fn what_happens_is_counted_by_what_became_of_it_and_says_nothing_of_anybody() {
    let (mut hub, place) = monitored().await;
    let refusal = json!({ "error": "Validation failed", "status": 400 });
    hub.fail(System::Helpdesk, [answer("POST /api", 400, refusal, 1)]);
    let client = hub.client();
    let named = client.clone().with("idempotency-key", "once");
    let told = with(ticket(), "integration.webhookUrl", hub.receiver());
    let dead = client.post_claim(&claim(), 201).await.number();
    hub.until(|hub| hub.delivery(&dead, "helpdesk").state == "dead").await;
    let number = named.post_ticket(&told, 201).await.number();
    assert!(named.post_ticket(&told, 201).await.is_replay());
    client.post_claim(&json!({}), 400).await;
    client.clone().bare().show("1", 401).await;
    hub.settled(&["helpdesk dead H0401", "sociomile waiting"]).await;
    let text = read(place).await;
    COUNTED.iter().for_each(|(wanted, expected)| check(&text, wanted, *expected));
    assert!(value(&text, "omnihub_store_free_bytes") > 0.0);
    assert!(value(&text, "omnihub_commit_duration_seconds_count") >= 4.0);
    for nobodys in [PARTNER, &dead, &number, "Suryanto", "Jane", "127.0.0.1", "once"] {
        assert!(!text.contains(nobodys), "{nobodys} in\n{text}");
    }
    // What is owed outlives a restart; what was counted begins anew.
    hub.restart().await;
    let text = read(place).await;
    check(&text, "omnihub_deliveries{adapter=\"helpdesk\",state=\"dead\"}", 1.0);
    check(&text, "omnihub_accepted_total{kind=\"claim\"}", 0.0);
    hub.done(&["helpdesk dead H0401", "sociomile waiting"]).await;
}

#[tokio::test]
async fn what_waits_for_a_paused_system_is_counted_and_has_an_age() {
    let (hub, place) = monitored().await;
    crate::dispatch::brakes::pause(&hub, "helpdesk").await;
    for _ in 0..3 {
        hub.client().post_ticket(&ticket(), 201).await;
    }
    hub.until(|hub| hub.store().stock().unwrap().owed.0.values().any(|owed| owed.due == 3)).await;
    let text = read(place).await;
    let due = "omnihub_deliveries{adapter=\"helpdesk\",state=\"due\"}";
    check(&text, due, 3.0);
    check(&text, "omnihub_adapter_state{adapter=\"helpdesk\",state=\"paused\"}", 1.0);
    let oldest = hub.store().stock().unwrap().oldest["helpdesk"];
    let mut came = hub.store().newest(3).unwrap().into_iter();
    let mut came = || hub.record(&came.next().unwrap().to_string()).ticket.created_at;
    let (_, second, first) = (came(), came(), came());
    assert!((first..=second).contains(&oldest), "{first} {oldest} {second}");
    crate::dispatch::brakes::resume(&hub, "helpdesk").await;
    hub.settled(&[]).await;
    assert_eq!(hub.store().stock().unwrap().oldest.len(), 0);
    hub.done(&[]).await;
}
