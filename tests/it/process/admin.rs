//! The operators' listener: who may come in, what is answered, and whom decisions are kept to be of.

use std::net::SocketAddr;
use std::time::Duration;

use omnihub_sandbox::{FaultRule, Sandbox, System, What};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::harness::{Home, OPEN_DOOR, client, output, post, say, until};
use super::{load, stop, upstreams};

const PATIENCE: Duration = Duration::from_secs(30);

const PROBLEM: &str = "application/problem+json";

/// A home whose operators' listener is here, and the stand-ins.
async fn home() -> (Home, SocketAddr, Sandbox) {
    let place = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let sandbox = upstreams::start(([127, 0, 0, 1], 0).into()).await;
    let settings = upstreams::helpdesk(&sandbox.base_url(System::Helpdesk));
    let operate = format!("[operate]\nlisten = \"{place}\"\n");
    (Home::new(&(OPEN_DOOR.to_owned() + &operate + &settings)), place, sandbox)
}

async fn operator(home: &Home) -> String {
    let create = ["keys", "create", "--partner", "operations", "--permissions", "hub:operate"];
    let made = home.run(&create).await;
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    String::from_utf8(made.stdout).unwrap().trim().to_owned()
}

/// Asks with this key; gives status, content type and JSON.
async fn ask(
    place: SocketAddr,
    (method, path): (Method, &str),
    key: Option<&str>,
    body: Option<String>,
) -> (StatusCode, String, Value) {
    let mut request = client().request(method, format!("http://{place}{path}"));
    if let Some(key) = key {
        request = request.bearer_auth(key);
    }
    if let Some(body) = body {
        request = request.header("content-type", "application/json").body(body);
    }
    let answer = request.send().await.unwrap();
    let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
    (answer.status(), kind, answer.json().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operators_listener_is_for_keys_that_may_operate_and_says_why_not() {
    let (home, place, _sandbox) = home().await;
    let (clients, operators) = (home.key("portal").await, operator(&home).await);
    let hub = home.serve().await;
    let list = || (Method::GET, "/hub/deliveries");
    let (status, kind, answer) = ask(place, list(), Some(&operators), None).await;
    assert_eq!((status, &*kind, answer), (StatusCode::OK, "application/json", json!([])));
    let decide = || (Method::POST, "/hub/deliveries/decide");
    let long = json!({ "id": "1-1", "what": "again", "reason": "x".repeat(70_000) }).to_string();
    let unknown = json!({ "id": "1-1", "what": "again", "reason": "mended" }).to_string();
    let clock = || (Method::POST, "/hub/tickets/clock");
    let extend = |reason: &str| {
        Some(json!({ "number": "1", "what": "extend", "reason": reason }).to_string())
    };
    for (what, key, body, expected) in [
        (list(), None, None, 401),
        (list(), Some("omni_0a_wrong"), None, 401),
        (list(), Some(&*clients), None, 403),
        ((Method::GET, "/hub/nothing"), Some(&*operators), None, 404),
        ((Method::DELETE, "/hub/deliveries"), Some(&*operators), None, 405),
        (decide(), Some(&*operators), Some("{".to_owned()), 400),
        (decide(), Some(&*operators), Some(long), 413),
        (decide(), Some(&*operators), Some(unknown), 404),
        (clock(), Some(&*operators), extend("told the customer"), 404),
        (clock(), Some(&*operators), extend(" "), 400),
        (clock(), Some(&*clients), extend("told the customer"), 403),
    ] {
        let shown = format!("{what:?}");
        let (status, kind, problem) = ask(place, what, key, body).await;
        assert_eq!((status.as_u16(), &*kind), (expected, PROBLEM), "{shown}: {problem}");
        assert_eq!(problem["status"], expected);
        assert!(!problem["detail"].as_str().unwrap().is_empty());
    }
    // Nor may operators' keys do what clients do.
    let (status, _) =
        post(&client(), (hub.address, &*operators), "claims", &load::claim("X")).await.unwrap();
    assert_eq!(status, 403);
    stop::terminate(hub).await;
}

/// The `curl` line of the README, for this listener and delivery.
fn readme(place: SocketAddr, id: &str) -> String {
    let text = include_str!("../../../README.md");
    let line = text.lines().find(|line| line.starts_with("curl ") && line.contains("/hub/"));
    let line = line.unwrap().replace("127.0.0.1:8081", &place.to_string());
    line.replace("9000000042-1", id)
}

/// Runs the line in a shell; where there is no curl, does what it says.
async fn paste(place: SocketAddr, line: &str, key: &str) {
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", line]).env("KEY", key);
    let ran = output(shell).await;
    if ran.status.code() != Some(127) {
        assert_eq!(String::from_utf8_lossy(&ran.stdout), "null", "{ran:?}");
        return;
    }
    say("there is no curl here: the line is read instead of run");
    let body = line.split('\'').rev().nth(1).unwrap().to_owned();
    let decide = (Method::POST, "/hub/deliveries/decide");
    assert_eq!(ask(place, decide, Some(key), Some(body)).await.2, json!(null));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_curl_line_of_the_readme_replays_a_delivery_as_the_key_that_it_came_with() {
    let (home, place, sandbox) = home().await;
    let (key, operators) = (home.key("portal").await, operator(&home).await);
    let hub = home.serve().await;
    let refusal = json!({ "error": "Validation failed", "status": 400 });
    let refusal = What::status_with(400.try_into().unwrap(), refusal);
    sandbox.set_faults(System::Helpdesk, vec![FaultRule::new(refusal)]);
    let (_, claim) =
        post(&client(), (hub.address, &*key), "claims", &load::claim("ONE")).await.unwrap();
    let number = claim["ticketNumber"].as_str().unwrap().to_owned();
    let show = format!("/hub/deliveries/show?id={number}-1");
    let state = async || {
        let (_, _, shown) = ask(place, (Method::GET, &show), Some(&operators), None).await;
        shown
    };
    until("it is dead", PATIENCE, async || (state().await["state"] == "dead").then_some(())).await;
    sandbox.set_faults(System::Helpdesk, Vec::new());
    paste(place, &readme(place, &format!("{number}-1")), &operators).await;
    until("it is there", PATIENCE, async || (state().await["state"] == "delivered").then_some(()))
        .await;
    let shown = state().await;
    let id = operators.strip_prefix("omni_").unwrap().split('_').next().unwrap();
    let by = shown["decisions"][0]["by"].as_str().unwrap();
    assert_eq!(by, format!("key_{id}"));
    assert_eq!(shown["tried"].as_array().unwrap().len(), 2);
    stop::terminate(hub).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_keeps_showing_wrong_keys_to_operators_is_not_listened_to_for_a_while() {
    let place = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let settings = OPEN_DOOR.replace("[breaker]", "failed_auth_per_minute = 2\n[breaker]");
    let home = Home::new(&format!("{settings}[operate]\nlisten = \"{place}\"\n"));
    let (clients, operators) = (home.key("portal").await, operator(&home).await);
    let hub = home.serve().await;
    let list = || (Method::GET, "/hub/deliveries");
    for (key, expected) in [
        // A right key is never counted, whatever it may do.
        (Some(&*clients), 403),
        (Some(&*clients), 403),
        (Some(&*clients), 403),
        (Some("omni_0a_wrong"), 401),
        (None, 401),
        (Some("omni_0a_wrong"), 429),
        (Some(&*operators), 429),
    ] {
        let (status, kind, problem) = ask(place, list(), key, None).await;
        assert_eq!((status.as_u16(), &*kind), (expected, PROBLEM), "{key:?}: {problem}");
    }
    let request = client().get(format!("http://{place}/hub/deliveries")).bearer_auth(&*operators);
    let shut = request.send().await.unwrap();
    let seconds: u64 = shut.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=30).contains(&seconds), "{seconds}");
    // Monitoring needs no key, and the socket none either.
    let metrics = client().get(format!("http://{place}/metrics")).send().await.unwrap();
    assert_eq!(metrics.status(), StatusCode::OK);
    assert!(home.run(&["deliveries", "list"]).await.status.success());
    stop::terminate(hub).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_receiver_is_paused_and_resumed_by_command_line_and_by_http_and_it_is_kept_who_did() {
    let (home, place, _sandbox) = home().await;
    let operators = operator(&home).await;
    let receiver = "bot.example:443";
    let held = async || -> Value {
        let listed = home.run(&["adapters", "list", "--json"]).await;
        let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
        let webhook = listed.as_array().unwrap().iter().find(|it| it["name"] == "webhook");
        webhook.unwrap()["destinations"].clone()
    };
    let pause = ["adapters", "pause", "webhook", "--destination", receiver, "--reason", "it moves"];
    let paused = home.run(&[&pause[..], &["--by", "siti"]].concat()).await;
    assert_eq!(String::from_utf8_lossy(&paused.stdout), "paused\n");
    let hub = home.serve().await;
    let one = held().await[0].clone();
    assert_eq!((&one["name"], &one["state"]), (&json!(receiver), &json!("paused")));
    assert!(one["reason"].as_str().unwrap().starts_with("by siti at "), "{one}");
    let resume = json!({ "adapter": "webhook", "destination": receiver });
    let to = (Method::POST, "/hub/adapters/resume");
    let (status, ..) = ask(place, to, Some(&operators), Some(resume.to_string())).await;
    assert_eq!((status, held().await), (StatusCode::OK, json!(null)));
    let to = (Method::POST, "/hub/adapters/pause");
    for (adapter, destination, expected) in [
        ("webhook", receiver, 200),
        ("webhook", "bot.example", 400),
        ("helpdesk", receiver, 400),
        ("nobody", receiver, 404),
    ] {
        let body = json!({ "adapter": adapter, "destination": destination, "reason": "again" });
        let (status, _, answer) =
            ask(place, to.clone(), Some(&operators), Some(body.to_string())).await;
        assert_eq!(status.as_u16(), expected, "{answer}");
    }
    let id = operators.strip_prefix("omni_").unwrap().split('_').next().unwrap();
    let one = held().await[0].clone();
    assert!(one["reason"].as_str().unwrap().starts_with(&format!("by key_{id} at ")), "{one}");
    stop::terminate(hub).await;
    // It outlives the hub, and is ended without one.
    assert_eq!(held().await[0]["name"], receiver);
    let resume = ["adapters", "resume", "webhook", "--destination", receiver];
    assert_eq!(String::from_utf8_lossy(&home.run(&resume).await.stdout), "resumed\n");
    assert_eq!(held().await, json!(null));
}
