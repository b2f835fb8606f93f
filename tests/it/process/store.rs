//! `omnihub store`, beside a running hub and without one.

use serde_json::Value;

use super::harness::{Home, OPEN_DOOR, client, post, ticket};
use super::{load, stop};

const TICKETS: usize = 20;

async fn stats(home: &Home) -> Value {
    let told = home.run(&["store", "stats", "--json"]).await;
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    serde_json::from_slice(&told.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_store_holds_is_told_with_a_hub_and_without_and_compacted_without() {
    let home = Home::new(OPEN_DOOR);
    let key = home.key("portal").await;
    let hub = home.serve().await;
    let client = client();
    let mut numbers = Vec::new();
    for at in 0..TICKETS {
        let body = load::ticket(&format!("REF-{at}"));
        let (status, answer) = post(&client, (hub.address, &key), "tickets", &body).await.unwrap();
        assert_eq!(status, 201, "{answer}");
        numbers.push(answer["ticketNumber"].as_str().unwrap().to_owned());
    }
    let running = stats(&home).await;
    assert_eq!(running["tickets"], TICKETS);
    assert_eq!(running["deliveries"]["helpdesk"]["ready"], TICKETS, "it has no address");
    assert!(running["bytes"].as_u64() > Some(0) && running["file_bytes"].as_u64() > Some(0));
    let refused = home.run(&["store", "compact"]).await;
    assert_eq!(refused.status.code(), Some(1));
    let why = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(why.contains("another omnihub has it open"), "{why}");
    stop::terminate(hub).await;
    let alone = stats(&home).await;
    assert_eq!(
        (&alone["tickets"], &alone["deliveries"]),
        (&running["tickets"], &running["deliveries"])
    );
    let done = home.run(&["store", "compact"]).await;
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(stats(&home).await["deliveries"], alone["deliveries"]);
    let hub = home.serve().await;
    for number in &numbers {
        assert_eq!(ticket(&client, (hub.address, &key), number).await.0, 200, "{number}");
    }
    let people = home.run(&["store", "stats"]).await;
    let people = String::from_utf8_lossy(&people.stdout).into_owned();
    assert!(people.contains("Tickets") && people.contains("helpdesk"), "{people}");
}

#[tokio::test]
async fn where_there_is_no_store_the_commands_say_so() {
    let home = Home::new(OPEN_DOOR);
    for command in ["stats", "compact"] {
        let refused = home.run(&["store", command]).await;
        assert_eq!(refused.status.code(), Some(1), "{command}");
        assert!(
            String::from_utf8_lossy(&refused.stderr).contains("there is no store"),
            "{command}"
        );
    }
    assert!(!home.path("data").exists());
}
