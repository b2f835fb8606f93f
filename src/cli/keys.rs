//! `omnihub keys`.

use omnihub_contract::ExposeSecret;

use super::reach::Reach;
use super::{Failed, say, say_aside};
use crate::access::{self, KeyLimits, NewKey, Permission, Scope};
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::operate::MadeKey;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Make a key and print it, once; the store keeps only its hash
    Create(Create),
}

#[derive(clap::Args)]
pub(crate) struct Create {
    /// Whose key it is: the name of the chat bot, call centre or portal
    #[arg(long)]
    partner: String,
    /// What it may be used for
    #[arg(long, value_delimiter = ',', default_value = "create,read,update")]
    permissions: Vec<String>,
    /// Whose tickets it sees
    #[arg(long, value_enum, default_value_t = Scope::Own)]
    scope: Scope,
}

pub(crate) async fn run(config: &Config, command: Command) -> Result<(), Failed> {
    let Command::Create(create) = command;
    let new = new_key(&create)?;
    let made = match Reach::find(config).await? {
        Reach::Running(desk) => desk.post::<MadeKey>("/hub/keys", &new).await?,
        Reach::Alone(store) => {
            let (id, key) = access::create(store.as_ref(), new, SystemClock.now()).await?;
            store.close().await;
            MadeKey { id, key: key.expose_secret().to_owned() }
        }
    };
    say_aside(&format!("{} for {}; keep it now, it is not shown again:", made.id, create.partner));
    say(&made.key);
    Ok(())
}

fn new_key(create: &Create) -> Result<NewKey, Failed> {
    if create.partner.trim().is_empty() {
        return Err(Failed::Misused("--partner needs a name".to_owned()));
    }
    let permission = |text: &String| {
        Permission::parse(text.trim()).ok_or_else(|| {
            Failed::Misused(format!("`{text}` is no permission: use create, read or update"))
        })
    };
    Ok(NewKey {
        partner: create.partner.as_str().into(),
        permissions: create.permissions.iter().map(permission).collect::<Result<_, _>>()?,
        scope: create.scope,
        per_minute: KeyLimits::default(),
        life_s: None,
    })
}
