//! Deliveries that could go and do not, because something holds whom they are for: said on each of them.

use jiff::Timestamp;

use super::adapters::{Handle, list, told};
use super::deliveries::DeliveryView;
use super::tickets::TicketView;
use crate::dispatch::brakes::Held;

/// Says of each that is due what holds it, if something does.
pub fn say_why(deliveries: &mut [DeliveryView], handles: &[Handle], now: Timestamp) {
    for delivery in deliveries.iter_mut().filter(|it| it.state == "due") {
        let handle = handles.iter().find(|handle| handle.name.as_str() == delivery.adapter);
        delivery.waits_why = handle.and_then(|handle| why(delivery, handle, now));
    }
}

/// Says of a ticket's systems and deliveries what holds them.
pub fn say_all(ticket: &mut TicketView, handles: &[Handle], now: Timestamp) {
    ticket.say_who_is_held(&list(handles, now));
    say_why(&mut ticket.deliveries, handles, now);
    for system in &mut ticket.systems {
        let own = ticket.deliveries.iter().filter(|it| it.adapter == system.adapter);
        let mut held = own.filter_map(|it| it.waits_why.as_ref().zip(it.stands_aside_for.as_ref()));
        // Of the whole system it is said already.
        if let Some((why, _)) = held.find(|(why, destination)| why.starts_with(&***destination)) {
            system.stands.push_str(&format!("; {why}"));
        }
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
