//! What operators decide about deliveries that are held or dead: delivered, again, or discarded.

use std::collections::BTreeMap;

use omnihub_contract::{DeliveryId, Receipt};
use serde::{Deserialize, Serialize};

use super::deliveries::state;
use super::{REASON_CHARS_MAX, is_said};
use crate::dispatch::originals;
use crate::store::{Decided, Decision, Store, StoreError, Verdict};

/// What an operation of an adapter gives when it is delivered.
pub type Gives = fn(adapter: &str, operation: &str) -> Option<&'static [&'static str]>;

/// A decision, as it is asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The delivery.
    pub id: String,
    /// What is to become of it.
    pub what: What,
    /// Who says so; a key says so by itself.
    #[serde(default)]
    pub by: String,
    /// Why.
    pub reason: String,
}

/// What is to become of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The upstream has it, under these names.
    Delivered(BTreeMap<String, String>),
    /// Deliver it again, by the mappings of the day.
    Again,
    /// Deliver it again, by the mappings of its last attempt.
    AgainAsBefore,
    /// Never deliver it.
    Discarded,
}

/// Why it could not be done.
#[derive(Debug, thiserror::Error)]
pub enum DecisionError {
    /// It is no delivery's id.
    #[error(
        "`{0}` is no delivery; an id is <ticket>-<place>, as `omnihub deliveries list` shows it"
    )]
    NoId(String),
    /// There is no such delivery.
    #[error("there is no delivery {0}")]
    NoDelivery(String),
    /// It waits for nobody.
    #[error("delivery {id} is {state}: only held and dead ones wait for a person")]
    NotWaiting {
        /// Which one.
        id: String,
        /// Where it stands.
        state: &'static str,
    },
    /// A delivered one has to say what the upstream gave.
    #[error("say what the upstream gave: --delivered {}", .0.join(" --delivered "))]
    Gives(Vec<String>),
    /// It was never mapped.
    #[error("delivery {0} was never mapped: it can only go by the mappings of the day")]
    NeverMapped(String),
    /// The mappings of its last attempt are not there any more.
    #[error("the mappings {0}, by which it went last, are not kept any more; nothing was changed")]
    MappingsGone(String),
    /// Who says so, or why, is missing or too long.
    #[error("say who decides, and why in at most {REASON_CHARS_MAX} characters")]
    Reason,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Does it.
///
/// # Errors
/// When it makes no sense or the store fails.
pub async fn decide(store: &dyn Store, gives: Gives, asked: Asked) -> Result<(), DecisionError> {
    let Asked { id, what, by, reason } = asked;
    if !is_said(&by) || !is_said(&reason) {
        return Err(DecisionError::Reason);
    }
    let delivery: DeliveryId = id.parse().map_err(|_| DecisionError::NoId(id.clone()))?;
    let verdict = match what {
        What::Again => Verdict::Again(None),
        What::AgainAsBefore => Verdict::Again(Some(original(store, delivery, &id)?)),
        What::Discarded => Verdict::Discarded,
        What::Delivered(values) => {
            let expected = expected(store, gives, delivery)?;
            let expected = expected.ok_or_else(|| DecisionError::NoDelivery(id.clone()))?;
            if !values.keys().map(String::as_str).eq(expected.iter().copied()) {
                let named = expected.iter().map(|name| format!("{name}=…")).collect();
                return Err(DecisionError::Gives(named));
            }
            Verdict::Delivered(Receipt { values, ..Receipt::default() })
        }
    };
    match store.decide(Decision { id: delivery, verdict, by, reason }).await? {
        Decided::Done => Ok(()),
        Decided::NoDelivery => Err(DecisionError::NoDelivery(id)),
        Decided::NotWaiting(phase) => Err(DecisionError::NotWaiting { id, state: state(phase) }),
    }
}

/// The short digest of the mappings that a delivery last went by, if they are still kept.
fn original(store: &dyn Store, id: DeliveryId, named: &str) -> Result<Box<str>, DecisionError> {
    let record = store.find(&id.ticket.to_string())?;
    let index = usize::from(id.ordinal).checked_sub(1);
    let delivery =
        record.as_ref().zip(index).and_then(|(it, index)| it.state.deliveries.get(index));
    let delivery = delivery.ok_or_else(|| DecisionError::NoDelivery(named.to_owned()))?;
    let digest = delivery.mapping.clone();
    let digest = digest.ok_or_else(|| DecisionError::NeverMapped(named.to_owned()))?;
    match originals::is_kept(store, &digest)? {
        true => Ok(digest),
        false => Err(DecisionError::MappingsGone(digest.into())),
    }
}

/// The names that a delivery's operation gives, sorted.
fn expected(
    store: &dyn Store,
    gives: Gives,
    id: DeliveryId,
) -> Result<Option<Vec<&'static str>>, StoreError> {
    let record = store.find(&id.ticket.to_string())?;
    Ok(record.and_then(|record| {
        let delivery = record.state.deliveries.get(usize::from(id.ordinal).checked_sub(1)?)?;
        let mut names =
            gives(delivery.adapter.as_str(), &delivery.operation).unwrap_or(&[]).to_vec();
        names.sort_unstable();
        Some(names)
    }))
}
