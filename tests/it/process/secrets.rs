//! Whatever the program writes while everything fails: no secret in it, and no whole card number.
//!
//! What is kept of customers stands in the store, since it is still to be told to others; a card number
//! does not even stand there. Signing secrets of partners stand in the store, since they have to sign.

mod told;

use std::path::Path;
use std::time::Duration;

use omnihub_sandbox::{Credentials, FaultRule, Sandbox, System, What};
use serde_json::{Value, json};

use super::harness::{Home, OPEN_DOOR, client, post, ticket, until};
use super::{load, stop, upstreams};

const PATIENCE: Duration = Duration::from_secs(30);

const CARD: &str = "4111111111111111";

/// The same card as people write it.
const SPACED: &str = "4111 1111 1111 1111";

/// Who is told nothing that is personal: monitoring and the log.
const PERSONAL: [&str; 4] = ["Ratnawati Pusparini", "081298765431", "1029384756", "CIF77001122"];

/// Everything that may be known to nobody.
struct Hidden(Vec<String>);

impl Hidden {
    #[track_caller]
    fn check(&self, place: &str, text: &[u8]) {
        for secret in &self.0 {
            let is_there = text.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!is_there, "{secret} is in {place}");
        }
    }
}

/// 3Dolphins, and webhooks to the sandbox's receiver.
fn others(sandbox: &Sandbox) -> String {
    let Credentials { dolphins_username, dolphins_password, .. } = Credentials::SANDBOX;
    format!(
        "[adapters.dolphins]\nbase_url = \"{}\"\nusername = \"{dolphins_username}\"\n\
         password = \"{dolphins_password}\"\nlink_channels = [\"CHAT\"]\n\
         [webhooks]\nallow_hosts = [\"127.0.0.1\"]\n[log]\nlevel = \"trace\"\n",
        sandbox.base_url(System::Dolphins)
    )
}

/// Each system fails in ways that quote the customer it was told of, and the secret that came with it.
fn fail(sandbox: &Sandbox) {
    let Credentials { helpdesk_api_key, sociomile_client_secret_key, dolphins_password, .. } =
        Credentials::SANDBOX;
    let fails = |system, told: &[&str], rules: &[(u16, u64)]| {
        let words = format!("{} {CARD} {SPACED}", told.join(" "));
        let rule = |(status, times): &(u16, u64)| {
            let body = json!({ "message": words, "error": words });
            let what = What::status_with((*status).try_into().unwrap(), body);
            FaultRule::new(what).times((*times).try_into().unwrap())
        };
        sandbox.set_faults(system, rules.iter().map(rule).collect());
    };
    fails(System::Helpdesk, &[PERSONAL[0], helpdesk_api_key], &[(503, 2), (400, 1), (500, 1)]);
    fails(
        System::Sociomile,
        &[PERSONAL[0], PERSONAL[2], sociomile_client_secret_key],
        &[(200, 1), (500, 1), (503, 1)],
    );
    fails(System::Dolphins, &[dolphins_password], &[(503, 1), (400, 1)]);
    fails(System::Webhook, &[], &[(500, 1), (400, 1)]);
}

fn claim(reference: &str) -> Value {
    let mut claim = load::claim(reference);
    claim["namaNasabah"] = json!(PERSONAL[0]);
    claim["phone"] = json!(PERSONAL[1]);
    claim["nomorRekening"] = json!(PERSONAL[2]);
    claim["nomorKartu"] = json!(CARD);
    claim["description"] = json!(format!("Kartu {SPACED} tertelan, nomor {CARD}"));
    claim
}

fn chat(sandbox: &Sandbox, reference: &str) -> Value {
    let mut ticket = load::ticket(reference);
    ticket["channel"] = json!("CHAT");
    ticket["channelReferenceId"] = json!("CHAT-9");
    ticket["customer"]["name"] = json!(PERSONAL[0]);
    ticket["customer"]["identifier"] = json!(PERSONAL[3]);
    ticket["ticket"]["metadata"]["note"] = json!(CARD);
    let receiver = format!("{}/webhook/x", sandbox.base_url(System::Webhook));
    ticket["integration"]["webhookUrl"] = json!(receiver);
    ticket
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| match path.is_dir() {
            true => files(&path),
            // Not the socket.
            false => path.is_file().then_some(path).into_iter().collect(),
        })
        .collect()
}

