//! Deliveries for tests: the same ids and the same time in all of them.

use jiff::Timestamp;
use omnihub_contract::{Delivery, DeliveryId, Operation, TicketId, TicketNumber};
use serde_json::Value;
use uuid::Uuid;

/// When every test's attempt is made: 2024-12-19T10:30:00Z, the date of the OMNI documents.
pub fn at() -> Timestamp {
    Timestamp::from_second(1_734_604_200).unwrap()
}

/// A delivery of this operation, `9000000042-1`, with these mapped fields.
#[track_caller]
pub fn delivery(operations: &'static [Operation], name: &str, payload: Value) -> Delivery {
    let operation = operations.iter().find(|operation| operation.name == name);
    let Value::Object(payload) = payload else { panic!("a payload is an object") };
    Delivery {
        id: DeliveryId { ticket: TicketNumber(9_000_000_042), ordinal: 1 },
        ticket: TicketId(Uuid::nil()),
        partner: "wa-bot".into(),
        operation: operation.unwrap_or_else(|| panic!("there is no operation {name}")),
        payload,
        since: at(),
        at: at(),
    }
}
