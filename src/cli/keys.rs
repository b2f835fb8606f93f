//! `omnihub keys`.

use comfy_table::Table;
use serde::Serialize;

use super::reach::Reach;
use super::{Failed, say, say_aside};
use crate::access::{KEYS_MAX, KeyLimits, KeyState, NewKey, Permission, Rotation, Scope};
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, Span};
use crate::operate::keys::{self, KeyFilter, KeyView, MadeKey, NamedKey};

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Make a key and print it, once; the store keeps only its hash
    Create(Create),
    /// List keys: whose, for what, until when; never the keys themselves
    List(List),
    /// End a key: it does not work any more, from now on
    Revoke(Revoke),
    /// Make a key that takes another's place and print it, once; the old one works a while longer
    Rotate(Rotate),
}

#[derive(clap::Args)]
pub(crate) struct Create {
    /// Whose key it is: the name of the chat bot, call centre or portal
    #[arg(long)]
    partner: String,
    /// What it may be used for; `hub:operate` is for operators, at the listener of `[operate]`
    #[arg(long, value_delimiter = ',', default_value = "create,read,update")]
    permissions: Vec<String>,
    /// Whose tickets it sees
    #[arg(long, value_enum, default_value_t = Scope::Own)]
    scope: Scope,
    /// When it stops working, from now on, as `90d` [default: never]
    #[arg(long, value_name = "TIME")]
    expires: Option<Span>,
    /// Claims and tickets a minute [default: `limits.create_per_minute`]
    #[arg(long, value_name = "N")]
    create_per_minute: Option<u32>,
    /// Status and details a minute [default: `limits.read_per_minute`]
    #[arg(long, value_name = "N")]
    read_per_minute: Option<u32>,
    /// Comments, attachments and status a minute [default: `limits.update_per_minute`]
    #[arg(long, value_name = "N")]
    update_per_minute: Option<u32>,
}