/// What operators read of it, by the command line: each as text and as JSON.
async fn shown(home: &Home, numbers: &[String]) -> Vec<(String, Vec<u8>)> {
    let list = home.run(&["deliveries", "list", "--json"]).await.stdout;
    let list: Vec<Value> = serde_json::from_slice(&list).unwrap();
    assert!(list.len() >= 3, "too little failed: {list:?}");
    let mut commands: Vec<Vec<String>> = ["deliveries list", "adapters list", "keys list", "check"]
        .map(|command| command.split(' ').map(str::to_owned).collect())
        .to_vec();
    let named =
        |command: [&str; 2], id: &str| vec![command[0].into(), command[1].into(), id.into()];
    commands.extend(numbers.iter().map(|number| named(["tickets", "show"], number)));
    let ids = list.iter().map(|view| view["id"].as_str().unwrap());
    commands.extend(ids.map(|id| named(["deliveries", "show"], id)));
    let ids = list.iter().filter_map(|view| view["id"].as_str());
    commands.extend(ids.map(|id| named(["deliveries", "show"], id)));
    let mut all = Vec::new();
    for command in commands {
        let arguments: Vec<&str> = command.iter().map(String::as_str).collect();
        for json in [false, true] {
            let arguments = [&arguments[..], if json { &["--json"] } else { &[] }].concat();
            let output = home.run(&arguments).await;
            assert!(
                output.status.success(),
                "{arguments:?}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
            assert!(!output.stdout.is_empty(), "{arguments:?} says nothing");
            all.push((arguments.join(" "), [output.stdout, output.stderr].concat()));
        }
    }
    all
}

/// What nobody may read anywhere: cards, credentials, and 3Dolphins' tokens.
fn secrets(sandbox: &Sandbox, key: &str) -> Hidden {
    let Credentials { helpdesk_api_key, sociomile_client_secret_key, dolphins_password, .. } =
        Credentials::SANDBOX;
    let known =
        [CARD, SPACED, helpdesk_api_key, sociomile_client_secret_key, dolphins_password, key];
    let calls = sandbox.received(System::Dolphins);
    let tokens =
        calls.iter().filter_map(|call| call.header("authorization")?.split(' ').next_back());
    Hidden(known.into_iter().chain(tokens).map(str::to_owned).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_written_anywhere_holds_a_secret_or_a_whole_card_number() {
    let sandbox = upstreams::start(([127, 0, 0, 1], 0).into()).await;
    let place = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let settings = OPEN_DOOR.to_owned() + &upstreams::both(&sandbox) + &others(&sandbox);
    let home = Home::new(&format!("{settings}[operate]\nlisten = \"{place}\"\n"));
    let key = home.key("portal").await;
    let hub = home.serve().await;
    let (client, to) = (client(), (hub.address, &*key));
    fail(&sandbox);

    let mut answers = Vec::new();
    for at in 0..4 {
        answers.push(post(&client, to, "claims", &claim(&format!("C-{at}"))).await.unwrap());
        answers
            .push(post(&client, to, "tickets", &chat(&sandbox, &format!("T-{at}"))).await.unwrap());
    }
    let mut wrong = claim("W");
    wrong["nominal"] = json!(CARD);
    let (status, refused) = post(&client, to, "claims", &wrong).await.unwrap();
    assert_eq!(status, 400);
    let numbers: Vec<String> = answers
        .iter()
        .map(|(_, answer)| answer["ticketNumber"].as_str().unwrap().to_owned())
        .collect();
    let settled = async || {
        let metrics = home.run(&["deliveries", "list", "--json"]).await.stdout;
        let list: Vec<Value> = serde_json::from_slice(&metrics).unwrap();
        (list.len() >= 3).then_some(())
    };
    until("some need a person", PATIENCE, settled).await;

    let secrets = secrets(&sandbox, &key);
    secrets.check("an answer", refused.to_string().as_bytes());
    for (number, (_, answer)) in numbers.iter().zip(&answers) {
        secrets.check("an answer", answer.to_string().as_bytes());
        let (_, told) = ticket(&client, to, number).await;
        secrets.check("a ticket's answer", told.to_string().as_bytes());
    }
    for (command, output) in shown(&home, &numbers).await {
        secrets.check(&format!("what `{command}` prints"), &output);
        Hidden(PERSONAL.map(str::to_owned).to_vec()).check(&command, &output);
    }
    let metrics = client.get(format!("http://{place}/metrics")).send().await.unwrap();
    let metrics = metrics.text().await.unwrap();
    let log = hub.log();
    assert!(log.contains("H0401"), "it is the log, and failures are in it:\n{log}");
    secrets.check("the metrics", metrics.as_bytes());
    secrets.check("the log", log.as_bytes());
    let personal = Hidden(PERSONAL.map(str::to_owned).to_vec());
    personal.check("the metrics", metrics.as_bytes());
    personal.check("the log", log.as_bytes());
    stop::terminate(hub).await;
    let files = files(&home.path("data"));
    let contents: Vec<_> = files.iter().map(|file| std::fs::read(file).unwrap()).collect();
    let name = PERSONAL[0].as_bytes();
    let has_name = |bytes: &Vec<u8>| bytes.windows(name.len()).any(|part| part == name);
    assert!(contents.iter().any(has_name), "the bytes can be searched");
    for (file, bytes) in files.iter().zip(&contents) {
        secrets.check(&file.display().to_string(), bytes);
    }
}
