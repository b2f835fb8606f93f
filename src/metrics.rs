//! What is counted while the hub runs, for monitoring.
//!
//! It counts what others tell it: it decides nothing, and knows neither tickets nor HTTP. What is true at
//! the moment of looking, such as how many deliveries wait, is not counted here but asked for by
//! [`operate::metrics`](crate::operate::metrics), which puts both into one text.
//!
//! Invariants:
//! - Counting is an atomic addition: no lock, no allocation. Every series is there from the start, with 0.
//! - Labels are words of our own lists, and names of adapters and operations: nothing of a ticket, a
//!   partner or a person, and no address.

mod counts;
mod rows;

use std::fmt;
use std::sync::Arc;

use omnihub_contract::{AdapterName, Operation};
use prometheus_client::encoding::prometheus_text;
use prometheus_client::registry::Registry;

pub use counts::{Attempts, Breaches, Commits, Door, Hearing, Kept, Polled, Told};
pub use rows::{Rows, Took};

/// What comes before every name.
pub const PREFIX: &str = "omnihub";

/// All that is counted.
#[derive(Debug)]
pub struct Metrics {
    /// At the door.
    pub door: Arc<Door>,
    /// Of the store.
    pub commits: Arc<Commits>,
    /// Of the clocks.
    pub breaches: Arc<Breaches>,
    attempts: Vec<(AdapterName, Arc<Attempts>)>,
    hearing: Vec<(AdapterName, Arc<Hearing>)>,
    registry: Registry,
}

impl Metrics {
    /// Nothing is counted yet, of these adapters and their operations.
    pub fn new(adapters: &[(AdapterName, &'static [Operation])]) -> Self {
        let mut registry = Registry::with_prefix(PREFIX);
        let named: Vec<&str> = adapters.iter().map(|(name, _)| name.as_str()).collect();
        let attempts = counts::attempts(adapters, &mut registry);
        let hearing = counts::hearing(&named, &mut registry);
        let by_name = |at: usize| adapters.get(at).map(|(name, _)| name.clone());
        Self {
            door: Arc::new(Door::registered(&mut registry)),
            breaches: Arc::new(Breaches::registered(&mut registry)),
            commits: Arc::new(Commits::registered(&mut registry)),
            attempts: (0..).map_while(by_name).zip(attempts.into_iter().map(Arc::new)).collect(),
            hearing: (0..).map_while(by_name).zip(hearing.into_iter().map(Arc::new)).collect(),
            registry,
        }
    }

    /// What is counted of an adapter's attempts; nothing of one that is not known.
    pub fn attempts(&self, adapter: &AdapterName) -> Arc<Attempts> {
        of(&self.attempts, adapter)
    }

    /// What is counted of what a system says.
    pub fn hearing(&self, adapter: &AdapterName) -> Arc<Hearing> {
        of(&self.hearing, adapter)
    }

    /// Adds all of it to a text that Prometheus reads.
    ///
    /// # Errors
    /// Never: it is written to memory.
    pub fn write(&self, text: &mut String) -> fmt::Result {
        prometheus_text::encode(text, &self.registry)
    }
}

fn of<T: Default>(all: &[(AdapterName, Arc<T>)], adapter: &AdapterName) -> Arc<T> {
    all.iter().find(|(name, _)| name == adapter).map(|(_, it)| Arc::clone(it)).unwrap_or_default()
}
