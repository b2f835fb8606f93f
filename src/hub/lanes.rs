//! Lanes: each adapter as the dispatcher runs it, made from the settings.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use omnihub_contract::AdapterName;

use super::StartError;
use crate::adapters::Listed;
use crate::config::{Config, OnUnknown, RetryOverride};
use crate::dispatch::Lane;
use crate::dispatch::brakes::Brakes;
use crate::dispatch::breaker::BreakerPolicy;
use crate::dispatch::budget::Budget;
use crate::dispatch::decide::RETRY_AFTER_MAX;
use crate::dispatch::retry::{RetryPolicies, RetryPolicy};
use crate::metrics::{Attempts, Metrics};
use crate::operate;
use crate::operate::adapters::Handle;
use crate::operate::calls::Callable;
use crate::store::Store;

pub(super) fn lanes(
    config: &Config,
    listed: &[Listed],
    (store, metrics): (&dyn Store, &Metrics),
    now: Timestamp,
) -> Result<Vec<Arc<Lane>>, StartError> {
    let mut lanes = Vec::new();
    for listed in listed {
        let starts_paused = listed.section.start_paused;
        let brakes = operate::adapters::brakes(store, &listed.name, starts_paused, now)?;
        let counts = metrics.attempts(&listed.name);
        lanes.extend(lane(config, listed, (brakes, counts)));
    }
    Ok(lanes)
}

pub(super) fn handles(listed: &[Listed], lanes: &[Arc<Lane>]) -> Vec<Handle> {
    let brakes = |name: &AdapterName| {
        lanes.iter().find(|lane| lane.name == *name).map(|lane| lane.brakes.clone())
    };
    listed
        .iter()
        .map(|listed| Handle {
            name: listed.name.clone(),
            brakes: brakes(&listed.name),
            has_destinations: !listed.is_one_system,
        })
        .collect()
}

/// Every adapter, to be called by hand.
pub fn callables(listed: &[Listed]) -> Vec<Callable> {
    let callable = |listed: &Listed| Callable {
        name: listed.name.clone(),
        operations: listed.operations,
        adapter: listed.adapter.clone().filter(|_| listed.section.enabled),
    };
    listed.iter().map(callable).collect()
}

fn lane(
    config: &Config,
    listed: &Listed,
    (brakes, counts): (Brakes, Arc<Attempts>),
) -> Option<Arc<Lane>> {
    let repeated = listed.section.operations.iter();
    let repeated = repeated.filter(|(_, operation)| operation.on_unknown == OnUnknown::Retry);
    Some(Arc::new(Lane {
        name: listed.name.clone(),
        adapter: listed.adapter.clone().filter(|_| listed.section.enabled)?,
        concurrency: listed.section.concurrency,
        create_concurrency: listed
            .limits
            .create_concurrency
            .map_or(listed.section.concurrency, NonZeroUsize::get),
        retry: retries(config, listed),
        repeat_unknown: repeated.map(|(name, _)| name.clone()).collect(),
        breaker: BreakerPolicy {
            failures: config.breaker.failures,
            cooldown: config.breaker.cooldown.0,
        },
        brakes,
        budget: Budget::new(&listed.limits),
        promptness: Arc::default(),
        counts,
    }))
}

/// Each operation's own settings come before the adapter's, and those before all others.
fn retries(config: &Config, listed: &Listed) -> RetryPolicies {
    let all = &config.retry;
    let of_all = RetryPolicy {
        initial: all.initial.0,
        factor: all.factor,
        max_interval: all.max_interval.0,
        attempts_max: all.attempts_max,
        age_max: all.age_max.0,
    };
    let of_all = overridden(&of_all, &listed.section.retry);
    let operations = listed.section.operations.iter();
    let by_operation =
        operations.map(|(name, own)| (name.clone(), overridden(&of_all, &own.retry)));
    RetryPolicies { by_operation: by_operation.collect(), of_all }
}

fn overridden(policy: &RetryPolicy, own: &RetryOverride) -> RetryPolicy {
    RetryPolicy {
        initial: own.initial.map_or(policy.initial, |span| span.0),
        factor: own.factor.unwrap_or(policy.factor),
        max_interval: own.max_interval.map_or(policy.max_interval, |span| span.0),
        attempts_max: own.attempts_max.unwrap_or(policy.attempts_max),
        age_max: own.age_max.map_or(policy.age_max, |span| span.0),
    }
}

/// Longest that any delivery is ever told to wait: by a retry policy, or by an upstream.
pub(super) fn longest_wait(config: &Config) -> Duration {
    let operations = config.adapters.values().flat_map(|section| section.operations.values());
    let operations = operations.map(|operation| &operation.retry);
    let all = config.adapters.values().map(|section| &section.retry).chain(operations);
    let own = all.filter_map(|retry| retry.max_interval).map(|span| span.0);
    own.chain([config.retry.max_interval.0, RETRY_AFTER_MAX]).max().unwrap_or(RETRY_AFTER_MAX)
}
