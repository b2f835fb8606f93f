//! What every store does: one list of behaviours, run against the embedded one and the one in memory.

mod behaviours;
mod churn;
mod contents;
mod crash;
mod retention;
pub(crate) mod samples;

use std::sync::Arc;

use omnihub::clock::SystemClock;
use omnihub::store::{Store, StoreSettings, embedded, memory};

pub(crate) fn settings() -> StoreSettings {
    StoreSettings::of(9_000_000_000, "helpdesk.ticketNumber".parse().unwrap())
}

pub(crate) fn in_memory() -> Arc<dyn Store> {
    memory::open(&settings(), SystemClock::shared()).unwrap()
}

pub(crate) fn in_folder(folder: &std::path::Path) -> Arc<dyn Store> {
    embedded::open(folder, &settings(), SystemClock::shared()).unwrap()
}

/// In memory, with a committer that is a task of the test's runtime.
pub(crate) fn on_task() -> Arc<dyn Store> {
    memory::Platter::default().open(&settings(), SystemClock::shared()).unwrap()
}
