//! What operators do about deliveries that wait for them, by the real command line.

use std::time::Duration;

use omnihub_sandbox::{FaultRule, Sandbox, System, What};
use serde_json::{Value, json};

use super::harness::{Home, OPEN_DOOR, client, post, until};
use super::{load, stop, upstreams};

const PATIENCE: Duration = Duration::from_secs(30);

/// Runs a command that is to succeed; gives what it printed.
async fn done(home: &Home, arguments: &[&str]) -> String {
    let output = home.run(arguments).await;
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

async fn listed(home: &Home) -> Vec<Value> {
    serde_json::from_str(&done(home, &["deliveries", "list", "--json"]).await).unwrap()
}

fn refuse(sandbox: &Sandbox) {
    let refusal = json!({ "error": "Validation failed", "status": 400 });
    let refusal = What::status_with(400.try_into().unwrap(), refusal);
    sandbox.set_faults(System::Helpdesk, vec![FaultRule::new(refusal)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_deliveries_are_counted_replayed_and_given_up_whether_a_hub_runs_or_not() {
    let sandbox = upstreams::start(([127, 0, 0, 1], 0).into()).await;
    let settings = upstreams::helpdesk(&sandbox.base_url(System::Helpdesk));
    let home = Home::new(&(OPEN_DOOR.to_owned() + &settings));
    let key = home.key("portal").await;
    let hub = home.serve().await;
    refuse(&sandbox);
    for reference in ["ONE", "TWO", "THREE"] {
        let to = (hub.address, &*key);
        post(&client(), to, "claims", &load::claim(reference)).await.unwrap();
    }
    until("all are dead", PATIENCE, async || (listed(&home).await.len() == 3).then_some(())).await;

    // A refusal was an attempt, though none that is counted towards giving up.
    let table = done(&home, &["deliveries", "list"]).await;
    let row = table.lines().find(|line| line.contains("H0401")).unwrap();
    let row: Vec<&str> = row.split_whitespace().skip(1).take(5).collect();
    assert_eq!(row, ["helpdesk", "create_claim", "dead", "H0401", "1"], "{table}");
    let dry = ["deliveries", "replay", "--adapter", "helpdesk", "--code", "H0401", "--dry-run"];
    assert_eq!(done(&home, &dry).await, "3 would go again\n");
    let none = ["deliveries", "replay", "--adapter", "sociomile", "--dry-run"];
    assert_eq!(done(&home, &none).await, "0 would go again\n");
    let none = ["deliveries", "discard", "--older-than", "1h", "--reason", "old", "--dry-run"];
    assert_eq!(done(&home, &none).await, "0 would be given up\n");
    let everything = home.run(&["deliveries", "replay"]).await;
    assert_eq!(everything.status.code(), Some(2), "all of them only when told so");

    // One while it runs, one while it does not, the rest given up.
    let ids: Vec<_> = listed(&home).await.iter().map(|view| view["id"].to_string()).collect();
    let [one, two, three] = [0, 1, 2].map(|at: usize| ids[at].trim_matches('"'));
    sandbox.set_faults(System::Helpdesk, Vec::new());
    assert_eq!(done(&home, &["deliveries", "replay", one, "--rate", "100"]).await, "1 go again\n");
    let there = async || (sandbox.helpdesk_tickets().len() == 1).then_some(());
    until("the first is there", PATIENCE, there).await;
    stop::terminate(hub).await;
    let retry = ["deliveries", "settle", two, "--retry", "--reason", "mended", "--by", "siti"];
    assert_eq!(done(&home, &retry).await, "done\n");
    let discard = ["deliveries", "discard", "--all", "--reason", "a test", "--by", "siti"];
    assert_eq!(done(&home, &discard).await, "1 are given up\n");
    let again = home.run(&["deliveries", "settle", three, "--retry", "--reason", "x"]).await;
    assert!(String::from_utf8_lossy(&again.stderr).contains("is discarded"));
    let hub = home.serve().await;
    let there = async || (sandbox.helpdesk_tickets().len() == 2).then_some(());
    until("the second is there", PATIENCE, there).await;
    assert!(listed(&home).await.is_empty());
    stop::terminate(hub).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_system_is_listed_probed_paused_and_resumed_whether_a_hub_runs_or_not() {
    let sandbox = upstreams::start(([127, 0, 0, 1], 0).into()).await;
    let settings = upstreams::helpdesk(&sandbox.base_url(System::Helpdesk));
    let home = Home::new(&(OPEN_DOOR.to_owned() + &settings));
    let key = home.key("portal").await;
    let states = async || -> Vec<Value> {
        serde_json::from_str(&done(&home, &["adapters", "list", "--json"]).await).unwrap()
    };
    assert_eq!(
        done(&home, &["adapters", "probe", "helpdesk"]).await,
        "helpdesk: would take deliveries\n"
    );
    let pause = ["adapters", "pause", "helpdesk", "--reason", "their upgrade", "--by", "siti"];
    assert_eq!(done(&home, &pause).await, "paused\n");
    let hub = home.serve().await;
    assert_eq!(
        (&states().await[0]["state"], &states().await[1]["state"]),
        (&json!("paused"), &json!("off"))
    );
    let (_, answer) =
        post(&client(), (hub.address, &*key), "claims", &load::claim("PAUSED")).await.unwrap();
    assert!(sandbox.helpdesk_tickets().is_empty());
    let shown = ["tickets", "show", answer["ticketNumber"].as_str().unwrap()];
    let text = done(&home, &shown).await;
    for line in ["; helpdesk is paused: by siti at ", ": their upgrade\n", "; sociomile is off: "] {
        assert!(text.contains(line), "no {line:?} in\n{text}");
    }
    assert_eq!(done(&home, &["adapters", "resume", "helpdesk"]).await, "resumed\n");
    let there = async || (sandbox.helpdesk_tickets().len() == 1).then_some(());
    until("the claim is there", PATIENCE, there).await;
    assert_eq!(states().await[0]["state"], "running");
    assert!(!done(&home, &shown).await.contains("paused"));
    stop::terminate(hub).await;
    let none = home.run(&["adapters", "pause", "helpdsk", "--reason", "x"]).await;
    assert!(String::from_utf8_lossy(&none.stderr).contains("there is no adapter `helpdsk`"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_shows_where_it_stands_in_every_system_and_nothing_personal() {
    let sandbox = upstreams::start(([127, 0, 0, 1], 0).into()).await;
    let home = Home::new(&(OPEN_DOOR.to_owned() + &upstreams::both(&sandbox)));
    let key = home.key("portal").await;
    let hub = home.serve().await;
    let (_, answer) =
        post(&client(), (hub.address, &*key), "claims", &load::claim("SHOWN")).await.unwrap();
    let number = answer["ticketNumber"].as_str().unwrap().to_owned();
    let there = async || (sandbox.sociomile_tickets().len() == 1).then_some(());
    until("the claim is everywhere", PATIENCE, there).await;
    let helpdesk = sandbox.helpdesk_tickets()[0].number.clone();
    let shown = async |name: &str| done(&home, &["tickets", "show", name]).await;
    until("it shows as delivered", PATIENCE, async || {
        (shown(&helpdesk).await.matches("delivered").count() == 4).then_some(())
    })
    .await;
    let text = shown(&number).await;
    let desk = sandbox.sociomile_tickets()[0].ticket_id.clone();
    assert_eq!(shown(&desk).await, text, "any system's own number finds it");
    for words in [
        format!("Ticket {number}"),
        format!("helpdesk.ticketNumber = {helpdesk}"),
        "ticket.created by the client".to_owned(),
        "sociomile create_helpdesk delivered".to_owned(),
    ] {
        assert!(text.contains(&words), "no {words:?} in\n{text}");
    }
    let delivery = format!("{number}-1");
    let text = format!("{text}{}", done(&home, &["deliveries", "show", &delivery]).await);
    for words in ["helpdesk: has it as ", "delivered after ", "***** ********", "200 {\"data\":{"] {
        assert!(text.contains(words), "no {words:?} in\n{text}");
    }
    let json = done(&home, &["tickets", "show", &number, "--json"]).await;
    for personal in ["John Doe", "1234567890", "money was debited"] {
        assert!(!text.contains(personal) && !json.contains(personal), "{personal}");
    }
    let none = home.run(&["tickets", "show", "1"]).await;
    assert!(String::from_utf8_lossy(&none.stderr).contains("there is no ticket 1"));
    let none = home.run(&["deliveries", "show", "1-1"]).await;
    assert!(String::from_utf8_lossy(&none.stderr).contains("there is no delivery 1-1"));
    stop::terminate(hub).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn monitoring_reads_metrics_where_the_settings_say_and_nothing_else_without_a_key() {
    let place = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let home = Home::new(&format!("{OPEN_DOOR}[operate]\nlisten = \"{place}\"\n"));
    let hub = home.serve().await;
    let get = async |path: &str| {
        let answer = client().get(format!("http://{place}{path}")).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let (status, text) = get("/metrics").await;
    assert_eq!(status, 200);
    for line in ["omnihub_mappings_info{digest=", "adapter=\"helpdesk\",state=\"off\"} 1"] {
        assert!(text.contains(line), "no {line:?} in\n{text}");
    }
    assert_eq!(get("/hub/keys").await.0, 401);
    stop::terminate(hub).await;
}
