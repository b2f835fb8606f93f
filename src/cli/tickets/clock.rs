//! `omnihub tickets extend` and `omnihub tickets clock`: what people decide about regulatory clocks.

use std::sync::Arc;

use crate::cli::reach::Reach;
use crate::cli::said::Said;
use crate::cli::{Failed, say, user};
use crate::clock::{Clock as _, SystemClock};
use crate::config::Config;
use crate::hub;
use crate::operate::dues::DueView;
use crate::operate::regulatory::{self, Asked, What};

#[derive(clap::Args)]
pub(crate) struct Extend {
    /// Any number that the ticket has
    number: String,
    #[command(flatten)]
    said: Said,
}

#[derive(clap::Args)]
#[command(group = clap::ArgGroup::new("what").required(true))]
pub(crate) struct Clock {
    /// Any number that the ticket has
    number: String,
    /// From tomorrow no working day counts, until it goes on
    #[arg(long, group = "what")]
    stop: bool,
    /// From tomorrow working days count again
    #[arg(long, group = "what")]
    start: bool,
    #[command(flatten)]
    said: Said,
}

pub(super) async fn extend(config: &Config, args: Extend) -> Result<(), Failed> {
    change(config, (args.number, What::Extend), args.said).await
}

pub(super) async fn clock(config: &Config, args: Clock) -> Result<(), Failed> {
    let what = if args.stop { What::Stop } else { What::Start };
    change(config, (args.number, what), args.said).await
}

async fn change(config: &Config, (number, what): (String, What), said: Said) -> Result<(), Failed> {
    let by = said.by.unwrap_or_else(user);
    let asked = Asked { number, what, by, reason: said.reason };
    let dues: Vec<DueView> = match Reach::find(config).await? {
        Reach::Running(desk) => desk.post("/hub/tickets/clock", &asked).await?,
        Reach::Alone(store) => {
            let calendar = Arc::new(hub::calendar(config)?);
            let done = regulatory::change(&*store, &calendar, asked, SystemClock.now()).await;
            store.close().await;
            done?
        }
    };
    say(&told(&dues));
    Ok(())
}

/// What is due, a line each.
pub(super) fn told(dues: &[DueView]) -> String {
    let lines = dues.iter().map(|due| {
        let at = due.at.map(|at| format!(" {at}")).unwrap_or_default();
        let of = due.of.as_ref().map(|of| format!(" ({of})")).unwrap_or_default();
        format!("Due: {}{of}{at}, {}", due.what, due.stands)
    });
    lines.collect::<Vec<_>>().join("\n")
}
