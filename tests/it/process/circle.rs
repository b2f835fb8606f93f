//! Statuses that change on all sides at once, and words that are said, while every system fails at random:
//! when it is over, everybody shows what the hub has, once a person had mended what `omnihub tickets drift`
//! finds, or that says why it cannot be so; and everything that was said is a comment, once.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use http::StatusCode;
use omnihub_sandbox::{Credentials, FaultRule, Received, Sandbox, System, What};
use serde_json::{Value, json};

use super::harness::{Home, OPEN_DOOR, Random, Running, client, is_long, post, say, ticket, until};
use super::mapping::copy;
use super::{load, stop, upstreams};
use crate::hub::samples::with;

/// How long statuses change and systems fail.
const STORM: Duration = Duration::from_secs(60);
const STORM_LONG: Duration = Duration::from_secs(600);

/// Between two changes, in milliseconds.
const CHANGE_EVERY_MS: (u64, u64) = (20, 120);

/// So few that several sides change the same one.
const CLAIMS: usize = 8;

const RETRY: &str =
    "[retry]\ninitial = \"20ms\"\nmax_interval = \"300ms\"\nattempts_max = 1000000\n";

const PATIENCE: Duration = Duration::from_secs(60);

/// Of ten changes, so many calls that tell of them may be made.
const ECHOES_MAX: usize = 12;

/// Words that an agent of the helpdesk sets; final ones rarely, since only the helpdesk reopens.
const HELPDESK: [&str; 10] = [
    "IN_PROGRESS",
    "PENDING",
    "ON_HOLD",
    "IN_PROGRESS",
    "OPEN",
    "PENDING",
    "ON_HOLD",
    "RESOLVED",
    "CANCELLED",
    "CLOSED",
];

const SOCIOMILE: [&str; 6] = ["InProgress", "Pending", "On Hold", "InProgress", "Open", "Close"];

const DOLPHINS: [&str; 7] =
    ["Assigned", "Open", "Pending", "Unassigned", "Open", "Pending", "Closed"];

/// The systems that fail.
const SYSTEMS: [System; 3] = [System::Helpdesk, System::Sociomile, System::Dolphins];

/// What Sociomile calls a status of ours: the document's table, and ours of what is final.
fn called(status: &str) -> &str {
    match status {
        "OPEN" => "Open",
        "IN_PROGRESS" => "InProgress",
        "PENDING" => "Pending",
        "ON_HOLD" => "On Hold",
        _ => "Close",
    }
}

/// What 3Dolphins calls a status of ours; it has no word for some.
fn called_in_chats(status: &str) -> &[&str] {
    match status {
        "OPEN" => &["Unassigned", "Assigned"],
        "IN_PROGRESS" => &["Open"],
        "PENDING" => &["Pending"],
        "CLOSED" => &["Closed"],
        _ => &[],
    }
}

/// A claim that every system has.
struct Claim {
    number: String,
    helpdesk: String,
    sociomile: String,
    dolphins: String,
}

/// Changes that were made, by who made them.
#[derive(Default)]
struct Changes {
    helpdesk: usize,
    sociomile: usize,
    dolphins: usize,
    client: usize,
    /// Those among them by which the helpdesk or Sociomile closed a ticket.
    closed: usize,
    /// What was said in 3Dolphins, by the ticket's number.
    said: Vec<(String, String)>,
}

struct Scene {
    sandbox: Sandbox,
    home: Home,
    key: String,
    hub: Running,
    claims: Vec<Claim>,
}

impl Scene {
    async fn set() -> Self {
        let sandbox = upstreams::start(([127, 0, 0, 1], 0).into()).await;
        let home = Home::new(&settings(&sandbox));
        closing_conversations(&home);
        let key = home.key("portal").await;
        let hub = home.serve().await;
        let mut scene = Self { sandbox, home, key, hub, claims: Vec::new() };
        for at in 0..CLAIMS {
            let claim = with(load::claim(&format!("CIRCLE-{at}")), "channel", "CHAT");
            let claim = with(claim, "channelReferenceId", format!("CHAT-{at}"));
            let to = (scene.hub.address, &*scene.key);
            let (_, answer) = post(&client(), to, "claims", &claim).await.unwrap();
            let number = answer["ticketNumber"].as_str().unwrap().to_owned();
            let theirs = async || scene.receipts(&number).await;
            let [helpdesk, sociomile, dolphins] =
                until("every system has it", PATIENCE, theirs).await;
            scene.claims.push(Claim { number, helpdesk, sociomile, dolphins });
        }
        scene
    }

