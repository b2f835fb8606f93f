//! What systems told the hub, by the real command line: callbacks that are kept, tickets that are taken
//! over, and systems that show something else.

use std::net::SocketAddr;
use std::time::Duration;

use omnihub_sandbox::{Credentials, Sandbox, System};
use serde_json::{Value, json};

use super::command_line::Said;
use super::harness::{Home, OPEN_DOOR, Running, client, post, until};
use super::{load, stop, upstreams};

const PATIENCE: Duration = Duration::from_secs(30);

/// A number that no helpdesk has.
const NOBODYS: &str = "7777777";

struct Scene {
    sandbox: Sandbox,
    home: Home,
    hub: Running,
}

impl Scene {
    async fn set() -> Self {
        let sandbox = upstreams::start(([127, 0, 0, 1], 0).into()).await;
        let secret = Credentials::SANDBOX.sociomile_callback_secret;
        let settings = upstreams::both(&sandbox) + &format!("callback_secret = \"{secret}\"\n");
        let home = Home::new(&(OPEN_DOOR.to_owned() + &settings));
        let hub = home.serve().await;
        Self { sandbox, home, hub }
    }

    async fn run(&self, arguments: &[&str]) -> Said {
        run(&self.home, arguments).await
    }

    async fn sociomile_says(&self, ids: (&str, &str), status: &str) -> Value {
        let body =
            json!({ "sociomile_ticket_id": ids.0, "bsg_ticket_id": ids.1, "status": status });
        call_back(self.hub.address, &body).await
    }
}

async fn run(home: &Home, arguments: &[&str]) -> Said {
    home.run(arguments).await.into()
}

fn read(said: &Said) -> Value {
    serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {}", said.out))
}

/// Sociomile's callback, with its secret.
async fn call_back(hub: SocketAddr, body: &Value) -> Value {
    let secret = Credentials::SANDBOX.sociomile_callback_secret;
    let url = format!("http://{hub}/callbacks/sociomile/update-status?client_secret_key={secret}");
    let answer = client().post(url).json(body).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.json().await.unwrap()
}

/// Somebody else makes a claim at the helpdesk; gives its number.
async fn foreign_claim(sandbox: &Sandbox) -> String {
    let url = format!("{}/api/omnichannel/claims", sandbox.base_url(System::Helpdesk));
    let posted = client().post(url).header("x-api-key", Credentials::SANDBOX.helpdesk_api_key);
    let claim = json!({"namaNasabah": "Budi", "mediaTransaksi": "QRIS", "nominal": 1});
    assert!(posted.json(&claim).send().await.unwrap().status().is_success());
    sandbox.helpdesk_tickets().last().unwrap().number.clone()
}

