//! Deliveries under faults: nothing is lost, nothing is doubled, and order holds.
//!
//! All but `lane` runs a whole hub against the stand-ins, and judges by what they were told.

mod attempts;
mod bounds;
pub(crate) mod brakes;
mod budgets;
mod decisions;
mod faults;
mod lane;
mod links;
mod logs;
mod mapping;
mod order;
mod pauses;
mod receivers;
mod refusals;
mod replays;
mod retries;
mod stage;
mod statuses;
mod time;
mod unknown;
mod waits;
mod webhooks;

use serde_json::Value;

use crate::hub::samples::{claim, ticket, with};

const CREATE_CLAIM: &str = "POST /api/omnichannel/claims";
const CREATE_TICKET: &str = "POST /api/omnichannel/tickets";
const CREATE_AT_SOCIOMILE: &str = "POST /bank-sulut/create";

/// More often than any test calls.
const ALWAYS: u64 = 1_000_000;

/// A ticket of a phone call: for the helpdesk, and as voice for Sociomile.
fn phone_call() -> Value {
    with(ticket(), "channel", "PHONE")
}

/// A claim with this customer, whose name finds it in what a system was told.
fn claim_of(name: &str) -> Value {
    with(claim(), "namaNasabah", name)
}
