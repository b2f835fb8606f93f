//! The same of what comes back: callbacks that are heard, kept for nobody or turned away, what people ask
//! systems by hand, tickets that are taken over, and files.

use std::fmt::Write as _;
use std::net::SocketAddr;

use hmac::{Hmac, KeyInit as _, Mac as _};
use omnihub_sandbox::{Credentials, FaultRule, Sandbox, System, What};
use serde_json::{Value, json};

use super::{CARD, Hidden, PATIENCE, PERSONAL, SPACED, files, secrets};
use crate::process::harness::{Home, OPEN_DOOR, Running, client, post, ticket, until};
use crate::process::{stop, upstreams};

/// What strangers show as a secret.
const GUESS: &str = "tebakan-rahasia-7731";

/// A number that no system has.
const NOBODYS: &str = "7777777";

struct Scene {
    sandbox: Sandbox,
    home: Home,
    address: SocketAddr,
    key: String,
    /// All that was answered to systems and printed for people.
    told: Vec<(String, Vec<u8>)>,
}

fn settings(sandbox: &Sandbox) -> String {
    let Credentials {
        dolphins_username,
        dolphins_password,
        dolphins_callback_secret,
        helpdesk_webhook_secret,
        sociomile_callback_secret,
        ..
    } = Credentials::SANDBOX;
    let [helpdesk, sociomile, dolphins] =
        [System::Helpdesk, System::Sociomile, System::Dolphins].map(|it| sandbox.base_url(it));
    let (helpdesk, sociomile) = (upstreams::helpdesk(&helpdesk), upstreams::sociomile(&sociomile));
    format!(
        "{OPEN_DOOR}{helpdesk}webhook_secret = \"{helpdesk_webhook_secret}\"\npoll = \"1s\"\n\
         limits.read_per_minute = 1000000\n{sociomile}callback_secret = \"{sociomile_callback_secret}\"\n\
         [adapters.dolphins]\nbase_url = \"{dolphins}\"\nusername = \"{dolphins_username}\"\n\
         password = \"{dolphins_password}\"\ncallback_secret = \"{dolphins_callback_secret}\"\n\
         poll = \"1s\"\nlink_channels = [\"CHAT\"]\n[webhooks]\nallow_hosts = [\"127.0.0.1\"]\n\
         [log]\nlevel = \"trace\"\n"
    )
}

