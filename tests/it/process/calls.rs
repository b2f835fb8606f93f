//! `omnihub call` by the real command line, whether a hub runs or not.

use omnihub_sandbox::{Credentials, Sandbox, Settings, System};
use serde_json::Value;

use super::harness::{Home, OPEN_DOOR};
use super::stop;

fn dolphins(sandbox: &Sandbox) -> String {
    let Credentials { dolphins_username, dolphins_password, .. } = Credentials::SANDBOX;
    format!(
        "[adapters.dolphins]\nbase_url = \"{}\"\nusername = \"{dolphins_username}\"\npassword = \"{dolphins_password}\"\n",
        sandbox.base_url(System::Dolphins)
    )
}

/// Runs `omnihub call dolphins …`; gives its exit code, output and errors.
async fn called(home: &Home, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = home.run(&[&["call", "dolphins"], arguments].concat()).await;
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

async fn check_questions_and_commands(home: &Home, sandbox: &Sandbox) {
    let (code, out, _) = called(home, &["ticket", "ticketNumber=CHAT-1"]).await;
    let ticket: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &ticket["ticketNumber"]), (Some(0), &Value::from("CHAT-1")));

    let (code, out, _) = called(home, &["close", "ticketNumber=CHAT-1", "--dry-run"]).await;
    assert_eq!(code, Some(0));
    assert!(out.starts_with("PUT http://127.0.0.1:"), "{out}");
    assert!(out.contains("authorization: …"), "{out}");
    assert!(out.ends_with("\n{\"ticketNumber\":\"CHAT-1\"}\n"), "{out}");

    let (code, _, err) = called(home, &["close", "ticketNumber=CHAT-1"]).await;
    assert_eq!(code, Some(2));
    assert!(err.contains("say --yes"), "{err}");
    assert_eq!(sandbox.dolphins_tickets()[0].status, "Unassigned");

    let (code, out, _) =
        called(home, &["close", "ticketNumber=CHAT-1", "--yes", "--by", "siti"]).await;
    assert_eq!((code, &*out), (Some(0), "{\n  \"receipt\": {}\n}\n"));
    assert_eq!(sandbox.dolphins_tickets()[0].status, "Closed");
    let reopen = ["update_by_number", "ticketNumber=CHAT-1", "status=Unassigned", "--yes"];
    assert_eq!(called(home, &reopen).await.0, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_system_is_called_by_hand_whether_a_hub_runs_or_not_and_it_is_logged_who_did() {
    let sandbox = Sandbox::start(Settings::default()).await.unwrap();
    let home = Home::new(&(OPEN_DOOR.to_owned() + &dolphins(&sandbox)));
    let done = "an operation was called by hand";
    check_questions_and_commands(&home, &sandbox).await;
    let (_, _, err) =
        called(&home, &["close", "ticketNumber=CHAT-1", "--yes", "--by", "siti"]).await;
    assert!(err.contains(done) && err.contains("siti") && !err.contains("CHAT-1"), "{err}");
    assert_eq!(
        called(&home, &["update", "ticketNumber=CHAT-1", "status=Unassigned", "--yes"]).await.0,
        Some(0)
    );
    let hub = home.serve().await;
    check_questions_and_commands(&home, &sandbox).await;
    let log = hub.log();
    assert!(log.contains(done) && log.contains("siti") && !log.contains("CHAT-1"), "{log}");
    stop::terminate(hub).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_misspelt_is_answered_with_what_was_meant() {
    let home = Home::new(OPEN_DOOR);
    let (code, out, _) = called(&home, &[]).await;
    assert_eq!(code, Some(0));
    for told in ["tickets_by_filter", "teamMember.id*", "changes", "isToday (flag)", "fileLink"] {
        assert!(out.contains(told), "{out}");
    }
    for (arguments, told) in [
        (&["tiket"][..], "did you mean `ticket`?"),
        (&["ticket", "ticketNumer=1"], "did you mean `ticketNumber`?"),
        (&["ticket"], "`ticketNumber` is mandatory"),
        (&["ticket", "1"], "`1` is no NAME=VALUE"),
        (&["tickets", "count=many"], "`count` is no number"),
    ] {
        let (code, _, err) = called(&home, arguments).await;
        assert!(code == Some(2) && err.contains(told), "{arguments:?}: {err}");
    }
    let (code, _, err) = called(&home, &["ticket", "ticketNumber=CHAT-1"]).await;
    assert!(code == Some(1) && err.contains("has no address"), "{err}");
}
