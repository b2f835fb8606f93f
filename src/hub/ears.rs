//! What hears systems, put together from the settings and the running parts.

use std::sync::Arc;

use super::door::{Parts, route};
use super::{StartError, calendar, numbering};
use crate::adapters::Listed;
use crate::config::Config;
use crate::sync::kept::{Kept, LOOKS};
use crate::sync::{Ears, System};

pub(super) fn ears(
    config: &Config,
    listed: &[Listed],
    parts: &Parts<'_>,
) -> Result<Ears, StartError> {
    let systems = listed.iter().filter(|listed| listed.is_one_system);
    let systems = systems.map(|listed| {
        let (adapter, close_is_final) = (listed.adapter.clone(), listed.section.close_is_final);
        let counts = parts.metrics.hearing(&listed.name);
        (listed.name.clone(), System { adapter, close_is_final, counts })
    });
    let mappings = Arc::clone(&parts.live.mappings);
    Ok(Ears {
        store: Arc::clone(parts.store),
        clock: Arc::clone(parts.clock),
        mappings: Arc::new(move || mappings.load_full()),
        route: route(listed, parts.live),
        numbering: numbering()?,
        systems: Arc::new(systems.collect()),
        kept: Arc::new(Kept::load(&**parts.store)?),
        asking: Arc::default(),
        calendar: Arc::new(calendar(config)?),
        breaches: Arc::clone(&parts.metrics.breaches),
    })
}

/// Puts what is kept on tickets that have appeared, until the hub stops.
pub(super) async fn look_again(ears: Ears, stop: impl Future<Output = ()>) {
    let mut turns = tokio::time::interval(LOOKS);
    turns.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    tokio::pin!(stop);
    loop {
        tokio::select! {
            _ = turns.tick() => ears.look_again().await,
            () = &mut stop => return,
        }
    }
}
