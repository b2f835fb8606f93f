//! `show`: one delivery and its attempts.

use comfy_table::Table;

use super::table;
use crate::cli::adapters::handles;
use crate::cli::reach::Reach;
use crate::cli::{Failed, say};
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::operate::deliveries::{DeliveryShown, Named, show};
use crate::operate::held::say_why;
use crate::store::attempt::Attempt;

#[derive(clap::Args)]
pub(crate) struct Show {
    /// The delivery, as `9000000042-1`
    id: String,
    /// As JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(config: &Config, args: Show) -> Result<(), Failed> {
    let named = Named { id: args.id };
    let shown: Option<DeliveryShown> = match Reach::find(config).await? {
        Reach::Running(desk) => desk.get("/hub/deliveries/show", &named).await?,
        Reach::Alone(store) => {
            let shown = show(&*store, &named.id);
            let handles = handles(config, &*store);
            store.close().await;
            let (mut shown, handles) = (shown?, handles?);
            if let Some(shown) = &mut shown {
                let delivery = std::slice::from_mut(&mut shown.delivery);
                say_why(delivery, &handles, SystemClock.now());
            }
            shown
        }
    };
    let shown = shown.ok_or_else(|| Failed::Wrong(format!("there is no delivery {}", named.id)))?;
    match args.json {
        true => say(&serde_json::to_string_pretty(&shown)?),
        false => tell(&shown),
    }
    Ok(())
}

fn tell(shown: &DeliveryShown) {
    say(&table(std::slice::from_ref(&shown.delivery)));
    for done in &shown.decisions {
        say(&format!("{}: {} by {}: {}", done.at, done.what, done.by, done.reason));
    }
    let tries = usize::try_from(shown.delivery.tries).unwrap_or(usize::MAX);
    if tries > shown.tried.len() {
        say(&format!("{tries} attempts; the first and the newest are kept:"));
    }
    for attempt in &shown.tried {
        say(&told(attempt));
    }
}

fn told(attempt: &Attempt) -> String {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    let note = attempt.note.as_ref().map(|note| format!("{} {}", note.code, note.words));
    let end = format!("{} after {} ms", attempt.end.as_str(), attempt.took_ms);
    table.set_header([attempt.at.to_string(), end]);
    for (what, said) in [
        ("mapping", Some(&*attempt.mapping)),
        ("sent", attempt.sent.as_deref()),
        ("answered", attempt.answer.as_deref()),
        ("fault", attempt.fault.as_deref()),
        ("code", note.as_deref()),
    ] {
        if let Some(said) = said {
            table.add_row([what, said]);
        }
    }
    table.to_string()
}
