//! `settle`, `replay` and `discard`.

use std::num::NonZeroU32;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use super::select::{self, Selection};
use crate::adapters;
use crate::cli::reach::Reach;
use crate::cli::said::Said;
use crate::cli::{Failed, say, say_aside, user};
use crate::config::Config;
use crate::operate::decisions::{self, Asked, What};

#[derive(clap::Args)]
#[command(group = clap::ArgGroup::new("what").required(true))]
pub(crate) struct Settle {
    /// The delivery, as `9000000042-1`
    id: String,
    /// It arrived, and the upstream gave this: all that the operation gives, as `ticketNumber=1446`
    #[arg(long, group = "what", num_args = 0.., value_name = "NAME=VALUE")]
    delivered: Option<Vec<String>>,
    /// It did not arrive, as was seen at the upstream: deliver it again
    #[arg(long, group = "what")]
    retry: bool,
    /// Never deliver it
    #[arg(long, group = "what")]
    discard: bool,
    #[command(flatten)]
    said: Said,
}

#[derive(clap::Args)]
pub(crate) struct Replay {
    #[command(flatten)]
    those: Those,
    /// Deliveries a second, so that an upstream that just came back is not run over
    #[arg(long, default_value = "10", value_name = "NUMBER")]
    rate: NonZeroU32,
    /// By which mappings: those of today, or those of the delivery's last attempt
    #[arg(long, value_enum, default_value_t = Mapping::Today)]
    mapping: Mapping,
    /// Why; kept with the ticket
    #[arg(long, default_value = "replayed", value_name = "TEXT")]
    reason: String,
    /// Who decides [default: the user at this terminal]
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

/// By which mappings a delivery goes again.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Mapping {
    Today,
    Original,
}

#[derive(clap::Args)]
pub(crate) struct Discard {
    #[command(flatten)]
    those: Those,
    #[command(flatten)]
    said: Said,
}

/// Held and dead deliveries, one by one or by what they have in common.
#[derive(clap::Args)]
struct Those {
    /// These, as `9000000042-1`
    ids: Vec<String>,
    #[command(flatten)]
    selection: Selection,
    /// Only held, or only dead ones
    #[arg(long, value_parser = ["held", "dead"])]
    state: Option<String>,
    /// All that wait for a person
    #[arg(long, conflicts_with = "ids")]
    all: bool,
    /// Say how many there are, and do nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn settle(config: &Config, args: Settle) -> Result<(), Failed> {
    let what = match (args.delivered, args.retry) {
        (Some(pairs), _) => {
            What::Delivered(pairs.iter().map(|pair| named(pair)).collect::<Result<_, _>>()?)
        }
        (None, true) => What::Again,
        (None, false) => What::Discarded,
    };
    let by = args.said.by.unwrap_or_else(user);
    let asked = Asked { id: args.id, what, by, reason: args.said.reason };
    let reach = Reach::find(config).await?;
    let done = decide(&reach, asked).await;
    close(reach).await;
    done?;
    say("done");
    Ok(())
}

pub(super) async fn replay(config: &Config, args: Replay) -> Result<(), Failed> {
    let pace = Duration::from_secs(1) / args.rate.get();
    let said = Said { reason: args.reason, by: args.by };
    let what = match args.mapping {
        Mapping::Today => What::Again,
        Mapping::Original => What::AgainAsBefore,
    };
    all(config, args.those, (what, "go again"), said, pace).await
}

pub(super) async fn discard(config: &Config, args: Discard) -> Result<(), Failed> {
    // Nobody is called because of these.
    let pace = Duration::from_millis(1);
    all(config, args.those, (What::Discarded, "are given up"), args.said, pace).await
}

/// Decides the same about all of those, in their order.
async fn all(
    config: &Config,
    those: Those,
    (what, in_words): (What, &str),
    said: Said,
    pace: Duration,
) -> Result<(), Failed> {
    if those.ids.is_empty()
        && those.selection.is_everything()
        && !those.all
        && those.state.is_none()
    {
        let text = "say which: ids, --ticket, --adapter, --operation, --code, --partner, --state, --older-than, or --all";
        return Err(Failed::Misused(text.to_owned()));
    }
    let (is_dry, ids) = (those.dry_run, ids(config, those).await?);
    if is_dry {
        say(&format!("{} would {in_words}", ids.len()).replace("would are", "would be"));
        return Ok(());
    }
    let by = said.by.unwrap_or_else(user);
    let reach = Reach::find(config).await?;
    let mut turns = interval(pace);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut failed = 0;
    for id in &ids {
        turns.tick().await;
        let asked = Asked {
            id: id.clone(),
            what: what.clone(),
            by: by.clone(),
            reason: said.reason.clone(),
        };
        if let Err(Failed::Wrong(why) | Failed::Misused(why)) = decide(&reach, asked).await {
            failed += 1;
            say_aside(&format!("{id}: {why}"));
        }
    }
    close(reach).await;
    say(&format!("{} {in_words}", ids.len() - failed));
    match failed {
        0 => Ok(()),
        _ => Err(Failed::Wrong(format!("{failed} could not be decided"))),
    }
}

async fn ids(config: &Config, those: Those) -> Result<Vec<String>, Failed> {
    if !those.ids.is_empty() {
        return Ok(those.ids);
    }
    let views = select::list(config, those.selection.filter(those.state)).await?;
    let waiting = views.into_iter().filter(|view| matches!(&*view.state, "held" | "dead"));
    Ok(waiting.map(|view| view.id).collect())
}

async fn decide(reach: &Reach, asked: Asked) -> Result<(), Failed> {
    match reach {
        Reach::Running(desk) => desk.post("/hub/deliveries/decide", &asked).await,
        Reach::Alone(store) => Ok(decisions::decide(store.as_ref(), adapters::gives, asked).await?),
    }
}

async fn close(reach: Reach) {
    if let Reach::Alone(store) = reach {
        store.close().await;
    }
}

fn named(pair: &str) -> Result<(String, String), Failed> {
    let parts = pair.split_once('=').filter(|(name, value)| !name.is_empty() && !value.is_empty());
    let (name, value) = parts.ok_or_else(|| {
        Failed::Misused(format!("`{pair}` is not NAME=VALUE, as ticketNumber=1446"))
    })?;
    Ok((name.to_owned(), value.to_owned()))
}
