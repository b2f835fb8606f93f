//! `omnihub tickets`: where a ticket stands, by when it is due, and where systems see it otherwise.

mod adopt;
mod clock;
mod drift;

use comfy_table::Table;

use super::adapters::handles;
use super::reach::Reach;
use super::{Failed, deliveries, say};
use crate::adapters;
use crate::clock::{Clock as _, SystemClock};
use crate::config::Config;
use crate::hub;
use crate::operate::held::say_all;
use crate::operate::tickets::{Numbered, TicketView, show};

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Show one ticket: where it stands, what each system has of it, and what happened when
    Show(Show),
    /// Give a complaint more working days before its regulatory due date, once
    Extend(clock::Extend),
    /// Stop a complaint's regulatory clock while the customer's documents are awaited, or let it go on
    Clock(clock::Clock),
    /// Find tickets of which systems show another status than the hub, and say why; exits 1 where there are
    Drift(drift::Args),
    /// Take over tickets that the helpdesk has and the hub never saw
    Adopt(adopt::Args),
}

#[derive(clap::Args)]
pub(crate) struct Show {
    /// Any number that the ticket has
    number: String,
    /// As JSON
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(config: &Config, command: Command) -> Result<(), Failed> {
    match command {
        Command::Show(args) => shown(config, &args).await,
        Command::Extend(args) => clock::extend(config, args).await,
        Command::Clock(args) => clock::clock(config, args).await,
        Command::Drift(args) => drift::run(config, &args).await,
        Command::Adopt(args) => adopt::run(config, &args).await,
    }
}

/// Only a hub that runs has the mappings in force, and asks systems.
fn needs_a_hub() -> Failed {
    Failed::Wrong("no hub runs here: this is asked of a running one (`omnihub serve`)".to_owned())
}

async fn shown(config: &Config, args: &Show) -> Result<(), Failed> {
    let view: Option<TicketView> = match Reach::find(config).await? {
        Reach::Running(desk) => {
            desk.get("/hub/tickets", &Numbered { number: args.number.clone() }).await?
        }
        Reach::Alone(store) => {
            let calendar = hub::calendar(config)?;
            let now = SystemClock.now();
            let view = show(&*store, &adapters::receipts(), &args.number, (&calendar, now));
            let handles = handles(config, &*store);
            store.close().await;
            let (mut view, handles) = (view?, handles?);
            view.iter_mut().for_each(|view| say_all(view, &handles, now));
            view
        }
    };
    let view = view.ok_or_else(|| Failed::Wrong(format!("there is no ticket {}", args.number)))?;
    match args.json {
        true => say(&serde_json::to_string_pretty(&view)?),
        false => tell(&view),
    }
    Ok(())
}

fn tell(view: &TicketView) {
    let known = view.public_number.as_ref().filter(|number| **number != view.number);
    let known = known.map(|number| format!(", known to its client as {number}"));
    say(&format!("Ticket {}{}", view.number, known.unwrap_or_default()));
    say(&format!(
        "{} {}, {} priority, of {} by {}; {}",
        view.kind, view.service_type, view.priority, view.partner, view.channel, view.status
    ));
    say(&clock::told(&view.dues));
    for system in &view.systems {
        say(&format!("{}: {}", system.adapter, system.stands));
    }
    for finding in &view.findings {
        say(&format!("Look at: {} ({})", finding.what, finding.at));
    }
    if !view.receipts.is_empty() {
        let receipts = view.receipts.iter().map(|(name, value)| format!("{name} = {value}"));
        say(&format!("Given: {}", receipts.collect::<Vec<_>>().join(", ")));
    }
    say("");
    say(&deliveries::table(&view.deliveries));
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    for entry in &view.timeline {
        table.add_row([entry.at.to_string(), entry.what.clone()]);
    }
    say(&table.to_string());
}
