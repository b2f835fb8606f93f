//! `omnihub check` and `omnihub map` on a folder of mapping files, as an integrator has it.

use std::path::Path;

use serde_json::{Value, json};

use super::command_line::Said;
use super::harness::{Home, OPEN_DOOR, START_MAX, client, output, post, until};
use crate::hub::samples::{fixture, ticket, with};

const CLAIM: &str = "fixtures/omni/create_claim/atm_purchase.json";

/// A home with the shipped mapping files and their cases beside its settings.
fn home() -> Home {
    let home = Home::new(OPEN_DOOR);
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings");
    copy(&shipped, &home.path("mappings"));
    home
}

pub(super) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let (path, name) = (entry.as_ref().unwrap().path(), entry.unwrap().file_name());
        match path.is_dir() {
            true => copy(&path, &to.join(name)),
            false => drop(std::fs::copy(&path, to.join(name)).unwrap()),
        }
    }
}

/// Runs a command of the program in the repository's folder, with the settings of a home.
async fn run(home: &Home, arguments: &[&str]) -> Said {
    let mut command = home.command(arguments);
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    output(command).await.into()
}

async fn map(home: &Home, arguments: &[&str]) -> Said {
    run(home, &[&["map"], arguments].concat()).await
}

#[track_caller]
fn has(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "no {word:?} in\n{text}");
    }
}

