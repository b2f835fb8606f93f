//! The door, put together from the settings and the running parts.

use std::sync::Arc;

use omnihub_contract::{AdapterName, Effect, Repeat};
use tokio::sync::Semaphore;

use super::clocks::AskedFor;
use super::live::Live;
use super::{Silent, StartError, edge, facts, numbering, partners};
use crate::access::{KnownKeys, Strangers};
use crate::adapters::Listed;
use crate::clock::Clock;
use crate::config::{Config, OnDead};
use crate::dispatch::Lane;
use crate::dispatch::brakes::Held;
use crate::http::openapi::Pages;
use crate::http::{Door, Limits, RequestIds};
use crate::mapping;
use crate::metrics::Metrics;
use crate::store::{Due, Store, Track};
use crate::sync::{Ears, Route};

/// What the door is made of, beside the settings.
pub(super) struct Parts<'a> {
    pub(super) store: &'a Arc<dyn Store>,
    pub(super) live: &'a Live,
    pub(super) clock: &'a Arc<dyn Clock>,
    pub(super) lanes: &'a [Arc<Lane>],
    pub(super) metrics: &'a Arc<Metrics>,
}

pub(super) fn door(
    config: &Config,
    listed: &[Listed],
    parts: &Parts<'_>,
    (ears, asked): (Ears, &AskedFor),
) -> Result<Door, StartError> {
    let (live, route) = (parts.live.clone(), route(listed, parts.live));
    let numbering = numbering()?;
    let clock = Arc::clone(parts.clock);
    let now = move || clock.now();
    let numberer = parts.lanes.iter().find(|lane| lane.name == numbering.adapter).cloned();
    let asked = asked.clone();
    Ok(Door {
        asked: Box::new(move |number| asked.iter().for_each(|(_, asked)| asked.add(number))),
        store: Arc::clone(parts.store),
        route: Box::new(move |ticket, event| route(ticket, event)),
        ears,
        clock: Arc::clone(parts.clock),
        keys: KnownKeys::default(),
        partners: partners(config)?,
        catalogue: partners::catalogue(config),
        counts: Arc::clone(&parts.metrics.door),
        limits: Limits::new(edge::per_minute(config)),
        strangers: Arc::new(Strangers::new(config.limits.failed_auth_per_minute)),
        room: Semaphore::new(config.http.requests_max.min(Semaphore::MAX_PERMITS)),
        numbering,
        wait_for_numbering: config.accept.wait_for_helpdesk.0,
        is_prompt: Box::new(move |wait| {
            numberer.as_ref().is_some_and(|lane| {
                lane.promptness.is_within(wait)
                    && lane.brakes.held(now()) == Held::No
                    && lane.brakes.throttled(Effect::Create, now()).is_none()
            })
        }),
        keep_requests: config.idempotency.keep.0,
        same_claim_within: config.idempotency.same_claim_within.0,
        tracking_url: config.http.tracking_url.clone(),
        bodies: edge::bodies(config),
        pages: Pages::of(&facts(config)),
        request_ids: RequestIds::new(getrandom::u32().unwrap_or_else(|_| std::process::id())),
        is_ready: true.into(),
        mappings: Box::new(move || live.standing()),
    })
}

/// What an event makes due, by the mappings in force, but for what another system does in our place.
pub(super) fn route(listed: &[Listed], live: &Live) -> Route {
    let (silent, mappings) = (Silent::of(listed), Arc::clone(&live.mappings));
    let on_dead = on_dead(listed);
    Arc::new(move |ticket, event| {
        let told = mappings.load().route(ticket, event).into_iter();
        let told = told.filter(|route| !silent.has(&route.adapter, route.operation.name));
        told.map(|route| as_set(due(route), &on_dead)).collect()
    })
}

/// What the settings say of operations whose deliveries are dead, by adapter and operation.
type OnDeads = Vec<(AdapterName, String, OnDead)>;

fn on_dead(listed: &[Listed]) -> OnDeads {
    let of = |listed: &Listed| {
        let operations = listed.section.operations.clone().into_iter();
        let name = listed.name.clone();
        operations.filter_map(move |(operation, section)| {
            Some((name.clone(), operation, section.on_dead?))
        })
    };
    listed.iter().flat_map(of).collect()
}

/// The same, where the settings say otherwise than the design.
fn as_set(due: Due, on_dead: &OnDeads) -> Due {
    let is_said = |(adapter, operation, _): &&(AdapterName, String, OnDead)| {
        *adapter == due.adapter && **operation == *due.operation
    };
    match on_dead.iter().find(is_said) {
        Some((_, _, said)) => Due { blocks: *said == OnDead::Block, ..due },
        None => due,
    }
}

/// What the planner is told of a delivery that a rule makes.
pub fn due(route: mapping::Route) -> Due {
    Due {
        blocks: route.operation.effect == Effect::Create,
        adapter: route.adapter,
        operation: route.operation.name.into(),
        rule: (&*route.rule).into(),
        needs: route.needs,
        unsafe_repeat: route.operation.repeat == Repeat::Unsafe,
        sets_status: route.operation.effect == Effect::Status,
        track: match route.operation.effect {
            Effect::Create => Track::Creates,
            Effect::Change | Effect::Status | Effect::Read => Track::Changes,
        },
    }
}

#[cfg(test)]
mod tests;
