//! Adapters as operators see them, and their pauses by hand.

use jiff::Timestamp;
use omnihub_contract::AdapterName;
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
    /// Why, where it is not running.
    pub reason: Option<String>,
}

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
    let view = |handle: &Handle| {
        let (state, reason) = match handle.brakes.as_ref().map(|brakes| brakes.held(now)) {
            None => ("off", Some("it is off, or has no address".to_owned())),
            Some(Held::No) => ("running", None),
            Some(Held::ByFault(code, reason)) => ("paused", Some(format!("{code}: {reason}"))),
            Some(Held::ByHand(hand)) => {
                ("paused", Some(format!("by {} at {}: {}", hand.by, hand.at, hand.reason)))
            }
            Some(Held::Open(until)) => {
                ("open", Some(format!("H0412: it fails again and again; next attempt {until}")))
            }
        };
        AdapterView { name: handle.name.to_string(), state: state.to_owned(), reason }
    };
    handles.iter().map(view).collect()
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
