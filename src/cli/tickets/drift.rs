//! `omnihub tickets drift`: tickets of which systems show another status than the hub.

use comfy_table::Table;

use crate::cli::reach::Reach;
use crate::cli::{Failed, say};
use crate::config::Config;
use crate::sync::drift::{Drift, Looking};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Send the status once more where a rule says how
    #[arg(long)]
    mend: bool,
    /// How many of the newest tickets are looked at
    #[arg(long, default_value_t = 10_000)]
    limit: usize,
    /// As JSON
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(config: &Config, args: &Args) -> Result<(), Failed> {
    let looking = Looking { limit: args.limit, mend: args.mend };
    let drifted: Vec<Drift> = match Reach::find(config).await? {
        Reach::Running(desk) => desk.post("/hub/tickets/drift", &looking).await?,
        Reach::Alone(store) => {
            store.close().await;
            return Err(super::needs_a_hub());
        }
    };
    match args.json {
        true => say(&serde_json::to_string_pretty(&drifted)?),
        false if drifted.is_empty() => say("none"),
        false => tell(&drifted),
    }
    let left = drifted.iter().filter(|drift| !drift.is_mended).count();
    match left {
        0 => Ok(()),
        _ => Err(Failed::Wrong(format!("{left} of what systems show is not what the hub has"))),
    }
}

fn tell(drifted: &[Drift]) {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(["Ticket", "Status", "System", "Shows", "Should", "Since", "Why"]);
    for drift in drifted {
        let why = if drift.is_mended { "sent once more" } else { &drift.why };
        table.add_row([
            &*drift.ticket,
            drift.status.as_str(),
            drift.adapter.as_str(),
            &drift.shows,
            drift.should_show.as_deref().unwrap_or("-"),
            &drift.since.to_string(),
            why,
        ]);
    }
    say(&table.to_string());
}
