//! Adapters as operators see them, and their pauses by hand.

use jiff::Timestamp;
use omnihub_contract::{AdapterName, Effect};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{REASON_CHARS_MAX, is_said};
use crate::dispatch::brakes::{Brakes, ByHand, Held};
use crate::store::{RecordKind, Store, StoreError};

/// An adapter and what holds it.
#[derive(Clone, Debug)]
pub struct Handle {
    /// Its name.
    pub name: AdapterName,
    /// What holds its lane; none where it is off or has no address.
    pub brakes: Option<Brakes>,
    /// Whether it calls whatever address a ticket brings, not one system.
    pub has_destinations: bool,
}

/// An adapter as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdapterView {
    /// Its name.
    pub name: String,
    /// `running`, `paused`, `open` (left alone because it fails) or `off`.
    pub state: String,
    /// Why, where it is not running; and what it takes no more of for a while.
    pub reason: Option<String>,
    /// Where it calls many destinations: those that something holds, by name, at most
    /// [`DESTINATIONS_MAX`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub destinations: Vec<DestinationView>,
}

/// One of an adapter's destinations that something holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DestinationView {
    /// Its host and port.
    pub name: String,
    /// `paused` by hand, `open` (left alone because it fails) or `throttled`.
    pub state: String,
    /// Why.
    pub reason: Option<String>,
}

/// Destinations of one adapter that people may have paused at once.
pub const PAUSED_MAX: usize = 100;

/// Where an adapter may stand.
pub const STATES: [&str; 4] = ["running", "paused", "open", "off"];

/// Destinations that one list shows: more than a person reads.
pub const DESTINATIONS_MAX: usize = 100;

/// A pause, or its end.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Which adapter.
    pub adapter: String,
    /// Which of its destinations, as host and port; all of it otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
    /// Who says so; a key says so by itself.
    #[serde(default)]
    pub by: String,
    /// Why.
    pub reason: String,
}

/// An adapter that is to go on.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resumed {
    /// Which one.
    pub adapter: String,
    /// Which of its destinations, as host and port; all of it otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
}

impl Asked {
    /// A pause of a whole adapter.
    pub fn all(adapter: &str, by: &str, reason: &str) -> Self {
        let [adapter, by, reason] = [adapter, by, reason].map(str::to_owned);
        Self { adapter, destination: None, by, reason }
    }
}

impl Resumed {
    /// A whole adapter.
    pub fn all(adapter: &str) -> Self {
        Self { adapter: adapter.to_owned(), destination: None }
    }
}

/// Why it could not be done.
#[derive(Debug, thiserror::Error)]
pub enum AdapterError {
    /// There is none of this name.
    #[error("there is no adapter `{0}`; there are {1}")]
    NoSuchAdapter(String, String),
    /// It has no destinations to be told apart.
    #[error("{0} is one system: it is paused and resumed as a whole, without a destination")]
    OneSystem(String),
    /// It is no host and port.
    #[error(
        "`{0}` is no destination: name host and port, as `bot.example:443`; `omnihub adapters list` shows those that are held"
    )]
    NoDestination(String),
    /// More would be a list that nobody reads.
    #[error("{PAUSED_MAX} destinations are paused already: resume some, or pause all of {0}")]
    TooManyPaused(String),
    /// Who says so, or why, is missing or too long.
    #[error("say who, and why in at most {REASON_CHARS_MAX} characters")]
    Reason,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is stored cannot be read.
    #[error("what is stored of a pause cannot be read: {0}")]
    Damaged(#[from] serde_json::Error),
}

/// Every adapter and where it stands.
pub fn list(handles: &[Handle], now: Timestamp) -> Vec<AdapterView> {
    handles.iter().map(|handle| view(handle, now)).collect()
}

