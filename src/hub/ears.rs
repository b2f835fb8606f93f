//! What hears systems, put together from the settings and the running parts.

use std::sync::Arc;

use super::door::{Parts, route};
use super::{StartError, numbering};
use crate::adapters::Listed;
use crate::sync::{Ears, System};

pub(super) fn ears(listed: &[Listed], parts: &Parts<'_>) -> Result<Ears, StartError> {
    let systems = listed.iter().filter(|listed| listed.is_one_system);
    let systems = systems.map(|listed| {
        (listed.name.clone(), System { close_is_final: listed.section.close_is_final })
    });
    let mappings = Arc::clone(&parts.live.mappings);
    Ok(Ears {
        store: Arc::clone(parts.store),
        clock: Arc::clone(parts.clock),
        mappings: Arc::new(move || mappings.load_full()),
        route: route(listed, parts.live),
        numbering: numbering()?,
        systems: Arc::new(systems.collect()),
    })
}
