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
    /// `open` (left alone because it fails) or `throttled`.
    pub state: String,
    /// Why.
    pub reason: Option<String>,
}

/// Destinations that one list shows: more than a person reads.
pub const DESTINATIONS_MAX: usize = 100;

/// A pause, or its end.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Which adapter.
    pub adapter: String,
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
}

/// Why it could not be done.
#[derive(Debug, thiserror::Error)]
pub enum AdapterError {
    /// There is none of this name.
    #[error("there is no adapter `{0}`; there are {1}")]
    NoSuchAdapter(String, String),
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

fn told(held: &Held) -> (&'static str, Option<String>) {
    match held {
        Held::No => ("running", None),
        Held::ByFault(code, reason) => ("paused", Some(format!("{code}: {reason}"))),
        Held::ByHand(hand) => {
            ("paused", Some(format!("by {} at {}: {}", hand.by, hand.at, hand.reason)))
        }
        Held::Open(until) => {
            ("open", Some(format!("H0412: it fails again and again; next attempt {until}")))
        }
        Held::Throttled(until) => ("throttled", Some(format!("H0404: throttled until {until}"))),
    }
}

/// It runs, but for what it said it takes no more of.
fn throttled(brakes: &Brakes, now: Timestamp) -> Option<String> {
    let classes =
        [("creates", Effect::Create), ("changes", Effect::Change), ("questions", Effect::Read)];
    let of = |(words, class)| {
        brakes.throttled(class, now).map(|until| format!("{words} throttled until {until}"))
    };
    let told: Vec<String> = classes.into_iter().filter_map(of).collect();
    (!told.is_empty()).then(|| format!("H0404: {}", told.join(", ")))
}

/// Pauses an adapter until somebody resumes it, also beyond a restart.
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
    let hand = ByHand { at: now, by: asked.by, reason: asked.reason };
    let kept = json!({ "at": hand.at, "by": hand.by, "reason": hand.reason });
    store.put(RecordKind::Pause, handle.name.as_str(), kept).await?;
    if let Some(brakes) = &handle.brakes {
        brakes.by_hand(Some(hand));
    }
    Ok(())
}

/// Lets an adapter go on at once, whatever held it.
///
/// # Errors
/// When there is none of this name, or the store fails.
pub async fn resume(
    store: &dyn Store,
    handles: &[Handle],
    adapter: &str,
) -> Result<(), AdapterError> {
    let handle = named(handles, adapter)?;
    store.put(RecordKind::Pause, handle.name.as_str(), json!(null)).await?;
    if let Some(brakes) = &handle.brakes {
        brakes.resume();
    }
    Ok(())
}

/// The pause by hand that the store keeps of an adapter. One that nobody ever paused or resumed is
/// paused if the settings let it start so.
///
/// # Errors
/// When the store fails.
pub fn kept(
    store: &dyn Store,
    adapter: &AdapterName,
    starts_paused: bool,
    now: Timestamp,
) -> Result<Option<ByHand>, AdapterError> {
    #[derive(Deserialize)]
    struct Kept {
        at: Timestamp,
        by: String,
        reason: String,
    }
    let Some(json) = store.read(RecordKind::Pause, adapter.as_str())? else {
        return Ok(starts_paused.then(|| ByHand::by_settings(now)));
    };
    let kept: Option<Kept> = serde_json::from_slice(&json)?;
    Ok(kept.map(|Kept { at, by, reason }| ByHand { at, by, reason }))
}

fn named<'a>(handles: &'a [Handle], adapter: &str) -> Result<&'a Handle, AdapterError> {
    handles.iter().find(|handle| handle.name.as_str() == adapter).ok_or_else(|| {
        let names: Vec<_> = handles.iter().map(|handle| handle.name.as_str()).collect();
        AdapterError::NoSuchAdapter(adapter.to_owned(), names.join(", "))
    })
}