fn view(handle: &Handle, now: Timestamp) -> AdapterView {
    let name = handle.name.to_string();
    let Some(brakes) = &handle.brakes else {
        let reason = Some("it is off, or has no address".to_owned());
        return AdapterView { name, state: "off".to_owned(), reason, destinations: Vec::new() };
    };
    let (state, reason) = told(&brakes.held(now));
    let destinations = brakes.receivers(now).into_iter().take(DESTINATIONS_MAX);
    let destinations = destinations.map(|(name, held)| {
        let (state, reason) = told(&held);
        DestinationView { name: name.into(), state: state.to_owned(), reason }
    });
    AdapterView {
        name,
        state: state.to_owned(),
        reason: reason.or_else(|| throttled(brakes, now)),
        destinations: destinations.collect(),
    }
}

/// The state that something is in which is held so.
pub(super) fn state(held: &Held) -> &'static str {
    match held {
        Held::No => "running",
        Held::ByFault(..) | Held::ByHand(_) => "paused",
        Held::Open(_) => "open",
        Held::Throttled(_) => "throttled",
    }
}

pub(super) fn told(held: &Held) -> (&'static str, Option<String>) {
    let why = match held {
        Held::No => None,
        Held::ByFault(code, reason) => Some(format!("{code}: {reason}")),
        Held::ByHand(hand) => Some(format!("by {} at {}: {}", hand.by, hand.at, hand.reason)),
        Held::Open(until) => Some(format!("H0412: it fails again and again; next attempt {until}")),
        Held::Throttled(until) => Some(format!("H0404: throttled until {until}")),
    };
    (state(held), why)
}

/// It runs, but for what it said it takes no more of.
pub(super) fn throttled(brakes: &Brakes, now: Timestamp) -> Option<String> {
    let classes =
        [("creates", Effect::Create), ("changes", Effect::Change), ("questions", Effect::Read)];
    let of = |(words, class)| {
        brakes.throttled(class, now).map(|until| format!("{words} throttled until {until}"))
    };
    let told: Vec<String> = classes.into_iter().filter_map(of).collect();
    (!told.is_empty()).then(|| format!("H0404: {}", told.join(", ")))
}

/// Pauses an adapter, or one of its destinations, until somebody resumes it, also beyond a restart.
///
/// # Errors
/// When there is none of this name, nobody says why, or the store fails.
pub async fn pause(
    store: &dyn Store,
    handles: &[Handle],
    asked: Asked,
    now: Timestamp,
) -> Result<(), AdapterError> {
    let handle = named(handles, &asked.adapter)?;
    if !is_said(&asked.by) || !is_said(&asked.reason) {
        return Err(AdapterError::Reason);
    }
    let destination = destination(handle, asked.destination.as_deref())?;
    if destination.is_some() && paused(store, &handle.name)?.len() >= PAUSED_MAX {
        return Err(AdapterError::TooManyPaused(handle.name.to_string()));
    }
    let hand = ByHand { at: now, by: asked.by, reason: asked.reason };
    let kept = json!({ "at": hand.at, "by": hand.by, "reason": hand.reason });
    let name = record_name(&handle.name, destination.as_deref());
    store.put(RecordKind::Pause, &name, kept).await?;
    match (&handle.brakes, destination) {
        (Some(brakes), Some(destination)) => brakes.pause_at(&destination, hand),
        (Some(brakes), None) => brakes.by_hand(Some(hand)),
        (None, _) => {}
    }
    Ok(())
}

/// Lets an adapter, or one of its destinations, go on at once, whatever held it. Destinations that were
/// paused one by one stay so when the adapter goes on.
///
/// # Errors
/// When there is none of this name, or the store fails.
pub async fn resume(
    store: &dyn Store,
    handles: &[Handle],
    asked: &Resumed,
) -> Result<(), AdapterError> {
    let handle = named(handles, &asked.adapter)?;
    match destination(handle, asked.destination.as_deref())? {
        Some(destination) => {
            let name = record_name(&handle.name, Some(&destination));
            store.remove(RecordKind::Pause, &name).await?;
            handle.brakes.iter().for_each(|brakes| brakes.resume_at(&destination));
        }
        None => {
            store.put(RecordKind::Pause, handle.name.as_str(), json!(null)).await?;
            handle.brakes.iter().for_each(Brakes::resume);
        }
    }
    Ok(())
}

