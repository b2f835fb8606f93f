//! The sandbox: stand-ins for every system, and a folder for a hub that is pointed at them.

use omnihub_contract::ExposeSecret;
use omnihub_sandbox::{Sandbox, Settings, System};
use tempfile::TempDir;

use super::{Failed, say};
use crate::access::{self, NewKey};
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::hub::Hub;
use crate::stand_ins;

/// `omnihub sandbox`: only the stand-ins.
pub(crate) async fn run() -> Result<(), Failed> {
    let sandbox = Sandbox::start(Settings::default()).await?;
    let credentials = sandbox.credentials();
    say("Stand-ins are running; point a hub at them with these settings:\n");
    for (name, keys) in stand_ins::sections(&sandbox) {
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
        stand_ins::point_at(config, &sandbox);
        config.store.url = format!("sled:{}", folder.path().join("data").display());
        config.operate.socket = None;
        (config.http.tls_cert, config.http.tls_key) = (None, None);
        Ok(Self { sandbox, folder })
    }

    /// A key for whoever tries it.
    pub(crate) async fn key(&self, hub: &Hub) -> Result<String, Failed> {
        let new = NewKey::of("sandbox");
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
