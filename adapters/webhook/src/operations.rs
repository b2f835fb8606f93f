//! What a webhook receiver can be told.

use omnihub_contract::{Effect, Field, Operation, Place, Repeat};

pub(crate) const SEND: &str = "send";

/// Every operation.
pub static OPERATIONS: &[Operation] = &[Operation {
    name: SEND,
    method: "POST",
    path: "",
    fields: &[
        Field::text("url").mandatory().at(Place::Address),
        Field::text("event").mandatory(),
        Field::text("ticketNumber").mandatory(),
        Field::text("channelReferenceId"),
        Field::text("timestamp").mandatory(),
        Field::object("data"),
    ],
    gives: &[],
    // `webhook-id` stays the same over retries, so that receivers can tell a repeat.
    repeat: Repeat::Safe,
    effect: Effect::Change,
}];
