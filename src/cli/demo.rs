//! `omnihub demo`: the whole way on real input, and where everything landed.
//!
//! Stand-ins and a hub on free ports over an empty folder; every create among `fixtures/omni` is
//! posted through the door, as a client would, and one ticket is then led through its whole life.
//! Nothing leaves the machine: every webhook is pointed at the sandbox's own receiver.

mod life;
mod outcome;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use omnihub_sandbox::System;
use serde_json::Value;

use super::sandbox::Stage;
use super::{Failed, say, say_aside};
use crate::config::Config;
use crate::fixtures::{self, Fixture};
use crate::hub::{Hub, StartOptions};
use crate::logging;
use crate::store::Record;

/// Longest wait for everything to land.
const PATIENCE: Duration = Duration::from_secs(60);

/// Between two looks at how far it is.
const LOOK: Duration = Duration::from_millis(20);

pub(crate) async fn run(mut config: Config) -> Result<(), Failed> {
    config.log.level = "error".to_owned();
    logging::start(&config.log)?;
    config.http.listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let stage = Stage::set(&mut config).await?;
    say_aside("Stand-ins are running:");
    for (name, url) in stage.addresses() {
        say_aside(&format!("  {name:10} {url}"));
    }
    let hub = Hub::start(&config, StartOptions { switched_off_rules: true }).await?;
    say_aside(&format!("  {:10} http://{}", "hub", hub.address));
    let shown = show(&hub, &stage).await;
    hub.stop().await;
    stage.clear().await;
    shown
}

async fn show(hub: &Hub, stage: &Stage) -> Result<(), Failed> {
    let began = Instant::now();
    let client = Client::new(hub, stage).await?;
    let posted = client.post_all().await?;
    say_aside(&format!("{} claims and tickets accepted in {:?}", posted.len(), began.elapsed()));
    let records = follow(hub, &posted).await?;
    let names: Vec<&str> = posted.iter().map(|posted| posted.name.as_str()).collect();
    say(&outcome::table(&names, &records));
    let totals = outcome::Totals::of(&records);
    say(&totals.text(began.elapsed()));
    complete(&totals)?;
    live(&client).await
}

/// Leads one more ticket through its whole life.
async fn live(client: &Client<'_>) -> Result<(), Failed> {
    let began = Instant::now();
    let body = life::newborn(&client.receiver)?;
    let posted = client.post("life".to_owned(), "tickets", body).await?;
    let record = life::Life { client, number: &posted.number }.lead().await?;
    say(&format!("\nThe life of {}, one ticket more:", posted.number));
    say(&life::table(&record, &client.hub.store.timeline(&record)?));
    let totals = outcome::Totals::of(std::slice::from_ref(&record));
    say(&totals.text(began.elapsed()));
    complete(&totals)
}

fn complete(totals: &outcome::Totals) -> Result<(), Failed> {
    match totals.is_complete() {
        true => Ok(()),
        false => Err(Failed::Wrong("not every planned delivery was delivered".to_owned())),
    }
}

/// A create that the hub took.
struct Posted {
    name: String,
    number: String,
}

/// An OMNI client.
struct Client<'a> {
    hub: &'a Hub,
    stage: &'a Stage,
    http: reqwest::Client,
    key: String,
    /// Its webhook.
    receiver: String,
}

impl<'a> Client<'a> {
    async fn new(hub: &'a Hub, stage: &'a Stage) -> Result<Self, Failed> {
        let http = reqwest::Client::builder().no_proxy().build()?;
        let receiver = format!("{}/webhook/demo", stage.sandbox.base_url(System::Webhook));
        Ok(Self { hub, stage, http, key: stage.key(hub).await?, receiver })
    }

    async fn post_all(&self) -> Result<Vec<Posted>, Failed> {
        let mut posted = Vec::new();
        for (folder, path) in [("create_claim", "claims"), ("create_ticket", "tickets")] {
            for Fixture { name, mut body, .. } in fixtures::of(folder) {
                if let Some(url) = body.pointer_mut("/integration/webhookUrl") {
                    *url = Value::String(self.receiver.clone());
                }
                posted.push(self.post(name, path, body).await?);
            }
        }
        Ok(posted)
    }

    async fn post(&self, name: String, path: &str, body: Value) -> Result<Posted, Failed> {
        let url = format!("http://{}/api/omnichannel/{path}", self.hub.address);
        let answer = self.http.post(url).bearer_auth(&self.key).json(&body).send().await?;
        let status = answer.status();
        let answer: Value = answer.json().await?;
        let number = answer.get("ticketNumber").and_then(Value::as_str);
        let number = number
            .ok_or_else(|| Failed::Wrong(format!("{name}: answered {status}: {answer}")))?
            .to_owned();
        Ok(Posted { name, number })
    }
}

/// Shows how far it is until nothing moves any more.
async fn follow(hub: &Hub, posted: &[Posted]) -> Result<Vec<Record>, Failed> {
    let began = Instant::now();
    let mut told = String::new();
    loop {
        let mut records = Vec::new();
        for posted in posted {
            records.extend(hub.store.find(&posted.number)?);
        }
        let totals = outcome::Totals::of(&records);
        let progress = totals.progress();
        if progress != told {
            say_aside(&progress);
            told = progress;
        }
        if totals.is_settled() || began.elapsed() > PATIENCE {
            return Ok(records);
        }
        tokio::time::sleep(LOOK).await;
    }
}
