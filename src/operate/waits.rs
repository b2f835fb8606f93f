//! Why a delivery waits, in words: for what, behind what, and whether a person has to do something.

use omnihub_contract::DeliveryId;

use crate::store::Record;
use crate::store::outbox::{Awaited, DeliveryState, Phase};

/// How many waits behind waits are followed.
const DEPTH_MAX: usize = 4;

/// What stands in the way of a waiting delivery; nothing where it does not wait.
pub fn why(record: &Record, index: usize) -> Option<String> {
    followed(record, index, DEPTH_MAX)
}

fn followed(record: &Record, index: usize, depth: usize) -> Option<String> {
    let state = &record.state;
    match state.awaits(index)? {
        Awaited::Delivery(ahead) => Some(standing(record, ahead, depth)),
        Awaited::Receipt(name) => match state.giver(name).filter(|giver| *giver != index) {
            Some(giver) => Some(standing(record, giver, depth)),
            None if state.deliveries.iter().any(|it| it.adapter == name.adapter) => {
                Some(format!("no delivery to {} gives it any more", name.adapter))
            }
            None => None,
        },
    }
}

/// Where a delivery stands that another waits for.
fn standing(record: &Record, index: usize, depth: usize) -> String {
    let Some(delivery) = record.state.deliveries.get(index) else { return String::new() };
    let name = named(record, index, delivery);
    let code = delivery.note.as_ref().map(|note| note.code.as_str()).unwrap_or_default();
    match delivery.phase {
        Phase::Held => format!("{name} is held ({code}): settle or discard it"),
        Phase::Dead => format!("{name} is dead ({code}): replay, settle or discard it"),
        Phase::InFlight => format!("{name} is under way"),
        Phase::Ready => match delivery.at {
            Some(at) if delivery.note.is_some() => {
                format!("{name} is tried again at {at} ({code})")
            }
            _ => format!("{name} is to go"),
        },
        Phase::Waiting => {
            let what = record.state.waits_for(index).unwrap_or_default();
            let behind = depth.checked_sub(1).and_then(|depth| followed(record, index, depth));
            let behind = behind.map(|behind| format!(": {behind}")).unwrap_or_default();
            format!("{name} waits for {what}{behind}")
        }
        Phase::Delivered | Phase::Discarded => format!("{name} is over"),
    }
}

fn named(record: &Record, index: usize, delivery: &DeliveryState) -> String {
    let ordinal = u16::try_from(index + 1).unwrap_or(u16::MAX);
    let id = DeliveryId { ticket: record.ticket.number, ordinal };
    format!("{id} ({} {})", delivery.adapter, delivery.operation)
}