    async fn read(&self, arguments: &[&str]) -> Value {
        let output = self.home.run(&[arguments, &["--json"]].concat()).await;
        let errors = String::from_utf8_lossy(&output.stderr);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{arguments:?}: {errors}"))
    }

    /// The helpdesk's number of a ticket, Sociomile's id of it, and 3Dolphins' number.
    async fn receipts(&self, number: &str) -> Option<[String; 3]> {
        let shown = self.read(&["tickets", "show", number]).await;
        let receipts = shown["receipts"].as_array().unwrap();
        let receipt = |name: &str| {
            let pair = receipts.iter().find(|pair| pair[0] == name)?;
            pair[1].as_str().map(str::to_owned)
        };
        let helpdesk = receipt("helpdesk.ticketNumber")?;
        Some([helpdesk, receipt("sociomile.ticketId")?, receipt("dolphins.ticketNumber")?])
    }

    /// Changes a status as somebody would, and tells the hub where that system does.
    async fn change(&self, random: &mut Random, changes: &mut Changes) {
        let mut pick =
            |bound: usize| usize::try_from(random.below(u64::try_from(bound).unwrap())).unwrap();
        let claim = &self.claims[pick(self.claims.len())];
        match pick(7) {
            0 | 1 => {
                let word = HELPDESK[pick(HELPDESK.len())];
                let is_new = self.helpdesk_status(claim) != word;
                changes.helpdesk += usize::from(is_new);
                changes.closed += usize::from(is_new && word == "CLOSED");
                self.turn(System::Helpdesk, &claim.helpdesk, word, pick(2) == 0).await;
            }
            2 | 3 => {
                let word = SOCIOMILE[pick(SOCIOMILE.len())];
                let is_new = self.sociomile_status(claim) != word;
                changes.sociomile += usize::from(is_new);
                changes.closed += usize::from(is_new && word == "Close");
                self.turn(System::Sociomile, &claim.sociomile, word, true).await;
            }
            4 | 5 => {
                let word = DOLPHINS[pick(DOLPHINS.len())];
                changes.dolphins += usize::from(self.dolphins_status(claim) != word);
                self.turn(System::Dolphins, &claim.dolphins, word, false).await;
                if pick(3) == 0 {
                    let words = format!("Pesan nomor {}", changes.said.len());
                    self.say(claim, &words, pick(3)).await;
                    changes.said.push((claim.number.clone(), words));
                }
            }
            _ => changes.client += usize::from(self.patch(claim).await),
        }
    }

    /// By the stand-in's own screen. Some of the helpdesk's changes are found by polls only, and all of
    /// 3Dolphins'.
    async fn turn(&self, system: System, id: &str, word: &str, is_told: bool) {
        // The hub asks the helpdesk what is so, and says that it cannot just now: then it is told again.
        let change = json!({ "status": word });
        let heard = async || self.act(system, id, &change, is_told).await.then_some(());
        until("the hub hears it", PATIENCE, heard).await;
    }

    /// An agent's answer, or a customer's words, of which 3Dolphins may tell the hub.
    async fn say(&self, claim: &Claim, words: &str, who: usize) {
        let who_is_told =
            [("message", false), ("customer_message", false), ("customer_message", true)];
        let (who, is_told) = who_is_told[who];
        let message = json!({ who: words });
        assert!(self.act(System::Dolphins, &claim.dolphins, &message, is_told).await);
    }

    /// Whether the hub heard it, where it was told.
    async fn act(&self, system: System, id: &str, change: &Value, is_told: bool) -> bool {
        let url = format!("{}/sandbox/tickets/{id}", self.sandbox.base_url(system));
        let mut body = change.clone();
        if is_told {
            body["call"] = json!(format!("http://{}", self.hub.address));
        }
        let answer = client().patch(&url).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        let answer: Value = answer.json().await.unwrap();
        !is_told || answer["called"]["status"] == 200
    }

    async fn patch(&self, claim: &Claim) -> bool {
        let to = self.hub.address;
        let url = format!("http://{to}/api/omnichannel/tickets/{}", claim.number);
        let body = json!({ "action": "UPDATE_STATUS", "status": "PENDING" });
        let patch = client().patch(url).bearer_auth(&self.key).json(&body);
        patch.send().await.unwrap().status().is_success()
    }

