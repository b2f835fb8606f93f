//! What monitoring reads, in Prometheus' text form: `/metrics`. Its table is `src/docs/metrics.md`.
//!
//! What is counted comes from [`Metrics`](crate::metrics::Metrics); here is what is true at the moment of
//! looking. Nothing in it is about a ticket, a partner or a person, and destinations are only numbers of
//! them. A look is a few reads, however much waits.

use std::collections::BTreeMap;

use jiff::Timestamp;
use prometheus_client::encoding::prometheus_text;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;

use super::Desk;
use super::adapters::{Handle, STATES, state, throttled};
use crate::dispatch::brakes::Held;
use crate::metrics::{PREFIX, Rows};
use crate::store::{FORMAT, Owed, Stock, StoreError};

/// What the text is in.
pub const CONTENT_TYPE: &str = prometheus_text::CONTENT_TYPE;

/// The mapping files in force.
#[derive(Clone, Debug)]
pub struct MappingsNow {
    /// Their digest.
    pub digest: String,
    /// Since when.
    pub loaded_at: Timestamp,
    /// Whether the folder has changed and what it has now was refused.
    pub is_refused: bool,
}

/// The whole text.
pub fn text(desk: &Desk) -> String {
    let now = desk.clock.now();
    let mut gauges = Registry::with_prefix(PREFIX);
    program(&mut gauges, desk.since);
    mappings(&mut gauges, &(desk.mappings)());
    holidays(&mut gauges, desk.ears.calendar.lacks(now).is_some());
    adapters(&mut gauges, &desk.adapters, now);
    let is_taking_in = desk.store.trouble().is_none();
    store(&mut gauges, (&desk.adapters, &desk.store.stock(), is_taking_in), now);
    let mut text = String::new();
    let written =
        prometheus_text::encode(&mut text, &gauges).and_then(|()| desk.metrics.write(&mut text));
    if written.is_err() {
        tracing::error!("metrics could not be written");
    }
    text
}

fn program(gauges: &mut Registry, since: Timestamp) {
    let format = FORMAT.to_string();
    let labels = [("version", env!("CARGO_PKG_VERSION")), ("store_format", &*format)];
    let build = Rows::default().with(&labels, ConstGauge::new(1_i64));
    gauges.register("build_info", "The program that runs", build);
    let since = Rows::default().with(&[], ConstGauge::new(since.as_second()));
    gauges.register("start_time_seconds", "When the hub was started, in Unix time", since);
}

fn mappings(gauges: &mut Registry, now: &MappingsNow) {
    let one = |value: i64| Rows::default().with(&[], ConstGauge::new(value));
    let digest = Rows::default().with(&[("digest", &*now.digest)], ConstGauge::new(1_i64));
    gauges.register("mappings_info", "The mapping files in force", digest);
    let loaded = one(now.loaded_at.as_second());
    gauges.register("mappings_loaded_timestamp_seconds", "Since when they are", loaded);
    let refused = one(i64::from(now.is_refused));
    let help = "1 while changed mapping files are refused and those of before go on";
    gauges.register("mappings_refused", help, refused);
}

fn holidays(gauges: &mut Registry, are_lacking: bool) {
    let lacking = Rows::default().with(&[], ConstGauge::new(i64::from(are_lacking)));
    let help = "1 while due dates of these days may reach into a year whose holidays are not known";
    gauges.register("holidays_lacking", help, lacking);
}

fn adapters(gauges: &mut Registry, adapters: &[Handle], now: Timestamp) {
    let mut states = Rows::default();
    let (mut throttles, mut destinations) = (Rows::default(), Rows::default());
    for handle in adapters {
        let name = ("adapter", handle.name.as_str());
        let stands = handle.brakes.as_ref().map_or("off", |brakes| state(&brakes.held(now)));
        for state in STATES {
            let is_it = ConstGauge::new(i64::from(state == stands));
            states.add(&[name, ("state", state)], is_it);
        }
        let is_throttled = handle.brakes.as_ref().is_some_and(|it| throttled(it, now).is_some());
        throttles.add(&[name], ConstGauge::new(i64::from(is_throttled)));
        if handle.has_destinations {
            let held = handle.brakes.as_ref().map(|brakes| brakes.receivers(now));
            for (state, count) in by_state(&held.unwrap_or_default()) {
                destinations.add(&[name, ("state", state)], ConstGauge::new(count));
            }
        }
    }
    let help = "1 for where each adapter stands; open: left alone because it fails";
    gauges.register("adapter_state", help, states);
    let help = "1 while a system takes no more of something, as it said itself";
    gauges.register("adapter_throttled", help, throttles);
    gauges.register("destinations_held", "Receivers that get nothing now", destinations);
}

/// How many destinations are held in which way.
fn by_state(held: &[(Box<str>, Held)]) -> BTreeMap<&'static str, i64> {
    let mut counts = BTreeMap::from([("open", 0), ("paused", 0), ("throttled", 0)]);
    for (_, held) in held {
        *counts.entry(state(held)).or_default() += 1;
    }
    counts
}

fn store(
    gauges: &mut Registry,
    (adapters, stock, is_taking_in): (&[Handle], &Result<Stock, StoreError>, bool),
    now: Timestamp,
) {
    let taking_in = Rows::default().with(&[], ConstGauge::new(i64::from(is_taking_in)));
    let help = "0 while nothing new can be kept: its disk is full or away";
    gauges.register("store_taking_in", help, taking_in);
    // Nothing is better than a number that is not known.
    let Ok(stock) = stock else { return };
    let (mut owed, mut oldest) = (Rows::default(), Rows::default());
    for Handle { name, .. } in adapters {
        let Owed { waiting, due, held, dead } = stock.owed.0.get(name).copied().unwrap_or_default();
        for (state, count) in [("waiting", waiting), ("due", due), ("held", held), ("dead", dead)] {
            let labels = [("adapter", name.as_str()), ("state", state)];
            owed.add(&labels, ConstGauge::new(count));
        }
        let age = stock.oldest.get(name).map_or(0, |since| now.duration_since(*since).as_secs());
        oldest.add(&[("adapter", name.as_str())], ConstGauge::new(age.max(0)));
    }
    gauges.register("deliveries", "Deliveries that have not arrived, by what they wait for", owed);
    let help = "How long the delivery that could go first has been due; 0 where none is";
    gauges.register("oldest_due_age_seconds", help, oldest);
    if let Some(space) = stock.space {
        let one = |bytes: u64| Rows::default().with(&[], ConstGauge::new(bytes));
        gauges.register("store_used_bytes", "The store's own file", one(space.used_bytes));
        gauges.register("store_free_bytes", "What is free on its disk", one(space.free_bytes));
    }
}
