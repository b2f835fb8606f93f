//! `omnihub callbacks`: what systems said of tickets that the hub does not know.

use comfy_table::Table;

use super::reach::Reach;
use super::{Failed, say};
use crate::config::Config;
use crate::operate::sync::{KeptView, Showing, kept};
use crate::sync::kept::KeptName;

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
    let all: Vec<KeptView> = match Reach::find(config).await? {
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

fn tell(all: Vec<KeptView>) {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(["Since", "System", "What", "Says", "About"]);
    for kept in all {
        let about: Vec<String> = kept.about.iter().map(named).collect();
        let (at, system, says) = (kept.at.to_string(), kept.adapter.to_string(), says(&kept));
        table.add_row([at, system, kept.what, says, about.join(", ")]);
    }
    say(&table.to_string());
}

/// A status and how many comments; what people wrote is for their ticket only.
fn says(kept: &KeptView) -> String {
    let comments = match kept.comments {
        0 => None,
        1 => Some("a comment".to_owned()),
        more => Some(format!("{more} comments")),
    };
    kept.status.clone().into_iter().chain(comments).collect::<Vec<_>>().join(", ")
}

fn named(name: &KeptName) -> String {
    let receipt = name.receipt.as_deref().unwrap_or("number");
    format!("{receipt} {}", name.value)
}
