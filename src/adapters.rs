//! The one list of adapters: adding a system is a line in `KNOWN`, one in [`all`], and a crate under `adapters/`:
//! see `src/docs/adding-an-adapter.md`.

use std::collections::BTreeMap;
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;
use std::time::Duration;

use omnihub_contract::{
    Adapter, AdapterName, Incoming, Operation, PartnerId, Poll, ReceiptName, Secret, SigningSecrets,
};
use omnihub_upstream::{BadSettings, ClientSettings};
use omnihub_webhook::{AllowHosts, BadAllowHost};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::config::{AdapterSection, Config, PartnerSection};
use crate::dispatch::budget::Limits;

/// An adapter that the hub knows, whether it is on or not.
pub struct Listed {
    /// Its name.
    pub name: AdapterName,
    /// What it can be asked to do.
    pub operations: &'static [Operation],
    /// What it tells: callbacks, and answers to queries.
    pub incoming: &'static [Incoming],
    /// By what its tickets are polled; empty: they are not.
    pub polls: &'static [Poll],
    /// What mapping files read as `settings.…`.
    pub settings: Map<String, Value>,
    /// Operations that another system does in our place: nothing is routed to them.
    pub done_elsewhere: &'static [&'static str],
    /// What it takes from us.
    pub limits: Limits,
    /// Whether it calls one system, not whatever address a ticket brings.
    pub is_one_system: bool,
    /// Its section of the settings.
    pub section: AdapterSection,
    /// The adapter itself; absent while it has no address, and then its deliveries wait.
    pub adapter: Option<Arc<dyn Adapter>>,
}

/// What adapters need beside their own settings.
pub struct Needs {
    /// Where webhooks find their secrets.
    pub secrets: Arc<dyn SigningSecrets>,
}

/// Why an adapter cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum AdapterError {
    /// A section names no adapter.
    #[error("[adapters.{0}]: there is no such adapter; there are {1}")]
    NoSuchAdapter(String, String),
    /// A section names an operation that the adapter has not.
    #[error(
        "[adapters.{adapter}.operations.{unknown}]: there is no such operation; there are {known}"
    )]
    NoSuchOperation {
        /// Which adapter.
        adapter: AdapterName,
        /// What was named.
        unknown: String,
        /// What there is.
        known: String,
    },
    /// The adapter's own keys are wrong.
    #[error("[adapters.{adapter}]: {why}")]
    Settings {
        /// Which adapter.
        adapter: &'static str,
        /// What is wrong.
        why: String,
    },
    /// A host that webhooks may go to is none.
    #[error("webhooks.allow_hosts, or a partner's webhook_hosts: {0}")]
    Hosts(#[from] BadAllowHost),
    /// The address or a value for the client is wrong.
    #[error("[adapters.{adapter}]: {source}")]
    Client {
        /// Which adapter.
        adapter: &'static str,
        /// What is wrong.
        source: BadSettings,
    },
}

/// Every adapter's name, and what it can be asked to do.
const KNOWN: &[(&str, &[Operation])] = &[
    (omnihub_helpdesk::NAME, omnihub_helpdesk::OPERATIONS),
    (omnihub_sociomile::NAME, omnihub_sociomile::OPERATIONS),
    (omnihub_dolphins::NAME, omnihub_dolphins::OPERATIONS),
    (omnihub_webhook::NAME, omnihub_webhook::OPERATIONS),
];

/// Adapters that are polled.
const KNOWN_POLLS: [(&str, &[Poll]); 2] = [
    (omnihub_helpdesk::NAME, omnihub_helpdesk::POLLS),
    (omnihub_dolphins::NAME, omnihub_dolphins::POLLS),
];

/// OMNI API 1.0, "Rate Limiting", which the helpdesk keeps towards its clients; and one create at a
/// time, since its numbers collide otherwise (domain 2.6).
const HELPDESK_LIMITS: Limits = Limits {
    create_per_minute: NonZeroU32::new(100),
    read_per_minute: NonZeroU32::new(500),
    update_per_minute: NonZeroU32::new(200),
    create_concurrency: NonZeroUsize::new(1),
};

/// A section of an operation that there is not would say nothing, and nobody would notice.
fn check_operations(listed: &Listed) -> Result<(), AdapterError> {
    let named = listed.section.operations.keys();
    let is_not_there = |name: &&String| !listed.operations.iter().any(|it| it.name == **name);
    named.into_iter().find(is_not_there).map_or(Ok(()), |unknown| {
        let known: Vec<&str> = listed.operations.iter().map(|it| it.name).collect();
        Err(AdapterError::NoSuchOperation {
            adapter: listed.name.clone(),
            unknown: unknown.clone(),
            known: known.join(", "),
        })
    })
}

