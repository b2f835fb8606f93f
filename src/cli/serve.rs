//! `omnihub serve`: the hub, until SIGTERM or SIGINT.

use omnihub_sandbox::System;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::sandbox::Stage;
use super::{Failed, say};
use crate::config::Config;
use crate::hub::{self, Hub, StartOptions};
use crate::logging;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Against stand-ins for all systems, in a temporary folder, with limits raised
    #[arg(long)]
    sandbox: bool,
}

pub(crate) async fn run(mut config: Config, args: &Args) -> Result<(), Failed> {
    logging::start(&config.log)?;
    let mut signals = Signals::listen()?;
    if !args.sandbox {
        return real(&config, &mut signals).await;
    }
    let stage = Stage::set(&mut config).await?;
    let hub = Hub::start(&config, StartOptions { switched_off_rules: true }).await?;
    let key = stage.key(&hub).await?;
    say(&welcome(&config, &hub, &stage, &key)?);
    signals.until_told(&hub).await?;
    hub.stop().await;
    stage.clear().await;
    Ok(())
}

async fn real(config: &Config, signals: &mut Signals) -> Result<(), Failed> {
    for name in &config.ignored_variables {
        tracing::warn!("OMNIHUB_{} names no setting and is ignored", name.to_uppercase());
    }
    let hub = Hub::start(config, StartOptions::default()).await?;
    for adapter in &hub.waiting_adapters {
        tracing::warn!(
            "{adapter} has no address: its deliveries wait. Set [adapters.{adapter}] base_url"
        );
    }
    if let Some(lacking) = hub::lacking(&hub.ears.calendar, hub.ears.clock.now()) {
        tracing::warn!("{lacking}");
    }
    tracing::info!("listening on {}", hub.url());
    signals.until_told(&hub).await?;
    tracing::info!("stopping: finishing what is under way");
    hub.stop().await;
    Ok(())
}

/// The signals to stop. Listened for before the hub starts: one that comes while it starts must not
/// kill it.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> Result<Self, Failed> {
        let terminate = signal(SignalKind::terminate())?;
        Ok(Self { terminate, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for a signal to stop; fails when the hub cannot go on.
    async fn until_told(&mut self, hub: &Hub) -> Result<(), Failed> {
        tokio::select! {
            _ = self.terminate.recv() => Ok(()),
            _ = self.interrupt.recv() => Ok(()),
            () = hub.failed() => Err(Failed::Wrong(
                "the store ended by a fault of ours; see the log, and start again"
                    .to_owned(),
            )),
        }
    }
}

fn welcome(config: &Config, hub: &Hub, stage: &Stage, key: &str) -> Result<String, Failed> {
    let address = hub.address;
    let stand_ins: String =
        stage.addresses().iter().map(|(name, url)| format!("  {name:10} {url}\n")).collect();
    let (webhook, socket) = (stage.sandbox.base_url(System::Webhook), config.socket()?);
    let (socket, folder) = (socket.display(), &config.mappings.dir);
    let mappings = match folder.is_dir() {
        true => format!("those in {}; changes are taken over at once", folder.display()),
        false => format!("the shipped ones; there is no folder {}", folder.display()),
    };
    let claim = CLAIM.replace("WEBHOOK", &webhook);
    Ok(format!(
        "omnihub is running against stand-ins; nothing leaves this machine.\n\n\
         Stand-ins (each answers GET /sandbox with what it can do):\n{stand_ins}\n\
         Mapping files: {mappings}\n\
         Key: {key}\n\n\
         Post a claim:\n\
         curl -sS http://{address}/api/omnichannel/claims -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' -d '{claim}'\n\n\
         See what a system was told, as the client's webhook:\n\
         curl -sS '{webhook}/sandbox/received?limit=1'\n\n\
         Other commands reach this hub with OMNIHUB_OPERATE__SOCKET={socket}\n\
         Stop with Ctrl-C."
    ))
}

/// OMNI API 1.0, use case "Simple Transaction Claim", with a webhook.
const CLAIM: &str = r#"{"namaNasabah":"Ahmad Suryanto","mediaTransaksi":"ATM","jenisTransaksi":"PEMBAYARAN","nominal":150000,"nomorKartu":"****5678","claimReason":"ATM tidak mengeluarkan uang tetapi saldo terpotong","atmId":"ATM_JKT_001","integration":{"webhookUrl":"WEBHOOK/webhook/me"}}"#;
