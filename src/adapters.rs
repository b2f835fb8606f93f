//! The one list of adapters: adding a system is a row in [`KNOWN`] and a crate under `adapters/`: see
//! `src/docs/adding-an-adapter.md`.

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

/// An adapter that the hub can set up.
pub struct Known {
    /// Its name.
    pub name: &'static str,
    /// What it can be asked to do.
    pub operations: &'static [Operation],
    /// What it tells: callbacks, and answers to queries.
    pub incoming: &'static [Incoming],
    /// By what its tickets are polled; empty: they are not.
    pub polls: &'static [Poll],
    /// Sets it up as its section says, mostly by no more than [`Known::connected`].
    set_up: fn(&'static Self, &Config, &Needs) -> Result<Listed, AdapterError>,
}

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

/// Every adapter.
pub static KNOWN: &[Known] = &[
    Known {
        name: omnihub_helpdesk::NAME,
        operations: omnihub_helpdesk::OPERATIONS,
        incoming: omnihub_helpdesk::INCOMING,
        polls: omnihub_helpdesk::POLLS,
        set_up: helpdesk,
    },
    Known {
        name: omnihub_sociomile::NAME,
        operations: omnihub_sociomile::OPERATIONS,
        incoming: omnihub_sociomile::INCOMING,
        polls: &[],
        set_up: sociomile,
    },
    Known {
        name: omnihub_dolphins::NAME,
        operations: omnihub_dolphins::OPERATIONS,
        incoming: omnihub_dolphins::INCOMING,
        polls: omnihub_dolphins::POLLS,
        set_up: dolphins,
    },
    Known {
        name: omnihub_webhook::NAME,
        operations: omnihub_webhook::OPERATIONS,
        incoming: &[],
        polls: &[],
        set_up: webhook,
    },
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
    let is_known = |name: &str| KNOWN.iter().any(|known| known.name == name);
    if let Some(unknown) = config.adapters.keys().find(|name| !is_known(name)) {
        let known: Vec<&str> = KNOWN.iter().map(|known| known.name).collect();
        return Err(AdapterError::NoSuchAdapter(unknown.clone(), known.join(", ")));
    }
    let listed = KNOWN.iter().map(|known| (known.set_up)(known, config, needs));
    let listed = listed.collect::<Result<Vec<_>, _>>()?;
    listed.iter().try_for_each(check_operations)?;
    Ok(listed)
}

/// Adapters in which tickets are polled, and how soon after they are there.
pub fn polled(config: &Config) -> BTreeMap<AdapterName, Duration> {
    let polled = KNOWN.iter().filter(|known| !known.polls.is_empty());
    let sections = polled.map(|known| (AdapterName::from(known.name), known.section(config)));
    let on = sections.filter(|(_, section)| is_connected(section) && !section.poll.0.is_zero());
    on.map(|(name, section)| (name, section.poll.0)).collect()
}

/// What an adapter's operation gives when it is delivered.
pub fn gives(adapter: &str, operation: &str) -> Option<&'static [&'static str]> {
    let known = KNOWN.iter().find(|known| known.name == adapter)?;
    known.operations.iter().find(|row| row.name == operation).map(|row| row.gives)
}

/// Every receipt of every adapter's operations: what a ticket may be asked for by.
pub fn receipts() -> Vec<ReceiptName> {
    let of = |known: &Known| {
        let adapter: AdapterName = known.name.into();
        let names = known.operations.iter().flat_map(|row| row.gives);
        names.map(move |name| ReceiptName { adapter: adapter.clone(), name: (*name).into() })
    };
    let mut receipts: Vec<_> = KNOWN.iter().flat_map(of).collect();
    receipts.sort_unstable();
    receipts.dedup();
    receipts
}

impl Known {
    fn section(&self, config: &Config) -> AdapterSection {
        config.adapters.get(self.name).cloned().unwrap_or_default()
    }