/// Every adapter, set up as the settings say.
///
/// # Errors
/// When a section is unknown or wrong.
pub fn all(config: &Config, needs: &Needs) -> Result<Vec<Listed>, AdapterError> {
    let is_known = |name: &str| KNOWN.iter().any(|(known, _)| *known == name);
    if let Some(unknown) = config.adapters.keys().find(|name| !is_known(name)) {
        let known: Vec<&str> = KNOWN.iter().map(|(name, _)| *name).collect();
        return Err(AdapterError::NoSuchAdapter(unknown.clone(), known.join(", ")));
    }
    let listed =
        vec![helpdesk(config)?, sociomile(config)?, dolphins(config)?, webhook(config, needs)?];
    listed.iter().try_for_each(check_operations)?;
    Ok(listed)
}

/// Adapters in which tickets are polled, and how soon after they are there.
pub fn polled(config: &Config) -> BTreeMap<AdapterName, Duration> {
    let polled = KNOWN_POLLS.iter().filter(|(_, polls)| !polls.is_empty());
    let sections = polled.map(|(name, _)| (AdapterName::from(*name), section(config, name)));
    let on = sections.filter(|(_, section)| is_connected(section) && !section.poll.0.is_zero());
    on.map(|(name, section)| (name, section.poll.0)).collect()
}

/// What an adapter's operation gives when it is delivered.
pub fn gives(adapter: &str, operation: &str) -> Option<&'static [&'static str]> {
    let (_, operations) = KNOWN.iter().find(|(name, _)| *name == adapter)?;
    operations.iter().find(|row| row.name == operation).map(|row| row.gives)
}

/// Every receipt of every adapter's operations: what a ticket may be asked for by.
pub fn receipts() -> Vec<ReceiptName> {
    let of = |(adapter, operations): &(&str, &'static [Operation])| {
        let adapter: AdapterName = (*adapter).into();
        let names = operations.iter().flat_map(|row| row.gives);
        names.map(move |name| ReceiptName { adapter: adapter.clone(), name: (*name).into() })
    };
    let mut receipts: Vec<_> = KNOWN.iter().flat_map(of).collect();
    receipts.sort_unstable();
    receipts.dedup();
    receipts
}

fn helpdesk(config: &Config) -> Result<Listed, AdapterError> {
    const NAME: &str = omnihub_helpdesk::NAME;
    let section = section(config, NAME);
    let adapter = connected(NAME, &section, |client| {
        let settings: omnihub_helpdesk::Settings = own(NAME, &section)?;
        let settings =
            omnihub_helpdesk::Settings { partner_keys: partner_keys(config), ..settings };
        Ok(arc(omnihub_helpdesk::Helpdesk::new(client, &settings).map_err(bad(NAME))?))
    })?;
    let listed = listed(NAME, omnihub_helpdesk::OPERATIONS, section, adapter);
    let limits = limits(&listed.section, HELPDESK_LIMITS);
    let (incoming, polls) = (omnihub_helpdesk::INCOMING, omnihub_helpdesk::POLLS);
    Ok(Listed { incoming, polls, limits, ..listed })
}

fn sociomile(config: &Config) -> Result<Listed, AdapterError> {
    const NAME: &str = omnihub_sociomile::NAME;
    let mut section = section(config, NAME);
    let told_by = section.own.remove("claims_told_by");
    let done_elsewhere = match told_by.as_ref().and_then(Value::as_str) {
        Some("hub") => &[][..],
        Some("helpdesk") => &["create_helpdesk"],
        Some(other) => {
            let why = format!("claims_told_by is \"hub\" or \"helpdesk\", not \"{other}\"");
            return Err(AdapterError::Settings { adapter: NAME, why });
        }
        None if !is_connected(&section) => &[],
        None => {
            let why = "say who tells Sociomile of claims: claims_told_by = \"hub\", or \"helpdesk\" \
                       where the helpdesk's own push is on; both at once double every claim";
            return Err(AdapterError::Settings { adapter: NAME, why: why.to_owned() });
        }
    };
    let adapter = connected(NAME, &section, |client| {
        let settings = own(NAME, &section)?;
        Ok(arc(omnihub_sociomile::Sociomile::new(client, settings).map_err(bad(NAME))?))
    })?;
    let listed = listed(NAME, omnihub_sociomile::OPERATIONS, section, adapter);
    Ok(Listed { incoming: omnihub_sociomile::INCOMING, done_elsewhere, ..listed })
}