#[derive(clap::Args)]
pub(crate) struct List {
    /// Only this partner's
    #[arg(long)]
    partner: Option<String>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
pub(crate) struct Revoke {
    /// The key's id, `key_…`, as `omnihub keys list` shows it
    id: String,
}

#[derive(clap::Args)]
pub(crate) struct Rotate {
    /// The key's id, `key_…`, as `omnihub keys list` shows it
    id: String,
    /// How long the old key works beside the new one
    #[arg(long, value_name = "TIME", default_value = "24h")]
    overlap: Span,
    /// When the new key stops working, from now on [default: as long as the old one was made for]
    #[arg(long, value_name = "TIME")]
    expires: Option<Span>,
}

pub(crate) async fn run(config: &Config, command: Command) -> Result<(), Failed> {
    match command {
        Command::Create(args) => create(config, &args).await,
        Command::List(args) => list(config, &args).await,
        Command::Revoke(args) => revoke(config, args).await,
        Command::Rotate(args) => rotate(config, args).await,
    }
}

async fn create(config: &Config, args: &Create) -> Result<(), Failed> {
    let new = new_key(args)?;
    let made: MadeKey = match Reach::find(config).await? {
        Reach::Running(desk) => desk.post("/hub/keys", &new).await?,
        Reach::Alone(store) => {
            let made = keys::create(store.as_ref(), new, SystemClock.now()).await;
            store.close().await;
            made?
        }
    };
    say_aside(&format!("{} for {}; keep it now, it is not shown again:", made.id, args.partner));
    say(&made.key);
    Ok(())
}

fn new_key(args: &Create) -> Result<NewKey, Failed> {
    let permission = |text: &String| {
        Permission::parse(text.trim()).ok_or_else(|| {
            Failed::Misused(format!(
                "`{text}` is no permission: use create, read, update or hub:operate"
            ))
        })
    };
    Ok(NewKey {
        partner: partner(&args.partner)?,
        permissions: args.permissions.iter().map(permission).collect::<Result<_, _>>()?,
        scope: args.scope,
        per_minute: KeyLimits {
            create: args.create_per_minute,
            read: args.read_per_minute,
            update: args.update_per_minute,
        },
        life_s: life_s(args.expires)?,
    })
}

/// Longest name of a partner: it stands in keys of the store and in the log.
const PARTNER_CHARS_MAX: usize = 100;

fn partner(name: &str) -> Result<omnihub_contract::PartnerId, Failed> {
    let is_good = (1..=PARTNER_CHARS_MAX).contains(&name.chars().count())
        && name.trim() == name
        && !name.chars().any(char::is_control);
    match is_good {
        true => Ok(name.into()),
        false => Err(Failed::Misused(format!(
            "--partner needs a name of at most {PARTNER_CHARS_MAX} characters, without spaces around it"
        ))),
    }
}

fn life_s(expires: Option<Span>) -> Result<Option<u64>, Failed> {
    match expires.map(|span| span.0.as_secs()) {
        Some(0) => Err(Failed::Misused("--expires needs at least \"1s\"".to_owned())),
        life_s => Ok(life_s),
    }
}

async fn list(config: &Config, args: &List) -> Result<(), Failed> {
    let filter = KeyFilter { partner: args.partner.as_deref().map(Into::into) };
    let views: Vec<KeyView> = match Reach::find(config).await? {
        Reach::Running(desk) => desk.get("/hub/keys", &filter).await?,
        Reach::Alone(store) => {
            let views = keys::list(store.as_ref(), &filter, SystemClock.now());
            store.close().await;
            views?
        }
    };
    if views.len() == KEYS_MAX {
        say_aside(&format!("there are more than these {KEYS_MAX}"));
    }
    match args.json {
        true => say(&serde_json::to_string_pretty(&views)?),
        false if views.is_empty() => say("none"),
        false => say(&table(&views)),
    }
    Ok(())
}

async fn revoke(config: &Config, args: Revoke) -> Result<(), Failed> {
    let key = NamedKey { id: args.id };
    let view: KeyView = match Reach::find(config).await? {
        Reach::Running(desk) => desk.post("/hub/keys/revoke", &key).await?,
        Reach::Alone(store) => {
            let view = keys::revoke(store.as_ref(), &key, SystemClock.now()).await;
            store.close().await;
            view?
        }
    };
    say_aside(&format!("{} of {} does not work any more", view.id, view.partner));
    Ok(())
}

async fn rotate(config: &Config, args: Rotate) -> Result<(), Failed> {
    let life_s = life_s(args.expires)?;
    let rotation = Rotation { id: args.id, overlap_s: args.overlap.0.as_secs(), life_s };
    let made: MadeKey = match Reach::find(config).await? {
        Reach::Running(desk) => desk.post("/hub/keys/rotate", &rotation).await?,
        Reach::Alone(store) => {
            let made = keys::rotate(store.as_ref(), &rotation, SystemClock.now()).await;
            store.close().await;
            made?
        }
    };
    say_aside(&format!(
        "{} takes the place of {}, which works for {} more; keep it now, it is not shown again:",
        made.id, rotation.id, args.overlap
    ));
    say(&made.key);
    Ok(())
}

fn table(views: &[KeyView]) -> String {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(["Key", "Partner", "Permissions", "Scope", "Created", "Until", "State"]);
    for view in views {
        let permissions: Vec<&str> = view.permissions.iter().map(|p| p.as_str()).collect();
        table.add_row([
            view.id.clone(),
            view.partner.to_string(),
            permissions.join(", "),
            word(&view.scope),
            format!("{:.0}", view.created_at),
            view.expires_at.map(|end| format!("{end:.0}")).unwrap_or_default(),
            state(view),
        ]);
    }
    table.to_string()
}

fn state(view: &KeyView) -> String {
    match (view.state, &view.replaced_by) {
        (KeyState::Replaced, Some(by)) => format!("replaced by {by}"),
        (state, _) => word(&state),
    }
}

/// The word that stands for it in JSON.
fn word(value: &impl Serialize) -> String {
    let word = serde_json::to_value(value).ok();
    word.as_ref().and_then(|word| word.as_str()).unwrap_or_default().to_owned()
}
