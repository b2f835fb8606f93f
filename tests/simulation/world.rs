//! The world outside the hub, which outlives its crashes: what arrived where, and what was promised.
//!
//! It judges every call as it comes, from what it knows itself and from what is on disk at that moment.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use omnihub::store::outbox::{DeliveryState, Phase};
use omnihub::store::{Record, Store};
use omnihub_contract::{Delivery, DeliveryId, Receipt, Repeat, TicketNumber};

use super::random::{Random, mix};
use super::systems::System;
use super::tally::{Happened, Tally};
use super::weather::{Act, Weather};

/// Shared by all systems, clients and operators.
pub(crate) struct World {
    inner: Mutex<Known>,
}

/// All that there is to know.
pub(crate) struct Known {
    pub(crate) weather: Weather,
    pub(crate) tally: Tally,
    /// What is against the rules, in the order in which it was seen.
    pub(crate) violations: Vec<String>,
    /// Calls under way.
    pub(crate) under_way: BTreeMap<(&'static str, TicketNumber), DeliveryId>,
    /// What each delivery did where it arrived, each time: what the system gave for it.
    pub(crate) arrived: BTreeMap<DeliveryId, Vec<Receipt>>,
    /// What was done for each ticket.
    pub(crate) done: BTreeSet<(TicketNumber, &'static str, &'static str)>,
    /// When each delivery was first done, in milliseconds.
    pub(crate) moments: BTreeMap<(&'static str, DeliveryId), u128>,
    /// Deliveries that were called.
    pub(crate) called: BTreeSet<DeliveryId>,
    /// How often a person said that a delivery is to be repeated although it may have arrived.
    pub(crate) repeats_allowed: BTreeMap<DeliveryId, usize>,
    /// Deliveries that a person let begin anew.
    pub(crate) replayed: BTreeSet<DeliveryId>,
    /// Deliveries that concern nothing, or are not to be made.
    pub(crate) dropped: BTreeSet<DeliveryId>,
    /// Stands for the whole run so far.
    pub(crate) trace: u64,
}

impl World {
    pub(crate) fn new(random: Random) -> Arc<Self> {
        let known = Known {
            weather: Weather::new(random),
            tally: Tally::default(),
            violations: Vec::new(),
            under_way: BTreeMap::new(),
            arrived: BTreeMap::new(),
            done: BTreeSet::new(),
            moments: BTreeMap::new(),
            called: BTreeSet::new(),
            repeats_allowed: BTreeMap::new(),
            replayed: BTreeSet::new(),
            dropped: BTreeSet::new(),
            trace: 0,
        };
        Arc::new(Self { inner: Mutex::new(known) })
    }

    pub(crate) fn known(&self) -> MutexGuard<'_, Known> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn count(&self, what: Happened) {
        self.known().tally.add(what);
    }
}

impl Known {
    pub(crate) fn wrong(&mut self, what: String) {
        self.violations.push(what);
    }

    /// A call comes in.
    pub(crate) fn begin(
        &mut self,
        system: &'static System,
        call: &Delivery,
        store: &dyn Store,
    ) -> Act {
        let id = call.id;
        self.tally.add(Happened::Called);
        if !self.called.insert(id) {
            self.tally.add(Happened::Retried);
        }
        if let Some(other) = self.under_way.insert((system.name, id.ticket), id) {
            self.wrong(format!("{id} is called while {other} is under way"));
        }
        let at_once = self.under_way.keys().filter(|(name, _)| *name == system.name).count();
        if at_once > system.concurrency {
            self.wrong(format!("{at_once} calls at once at {}", system.name));
        }
        match store.find(&id.ticket.to_string()) {
            Ok(Some(record)) => self.judge(system, call, &record),
            found => self.wrong(format!("{id} is called, but its ticket is not kept: {found:?}")),
        }
        let act = self.weather.act(system.name, call.operation.name == "link");
        self.trace = mix(self.trace ^ id.ticket.0 ^ (u64::from(id.ordinal) << 40));
        self.trace = mix(self.trace ^ u64::try_from(act.takes.as_millis()).unwrap());
        act
    }