fn edit(home: &Home, file: &str, from: &str, to: &str) {
    let text = std::fs::read_to_string(home.path(file)).unwrap();
    assert!(text.contains(from), "{file} has no {from:?}");
    home.write(file, &text.replacen(from, to, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn check_runs_the_cases_and_tells_how_one_fails() {
    let home = home();
    let good = run(&home, &["check"]).await;
    good.check(0, &[]);
    has(&good.out, &["good, and so are 6"]);
    edit(
        &home,
        "mappings/helpdesk.toml",
        "\"ticket.customer.name\"",
        "\"ticket.customer.name | upper\"",
    );
    let bad = run(&home, &["check"]).await;
    bad.check(1, &["cases fail", "H0280", "atm_claim.json", "- namaNasabah", "\"JOHN DOE\""]);
    let bad = run(&home, &["check", "--json"]).await;
    bad.check(1, &["0 errors in the mapping files"]);
    let told: Value = serde_json::from_str(&bad.out).unwrap();
    assert_eq!(told["good"], false);
    let failing = told["failing_cases"].as_array().unwrap();
    let differs = |of: &Value| of["differences"][0]["second"] == "JOHN DOE";
    assert!(failing.iter().any(differs), "{}", bad.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_was_meant_is_written_into_the_cases() {
    let home = home();
    let case = "mappings/helpdesk.cases/atm_claim.json";
    let before = std::fs::read_to_string(home.path(case)).unwrap();
    let upper = "\"ticket.customer.name | upper\"";
    edit(&home, "mappings/helpdesk.toml", "\"ticket.customer.name\"", upper);
    run(&home, &["check"]).await.check(1, &["omnihub check --accept"]);
    let accepted = run(&home, &["check", "--accept"]).await;
    accepted.check(0, &[]);
    has(&accepted.out, &["atm_claim.json says now what is sent", "good, and so are"]);
    let after = std::fs::read_to_string(home.path(case)).unwrap();
    let expected = before.replace(
        "\"namaNasabah\": \"John Doe\",\n    \"nominal\"",
        "\"namaNasabah\": \"JOHN DOE\",\n    \"nominal\"",
    );
    assert_eq!(after, expected);
    // What a case says instead of a payload is for a person to mend.
    edit(&home, "mappings/webhook.toml", "{ present = true }", "{ present = false }");
    edit(
        &home,
        "mappings/webhook.toml",
        "= \"ticket.webhook_url\"",
        "= { value = \"https://a.example\" }",
    );
    run(&home, &["check", "--accept"])
        .await
        .check(1, &["no_address.json", "but there is a payload"]);
    over_no_folder().await;
}

async fn over_no_folder() {
    let home = Home::new(OPEN_DOOR);
    run(&home, &["check", "--accept"]).await.check(1, &["no folder of mapping files"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_each_system_would_be_told_is_shown_with_personal_data_masked() {
    let home = home();
    let told = map(&home, &[CLAIM]).await;
    told.check(0, &["--reveal"]);
    let words = [
        "ticket.created",
        "helpdesk: create_claim, by the rule \"claim\" (",
        "helpdesk.toml:",
        "\"namaNasabah\": \"**** ***\"",
        "\"nominal\": 500000",
        "waits for helpdesk.ticketNumber; to see what comes then: --receipt helpdesk.ticketNumber=1446",
        "dolphins: nothing",
        "ticket.channel should be a word of an empty list, and is \"WEB_PORTAL\"",
        "ticket.webhook_url should be there, and is absent",
        "has no base_url",
    ];
    has(&told.out, &words);
    assert!(!told.out.contains("John") && !told.out.contains("1234567890"), "{}", told.out);
    let receipt = ["--receipt", "helpdesk.ticketNumber=1446", "--adapter", "sociomile", "--reveal"];
    let told = map(&home, &[&[CLAIM], &receipt[..]].concat()).await;
    has(&told.out, &["\"nomorTicketHelpdesk\": 1446", "\"namaNasabah\": \"John Doe\""]);
    assert!(!told.out.contains("helpdesk: create_claim"), "{}", told.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_explanation_names_line_path_value_and_steps() {
    let told = map(&home(), &[CLAIM, "--adapter", "sociomile", "--explain"]).await;
    told.check(0, &[]);
    let words = [
        "  claimDate = \"2024-12-19 18:30:00\"",
        "      ticket.claim.occurred_at: \"2024-12-19T10:30:00Z\"",
        "      | format('%Y-%m-%d %H:%M:%S'): \"2024-12-19 18:30:00\"",
        "  email is left out",
        "      ticket.customer.email: (nothing)",
        "      otherwise: \"omit\"",
        "  connectID = \"omnihub\"",
        "      settings.connect_id: \"omnihub\"",
        "      ticket.claim.account_number: \"**********\"",
        "not \"phone call\" (",
    ];
    has(&told.out, &words);
    assert!(!told.out.contains("John") && !told.out.contains("1234567890"), "{}", told.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_get_the_same_as_json() {
    let told = map(&home(), &[CLAIM, "--json", "--explain"]).await;
    let told: Value = serde_json::from_str(&told.out).unwrap();
    let of = |adapter: &str| {
        let adapters = told[0]["adapters"].as_array().unwrap();
        adapters.iter().find(|of| of["adapter"] == adapter).unwrap().clone()
    };
    assert_eq!(told[0]["event"], "ticket.created");
    let claim = &of("helpdesk")["deliveries"][0];
    assert_eq!((&claim["rule"], &claim["payload"]["nominal"]), (&json!("claim"), &json!(500_000)));
    assert!(claim["lines"].as_array().unwrap().len() > 8);
    assert_eq!(of("sociomile")["deliveries"][0]["waits_for"], "helpdesk.ticketNumber");
    assert_eq!(of("webhook")["passed_by"][0]["path"], "ticket.webhook_url");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_adapter_that_is_off_and_what_is_told_elsewhere_is_said() {
    let config = format!(
        "{OPEN_DOOR}[adapters.webhook]\nenabled = false\n[adapters.sociomile]\nclaims_told_by = \"helpdesk\"\n"
    );
    let told = map(&Home::new(&config), &[CLAIM]).await;
    told.check(0, &[]);
    has(
        &told.out,
        &["webhook: off ([adapters.webhook] enabled = false)", "another system tells it"],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_ticket_is_told_as_the_door_would() {
    let home = home();
    let file = |name: &str, value: &Value| {
        home.write(name, &value.to_string());
        home.path(name).display().to_string()
    };
    let wrong = with(ticket(), "customer.email", "no e-mail");
    let wrong = file("wrong.json", &with(wrong, "serviceType", "DISPUTE"));
    let words = ["the door would refuse it:", "customer.email: ", "customer.identifier: "];
    map(&home, &[&wrong]).await.check(1, &words);
    let other = file("other.json", &json!({ "a": 1 }));
    map(&home, &[&other]).await.check(1, &["neither a claim nor a ticket", "--as claim"]);
    map(&home, &[&other, "--as", "claim"]).await.check(1, &["namaNasabah: "]);
    let update = file("update.json", &fixture("update_ticket", "cancel").body);
    map(&home, &[&update]).await.check(1, &["--update"]);
    home.write("text.json", "{ no");
    let text = home.path("text.json").display().to_string();
    map(&home, &[&text]).await.check(1, &["is not JSON"]);
    map(&home, &["none.json"]).await.check(1, &["none.json is no file"]);
    map(&home, &[]).await.check(2, &["FILE|NUMBER"]);
    map(&home, &[CLAIM, "--adapter", "sociomil"])
        .await
        .check(2, &["there are helpdesk, sociomile"]);
    map(&home, &[CLAIM, "--receipt", "1446"]).await.check(2, &["helpdesk.ticketNumber=1446"]);
    map(&home, &[CLAIM, "--event", "ticket.closed"]).await.check(2, &["there are ticket.created"]);
    map(&home, &[CLAIM, "--event", "ticket.commented"]).await.check(2, &["--update"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_of_a_ticket_in_a_file_is_shown() {
    let (ticket, update) = (
        "fixtures/omni/create_ticket/general_inquiry.json",
        "fixtures/omni/update_ticket/cancel.json",
    );
    let told = map(&home(), &[ticket, "--update", update, "--adapter", "helpdesk"]).await;
    has(&told.out, &["ticket.status_changed", "update_status", "waits for helpdesk.ticketNumber"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_case_is_one_that_check_runs() {
    let home = home();
    let saved = map(&home, &[CLAIM, "--save-case", "from the counter"]).await;
    saved.check(0, &[]);
    let of = |adapter: &str| {
        let end = format!("{adapter}.cases/from the counter.json");
        saved.out.lines().find(|path| path.ends_with(&end)).unwrap()
    };
    let case: Value =
        serde_json::from_str(&std::fs::read_to_string(of("sociomile")).unwrap()).unwrap();
    assert_eq!(case["instead"], "waits for helpdesk.ticketNumber");
    run(&home, &["check"]).await.check(0, &[]);
    map(&home, &[CLAIM, "--save-case", "from the counter"]).await.check(1, &["there already"]);
    map(&home, &[CLAIM, "--save-case", "../x"]).await.check(2, &["no name for a file"]);
    let none = ["--save-case", "none", "--adapter", "dolphins"];
    map(&home, &[&[CLAIM], &none[..]].concat()).await.check(0, &[]);
    // A saved case can be looked at as any other file.
    let told = map(&home, &[of("helpdesk"), "--adapter", "helpdesk"]).await;
    has(&told.out, &["create_claim"]);
    edit(&home, "mappings/helpdesk.toml", "ticket.claim.amount", "ticket.sla.hours");
    run(&home, &["check"]).await.check(1, &["from the counter.json", "- nominal"]);
    let folderless = Home::new(OPEN_DOOR);
    let words = ["no folder of mapping files"];
    map(&folderless, &[CLAIM, "--save-case", "x"]).await.check(1, &words);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stored_ticket_is_shown_whether_a_hub_runs_or_not() {
    let home = home();
    let hub = home.serve().await;
    let key = home.key("portal").await;
    let claim = fixture("create_claim", "atm_purchase").body;
    let (_, answer) = post(&client(), (hub.address, &key), "claims", &claim).await.unwrap();
    let number = answer["ticketNumber"].as_str().unwrap().to_owned();
    let during = map(&home, &[&number, "--adapter", "helpdesk"]).await;
    during.check(0, &[]);
    has(
        &during.out,
        &["create_claim", "\"namaNasabah\": \"**** ***\"", &format!("ticket {number}")],
    );
    has(&hub.log(), &["an operator reads a ticket", &number]);
    map(&home, &["123"]).await.check(1, &["there is no ticket 123"]);
    let event = ["--event", "ticket.commented"];
    let words = ["has no event ticket.commented"];
    map(&home, &[&[&*number], &event[..]].concat()).await.check(1, &words);
    super::stop::terminate(hub).await;
    let after = map(&home, &[&number, "--adapter", "helpdesk"]).await;
    assert_eq!(after.out, during.out);
    map(&home, &["123"]).await.check(1, &["there is no ticket 123"]);
    // A case of a real customer's ticket has nothing of the customer's in it.
    let saved = map(&home, &[&number, "--save-case", "real", "--adapter", "helpdesk"]).await;
    let text = std::fs::read_to_string(saved.out.trim()).unwrap();
    has(&text, &["Xxxx Xxx", "0000000000"]);
    for word in ["John", "1234567890", "1234\"", "debited"] {
        assert!(!text.contains(word), "{word} in {text}");
    }
    run(&home, &["check"]).await.check(0, &[]);
}

/// Another folder with the same mapping files, beside that of the home.
fn changed(home: &Home) -> String {
    copy(&home.path("mappings"), &home.path("changed"));
    home.path("changed").display().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_changed_set_tells_differently_is_said_before_it_goes_live() {
    let home = home();
    let changed = changed(&home);
    map(&home, &["--against", &changed]).await.check(0, &["none would be told differently"]);
    let file = "changed/helpdesk.toml";
    edit(&home, file, "= \"ticket.claim.amount\"", "= \"ticket.sla.hours\"");
    edit(&home, file, "= \"ticket.customer.name\"", "= \"ticket.customer.name | upper\"");
    let told = map(&home, &["--against", &changed, CLAIM]).await;
    told.check(1, &["1 of 1 events would be told differently", "--reveal"]);
    let words = [
        "helpdesk: create_claim by the rule \"claim\"",
        "    - nominal = 500000\n    + nominal = 72\n",
        "    - namaNasabah = \"**** ***\"\n    + namaNasabah = \"**** ***\"",
    ];
    has(&told.out, &words);
    assert!(!told.out.contains("John") && !told.out.contains("sociomile"), "{}", told.out);
    // Every example of the documents, and every case.
    map(&home, &["--against", &changed]).await.check(1, &[" events would be told differently"]);
    let none = ["--against", &changed, CLAIM, "--adapter", "webhook"];
    map(&home, &none).await.check(0, &["Of 1 events none"]);
    let told = map(&home, &["--against", &changed, CLAIM, "--json"]).await;
    let told: Value = serde_json::from_str(&told.out).unwrap();
    let fields = told[0]["changes"][0]["fields"].as_array().unwrap();
    let amount = json!({ "field": "nominal", "before": 500_000, "after": 72 });
    assert!(fields.contains(&amount), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_that_come_go_or_wait_for_something_else_are_told() {
    let home = home();
    let changed = changed(&home);
    let against = ["--against", &*changed, CLAIM];
    // What a rule is called is nothing that a system is told.
    edit(&home, "changed/helpdesk.toml", "name      = \"claim\"", "name = \"klaim\"");
    map(&home, &against).await.check(0, &[]);
    let number = "as = \"number\", otherwise = \"refuse\"";
    let early = "as = \"number\", wait = false, otherwise = 0";
    edit(&home, "changed/sociomile.toml", number, early);
    edit(
        &home,
        "changed/sociomile.toml",
        "\"receipts.helpdesk.ticketNumber\"], as = \"number\", otherwise = \"refuse\"",
        "{ value = \"7\" }], as = \"number\", otherwise = 0",
    );
    let told = map(&home, &against).await;
    told.check(1, &[]);
    has(
        &told.out,
        &["would wait for nothing, not for helpdesk.ticketNumber", "+ noRegPengaduanCabang = 7"],
    );
    // The rule that creates there, and the one that tells of its status later.
    for _ in 0..2 {
        edit(
            &home,
            "changed/sociomile.toml",
            "\"ticket.claim.amount\" = { present = true }",
            "\"ticket.claim.amount\" = { at_least = 1_000_000 }",
        );
    }
    has(&map(&home, &against).await.out, &["sociomile: create_helpdesk", "would be gone"]);
    edit(
        &home,
        "changed/webhook.toml",
        "\"ticket.webhook_url\" = { present = true }",
        "\"ticket.kind\" = \"claim\"",
    );
    edit(
        &home,
        "changed/webhook.toml",
        "= \"ticket.webhook_url\"",
        "= { value = \"https://a.example/x?key=7\" }",
    );
    let told = map(&home, &against).await;
    has(&told.out, &["webhook: send", "would be new", "https://a.example/x?***"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_set_that_is_wrong_is_not_compared() {
    let home = home();
    let changed = changed(&home);
    edit(&home, "changed/helpdesk.toml", "ticket.customer.name", "ticket.customer.nmae");
    let words = ["H0208", "did you mean"];
    map(&home, &["--against", &changed]).await.check(1, &words);
    map(&home, &["--against", "/nowhere"]).await.check(1, &["/nowhere is no folder"]);
    std::fs::create_dir(home.path("empty")).unwrap();
    let empty = home.path("empty").display().to_string();
    map(&home, &["--against", &empty]).await.check(1, &["no mapping file"]);
    let last = ["--against", &changed, "--last", "0"];
    map(&home, &last).await.check(1, &["H0208"]);
    map(&home, &["--last", "5"]).await.check(2, &["--against"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_stored_tickets_are_compared() {
    let home = home();
    let changed = changed(&home);
    edit(&home, "changed/helpdesk.toml", "= \"ticket.claim.amount\"", "= \"ticket.sla.hours\"");
    let hub = home.serve().await;
    let key = home.key("portal").await;
    let last = ["--against", &changed, "--last"];
    map(&home, &last).await.check(0, &["Of 0 events none"]);
    for name in ["A", "B"] {
        let claim = super::load::claim(name);
        post(&client(), (hub.address, &key), "claims", &claim).await.unwrap();
    }
    post(&client(), (hub.address, &key), "tickets", &ticket()).await.unwrap();
    map(&home, &last).await.check(1, &["2 of 3 events"]);
    super::stop::terminate(hub).await;
    map(&home, &[&last[..], &["2"]].concat()).await.check(1, &["1 of 2 events"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_hub_takes_changed_files_over_and_tells_each_finding_once() {
    let home = home();
    let hub = home.serve().await;
    let logged = async |words: &str| {
        until(words, START_MAX, async || hub.log().contains(words).then_some(())).await;
    };
    edit(&home, "mappings/helpdesk.toml", "ticket.customer.name", "ticket.customer.nmae");
    logged("changed mapping files are refused").await;
    assert!(metrics(&home).await.contains("\nomnihub_mappings_refused 1\n"));
    edit(
        &home,
        "mappings/webhook.toml",
        "= \"ticket.priority\"",
        "= \"ticket.priority | nothing\"",
    );
    logged("webhook.toml").await;
    edit(&home, "mappings/helpdesk.toml", "ticket.customer.nmae", "ticket.customer.name | upper");
    edit(&home, "mappings/webhook.toml", " | nothing", "");
    logged("changed mapping files are in force").await;
    assert!(metrics(&home).await.contains("\nomnihub_mappings_refused 0\n"));
    let log = hub.log();
    let line = "did you mean `ticket.customer.name`?";
    assert!((1..=2).contains(&log.matches(line).count()), "{log}");
    let key = home.key("portal").await;
    let claim = super::load::claim("CHANGED");
    let (_, answer) = post(&client(), (hub.address, &key), "claims", &claim).await.unwrap();
    let number = answer["ticketNumber"].as_str().unwrap();
    let told = map(&home, &[number, "--adapter", "helpdesk", "--explain"]).await;
    has(&told.out, &["| upper: "]);
    super::stop::terminate(hub).await;
}

/// What monitoring reads, over the operators' socket.
async fn metrics(home: &Home) -> String {
    let socket = home.path("data/omnihub.sock");
    let client = reqwest::Client::builder().unix_socket(socket).build().unwrap();
    let answer = client.get("http://omnihub/metrics").send().await.unwrap();
    answer.text().await.unwrap()
}
