//! The sandbox: stand-ins for every system, and settings that point a hub at them.

use omnihub_contract::ExposeSecret;
use omnihub_sandbox::{Sandbox, Settings, System};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Failed, say};
use crate::access::{self, NewKey, Permission, Scope};
use crate::clock::{Clock, SystemClock};
use crate::config::{AdapterSection, Config};
use crate::hub::Hub;

/// So high that nobody meets it by hand.
const PER_MINUTE: u32 = 10_000_000;

/// `omnihub sandbox`: only the stand-ins.
pub(crate) async fn run() -> Result<(), Failed> {
    let sandbox = Sandbox::start(Settings::default()).await?;
    let credentials = sandbox.credentials();
    say("Stand-ins are running; point a hub at them with these settings:\n");
    for (name, keys) in sections(&sandbox) {
        say(&format!("[adapters.{name}]"));
        for (key, value) in keys {
            say(&format!("{key} = {value}"));
        }
        say("");
    }
    say(&format!(
        "[webhooks]\nallow_hosts = [\"127.0.0.1\"]   # receiver: {}/webhook/anything",
        sandbox.base_url(System::Webhook)
    ));
    say(&format!(
        "\nEach answers GET /sandbox with what it can do. Helpdesk key: {}. Stop with Ctrl-C.",
        credentials.helpdesk_api_key
    ));
    tokio::signal::ctrl_c().await?;
    sandbox.stop().await;
    Ok(())
}

/// Stand-ins and a folder for one hub.
pub(crate) struct Stage {
    pub(crate) sandbox: Sandbox,
    folder: TempDir,
}

impl Stage {
    /// Starts the stand-ins and points the settings at them and at a temporary folder.
    pub(crate) async fn set(config: &mut Config) -> Result<Self, Failed> {
        let folder = tempfile::Builder::new().prefix("omnihub-").tempdir()?;
        let sandbox = Sandbox::start(Settings::default()).await?;
        for (name, keys) in sections(&sandbox) {
            point(config.adapters.entry(name.to_owned()).or_default(), keys);
        }
        config.store.url = format!("sled:{}", folder.path().join("data").display());
        config.operate.socket = None;
        config.webhooks.allow_hosts.push("127.0.0.1".to_owned());
        config.limits.create_per_minute = PER_MINUTE;
        config.limits.read_per_minute = PER_MINUTE;
        config.limits.update_per_minute = PER_MINUTE;
        Ok(Self { sandbox, folder })
    }

    /// A key for whoever tries it.
    pub(crate) async fn key(&self, hub: &Hub) -> Result<String, Failed> {
        let new = NewKey {
            partner: "sandbox".into(),
            permissions: Permission::ALL.to_vec(),
            scope: Scope::Own,
        };
        let (_, key) = access::create(hub.store.as_ref(), new, SystemClock.now()).await?;
        Ok(key.expose_secret().to_owned())
    }

    /// The stand-ins' addresses, by name.
    pub(crate) fn addresses(&self) -> Vec<(&'static str, String)> {
        System::ALL.iter().map(|system| (system.as_str(), self.sandbox.base_url(*system))).collect()
    }

    /// Stops the stand-ins and removes the folder.
    pub(crate) async fn clear(self) {
        self.sandbox.stop().await;
        drop(self.folder);
    }
}

/// The adapters' keys that point at the stand-ins.
fn sections(sandbox: &Sandbox) -> [(&'static str, Vec<(&'static str, Value)>); 3] {
    let credentials = sandbox.credentials();
    let base_url = |system| json!(sandbox.base_url(system));
    [
        (
            "helpdesk",
            vec![
                ("base_url", base_url(System::Helpdesk)),
                ("api_key", json!(credentials.helpdesk_api_key)),
            ],
        ),
        (
            "sociomile",
            vec![
                ("base_url", base_url(System::Sociomile)),
                ("client_secret_key", json!(credentials.sociomile_client_secret_key)),
                ("claims_told_by", json!("hub")),
            ],
        ),
        (
            "dolphins",
            vec![
                ("base_url", base_url(System::Dolphins)),
                ("username", json!(credentials.dolphins_username)),
                ("password", json!(credentials.dolphins_password)),
                ("link_channels", json!(["CHAT"])),
            ],
        ),
    ]
}

fn point(section: &mut AdapterSection, keys: Vec<(&'static str, Value)>) {
    section.enabled = true;
    for (key, value) in keys {
        match (key, value) {
            ("base_url", Value::String(url)) => section.base_url = Some(url),
            (key, value) => drop(section.own.insert(key.to_owned(), value)),
        }
    }
}
