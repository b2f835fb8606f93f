//! `omnihub adapters`: which systems deliveries go to, and what holds them.

use std::sync::Arc;

use comfy_table::Table;
use omnihub_contract::{PartnerId, Secret, SigningSecrets};

use super::reach::Reach;
use super::{Failed, say, say_aside, user};
use crate::adapters::{self, Listed, Needs};
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::operate::adapters::{AdapterView, Asked, Handle, Resumed, brakes, list, pause, resume};

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Every system, and whether deliveries go to it now
    List(List),
    /// Ask systems whether they would take deliveries; nothing is made there
    Probe(Probe),
    /// Let deliveries to a system, or to one receiver of webhooks, wait until `resume`, also beyond a restart
    Pause(Pause),
    /// Let deliveries to a system, or to one receiver of webhooks, go on at once, whatever held them
    Resume(Resume),
}

#[derive(clap::Args)]
pub(crate) struct List {
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
pub(crate) struct Probe {
    /// Only this one [default: all that are on]
    adapter: Option<String>,
}

#[derive(clap::Args)]
pub(crate) struct Pause {
    /// Which one
    adapter: String,
    /// Only this receiver, as `bot.example:443`, of a system that calls many (webhook)
    #[arg(long, value_name = "HOST:PORT")]
    destination: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Who decides [default: the user at this terminal]
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

#[derive(clap::Args)]
pub(crate) struct Resume {
    /// Which one
    adapter: String,
    /// Only this receiver; those that were paused one by one stay so without it
    #[arg(long, value_name = "HOST:PORT")]
    destination: Option<String>,
}

pub(crate) async fn run(config: &Config, command: Command) -> Result<(), Failed> {
    match command {
        Command::List(args) => show(config, &args).await,
        Command::Probe(args) => probe(config, args.adapter.as_deref()).await,
        Command::Pause(args) => paused(config, args).await,
        Command::Resume(args) => resumed(config, args).await,
    }
}

async fn show(config: &Config, args: &List) -> Result<(), Failed> {
    let views: Vec<AdapterView> = match Reach::find(config).await? {
        Reach::Running(desk) => desk.get("/hub/adapters", &()).await?,
        Reach::Alone(store) => {
            say_aside("no hub runs: this is what one that starts now would do");
            let handles = handles(config, &*store);
            store.close().await;
            list(&handles?, SystemClock.now())
        }
    };
    if args.json {
        say(&serde_json::to_string_pretty(&views)?);
        return Ok(());
    }
    let mut table = Table::new();
    table.load_style(comfy_table::presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(["Adapter", "State", "Why"]);
    for view in views {
        table.add_row([view.name, view.state, view.reason.unwrap_or_default()]);
        for at in view.destinations {
            table.add_row([format!("  {}", at.name), at.state, at.reason.unwrap_or_default()]);
        }
    }
    say(&table.to_string());
    Ok(())
}

async fn probe(config: &Config, wanted: Option<&str>) -> Result<(), Failed> {
    let (mut failed, mut asked) = (0, 0);
    let all = all(config)?;
    if let Some(name) = wanted.filter(|name| all.iter().all(|it| it.name.as_str() != *name)) {
        let names: Vec<_> = all.iter().map(|it| it.name.as_str()).collect();
        let text = format!("there is no adapter `{name}`; there are {}", names.join(", "));
        return Err(Failed::Wrong(text));
    }
    for listed in all {
        let is_wanted = wanted.is_none_or(|name| name == listed.name.as_str());
        let Some(adapter) = listed.adapter.filter(|_| is_wanted && listed.section.enabled) else {
            continue;
        };
        asked += 1;
        match adapter.probe().await {
            Ok(()) => say(&format!("{}: would take deliveries", listed.name)),
            Err(failure) => {
                failed += 1;
                say(&format!("{}: {failure}", listed.name));
            }
        }
    }
    match (asked, failed) {
        (0, _) => Err(Failed::Wrong(
            "none is on and has an address: set base_url in [adapters.<name>]".to_owned(),
        )),
        (_, 0) => Ok(()),
        _ => Err(Failed::Wrong(format!("{failed} of {asked} would not"))),
    }
}

async fn paused(config: &Config, args: Pause) -> Result<(), Failed> {
    let by = args.by.unwrap_or_else(user);
    let Pause { adapter, destination, reason, .. } = args;
    let asked = Asked { adapter, destination, by, reason };
    match Reach::find(config).await? {
        Reach::Running(desk) => desk.post("/hub/adapters/pause", &asked).await?,
        Reach::Alone(store) => {
            let done = match handles(config, &*store) {
                Ok(handles) => {
                    let done = pause(&*store, &handles, asked, SystemClock.now()).await;
                    done.map_err(Failed::from)
                }
                Err(failed) => Err(failed),
            };
            store.close().await;
            done?;
        }
    }
    say("paused");
    Ok(())
}

async fn resumed(config: &Config, args: Resume) -> Result<(), Failed> {
    let asked = Resumed { adapter: args.adapter, destination: args.destination };
    match Reach::find(config).await? {
        Reach::Running(desk) => desk.post("/hub/adapters/resume", &asked).await?,
        Reach::Alone(store) => {
            let done = match handles(config, &*store) {
                Ok(handles) => resume(&*store, &handles, &asked).await.map_err(Failed::from),
                Err(failed) => Err(failed),
            };
            store.close().await;
            done?;
        }
    }
    say("resumed");
    Ok(())
}

/// Adapters as a hub that starts now would have them.
pub(super) fn handles(
    config: &Config,
    store: &dyn crate::store::Store,
) -> Result<Vec<Handle>, Failed> {
    all(config)?
        .into_iter()
        .map(|listed| {
            let is_on = listed.section.enabled && listed.adapter.is_some();
            let starts_paused = listed.section.start_paused;
            let has_destinations = !listed.is_one_system;
            let held = brakes(store, &listed.name, starts_paused, SystemClock.now())?;
            let brakes = is_on.then_some(held);
            Ok(Handle { brakes, name: listed.name, has_destinations })
        })
        .collect()
}

fn all(config: &Config) -> Result<Vec<Listed>, Failed> {
    Ok(adapters::all(config, &Needs { secrets: Arc::new(NoSecrets) })?)
}

/// Nothing is sent from here that would be signed.
struct NoSecrets;

impl SigningSecrets for NoSecrets {
    fn newest_first(&self, _: &PartnerId) -> Vec<Secret> {
        Vec::new()
    }
}
