//! Operations of systems, called by hand: what an adapter can do, for people.
//!
//! It goes past the outbox. No mapping fills the fields, nothing is kept, ordered, repeated or held for
//! a person, brakes and pauses are not asked, and no ticket learns of it. One call by hand is one
//! attempt of the adapter, logged with who made it.
//!
//! Invariant: what changes a system is only called where that was confirmed.

use std::sync::Arc;

use jiff::Timestamp;
use omnihub_contract::{
    Adapter, AdapterName, Arguments, Delivery, DeliveryId, Draft, Effect, Failure, Operation,
    TicketId, TicketNumber, mask, payload,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::is_said;

/// A system that can be called.
#[derive(Clone)]
pub struct Callable {
    /// Its name.
    pub name: AdapterName,
    /// What it can be asked to do.
    pub operations: &'static [Operation],
    /// None where it is off or has no address.
    pub adapter: Option<Arc<dyn Adapter>>,
}

/// A call, as it is asked for.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Which system.
    pub adapter: String,
    /// What to do.
    pub operation: String,
    /// With which fields: see [`payload`].
    #[serde(default)]
    pub arguments: Arguments,
    /// As whose: where a partner has keys or secrets of its own.
    #[serde(default)]
    pub partner: Option<String>,
    /// Who asks.
    pub by: String,
    /// Only show the call.
    #[serde(default)]
    pub dry_run: bool,
    /// That it may change something there is understood.
    #[serde(default)]
    pub confirmed: bool,
}

/// What came of it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Called {
    /// The call as it would be sent.
    Draft(Draft),
    /// What a query found.
    Found(Value),
    /// What a command gave: its receipt, and perhaps a warning.
    Done(Value),
}

/// Why it could not be done.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// There is none of this name.
    #[error("there is no adapter `{0}`; there are {1}")]
    NoSuchAdapter(String, String),
    /// It has no such operation.
    #[error("{adapter} has no operation `{operation}`; it has {known}")]
    NoSuchOperation {
        /// Which system.
        adapter: String,
        /// What was asked for.
        operation: String,
        /// What there is.
        known: String,
    },
    /// The arguments do not fit.
    #[error("{0}; `omnihub call {1}` lists the fields of {2}")]
    Arguments(omnihub_contract::BadArgument, String, &'static str),
    /// It is off, or has no address.
    #[error("{0} is off, or has no address: set base_url in [adapters.{0}]")]
    Off(String),
    /// Who asks is not said.
    #[error("say who asks")]
    Who,
    /// Nobody confirmed a change.
    #[error("{1} changes something at {0}, and that is not confirmed")]
    Unconfirmed(String, &'static str),
    /// The call failed.
    #[error("{0}: {1}")]
    Failed(String, Failure),
}

/// Makes the call, or only shows it.
///
/// # Errors
/// When it does not fit what the system takes, is not confirmed, or fails.
pub async fn call(
    systems: &[Callable],
    asked: &Asked,
    now: Timestamp,
) -> Result<Called, CallError> {
    let system = named(systems, &asked.adapter)?;
    let operation = operation(system, &asked.operation)?;
    let bad = |bad| CallError::Arguments(bad, asked.adapter.clone(), operation.name);
    let fields = payload(operation, &asked.arguments).map_err(bad)?;
    let adapter = system.adapter.as_ref().ok_or_else(|| CallError::Off(asked.adapter.clone()))?;
    if !is_said(&asked.by) {
        return Err(CallError::Who);
    }
    let delivery = delivery(operation, fields, asked, now);
    let failed = |failure| CallError::Failed(asked.adapter.clone(), failure);
    if asked.dry_run {
        return adapter.draft(&delivery).map(drafted).map_err(failed);
    }
    let is_query = operation.effect == Effect::Read;
    if !is_query && !asked.confirmed {
        return Err(CallError::Unconfirmed(asked.adapter.clone(), operation.name));
    }
    let outcome = if is_query {
        adapter.query(operation.name, &asked.arguments).await.map(found)
    } else {
        adapter.deliver(&delivery).await.map(done)
    };
    tell(asked, operation, outcome.as_ref().err());
    outcome.map_err(failed)
}

/// The system of this name.
///
/// # Errors
/// When there is none.
pub fn named<'a>(systems: &'a [Callable], adapter: &str) -> Result<&'a Callable, CallError> {
    systems.iter().find(|system| system.name.as_str() == adapter).ok_or_else(|| {
        let names: Vec<_> = systems.iter().map(|system| system.name.as_str()).collect();
        CallError::NoSuchAdapter(adapter.to_owned(), names.join(", "))
    })
}

fn operation(system: &Callable, name: &str) -> Result<&'static Operation, CallError> {
    system.operations.iter().find(|row| row.name == name).ok_or_else(|| {
        let known: Vec<_> = system.operations.iter().map(|row| row.name).collect();
        CallError::NoSuchOperation {
            adapter: system.name.to_string(),
            operation: name.to_owned(),
            known: known.join(", "),
        }
    })
}

/// A delivery of no ticket.
fn delivery(
    operation: &'static Operation,
    payload: Map<String, Value>,
    asked: &Asked,
    now: Timestamp,
) -> Delivery {
    Delivery {
        id: DeliveryId { ticket: TicketNumber(0), ordinal: 0 },
        ticket: TicketId(Uuid::nil()),
        partner: asked.partner.as_deref().unwrap_or_default().into(),
        operation,
        payload,
        since: now,
        at: now,
    }
}

/// Systems may have whole card numbers, which are shown to nobody here.
fn found(mut value: Value) -> Called {
    mask::cards_of(&mut value);
    Called::Found(value)
}

/// The same of one that somebody typed.
fn drafted(draft: Draft) -> Called {
    let masked = |text: String| mask::cards(&text).into_owned();
    let (address, body) = (masked(draft.address), draft.body.map(masked));
    Called::Draft(Draft { address, body, ..draft })
}

fn done(receipt: omnihub_contract::Receipt) -> Called {
    let mut told = json!({ "receipt": receipt.values });
    if let (Some(warning), Some(members)) = (receipt.warning, told.as_object_mut()) {
        members.insert("warning".to_owned(), warning.into());
    }
    Called::Done(told)
}

/// Who called what, and whether it went well; not with which values.
fn tell(asked: &Asked, operation: &Operation, failure: Option<&Failure>) {
    let Asked { adapter, by, .. } = asked;
    let operation = operation.name;
    match failure {
        None => tracing::info!(adapter, operation, by, "an operation was called by hand"),
        Some(failure) => {
            tracing::warn!(adapter, operation, by, "an operation called by hand failed: {failure}");
        }
    }
}
