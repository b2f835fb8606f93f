//! `omnihub demo`: the whole way on real input, and where everything landed.
//!
//! Stand-ins and a hub on free ports over an empty folder; every create among `fixtures/omni` is
//! posted through the door, as a client would. Nothing leaves the machine: every webhook is pointed
//! at the sandbox's own receiver.

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
    let posted = post_all(hub, stage).await?;
    say_aside(&format!("{} claims and tickets accepted in {:?}", posted.len(), began.elapsed()));
    let records = follow(hub, &posted).await?;
    let names: Vec<&str> = posted.iter().map(|posted| posted.name.as_str()).collect();
    say(&outcome::table(&names, &records));
    let totals = outcome::Totals::of(&records);
    say(&totals.text(began.elapsed()));
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

async fn post_all(hub: &Hub, stage: &Stage) -> Result<Vec<Posted>, Failed> {
    let key = stage.key(hub).await?;
    let receiver = format!("{}/webhook/demo", stage.sandbox.base_url(System::Webhook));
    let client = reqwest::Client::builder().no_proxy().build()?;
    let mut posted = Vec::new();
    for (folder, path) in [("create_claim", "claims"), ("create_ticket", "tickets")] {
        for Fixture { name, body, .. } in fixtures::of(folder) {
            let url = format!("http://{}/api/omnichannel/{path}", hub.address);
            let body = pointed_at(&receiver, body);
            let answer = client.post(url).bearer_auth(&key).json(&body).send().await?;
            let status = answer.status();
            let answer: Value = answer.json().await?;
            match answer.get("ticketNumber").and_then(Value::as_str) {
                Some(number) => {
                    posted.push(Posted { name, number: number.to_owned() });
                }
                None => return Err(Failed::Wrong(format!("{name}: answered {status}: {answer}"))),
            }
        }
    }
    Ok(posted)
}

/// The body with its webhook, if it has one, at our own receiver.
fn pointed_at(receiver: &str, mut body: Value) -> Value {
    if let Some(url) = body.pointer_mut("/integration/webhookUrl") {
        *url = Value::String(receiver.to_owned());
    }
    body
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
