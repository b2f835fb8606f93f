//! What has to be true in the end, when all faults are over and everything is at rest.

use std::collections::{BTreeMap, BTreeSet};

use omnihub::store::outbox::{DeliveryState, Phase};
use omnihub::store::{Owed, Record, Store};
use omnihub_contract::{AdapterName, DeliveryId, TicketNumber};

use super::life::{Ground, Life};
use super::promises::{Answered, Promised};
use super::world::Known;

const ALL: usize = 10_000;

/// Whether nothing will move any more, and nobody is waited for.
pub(crate) fn is_at_rest(life: &Life) -> bool {
    let is_over =
        |delivery: &DeliveryState| matches!(delivery.phase, Phase::Delivered | Phase::Discarded);
    records(&*life.store).iter().all(|record| record.state.deliveries.iter().all(is_over))
}

/// What is not, for people.
pub(crate) fn unrest(life: &Life) -> String {
    let mut lines = String::new();
    for record in records(&*life.store) {
        for (index, delivery) in record.state.deliveries.iter().enumerate() {
            if !matches!(delivery.phase, Phase::Delivered | Phase::Discarded) {
                let waits = record.state.waits_for(index);
                let line =
                    format!("  {}-{}: {waits:?} {delivery:?}\n", record.ticket.number, index + 1);
                lines.push_str(&line);
            }
        }
    }
    lines
}

/// What is counted as owed is what is owed, at any moment.
pub(crate) fn check_owed(ground: &Ground, life: &Life) {
    let mut owed = BTreeMap::<AdapterName, Owed>::new();
    for record in records(&*life.store) {
        for delivery in &record.state.deliveries {
            let owed = owed.entry(delivery.adapter.clone()).or_default();
            match delivery.phase {
                Phase::Waiting => owed.waiting += 1,
                Phase::Ready | Phase::InFlight => owed.due += 1,
                Phase::Held => owed.held += 1,
                Phase::Dead => owed.dead += 1,
                Phase::Delivered | Phase::Discarded => {}
            }
        }
    }
    // While the disk is away nobody can say.
    let Ok(stock) = life.store.stock() else { return };
    let is_some = |owed: &Owed| *owed != Owed::default();
    let mut counted = stock.owed.0;
    counted.retain(|_, owed| is_some(owed));
    owed.retain(|_, owed| is_some(owed));
    if counted != owed {
        ground.world.known().wrong(format!("owed is {owed:?}, and counted as {counted:?}"));
    }
}

/// Holds what is kept against what was promised and what arrived.
pub(crate) fn check(ground: &Ground, life: &Life, promised: &Promised) {
    check_owed(ground, life);
    let mut known = ground.world.known();
    let records: BTreeMap<TicketNumber, Record> =
        records(&*life.store).into_iter().map(|record| (record.ticket.number, record)).collect();
    for answered in &promised.answered {
        match records.get(&answered.number) {
            Some(record) => check_kept(&mut known, &*life.store, record, (answered, promised)),
            None => known.wrong(format!("lost: {answered:?}")),
        }
    }
    for (number, public) in &promised.numbers {
        let kept = records.get(number).and_then(|record| record.state.receipts.public_number());
        if kept != Some(public) {
            known.wrong(format!("{number}: its client was told {public}, and now it is {kept:?}"));
        }
    }
    let mut titles = BTreeMap::new();
    for record in records.values() {
        if let Some(other) = titles.insert(record.ticket.request_id.clone(), record.ticket.number) {
            known.wrong(format!("{other} and {} are of one request", record.ticket.number));
        }
        check_ended(&mut known, &*life.store, record);
    }
    let unknown: Vec<_> =
        known.arrived.keys().filter(|id| !records.contains_key(&id.ticket)).copied().collect();
    for id in unknown {
        known.wrong(format!("{id} arrived, but there is no such ticket"));
    }
}

/// An answered request: its event is there, and owes what it made due.
fn check_kept(
    known: &mut Known,
    store: &dyn Store,
    record: &Record,
    (answered, promised): (&Answered, &Promised),
) {
    let timeline = store.timeline(record).unwrap();
    let words = timeline.get(usize::from(answered.event)).map(|event| {
        match (&event.comment, &event.change) {
            (Some(comment), _) => comment.content.reveal().to_owned(),
            (_, Some(change)) => change.to.canonical.to_string(),
            (None, None) => record.ticket.title.reveal().to_owned(),
        }
    });
    if words.as_ref() != Some(&answered.words) {
        known.wrong(format!("lost: {answered:?}; there is {words:?}"));
    }
    let owed: Vec<_> = record
        .state
        .deliveries
        .iter()
        .filter(|delivery| delivery.event == answered.event)
        .map(|d| (d.adapter.to_string(), d.operation.to_string(), d.rule.to_string()))
        .collect();
    if !promised.tried.get(&answered.key).is_some_and(|tried| tried.contains(&owed)) {
        known.wrong(format!("{answered:?} owes {owed:?}"));
    }
}

/// How each delivery ended is how it is at its system.
fn check_ended(known: &mut Known, store: &dyn Store, record: &Record) {
    let deliveries = &record.state.deliveries;
    let id = |index: usize| DeliveryId {
        ticket: record.ticket.number,
        ordinal: u16::try_from(index + 1).unwrap(),
    };
    let dropped = dropped(deliveries, |index| known.dropped.contains(&id(index)));
    for (index, delivery) in deliveries.iter().enumerate() {
        let has_arrived = known.arrived.contains_key(&id(index));
        match delivery.phase {
            Phase::Delivered if !has_arrived => {
                known.wrong(format!("{} never arrived: {delivery:?}", id(index)));
            }
            Phase::Discarded if !dropped.contains(&index) => {
                known.wrong(format!("nobody discarded {}: {delivery:?}", id(index)));
            }
            _ => {}
        }
    }
    if let Some(number) = record.state.receipts.find("desk", "number") {
        let found = store.find(number).unwrap().map(|found| found.ticket.number);
        if found != Some(record.ticket.number) {
            known.wrong(format!("{} is not found by {number}", record.ticket.number));
        }
    }
}

/// What was dropped of a ticket's deliveries, and with it what needs its receipts, and so on.
fn dropped(deliveries: &[DeliveryState], is_dropped: impl Fn(usize) -> bool) -> BTreeSet<usize> {
    let mut dropped: BTreeSet<_> = (0..deliveries.len()).filter(|at| is_dropped(*at)).collect();
    loop {
        let of =
            |adapter: &AdapterName| dropped.iter().any(|at| deliveries[*at].adapter == *adapter);
        let goes_with = |at: &usize| {
            let mut needs = deliveries[*at].needs.iter();
            !dropped.contains(at) && needs.any(|need| of(&need.adapter))
        };
        let more: Vec<_> = (0..deliveries.len()).filter(goes_with).collect();
        if more.is_empty() {
            return dropped;
        }
        dropped.extend(more);
    }
}

fn records(store: &dyn Store) -> Vec<Record> {
    let numbers = store.newest(ALL).unwrap().into_iter();
    numbers.map(|number| store.find(&number.to_string()).unwrap().unwrap()).collect()
}