/// Each command teaches what it is for and which switches it has.
#[tokio::test(flavor = "multi_thread")]
async fn each_command_says_what_it_is_for() {
    let home = Home::new(OPEN_DOOR);
    for (command, words) in [
        (&["callbacks"][..], &["kept for thirty days", "list"][..]),
        (&["callbacks", "list"], &["--limit", "--json", "the oldest first"]),
        (&["tickets"], &["show", "drift", "adopt", "the hub never saw"]),
        (&["tickets", "adopt"], &["<FILE>", "one a line", "--json"]),
        (&["tickets", "drift"], &["--mend", "--limit", "--json", "exits 1"]),
    ] {
        let help = run(&home, &[command, &["--help"]].concat()).await;
        help.check(0, &[]);
        for word in words {
            assert!(help.out.contains(word), "{command:?}: no {word:?} in\n{}", help.out);
        }
    }
    run(&home, &["tickets", "adopt"]).await.check(2, &["<FILE>", "Usage"]);
    run(&home, &["tickets", "drift", "--mnd"]).await.check(2, &["--mend"]);
    run(&home, &["callbacks", "list", "--limit", "many"]).await.check(2, &["many"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn callbacks_that_nobody_knows_the_ticket_of_are_listed_whether_a_hub_runs_or_not() {
    let scene = Scene::set().await;
    assert_eq!(scene.run(&["callbacks", "list"]).await.out, "none\n");
    assert_eq!(read(&scene.run(&["callbacks", "list", "--json"]).await), json!([]));
    for (theirs, ours) in [("66f0", NOBODYS), ("66f1", "7777778")] {
        let answer = scene.sociomile_says((theirs, ours), "Pending").await;
        assert_eq!(answer["message"], "kept: ticket unknown");
    }
    check_kept(&scene.home).await;
    stop::terminate(scene.hub).await;
    check_kept(&scene.home).await;
}

async fn check_kept(home: &Home) {
    let table = run(home, &["callbacks", "list"]).await;
    table.check(0, &[]);
    for word in [
        "Since",
        "System",
        "sociomile",
        "update_status",
        "Pending",
        "number 7777777",
        "ticketId 66f1",
    ] {
        assert!(table.out.contains(word), "no {word:?} in\n{}", table.out);
    }
    let kept = read(&run(home, &["callbacks", "list", "--json"]).await);
    assert_eq!(kept.as_array().unwrap().len(), 2);
    assert_eq!(
        (&kept[0]["adapter"], &kept[0]["what"]),
        (&json!("sociomile"), &json!("update_status"))
    );
    let about = json!([{ "receipt": "ticketId", "value": "66f0" }, { "value": NOBODYS }]);
    assert_eq!((&kept[0]["about"], &kept[0]["status"]), (&about, &json!("Pending")));
    let oldest = read(&run(home, &["callbacks", "list", "--json", "--limit", "1"]).await);
    assert_eq!(oldest, json!([kept[0]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_numbers_is_taken_over_and_those_that_nobody_has_are_told() {
    let scene = Scene::set().await;
    let numbers = [foreign_claim(&scene.sandbox).await, foreign_claim(&scene.sandbox).await];
    let text = format!("# of the old helpdesk\n\n{}   # Budi\n {}\n", numbers[0], numbers[1]);
    scene.home.write("numbers.txt", &text);
    let file = scene.home.path("numbers.txt").display().to_string();
    let adopt = ["tickets", "adopt", &*file];
    scene.run(&["tickets", "show", &numbers[0]]).await.check(1, &["there is no ticket"]);
    let done = scene.run(&adopt).await;
    done.check(0, &[]);
    let lines: Vec<&str> = done.out.lines().collect();
    let [first, second] = lines[..] else { panic!("{lines:?}") };
    assert!(first.starts_with(&format!("{} is ", numbers[0])), "{first}");
    assert!(second.starts_with(&format!("{} is ", numbers[1])), "{second}");
    let own = first.rsplit(' ').next().unwrap();
    let shown = scene.run(&["tickets", "show", &numbers[0], "--json"]).await;
    assert_eq!(read(&shown)["number"], own);
    // Once more changes nothing; and what nobody has does not keep back the rest.
    scene.home.write("numbers.txt", &format!("{text}{NOBODYS}\n"));
    let again = scene.run(&adopt).await;
    again.check(
        1,
        &["7777777: the helpdesk has none, or cannot say so now", "1 of 3 are not there"],
    );
    assert_eq!(again.out, done.out);
    let again = scene.run(&[&adopt[..], &["--json"]].concat()).await;
    again.check(1, &["1 of 3 are not there"]);
    let adopted = read(&again);
    assert_eq!(adopted[0], json!({ "number": numbers[0], "ticket": own }));
    assert_eq!(adopted[2], json!({ "number": NOBODYS, "ticket": null }));
    scene.home.write("numbers.txt", "# none yet\n");
    scene.run(&adopt).await.check(1, &["there is no number in", "numbers.txt"]);
    scene.run(&["tickets", "adopt", "/nowhere/numbers.txt"]).await.check(1, &["/nowhere/numbers"]);
    scene.home.write("numbers.txt", &text);
    stop::terminate(scene.hub).await;
    run(&scene.home, &adopt).await.check(1, &["no hub runs here", "omnihub serve"]);
}

/// A claim that both systems have: its number, and Sociomile's id and the helpdesk's number.
async fn claim(scene: &Scene) -> (String, (String, String)) {
    let key = scene.home.key("portal").await;
    let to = (scene.hub.address, &*key);
    let (_, answer) = post(&client(), to, "claims", &load::claim("DRIFT")).await.unwrap();
    let number = answer["ticketNumber"].as_str().unwrap().to_owned();
    let has = async || {
        let shown = read(&scene.run(&["tickets", "show", &number, "--json"]).await);
        let receipts = shown["receipts"].as_array().unwrap().clone();
        let receipt = |name: &str| {
            let pair = receipts.iter().find(|pair| pair[0] == name)?;
            pair[1].as_str().map(str::to_owned)
        };
        Some((receipt("sociomile.ticketId")?, receipt("helpdesk.ticketNumber")?))
    };
    let ids = until("both systems have it", PATIENCE, has).await;
    (number, ids)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_system_that_shows_something_else_is_found_and_mended() {
    let scene = Scene::set().await;
    let (number, ids) = claim(&scene).await;
    let nothing = scene.run(&["tickets", "drift"]).await;
    nothing.check(0, &[]);
    assert_eq!(nothing.out, "none\n");
    assert_eq!(read(&scene.run(&["tickets", "drift", "--json"]).await), json!([]));
    // What is final is opened again by the helpdesk only, so Sociomile is not heard.
    let ids = (&*ids.0, &*ids.1);
    scene.sociomile_says(ids, "Close").await;
    scene.sandbox.act_in_sociomile(ids.0, "Open");
    scene.sociomile_says(ids, "Open").await;
    let table = scene.run(&["tickets", "drift"]).await;
    table.check(1, &["1 of what systems show is not what the hub has"]);
    for word in [&*number, "CLOSED", "sociomile", "Open", "Close", "says so since it was last told"]
    {
        let words = table.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(word), "no {word:?} in\n{}", table.out);
    }
    let drifted = scene.run(&["tickets", "drift", "--json"]).await;
    drifted.check(1, &[]);
    let drifted = read(&drifted);
    let drift = &drifted[0];
    let told = (&drift["ticket"], &drift["shows"], &drift["should_show"], &drift["is_mended"]);
    assert_eq!(told, (&json!(number), &json!("Open"), &json!("Close"), &json!(false)));
    let mended = scene.run(&["tickets", "drift", "--mend"]).await;
    mended.check(0, &[]);
    assert!(mended.out.contains("sent once more"), "{}", mended.out);
    let is_told = async || {
        let there = scene.sandbox.sociomile_tickets();
        let agrees = scene.run(&["tickets", "drift"]).await.out == "none\n";
        (there[0].status == "Close" && agrees).then_some(())
    };
    until("Sociomile shows it", PATIENCE, is_told).await;
    stop::terminate(scene.hub).await;
    run(&scene.home, &["tickets", "drift"]).await.check(1, &["no hub runs here"]);
}