/// The destination that is meant, as deliveries to it name it.
fn destination(handle: &Handle, named: Option<&str>) -> Result<Option<Box<str>>, AdapterError> {
    let Some(named) = named else { return Ok(None) };
    if !handle.has_destinations {
        return Err(AdapterError::OneSystem(handle.name.to_string()));
    }
    let named = named.trim().to_lowercase();
    let (host, port) = named.rsplit_once(':').unwrap_or_default();
    let is_host = !host.is_empty() && !host.contains(|it: char| it.is_whitespace() || it == '/');
    // An address of version 6 has colons of its own, and brackets around them.
    let is_whole = !host.contains(':') || (host.starts_with('[') && host.ends_with(']'));
    match is_host && is_whole && port.parse::<u16>().is_ok_and(|port| port > 0) {
        true => Ok(Some(named.into())),
        false => Err(AdapterError::NoDestination(named)),
    }
}

/// The name under which a pause is kept. Names of adapters have no space.
fn record_name(adapter: &AdapterName, destination: Option<&str>) -> String {
    destination.map_or(adapter.to_string(), |destination| format!("{adapter} {destination}"))
}

/// What the store keeps of a pause.
#[derive(Deserialize)]
struct Kept {
    at: Timestamp,
    by: String,
    reason: String,
}

impl From<Kept> for ByHand {
    fn from(Kept { at, by, reason }: Kept) -> Self {
        Self { at, by, reason }
    }
}

/// The brakes of an adapter as a hub that starts has them: on where people paused it, or destinations of it.
///
/// # Errors
/// When the store fails.
pub fn brakes(
    store: &dyn Store,
    adapter: &AdapterName,
    starts_paused: bool,
    now: Timestamp,
) -> Result<Brakes, AdapterError> {
    let brakes = Brakes::new(kept(store, adapter, starts_paused, now)?);
    for (destination, hand) in paused(store, adapter)? {
        brakes.pause_at(&destination, hand);
    }
    Ok(brakes)
}

/// Destinations of an adapter that people have paused.
fn paused(store: &dyn Store, adapter: &AdapterName) -> Result<Vec<(String, ByHand)>, AdapterError> {
    let prefix = record_name(adapter, Some(""));
    // Each adapter has one more, of its own.
    let all = store.records(RecordKind::Pause, usize::MAX)?.into_iter();
    let own = all.filter_map(|(name, kept)| Some((name.strip_prefix(&prefix)?.to_owned(), kept)));
    own.map(|(name, kept)| Ok((name, serde_json::from_value::<Kept>(kept)?.into()))).collect()
}

/// The pause by hand that the store keeps of an adapter. One that nobody ever paused or resumed is
/// paused if the settings let it start so.
///
/// # Errors
/// When the store fails.
fn kept(
    store: &dyn Store,
    adapter: &AdapterName,
    starts_paused: bool,
    now: Timestamp,
) -> Result<Option<ByHand>, AdapterError> {
    let Some(json) = store.read(RecordKind::Pause, adapter.as_str())? else {
        return Ok(starts_paused.then(|| ByHand::by_settings(now)));
    };
    let kept: Option<Kept> = serde_json::from_slice(&json)?;
    Ok(kept.map(ByHand::from))
}

fn named<'a>(handles: &'a [Handle], adapter: &str) -> Result<&'a Handle, AdapterError> {
    handles.iter().find(|handle| handle.name.as_str() == adapter).ok_or_else(|| {
        let names: Vec<_> = handles.iter().map(|handle| handle.name.as_str()).collect();
        AdapterError::NoSuchAdapter(adapter.to_owned(), names.join(", "))
    })
}