    fn helpdesk_status(&self, claim: &Claim) -> String {
        let all = self.sandbox.helpdesk_tickets();
        all.into_iter().find(|ticket| ticket.number == claim.helpdesk).unwrap().status
    }

    fn sociomile_status(&self, claim: &Claim) -> String {
        let all = self.sandbox.sociomile_tickets();
        all.into_iter().find(|ticket| ticket.ticket_id == claim.sociomile).unwrap().status
    }

    fn dolphins_status(&self, claim: &Claim) -> String {
        let all = self.sandbox.dolphins_tickets();
        all.into_iter().find(|ticket| ticket.number == claim.dolphins).unwrap().status
    }

    /// What was said in 3Dolphins and is no comment of its ticket, or more than one.
    async fn misheard(&self, said: &[(String, String)]) -> Vec<String> {
        let mut heard = BTreeMap::new();
        for claim in &self.claims {
            let to = (self.hub.address, &*self.key);
            let (_, shown) = ticket(&client(), to, &claim.number).await;
            for comment in shown["comments"].as_array().unwrap() {
                let words = comment["content"].as_str().unwrap().to_owned();
                *heard.entry((claim.number.clone(), words)).or_insert(0) += 1;
            }
        }
        let times = |it: &(String, String)| heard.get(it).copied().unwrap_or(0);
        let misheard = said.iter().filter(|it| times(it) != 1);
        misheard.map(|it| format!("{it:?}: {} times", times(it))).collect()
    }

    /// Systems that show something else than they should, with nobody saying why.
    async fn unexplained(&self) -> Vec<String> {
        let mut unexplained = Vec::new();
        let drifted = self.read(&["tickets", "drift"]).await;
        let drifted: BTreeMap<(&str, &str), &str> = drifted
            .as_array()
            .unwrap()
            .iter()
            .map(|it| {
                let text = |name: &str| it[name].as_str().unwrap_or_default();
                ((text("ticket"), text("adapter")), text("why"))
            })
            .collect();
        for claim in &self.claims {
            let to = (self.hub.address, &*self.key);
            let (_, shown) = ticket(&client(), to, &claim.number).await;
            let status = shown["status"].as_str().unwrap();
            let shows = [
                ("helpdesk", self.helpdesk_status(claim), &[status][..]),
                ("sociomile", self.sociomile_status(claim), &[called(status)]),
                ("dolphins", self.dolphins_status(claim), called_in_chats(status)),
            ];
            for (adapter, word, should) in shows {
                let why = drifted.get(&(&*claim.number, adapter));
                let excuse = if should.is_empty() { "has no word for" } else { "no rule sets" };
                let is_excused = why.is_some_and(|why| why.contains(excuse));
                if !should.contains(&&*word) && !is_excused {
                    unexplained.push(format!(
                        "{}: {adapter} shows {word}, not {should:?} for {status}: {why:?}",
                        claim.number
                    ));
                }
            }
        }
        unexplained
    }

    /// Calls that set a status in a system, and did.
    fn told(&self, system: System, is_status: impl Fn(&Received) -> bool) -> usize {
        let calls = self.sandbox.received(system).into_iter();
        calls.filter(|call| call.status == Some(200) && is_status(call)).count()
    }
}

/// Has the hub close conversations, which the shipped rules do not.
fn closing_conversations(home: &Home) {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings");
    copy(&shipped, &home.path("mappings"));
    let rules = std::fs::read_to_string(home.path("mappings/dolphins.toml")).unwrap();
    let (before, rule) = rules.split_once("name      = \"close the conversation\"").unwrap();
    let rule = rule.replacen("enabled   = false", "enabled   = true", 1);
    home.write("mappings/dolphins.toml", &format!("{before}name = \"close\"{rule}"));
}

/// All systems with their ways back, and as quick as a test wants it.
fn settings(sandbox: &Sandbox) -> String {
    let Credentials {
        helpdesk_webhook_secret,
        sociomile_callback_secret,
        dolphins_callback_secret,
        ..
    } = Credentials::SANDBOX;
    let helpdesk = upstreams::helpdesk(&sandbox.base_url(System::Helpdesk));
    let sociomile = upstreams::sociomile(&sandbox.base_url(System::Sociomile));
    let dolphins = upstreams::dolphins(&sandbox.base_url(System::Dolphins));
    let quick = "timeout = \"600ms\"\n";
    let polled = "poll = \"1s\"\npoll_closed = \"2s\"\npoll_per_minute = 1000000\n";
    format!(
        "{OPEN_DOOR}{RETRY}{helpdesk}{quick}{polled}webhook_secret = \"{helpdesk_webhook_secret}\"\n\
         limits.read_per_minute = 1000000\n\
         {sociomile}{quick}callback_secret = \"{sociomile_callback_secret}\"\n\
         {dolphins}{quick}{polled}callback_secret = \"{dolphins_callback_secret}\"\n"
    )
}

