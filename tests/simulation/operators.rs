//! Operators: they pause and resume, change mappings, and decide about what waits for a person.
//!
//! A person who decides has looked at the system first; but now and then one repeats blindly.

use std::sync::Arc;

use omnihub::clock::Clock;
use omnihub::dispatch::brakes::Held;
use omnihub::operate::adapters::{Asked, Resumed, pause, resume};
use omnihub::store::outbox::Phase;
use omnihub::store::{Decided, Decision, Verdict};
use omnihub_contract::DeliveryId;

use super::life::{Ground, Life};
use super::random::Random;
use super::systems::{SETS, SYSTEMS};
use super::tally::Happened;

/// Tickets that an operator sees at once: all.
const LEDGER: usize = 1000;

/// Does something, or nothing. What fails fails because the hub is about to crash.
pub(crate) async fn act(ground: &Ground, life: &Life, random: &mut Random) {
    look(ground, life);
    let system = SYSTEMS[usize::try_from(random.below(4)).unwrap()].name;
    match random.below(10) {
        0 => {
            let asked = Asked::all(system, "siti", "asked");
            let now = ground.clock.now();
            if pause(&*life.store, &life.handles, asked, now).await.is_ok() {
                ground.world.count(Happened::PausedByHand);
            }
        }
        1..4 => resumed_by_hand(ground, life, system).await,
        4..6 => {
            let set = random.one_of(&SETS).unwrap();
            life.mappings.store(Arc::clone(set));
            ground.world.count(Happened::Reloaded);
        }
        6..8 => {
            let waiting = waiting(life);
            if let Some((id, _)) = random.one_of(&waiting) {
                let verdict = verdict(ground, *id, random);
                decide(ground, life, *id, verdict).await;
            }
        }
        _ => {}
    }
}

/// Resumes a system that a person has paused.
pub(crate) async fn resumed_by_hand(ground: &Ground, life: &Life, system: &str) {
    let handle = life.handles.iter().find(|handle| handle.name.as_str() == system).unwrap();
    let held = handle.brakes.as_ref().unwrap().held(ground.clock.now());
    let asked = Resumed::all(system);
    if matches!(held, Held::ByHand(_)) && resume(&*life.store, &life.handles, &asked).await.is_ok()
    {
        ground.world.count(Happened::ResumedByHand);
    }
}

/// Looks at what is listed: everything that waits for a person has to be.
pub(crate) fn look(ground: &Ground, life: &Life) {
    for handle in &life.handles {
        if let Held::Open(_) = handle.brakes.as_ref().unwrap().held(ground.clock.now()) {
            ground.world.count(Happened::BreakerOpen);
        }
    }
    let listed = waiting(life);
    let mut known = ground.world.known();
    for (_, phase) in &listed {
        known.tally.add(if *phase == Phase::Held { Happened::Held } else { Happened::Dead });
    }
    for number in life.store.newest(LEDGER).unwrap() {
        let record = life.store.find(&number.to_string()).unwrap().unwrap();
        for (index, delivery) in record.state.deliveries.iter().enumerate() {
            if delivery.phase == Phase::Waiting
                && delivery.rule == "greeted".into()
                && delivery.mapping.is_some()
            {
                known.tally.add(Happened::WaitedForMore);
            }
            let id = DeliveryId { ticket: number, ordinal: u16::try_from(index + 1).unwrap() };
            let is_listed = listed.iter().any(|(listed, _)| *listed == id);
            if is_listed != matches!(delivery.phase, Phase::Held | Phase::Dead) {
                known.wrong(format!("{id} is listed: {is_listed}, but stands as {delivery:?}"));
            }
        }
    }
}

/// What waits for a person.
pub(crate) fn waiting(life: &Life) -> Vec<(DeliveryId, Phase)> {
    let mut waiting = Vec::new();
    for record in life.store.ledger(LEDGER).unwrap() {
        for (index, delivery) in record.state.deliveries.iter().enumerate() {
            if matches!(delivery.phase, Phase::Held | Phase::Dead) {
                let ordinal = u16::try_from(index + 1).unwrap();
                waiting
                    .push((DeliveryId { ticket: record.ticket.number, ordinal }, delivery.phase));
            }
        }
    }
    waiting
}

/// What a person decides: as it is at the system, but now and then something else.
fn verdict(ground: &Ground, id: DeliveryId, random: &mut Random) -> Verdict {
    match random.below(10) {
        0 => Verdict::Discarded,
        1 => Verdict::Again(None),
        _ => truthful(ground, id),
    }
}

/// As it is at the system.
pub(crate) fn truthful(ground: &Ground, id: DeliveryId) -> Verdict {
    ground.world.known().given(id).map_or(Verdict::Again(None), Verdict::Delivered)
}

/// Decides, and notes what that allows.
pub(crate) async fn decide(ground: &Ground, life: &Life, id: DeliveryId, verdict: Verdict) {
    {
        // Before it is kept: it may be, although nobody is told.
        let mut known = ground.world.known();
        match &verdict {
            Verdict::Again(_) => {
                known.replayed.insert(id);
                if known.arrived.contains_key(&id) {
                    *known.repeats_allowed.entry(id).or_default() += 1;
                }
            }
            Verdict::Discarded => drop(known.dropped.insert(id)),
            Verdict::Delivered(_) => {}
        }
    }
    let what = match &verdict {
        Verdict::Again(_) => Happened::ReplayedByHand,
        Verdict::Discarded => Happened::DiscardedByHand,
        Verdict::Delivered(_) => Happened::SettledByHand,
    };
    let decision = Decision { id, verdict, by: "siti".into(), reason: "looked there".into() };
    match life.store.decide(decision).await {
        Ok(Decided::Done) => ground.world.count(what),
        Ok(told) => ground.world.known().wrong(format!("{id} is listed, but {told:?}")),
        // It is about to crash.
        Err(_) => {}
    }
}
