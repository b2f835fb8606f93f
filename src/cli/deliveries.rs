//! `omnihub deliveries`: what waits for a person, and what people do about it.

mod decide;
mod select;
mod show;

use comfy_table::Table;

use super::{Failed, say};
use crate::config::Config;
use crate::operate::deliveries::DeliveryView;
use select::Selection;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// List deliveries that wait for a person, or all of one ticket
    List(List),
    /// Show one delivery: where it stands, and each attempt with what was sent and answered, masked
    Show(show::Show),
    /// Say of one delivery what became of it: it arrived, it is to go again, or never
    Settle(decide::Settle),
    /// Deliver held and dead ones again, in their order
    Replay(decide::Replay),
    /// Give held and dead ones up, with those that wait for their receipts
    Discard(decide::Discard),
}

#[derive(clap::Args)]
pub(crate) struct List {
    #[command(flatten)]
    selection: Selection,
    /// Only in this state: `held` or `dead`; with --ticket also `waiting`, `due`, `in_flight`, `delivered`, `discarded`
    #[arg(long)]
    state: Option<String>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(config: &Config, command: Command) -> Result<(), Failed> {
    match command {
        Command::List(args) => list(config, args).await,
        Command::Show(args) => show::run(config, args).await,
        Command::Settle(args) => decide::settle(config, args).await,
        Command::Replay(args) => decide::replay(config, args).await,
        Command::Discard(args) => decide::discard(config, args).await,
    }
}

async fn list(config: &Config, args: List) -> Result<(), Failed> {
    let views = select::list(config, args.selection.filter(args.state)).await?;
    match args.json {
        true => say(&serde_json::to_string_pretty(&views)?),
        false if views.is_empty() => say("none"),
        false => say(&table(&views)),
    }
    Ok(())
}

/// For what a delivery waits, since when and why.
fn waits(view: &DeliveryView) -> Option<String> {
    let Some(what) = &view.waits_for else {
        return view.waits_why.as_ref().map(|why| format!("waits: {why}"));
    };
    let since = view.waiting_since.map(|at| format!(" since {at}")).unwrap_or_default();
    let why = view.waits_why.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
    Some(format!("waits for {what}{since}{why}"))
}

/// Deliveries for people.
pub(super) fn table(views: &[DeliveryView]) -> String {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(["Delivery", "Adapter", "Operation", "State", "Code", "Attempts", "Why"]);
    for view in views {
        let why = waits(view);
        table.add_row([
            view.id.clone(),
            view.adapter.clone(),
            view.operation.clone(),
            view.state.clone(),
            view.code.clone().unwrap_or_default(),
            view.tries.to_string(),
            why.or_else(|| view.words.clone()).unwrap_or_default(),
        ]);
    }
    table.to_string()
}
