//! The command line as its users have it: what it prints where, and how it ends.

use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use omnihub::adapters::KNOWN;
use serde_json::{Value, json};

use super::harness::{Home, OPEN_DOOR, START_MAX, client, output, post, program, say, until};
use super::{load, stop};
use crate::openapi::conforms::DOCUMENT;

/// Longest wait for a command that ends by itself.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a command said, and how it ended.
pub(super) struct Said {
    code: Option<i32>,
    pub(super) out: String,
    errors: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), out: text(output.stdout), errors: text(output.stderr) }
    }
}

impl Said {
    /// Checks the exit code, and that standard error has these words.
    #[track_caller]
    pub(super) fn check(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{}{}", self.out, self.errors);
        for word in words {
            assert!(self.errors.contains(word), "no {word:?} in {}", self.errors);
        }
    }

    /// Whether standard error has this.
    pub(super) fn says(&self, words: &str) -> bool {
        self.errors.contains(words)
    }
}

async fn said(arguments: &[&str]) -> Said {
    let mut command = program();
    command.args(arguments);
    output(command).await.into()
}

/// Runs a command over these settings.
async fn over(config: &str, arguments: &[&str]) -> Said {
    Home::new(config).run(arguments).await.into()
}

#[tokio::test(flavor = "multi_thread")]
async fn help_is_what_was_asked_for_and_misuse_is_told_apart() {
    let help = said(&["--help"]).await;
    help.check(0, &[]);
    for command in
        ["demo", "serve", "sandbox", "check", "map", "keys", "deliveries", "openapi", "explain"]
    {
        assert!(help.out.contains(command), "{command}");
    }
    said(&["--version"]).await.check(0, &[]);
    said(&[]).await.check(2, &["Usage"]);
    said(&["serve", "--sandbx"]).await.check(2, &["--sandbx", "--sandbox"]);
    said(&["launch"]).await.check(2, &["launch"]);
    said(&["keys", "create"]).await.check(2, &["--partner"]);
    over("", &["keys", "create", "--partner", " "]).await.check(2, &["--partner needs a name"]);
    let wrong = ["keys", "create", "--partner", "p", "--permissions", "fly"];
    over("", &wrong).await.check(2, &["`fly` is no permission"]);
    said(&["explain", "H0407"]).await.check(0, &[]);
    said(&["explain", "H9999"]).await.check(1, &["no code H9999"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn check_finds_the_shipped_files_good() {
    let good = over(include_str!("../../../config.toml"), &["check"]).await;
    good.check(0, &[]);
    assert!(good.out.contains("create_claim") && good.out.contains("good"), "{}", good.out);
    // What a file leaves out is as in the shipped one.
    for partial in ["", "[adapters.helpdesk]\nauth = \"x-api-key\"\n"] {
        let partial = over(partial, &["check"]).await;
        partial.check(0, &[]);
        assert_eq!(partial.out, good.out);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn openapi_prints_what_a_hub_with_these_settings_serves() {
    let printed = over("", &["openapi"]).await;
    printed.check(0, &[]);
    assert_eq!(serde_json::from_str::<Value>(&printed.out).unwrap(), *DOCUMENT);
    let other = over("[limits]\nread_per_minute = 4321\n", &["openapi"]).await;
    other.check(0, &[]);
    assert!(other.out.contains("read 4321 times"));
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_settings_are_told_with_their_place_and_the_near_name() {
    let misspelt = "[http]\nlisten = \"127.0.0.1:0\"\nbody_byte_max = 5\n";
    let words = ["config.toml:3:1", "`http.body_byte_max`", "did you mean `body_bytes_max`?"];
    over(misspelt, &["check"]).await.check(1, &words);
    over(misspelt, &["serve"]).await.check(1, &words);
    let words = ["config.toml:2:10", "config.toml"];
    over("[http]\nlisten = = 5\n", &["check"]).await.check(1, &words);
    over("[limits]\n\ncreate_per_minute = \"many\"\n", &["check"])
        .await
        .check(1, &["config.toml:3:1"]);
    over("[adapters.helpdsk]\n", &["check"]).await.check(1, &["helpdsk", "helpdesk"]);
    let operation = "[adapters.helpdesk.operations.create_clam]\non_dead = \"skip\"\n";
    over(operation, &["check"]).await.check(1, &["create_clam", "create_claim"]);
    over("[accept]\nnumber_prefix = \"x\"\n", &["check"]).await.check(1, &["accept.number_prefix"]);
    let secret =
        "[adapters.helpdesk]\nbase_url = \"http://127.0.0.1:1\"\napi_key_file = \"none.key\"\n";
    over(secret, &["check"]).await.check(1, &["adapters.helpdesk.api_key_file", "none.key"]);
    let chosen = "[adapters.sociomile]\ncallback_secret_file = \"callback.key\"\n";
    let home = Home::new(chosen);
    home.write("callback.key", "geheim          \n");
    let told = Said::from(home.run(&["check"]).await);
    told.check(1, &["adapters.sociomile.callback_secret", "at least 16 characters"]);
    let mut missing = program();
    missing.args(["check", "--config", "/nowhere/config.toml"]);
    Said::from(output(missing).await).check(1, &["/nowhere/config.toml", "--config"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_mappings_are_told_with_their_place_and_stop_the_hub_from_starting() {
    let home = Home::new(OPEN_DOOR);
    std::fs::create_dir(home.path("mappings")).unwrap();
    let mapping = include_str!("../../../mappings/helpdesk.toml");
    let line = mapping.lines().position(|line| line.starts_with("namaNasabah")).unwrap() + 1;
    home.write("mappings/helpdesk.toml", &mapping.replacen("customer.name", "customer.nmae", 1));
    let words = [format!("helpdesk.toml:{line}:"), "nmae".to_owned()];
    let words = words.each_ref().map(String::as_str);
    Said::from(home.run(&["check"]).await).check(1, &words);
    Said::from(home.run(&["serve"]).await).check(1, &words);
    home.write("mappings/helpdesk.toml", mapping);
    Said::from(home.run(&["check"]).await).check(0, &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn check_tells_programs_all_findings_and_which_lines_may_refuse() {
    let good = over(OPEN_DOOR, &["check", "--json"]).await;
    good.check(0, &[]);
    let told: Value = serde_json::from_str(&good.out).unwrap();
    assert_eq!((&told["good"], &told["findings"]), (&json!(true), &json!([])));
    let rules = told["rules"].as_array().unwrap();
    let refusing: Vec<&str> = rules
        .iter()
        .flat_map(|rule| rule["may_refuse"].as_array().unwrap())
        .filter_map(|line| line["field"].as_str())
        .collect();
    assert_eq!(refusing, ["supervisorId", "nomorTicketHelpdesk", "noRegPengaduanCabang"]);
    let home = Home::new(OPEN_DOOR);
    std::fs::create_dir(home.path("mappings")).unwrap();
    let mapping = include_str!("../../../mappings/helpdesk.toml");
    let wrong = mapping.replacen("ticket.customer.name", "ticket.customer.nmae", 1);
    home.write(
        "mappings/helpdesk.toml",
        &wrong.replacen("[tables.category]", "[tables.categories]", 1),
    );
    let wrong = Said::from(home.run(&["check", "--json"]).await);
    wrong.check(1, &["errors in the mapping files"]);
    let told: Value = serde_json::from_str(&wrong.out).unwrap();
    let codes: Vec<&str> = told["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|found| found["code"].as_str())
        .collect();
    assert_eq!((codes, &told["good"]), (vec!["H0208", "H0209"], &json!(false)));
    assert!(told["findings"][0]["line"].is_u64() && told["findings"][0]["help"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn check_writes_the_schemas_that_editors_read() {
    let home = Home::new(OPEN_DOOR);
    let nowhere = Said::from(home.run(&["check", "--schema"]).await);
    nowhere.check(1, &["there is no folder of mapping files"]);
    std::fs::create_dir(home.path("mappings")).unwrap();
    Said::from(home.run(&["check", "--schema"]).await).check(0, &[]);
    for adapter in KNOWN.iter().map(|known| known.name) {
        let written = std::fs::read(home.path(&format!("mappings/schema/{adapter}.json"))).unwrap();
        let shipped = format!("{}/mappings/schema/{adapter}.json", env!("CARGO_MANIFEST_DIR"));
        assert!(written == std::fs::read(shipped).unwrap(), "{adapter}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn variables_win_over_the_file_and_unknown_ones_only_warn() {
    let home = Home::new(OPEN_DOOR);
    let with = |name, value| {
        let mut command = home.command(&["check"]);
        command.env(name, value);
        command
    };
    let unknown = Said::from(output(with("OMNIHUB_SERVICE_HOST", "10.0.0.1")).await);
    unknown.check(0, &["OMNIHUB_SERVICE_HOST"]);
    let unknown = Said::from(output(with("OMNIHUB_HTTP__LISTN", "127.0.0.1:0")).await);
    unknown.check(0, &["OMNIHUB_HTTP__LISTN"]);
    let wrong = Said::from(output(with("OMNIHUB_HTTP__LISTEN", "everywhere")).await);
    wrong.check(1, &["listen"]);
    let wrong = Said::from(output(with("OMNIHUB_ACCEPT__NUMBER_PREFIX", "x")).await);
    wrong.check(1, &["accept.number_prefix"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_the_only_thing_printed_and_works_whether_a_hub_runs_or_not() {
    let home = Home::new(OPEN_DOOR);
    let create = ["keys", "create", "--partner", "portal"];
    let before = Said::from(home.run(&create).await);
    let hub = home.serve().await;
    let during = Said::from(home.run(&create).await);
    for said in [before, during] {
        said.check(0, &["key_", "portal"]);
        let key = said.out.strip_suffix('\n').unwrap();
        assert!(!key.contains(char::is_whitespace), "{key:?}");
        assert!(!said.errors.contains(key));
        let (status, answer) =
            post(&client(), (hub.address, key), "claims", &load::claim("KEY")).await.unwrap();
        assert_eq!(status, 201, "{answer}");
        assert!(!hub.log().contains(key));
    }
    let reader = ["keys", "create", "--partner", "portal", "--permissions", "omnichannel:read"];
    let reader = Said::from(home.run(&reader).await);
    let key = reader.out.trim_end();
    let claim = load::claim("READER");
    let (status, _) = post(&client(), (hub.address, key), "claims", &claim).await.unwrap();
    assert_eq!(status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_hub_over_one_folder_is_refused_and_the_first_goes_on() {
    let home = Home::new(OPEN_DOOR);
    let hub = home.serve().await;
    let second = Said::from(home.run(&["serve"]).await);
    second.check(1, &["another omnihub has it open"]);
    let key = home.key("portal").await;
    let (status, _) =
        post(&client(), (hub.address, &key), "claims", &load::claim("FIRST")).await.unwrap();
    assert_eq!(status, 201);
    stop::terminate(hub).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_taken_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let config = format!("[http]\nlisten = \"{address}\"\n");
    over(&config, &["serve"]).await.check(1, &[&address]);
}

#[tokio::test(flavor = "multi_thread")]
async fn sociomile_needs_to_know_who_tells_it_of_claims() {
    let config = format!(
        "{OPEN_DOOR}[adapters.sociomile]\nbase_url = \"http://127.0.0.1:1\"\nclient_secret_key = \"s\"\n"
    );
    over(&config, &["serve"]).await.check(1, &["claims_told_by", "double every claim"]);
    over(&(config + "claims_told_by = \"nobody\"\n"), &["check"])
        .await
        .check(1, &["claims_told_by"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_delivers_everything_and_shows_where() {
    let began = std::time::Instant::now();
    let demo = over("", &["demo"]).await;
    demo.check(0, &["Stand-ins are running"]);
    for word in
        ["Hub number", "Helpdesk", "Sociomile", "3Dolphins", "Webhook", "atm_purchase", " 0 not"]
    {
        assert!(demo.out.contains(word), "no {word:?} in\n{}", demo.out);
    }
    // By whom, what it is then, and who was told: a row for each thing that happens in a life.
    let rows = [
        ["ticket.created", "the client", "OPEN", "dolphins: ticket, send_message"],
        ["ticket.commented", "the client", "OPEN", "helpdesk: add_comment"],
        ["ticket.commented", "helpdesk", "OPEN", "dolphins: send_message"],
        ["ticket.status_changed", "sociomile", "PENDING", "helpdesk: update_status, update_twin"],
        ["ticket.status_changed", "helpdesk", "RESOLVED", "dolphins: send_message"],
        ["ticket.status_changed", "dolphins", "CLOSED", "sociomile: update_status"],
    ];
    let (_, life) = demo.out.split_once("The life of").unwrap();
    let mut lines = life.lines();
    for row in rows {
        let is_row = |line: &&str| row.iter().all(|word| line.contains(word));
        assert!(lines.any(|line| is_row(&line)), "no {row:?} in\n{life}");
    }
    say(&format!("demo in {:?}: {}", began.elapsed(), demo.out.lines().last().unwrap()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_curl_line_of_a_hub_with_stand_ins_works_when_pasted() {
    let home = Home::new(OPEN_DOOR);
    let (out, errors) = (home.path("out"), home.path("errors"));
    let mut command = home.command(&["serve", "--sandbox"]);
    command.stdin(Stdio::null());
    command.stdout(std::fs::File::create(&out).unwrap());
    command.stderr(std::fs::File::create(&errors).unwrap());
    let hub = Guarded(command.spawn().unwrap());
    let welcome = until("it says how to use it", START_MAX, async || {
        let text = std::fs::read_to_string(&out).unwrap();
        text.contains("Stop with").then_some(text)
    })
    .await;
    let curl = welcome.lines().find(|line| line.starts_with("curl ")).unwrap();
    let key = welcome.lines().find_map(|line| line.strip_prefix("Key: ")).unwrap();
    assert!(curl.contains(key), "{welcome}");
    let answer = paste(curl).await;
    assert_eq!(answer["success"], true, "{answer}");
    assert!(answer["ticketNumber"].is_string(), "{answer}");
    interrupt(hub).await;
}

/// Runs the line in a shell; where there is no curl, does what it says.
async fn paste(curl: &str) -> Value {
    let mut shell = Command::new("sh");
    shell.args(["-c", curl]);
    let pasted = output(shell).await;
    if pasted.status.code() != Some(127) {
        return serde_json::from_slice(&pasted.stdout).unwrap();
    }
    say("there is no curl here: the line is read instead of run");
    let quoted: Vec<&str> = curl.split('\'').collect();
    let url = curl.split_whitespace().find(|word| word.starts_with("http://")).unwrap();
    let key = quoted[1].strip_prefix("Authorization: Bearer ").unwrap();
    let body = quoted[quoted.len() - 2].to_owned();
    client().post(url).bearer_auth(key).body(body).send().await.unwrap().json().await.unwrap()
}

/// A process that ends with the test.
struct Guarded(Child);

impl Drop for Guarded {
    fn drop(&mut self) {
        // Mostly it has ended already.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Ctrl-C, and a good end.
async fn interrupt(mut hub: Guarded) {
    let kill = format!("kill -INT {}", hub.0.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    let status = until("it ends", PATIENCE, async || hub.0.try_wait().unwrap()).await;
    assert!(status.success(), "{status}");
}