fn dolphins(config: &Config) -> Result<Listed, AdapterError> {
    const NAME: &str = omnihub_dolphins::NAME;
    let mut section = section(config, NAME);
    // Rules ask for it (`any_of = "settings.link_channels"`), not the adapter.
    let channels = section.own.remove("link_channels").unwrap_or_else(|| Value::Array(Vec::new()));
    section.settings.insert("link_channels".to_owned(), channels);
    let adapter = connected(NAME, &section, |client| {
        let settings = own(NAME, &section)?;
        Ok(arc(omnihub_dolphins::Dolphins::new(client, settings).map_err(bad(NAME))?))
    })?;
    let listed = listed(NAME, omnihub_dolphins::OPERATIONS, section, adapter);
    let (incoming, polls) = (omnihub_dolphins::INCOMING, omnihub_dolphins::POLLS);
    Ok(Listed { incoming, polls, ..listed })
}

/// Webhooks have no address of their own: each ticket brings one.
fn webhook(config: &Config, needs: &Needs) -> Result<Listed, AdapterError> {
    const NAME: &str = omnihub_webhook::NAME;
    let section = section(config, NAME);
    let settings = omnihub_webhook::Settings {
        allow_hosts: config.webhooks.allow_hosts.clone(),
        partner_hosts: webhook_hosts(config),
    };
    let secrets = Arc::clone(&needs.secrets);
    let adapter = omnihub_webhook::Webhook::new(section.timeout.0, &settings, secrets)?;
    let listed = listed(NAME, omnihub_webhook::OPERATIONS, section, Some(arc(adapter)));
    Ok(Listed { is_one_system: false, ..listed })
}

/// Hosts that this partner's webhooks may go to although they are not public.
///
/// # Errors
/// When one is written wrongly.
pub fn allow_hosts(config: &Config, partner: &PartnerSection) -> Result<AllowHosts, AdapterError> {
    Ok(AllowHosts::new(&[&*config.webhooks.allow_hosts, &*partner.webhook_hosts].concat())?)
}

fn webhook_hosts(config: &Config) -> BTreeMap<PartnerId, Vec<String>> {
    let partners = config.partners.iter();
    partners.map(|(name, own)| (name.as_str().into(), own.webhook_hosts.clone())).collect()
}

/// Partners whose tickets go to the helpdesk with a key of their own.
fn partner_keys(config: &Config) -> BTreeMap<PartnerId, Secret> {
    let keys = config.partners.iter();
    keys.filter_map(|(name, own)| Some((name.as_str().into(), own.helpdesk_api_key.clone()?)))
        .collect()
}

fn arc(adapter: impl Adapter) -> Arc<dyn Adapter> {
    Arc::new(adapter)
}

fn section(config: &Config, name: &str) -> AdapterSection {
    config.adapters.get(name).cloned().unwrap_or_default()
}

fn listed(
    name: &str,
    operations: &'static [Operation],
    section: AdapterSection,
    adapter: Option<Arc<dyn Adapter>>,
) -> Listed {
    let settings = section.settings.clone();
    Listed {
        name: name.into(),
        operations,
        incoming: &[],
        polls: &[],
        settings,
        done_elsewhere: &[],
        limits: limits(&section, Limits::default()),
        is_one_system: true,
        section,
        adapter,
    }
}

/// The limits that the settings name, and for the others those that the adapter is shipped with.
fn limits(section: &AdapterSection, shipped: Limits) -> Limits {
    let own = &section.limits;
    Limits {
        create_per_minute: own.create_per_minute.or(shipped.create_per_minute),
        read_per_minute: own.read_per_minute.or(shipped.read_per_minute),
        update_per_minute: own.update_per_minute.or(shipped.update_per_minute),
        create_concurrency: own.create_concurrency.or(shipped.create_concurrency),
    }
}

fn is_connected(section: &AdapterSection) -> bool {
    section.enabled && section.base_url.as_ref().is_some_and(|url| !url.is_empty())
}

/// The adapter, if it is on and has an address.
fn connected(
    name: &'static str,
    section: &AdapterSection,
    build: impl FnOnce(&ClientSettings) -> Result<Arc<dyn Adapter>, AdapterError>,
) -> Result<Option<Arc<dyn Adapter>>, AdapterError> {
    match section.base_url.as_deref().filter(|_| is_connected(section)) {
        None => Ok(None),
        Some(base_url) => {
            if section.timeout.0 == Duration::ZERO {
                let why = "timeout must be more than \"0s\"".to_owned();
                return Err(AdapterError::Settings { adapter: name, why });
            }
            build(&ClientSettings { base_url: base_url.to_owned(), timeout: section.timeout.0 })
                .map(Some)
        }
    }
}

fn own<T: DeserializeOwned>(
    adapter: &'static str,
    section: &AdapterSection,
) -> Result<T, AdapterError> {
    serde_json::from_value(Value::Object(section.own.clone()))
        .map_err(|error| AdapterError::Settings { adapter, why: error.to_string() })
}

fn bad(adapter: &'static str) -> impl Fn(BadSettings) -> AdapterError {
    move |source| AdapterError::Client { adapter, source }
}