    /// Whether this call may be made now, by what is on disk and by what was done before.
    fn judge(&mut self, system: &'static System, call: &Delivery, record: &Record) {
        let (id, operation) = (call.id, call.operation);
        let index = usize::from(id.ordinal) - 1;
        let deliveries = &record.state.deliveries;
        let is_due = |delivery: &DeliveryState| match operation.repeat {
            Repeat::Unsafe => delivery.phase == Phase::InFlight,
            Repeat::Safe => matches!(delivery.phase, Phase::Ready | Phase::InFlight),
        };
        if !deliveries.get(index).is_some_and(is_due) {
            self.wrong(format!("{id} is called, but stands as {:?}", deliveries.get(index)));
        }
        for (at, earlier) in deliveries.iter().enumerate().take(index) {
            let other = DeliveryId { ordinal: u16::try_from(at + 1).unwrap(), ..id };
            let is_over = match earlier.phase {
                _ if earlier.adapter.as_str() != system.name => true,
                Phase::Delivered | Phase::Discarded => true,
                Phase::Held | Phase::Dead => &*earlier.operation != "create",
                // One that is delivered again waits for what has gone ahead of it.
                Phase::Waiting => self.replayed.contains(&other),
                Phase::Ready | Phase::InFlight => false,
            };
            if !is_over {
                self.wrong(format!("{id} is called before {other} has ended: {earlier:?}"));
            }
        }
        for (_, (of, by)) in system.needs.iter().filter(|(name, _)| *name == operation.name) {
            if !self.done.contains(&(id.ticket, of, by)) {
                self.wrong(format!("{id}: {} is called before {of} has done {by}", operation.name));
            }
        }
        self.judge_receipts(call, record);
    }

    /// Whether what it says of other systems is what they gave.
    fn judge_receipts(&mut self, call: &Delivery, record: &Record) {
        let receipts = &record.state.receipts;
        let all = [
            ("number", "desk", "number"),
            ("desk", "desk", "number"),
            ("id", "branch", "id"),
            ("link", "archive", "link"),
            ("public", "hub", "number"),
        ];
        for (field, adapter, name) in all {
            if let Some(told) = call.text(field)
                && receipts.find(adapter, name) != Some(told)
            {
                self.wrong(format!("{}: `{field}` is {told}, but {receipts:?}", call.id));
            }
        }
    }

    /// The work of a call is done.
    pub(crate) fn arrive(&mut self, system: &'static System, call: &Delivery, at_ms: u128) {
        let (id, operation) = (call.id, call.operation);
        self.moments.entry((system.name, id)).or_insert(at_ms);
        self.done.insert((id.ticket, system.name, operation.name));
        let before = self.arrived.entry(id).or_default();
        // What recognises a repeat gives the same again.
        let nth = if operation.repeat == Repeat::Safe { 0 } else { before.len() };
        let value =
            |name: &&str| (name.to_string(), format!("{}-{name}-{}-{nth}", system.name, id.ticket));
        let values = operation.gives.iter().map(value).collect();
        before.push(Receipt { values, ..Receipt::default() });
        let times = before.len();
        let may_repeat =
            operation.repeat == Repeat::Safe || system.repeat_unknown.contains(&operation.name);
        let allowed = 1 + self.repeats_allowed.get(&id).copied().unwrap_or_default();
        if times > allowed && !may_repeat {
            self.wrong(format!("{id}: {} was done {times} times", operation.name));
        }
        self.trace = mix(self.trace ^ u64::try_from(at_ms).unwrap());
    }

    /// What a system gave for a delivery, the last time.
    pub(crate) fn given(&self, id: DeliveryId) -> Option<Receipt> {
        self.arrived.get(&id)?.last().cloned()
    }

    /// A call is over.
    pub(crate) fn end(&mut self, system: &'static System, id: DeliveryId) {
        self.under_way.remove(&(system.name, id.ticket));
    }
}
