//! `omnihub callbacks`: what systems said of tickets that the hub does not know.

use comfy_table::Table;

use super::reach::Reach;
use super::{Failed, say};
use crate::config::Config;
use crate::operate::sync::{Showing, kept};
use crate::sync::kept::{KeptName, KeptNotice};

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Callbacks about tickets that nobody knows: kept for thirty days, and put on the ticket if it appears
    List(List),
}

#[derive(clap::Args)]
pub(crate) struct List {
    /// At most so many, the oldest first
    #[arg(long, default_value_t = 100)]
    limit: usize,
    /// As JSON
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(config: &Config, command: Command) -> Result<(), Failed> {
    let Command::List(args) = command;
    let showing = Showing { limit: Some(args.limit) };
    let all: Vec<KeptNotice> = match Reach::find(config).await? {
        Reach::Running(desk) => desk.get("/hub/callbacks", &showing).await?,
        Reach::Alone(store) => {
            let all = kept(&*store, showing);
            store.close().await;
            all?
        }
    };
    match args.json {
        true => say(&serde_json::to_string_pretty(&all)?),
        false if all.is_empty() => say("none"),
        false => tell(all),
    }
    Ok(())
}

fn tell(all: Vec<KeptNotice>) {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(["Since", "System", "What", "About"]);
    for kept in all {
        let about: Vec<String> = kept.about.iter().map(named).collect();
        let (at, system) = (kept.at.to_string(), kept.adapter.to_string());
        table.add_row([at, system, kept.what, about.join(", ")]);
    }
    say(&table.to_string());
}

fn named(name: &KeptName) -> String {
    let receipt = name.receipt.as_deref().unwrap_or("number");
    format!("{receipt} {}", name.value)
}