    /// With the adapter itself, made of its address and its own keys, if it is on and has an address.
    fn connected<S: DeserializeOwned, A: Adapter>(
        &self,
        section: AdapterSection,
        new: impl FnOnce(&ClientSettings, &S) -> Result<A, BadSettings>,
    ) -> Result<Listed, AdapterError> {
        let adapter = self.name;
        let Some(base_url) = section.base_url.clone().filter(|_| is_connected(&section)) else {
            return Ok(self.listed(section, None));
        };
        let wrong = |why| AdapterError::Settings { adapter, why };
        if section.timeout.0 == Duration::ZERO {
            return Err(wrong("timeout must be more than \"0s\"".to_owned()));
        }
        let own = serde_json::from_value(Value::Object(section.own.clone()));
        let own: S = own.map_err(|error| wrong(error.to_string()))?;
        let client = ClientSettings { base_url, timeout: section.timeout.0 };
        let made = new(&client, &own).map_err(|source| AdapterError::Client { adapter, source })?;
        Ok(self.listed(section, Some(Arc::new(made))))
    }

    fn listed(&self, section: AdapterSection, adapter: Option<Arc<dyn Adapter>>) -> Listed {
        Listed {
            name: self.name.into(),
            operations: self.operations,
            incoming: self.incoming,
            polls: self.polls,
            settings: section.settings.clone(),
            done_elsewhere: &[],
            limits: limits(&section, Limits::default()),
            is_one_system: true,
            section,
            adapter,
        }
    }
}

fn helpdesk(known: &'static Known, config: &Config, _: &Needs) -> Result<Listed, AdapterError> {
    let partner_keys = partner_keys(config);
    let listed =
        known.connected(known.section(config), |client, own: &omnihub_helpdesk::Settings| {
            let own = omnihub_helpdesk::Settings { partner_keys, ..own.clone() };
            omnihub_helpdesk::Helpdesk::new(client, &own)
        })?;
    Ok(Listed { limits: limits(&listed.section, HELPDESK_LIMITS), ..listed })
}

fn sociomile(known: &'static Known, config: &Config, _: &Needs) -> Result<Listed, AdapterError> {
    let mut section = known.section(config);
    let wrong = |why| Err(AdapterError::Settings { adapter: known.name, why });
    let told_by = section.own.remove("claims_told_by");
    let done_elsewhere = match told_by.as_ref().and_then(Value::as_str) {
        Some("hub") => &[][..],
        Some("helpdesk") => &["create_helpdesk"],
        Some(other) => {
            let why = format!("claims_told_by is \"hub\" or \"helpdesk\", not \"{other}\"");
            return wrong(why);
        }
        None if !is_connected(&section) => &[],
        None => {
            let why = "say who tells Sociomile of claims: claims_told_by = \"hub\", or \"helpdesk\" \
                       where the helpdesk's own push is on; both at once double every claim";
            return wrong(why.to_owned());
        }
    };
    let listed = known.connected(section, omnihub_sociomile::Sociomile::new)?;
    Ok(Listed { done_elsewhere, ..listed })
}

fn dolphins(known: &'static Known, config: &Config, _: &Needs) -> Result<Listed, AdapterError> {
    let mut section = known.section(config);
    // Rules ask for it (`any_of = "settings.link_channels"`), not the adapter.
    let channels = section.own.remove("link_channels").unwrap_or_else(|| Value::Array(Vec::new()));
    section.settings.insert("link_channels".to_owned(), channels);
    known.connected(section, omnihub_dolphins::Dolphins::new)
}

/// Webhooks have no address of their own: each ticket brings one.
fn webhook(known: &'static Known, config: &Config, needs: &Needs) -> Result<Listed, AdapterError> {
    let section = known.section(config);
    let settings = omnihub_webhook::Settings {
        allow_hosts: config.webhooks.allow_hosts.clone(),
        partner_hosts: webhook_hosts(config),
    };
    let secrets = Arc::clone(&needs.secrets);
    let adapter = omnihub_webhook::Webhook::new(section.timeout.0, &settings, secrets)?;
    Ok(Listed { is_one_system: false, ..known.listed(section, Some(Arc::new(adapter))) })
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