/// One call in four fails, in every way that is known; some are answered late.
fn storm(seed: u64) -> Vec<FaultRule> {
    let rules = [
        (What::Delay(30), 400),
        (What::status(StatusCode::INTERNAL_SERVER_ERROR), 40),
        (What::DropBefore, 40),
        (What::DropAfter, 20),
        (What::Hang, 10),
        (What::Throttle(1), 5),
        (What::status(StatusCode::UNAUTHORIZED), 2),
        (
            What::status_with(StatusCode::BAD_GATEWAY, json!("<html><h1>Bad Gateway</h1></html>")),
            40,
        ),
        (What::status(StatusCode::SERVICE_UNAVAILABLE), 60),
    ];
    let rule = |(at, (what, in_a_thousand)): (u64, (What, u32))| {
        FaultRule::new(what).probability(f64::from(in_a_thousand) / 1000.0, seed + at)
    };
    (0..).zip(rules).map(rule).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn statuses_that_change_on_all_sides_agree_when_the_faults_are_over_and_make_no_echoes() {
    let mut random = Random::start("statuses on all sides");
    let scene = Scene::set().await;
    for system in SYSTEMS {
        scene.sandbox.set_faults(system, storm(random.below(1 << 32)));
    }
    let (began, mut changes) = (Instant::now(), Changes::default());
    let storm = if is_long() { STORM_LONG } else { STORM };
    while began.elapsed() < storm {
        scene.change(&mut random, &mut changes).await;
        tokio::time::sleep(random.moment(CHANGE_EVERY_MS.0, CHANGE_EVERY_MS.1)).await;
    }
    for system in SYSTEMS {
        scene.sandbox.set_faults(system, Vec::new());
    }
    // A system that turned the hub away is left alone ever longer: a person resumes it.
    for system in SYSTEMS {
        scene.home.run(&["adapters", "resume", system.as_str()]).await;
    }
    let began = Instant::now();
    let (mut last, mut mended) = (Vec::new(), 0);
    let agree = async || {
        // Where others opened what is final, they stay so until a person has them told again.
        let drifted = scene.read(&["tickets", "drift", "--mend"]).await;
        let is_chat = |it: &&Value| it["adapter"] == "dolphins" && it["is_mended"] == true;
        mended += drifted.as_array().unwrap().iter().filter(is_chat).count();
        last = scene.unexplained().await;
        last.extend(scene.misheard(&changes.said).await);
        if began.elapsed() > PATIENCE - Duration::from_secs(5) {
            say(&format!("  {last:#?}"));
        }
        last.is_empty().then_some(())
    };
    until("all systems agree", PATIENCE, agree).await;

    let Changes { helpdesk, sociomile, dolphins, client, closed, said } = changes;
    let to_sociomile = scene.told(System::Sociomile, |call| call.path().ends_with("update-status"));
    let to_helpdesk = scene.told(System::Helpdesk, |call| {
        call.method == "PATCH" && call.json().is_some_and(|body| body.get("status").is_some())
    });
    let to_dolphins = scene.told(System::Dolphins, |call| call.path().ends_with("/update/close"));
    say(&format!(
        "  changed: {helpdesk} in the helpdesk, {sociomile} in Sociomile, {dolphins} in 3Dolphins, {client} \
         by the client; told: {to_helpdesk} to the helpdesk, {to_sociomile} to Sociomile, {to_dolphins} to \
         3Dolphins ({closed} closed elsewhere, {mended} mended); {} messages; agreed {:?} after",
        said.len(),
        began.elapsed()
    ));
    assert!(helpdesk > 20 && sociomile > 20 && dolphins > 20, "too little happened");
    assert!(client > 3 && said.len() > 10, "too little happened");
    let is_within = |told: usize, changed: usize| told * 10 <= changed * ECHOES_MAX;
    assert!(is_within(to_sociomile, helpdesk + dolphins + client), "{to_sociomile}");
    assert!(is_within(to_helpdesk, sociomile + dolphins + client), "{to_helpdesk}");
    assert!(is_within(to_dolphins, closed + mended), "{to_dolphins}");
    stop::terminate(scene.hub).await;
}
