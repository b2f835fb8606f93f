//! `omnihub deliveries`.

use comfy_table::Table;

use super::reach::Reach;
use super::{Failed, say};
use crate::config::Config;
use crate::operate::deliveries::{DeliveryView, Filter, list};

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// List deliveries that wait for a person, or all of one ticket
    List(List),
}

#[derive(clap::Args)]
pub(crate) struct List {
    /// All of this ticket, by any number it has
    #[arg(long)]
    ticket: Option<String>,
    /// Only in this state: `held` or `dead`; with --ticket also `waiting`, `due`, `in_flight`, `delivered`, `discarded`
    #[arg(long)]
    state: Option<String>,
    /// Only to this adapter
    #[arg(long)]
    adapter: Option<String>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(config: &Config, command: Command) -> Result<(), Failed> {
    let Command::List(args) = command;
    let filter = Filter { ticket: args.ticket, state: args.state, adapter: args.adapter };
    let views = match Reach::find(config).await? {
        Reach::Running(desk) => desk.get("/hub/deliveries", &filter).await?,
        Reach::Alone(store) => {
            let views = list(store.as_ref(), &filter)?;
            store.close().await;
            views
        }
    };
    match args.json {
        true => say(&serde_json::to_string_pretty(&views)?),
        false if views.is_empty() => say("none"),
        false => say(&table(&views)),
    }
    Ok(())
}

fn table(views: &[DeliveryView]) -> String {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(["Delivery", "Adapter", "Operation", "State", "Code", "Attempts", "Why"]);
    for view in views {
        let why = view.waits_for.as_ref().map(|what| format!("waits for {what}"));
        table.add_row([
            view.id.clone(),
            view.adapter.clone(),
            view.operation.clone(),
            view.state.clone(),
            view.code.clone().unwrap_or_default(),
            view.attempts.to_string(),
            why.or_else(|| view.words.clone()).unwrap_or_default(),
        ]);
    }
    table.to_string()
}
