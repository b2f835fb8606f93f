//! Deliveries that could go and do not, because something holds whom they are for: said on each of them.

use jiff::Timestamp;

use super::adapters::{Handle, told};
use super::deliveries::DeliveryView;
use crate::dispatch::brakes::Held;

/// Says of each that is due what holds it, if something does.
pub fn say_why(deliveries: &mut [DeliveryView], handles: &[Handle], now: Timestamp) {
    for delivery in deliveries.iter_mut().filter(|it| it.state == "due") {
        let handle = handles.iter().find(|handle| handle.name.as_str() == delivery.adapter);
        delivery.waits_why = handle.and_then(|handle| why(delivery, handle, now));
    }
}

fn why(delivery: &DeliveryView, handle: &Handle, now: Timestamp) -> Option<String> {
    let name = &handle.name;
    let Some(brakes) = &handle.brakes else {
        return Some(format!("{name} is off, or has no address"));
    };
    let held = brakes.held(now);
    if held != Held::No {
        return Some(said(name.as_str(), &held));
    }
    let destination = delivery.stands_aside_for.as_deref()?;
    let held = brakes.held_at(destination, now);
    (held != Held::No).then(|| said(destination, &held))
}

fn said(who: &str, held: &Held) -> String {
    let (state, reason) = told(held);
    format!("{who} is {state}: {}", reason.unwrap_or_default())
}
