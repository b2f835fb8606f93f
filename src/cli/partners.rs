//! `omnihub partners`.

use serde_json::json;

use super::reach::Reach;
use super::{Failed, say, say_aside};
use crate::access;
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, Span};
use crate::operate::keys::{NamedPartner, NewSecret};
use crate::store::WebhookSecret;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// The secret that a partner's webhooks are signed with
    #[command(subcommand)]
    Secret(Secret),
}

#[derive(clap::Subcommand)]
pub(crate) enum Secret {
    /// Print the newest secret; it was made with the partner's first key
    Show(Show),
    /// Make a new secret and print it; the old one signs beside it for a while
    Rotate(Rotate),
}

#[derive(clap::Args)]
pub(crate) struct Show {
    /// The partner's name
    partner: String,
    /// All secrets that sign now, as JSON
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
pub(crate) struct Rotate {
    /// The partner's name
    partner: String,
    /// How long the old secret signs too; `0s` where it leaked [default: `webhooks.rotation_overlap`]
    #[arg(long, value_name = "TIME")]
    overlap: Option<Span>,
    /// All secrets that sign now, as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(config: &Config, command: Command) -> Result<(), Failed> {
    let Command::Secret(command) = command;
    match command {
        Secret::Show(args) => tell(&show(config, &args).await?, args.json),
        Secret::Rotate(args) => tell(&rotate(config, &args).await?, args.json),
    }
}

async fn show(config: &Config, args: &Show) -> Result<Vec<WebhookSecret>, Failed> {
    let partner = NamedPartner { partner: args.partner.as_str().into() };
    match Reach::find(config).await? {
        Reach::Running(desk) => desk.get("/hub/partners/secret", &partner).await,
        Reach::Alone(store) => {
            let secrets = access::secrets_of(store.as_ref(), &partner.partner, SystemClock.now());
            store.close().await;
            Ok(secrets?)
        }
    }
}

async fn rotate(config: &Config, args: &Rotate) -> Result<Vec<WebhookSecret>, Failed> {
    let overlap_s = args.overlap.map(|overlap| overlap.0.as_secs());
    let new = NewSecret { partner: args.partner.as_str().into(), overlap_s };
    match Reach::find(config).await? {
        Reach::Running(desk) => desk.post("/hub/partners/secret/rotate", &new).await,
        Reach::Alone(store) => {
            let overlap_s = overlap_s.unwrap_or(config.webhooks.rotation_overlap.0.as_secs());
            let now = SystemClock.now();
            let secrets = access::rotate_secret(store.as_ref(), &new.partner, overlap_s, now).await;
            store.close().await;
            Ok(secrets?)
        }
    }
}

fn tell(secrets: &[WebhookSecret], as_json: bool) -> Result<(), Failed> {
    if as_json {
        let each = secrets.iter();
        let each = each.map(|secret| json!({ "secret": secret.text, "until": secret.until }));
        say(&serde_json::to_string_pretty(&each.collect::<Vec<_>>())?);
        return Ok(());
    }
    for until in secrets.iter().skip(1).filter_map(|secret| secret.until) {
        say_aside(&format!("an older secret signs too, until {until:.0}"));
    }
    if let Some(newest) = secrets.first() {
        say(&newest.text);
    }
    Ok(())
}