/// As the helpdesk signs.
fn signature(body: &str, secret: &str) -> String {
    let mac = Hmac::<sha2::Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    let tag = mac.chain_update(body).finalize().into_bytes();
    tag.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

impl Scene {
    async fn set() -> (Self, Running) {
        let sandbox = upstreams::start(([127, 0, 0, 1], 0).into()).await;
        let home = Home::new(&settings(&sandbox));
        let key = home.key("portal").await;
        let hub = home.serve().await;
        let scene = Self { sandbox, home, address: hub.address, key, told: Vec::new() };
        (scene, hub)
    }

    /// A claim with a file whose name and description have a card number, at the helpdesk; its number there.
    async fn claim_with_a_file(&mut self) -> String {
        let to = (self.address, &*self.key);
        let (_, answer) = post(&client(), to, "claims", &super::claim("FILE")).await.unwrap();
        let number = answer["ticketNumber"].as_str().unwrap();
        let file = json!({
            "filename": format!("kartu {CARD}.txt"), "mimeType": "text/plain", "size": 10,
            "content": "YmVya2FzIHVqaQ==", "description": format!("Kartu {SPACED}"),
        });
        let url = format!("http://{}/api/omnichannel/tickets/{number}", to.0);
        let body = json!({ "action": "ADD_ATTACHMENT", "attachments": [file] });
        let answer = client().patch(url).bearer_auth(to.1).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        self.told.push(("an answer".to_owned(), answer.bytes().await.unwrap().to_vec()));
        let there = async || {
            let tickets = self.sandbox.helpdesk_tickets();
            let ticket = tickets.first().filter(|ticket| !ticket.attachments.is_empty())?;
            Some(ticket.number.clone())
        };
        until("the helpdesk has the file", PATIENCE, there).await
    }

    /// A chat in which the customer tells a card number, by the event and by what is polled; its number.
    async fn chat(&mut self) -> String {
        let to = (self.address, &*self.key);
        let body = super::chat(&self.sandbox, "CHAT");
        let (_, answer) = post(&client(), to, "tickets", &body).await.unwrap();
        let number = answer["ticketNumber"].as_str().unwrap();
        assert!(self.sandbox.say_in_dolphins("CHAT-9", &format!("Kartu saya {CARD} tertelan")));
        let heard = async || {
            let (_, shown) = ticket(&client(), to, number).await;
            let text = shown["comments"].to_string();
            text.contains("Kartu saya 411111******1111 tertelan").then_some(text)
        };
        let heard = until("it is heard", PATIENCE, heard).await;
        self.told.push(("a ticket's answer".to_owned(), heard.into_bytes()));
        number.to_owned()
    }

    async fn call_back(&mut self, path: &str, signed: Option<&str>, body: &Value, expected: u16) {
        let url = format!("http://{}/callbacks/{path}", self.address);
        let body = body.to_string();
        let mut request = client().post(url).header("content-type", "application/json");
        if let Some(secret) = signed {
            request = request.header("x-webhook-signature", signature(&body, secret));
        }
        let answer = request.body(body).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), expected, "{path}");
        let answer = answer.bytes().await.unwrap().to_vec();
        self.told.push((format!("the answer to {path}"), answer));
    }

    /// Each system says something of a ticket of ours and of one that nobody has, and strangers say the same.
    async fn everybody_calls_back(&mut self, number: &str) {
        let Credentials {
            dolphins_callback_secret: dolphins,
            helpdesk_webhook_secret: helpdesk,
            sociomile_callback_secret: sociomile,
            ..
        } = Credentials::SANDBOX;
        let words = format!("{} {} punya kartu {CARD} dan {SPACED}", PERSONAL[0], PERSONAL[1]);
        let commented = |number: &str| {
            let comment = json!({ "content": words, "author": PERSONAL[0] });
            json!({
                "event": "COMMENT_ADDED", "ticketNumber": number,
                "timestamp": "2024-12-19T10:30:00Z", "data": { "comment": comment },
            })
        };
        for (secret, expected) in [(helpdesk, 200), (GUESS, 401)] {
            for number in [number, NOBODYS] {
                self.call_back("helpdesk", Some(secret), &commented(number), expected).await;
            }
        }
        let status = json!({
            "sociomile_ticket_id": "66f0", "bsg_ticket_id": NOBODYS, "status": "Pending",
            "content": words,
        });
        let malformed = json!({ "status": words, "bsg_ticket_id": SPACED });
        let message =
            json!({ "ticketNumber": NOBODYS, "message": words, "customerName": PERSONAL[0] });
        for (path, body, expected) in [
            (format!("sociomile/update-status?client_secret_key={sociomile}"), &status, 200),
            (format!("sociomile/update-status?client_secret_key={sociomile}"), &malformed, 400),
            (format!("sociomile/update-status?client_secret_key={GUESS}"), &status, 401),
            (format!("dolphins?callback_secret={dolphins}"), &message, 200),
            (format!("dolphins?callback_secret={GUESS}"), &message, 401),
        ] {
            self.call_back(&path, None, body, expected).await;
        }
    }

    async fn run(&mut self, arguments: &[&str], code: i32) -> Vec<u8> {
        let output = self.home.run(arguments).await;
        let all = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&all);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
        assert!(!all.is_empty(), "{arguments:?} says nothing");
        self.told.push((arguments.join(" "), all.clone()));
        all
    }

    /// Commands that show nobody's data, with a hub or without.
    async fn ask_the_hub(&mut self, number: &str, is_running: bool) {
        let before = self.told.len();
        for json in [&[][..], &["--json"]] {
            self.run(&[&["callbacks", "list"], json].concat(), 0).await;
            self.run(&[&["tickets", "show", number], json].concat(), 0).await;
            let code = i32::from(!is_running);
            self.run(&[&["tickets", "drift"], json].concat(), code).await;
            let file = self.home.path("numbers.txt").display().to_string();
            self.run(&[&["tickets", "adopt", &*file], json].concat(), 1).await;
        }
        for (command, output) in &self.told[before..] {
            Hidden(PERSONAL.map(str::to_owned).to_vec()).check(command, output);
        }
    }

    /// Questions to systems, which may show whose ticket it is to who asks.
    async fn ask_systems(&mut self, number: &str) {
        let number = format!("ticketNumber={number}");
        let asked = self.run(&["call", "helpdesk", "ticket", &number], 0).await;
        let asked = String::from_utf8(asked).unwrap();
        assert!(asked.contains("punya kartu 411111******1111"), "it was said there: {asked}");
        self.run(&["call", "dolphins", "ticket", "ticketNumber=CHAT-1"], 0).await;
        let card = format!("nomorKartu={CARD}");
        let claim = ["call", "helpdesk", "create_claim", "namaNasabah=Budi", "mediaTransaksi=QRIS"];
        let claim = [&claim[..], &["nominal=1", &card, "--dry-run"]].concat();
        let status = ["call", "sociomile", "update_status", "sociomile_ticket_id=66f0"];
        let status = [&status[..], &["bsg_ticket_id=1", "status=Open", "--dry-run"]].concat();
        for dry in [claim, status] {
            self.run(&dry, 0).await;
            self.run(&[&dry[..], &["--json"]].concat(), 0).await;
        }
        let words = format!("{} {CARD} {SPACED}", Credentials::SANDBOX.helpdesk_api_key);
        let refusal = What::status_with(400.try_into().unwrap(), json!({ "message": words }));
        self.sandbox.set_faults(System::Helpdesk, vec![FaultRule::new(refusal)]);
        self.run(&["call", "helpdesk", "ticket", &number], 1).await;
        self.sandbox.set_faults(System::Helpdesk, Vec::new());
    }

    /// Somebody at the helpdesk, past the hub.
    async fn comment_at_the_helpdesk(&self, number: &str) {
        let url = self.sandbox.base_url(System::Helpdesk);
        let url = format!("{url}/api/omnichannel/tickets/{number}");
        let comment = format!("{} punya kartu {CARD} dan {SPACED}", PERSONAL[0]);
        let body = json!({ "action": "ADD_COMMENT", "comment": comment });
        let key = Credentials::SANDBOX.helpdesk_api_key;
        let answer = client().patch(url).header("x-api-key", key).json(&body).send().await.unwrap();
        assert!(answer.status().is_success());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_systems_say_and_are_asked_by_hand_leaves_no_secret_and_no_card_number_behind() {
    let (mut scene, hub) = Scene::set().await;
    let number = scene.claim_with_a_file().await;
    scene.comment_at_the_helpdesk(&number).await;
    scene.everybody_calls_back(&number).await;
    let chat = scene.chat().await;
    scene.home.write("numbers.txt", &format!("{number}\n{NOBODYS}\n"));
    scene.ask_the_hub(&number, true).await;
    scene.ask_the_hub(&chat, true).await;
    scene.ask_systems(&number).await;
    let log = hub.log();
    stop::terminate(hub).await;
    scene.ask_the_hub(&number, false).await;
    scene.ask_systems(&number).await;

    let mut secrets = secrets(&scene.sandbox, &scene.key);
    let Credentials { helpdesk_webhook_secret, sociomile_callback_secret, .. } =
        Credentials::SANDBOX;
    let shown = [GUESS, helpdesk_webhook_secret, sociomile_callback_secret];
    secrets.0.extend(shown.map(str::to_owned));
    secrets.0.push(Credentials::SANDBOX.dolphins_callback_secret.to_owned());
    for (what, bytes) in &scene.told {
        secrets.check(what, bytes);
    }
    assert!(
        log.contains("/callbacks/sociomile"),
        "it is the log, with the callbacks in it:\n{log}"
    );
    secrets.check("the log", log.as_bytes());
    Hidden(PERSONAL.map(str::to_owned).to_vec()).check("the log", log.as_bytes());
    let files = files(&scene.home.path("data"));
    let contents: Vec<_> = files.iter().map(|file| std::fs::read(file).unwrap()).collect();
    let has = |wanted: &str| {
        let is_there =
            |bytes: &Vec<u8>| bytes.windows(wanted.len()).any(|it| it == wanted.as_bytes());
        contents.iter().any(is_there)
    };
    assert!(has("berkas uji") && has("punya kartu 411111******1111"), "the bytes can be searched");
    for (file, bytes) in files.iter().zip(&contents) {
        secrets.check(&file.display().to_string(), bytes);
    }
}
