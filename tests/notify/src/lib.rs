//! The adapter for Notify, which tells people by message.
//!
//! Source: "Notify REST API", v1.

use omnihub_contract::{Effect, Fault, Field, Incoming, Operation, Place, Repeat, Secret};
use omnihub_upstream::{
    BadSettings, ClientSettings, Credential, Meaning, Shown, Success, Table, TableAdapter,
};
use serde::Deserialize;

/// The adapter's name in config.toml, mapping files and receipts.
pub const NAME: &str = "notify";

/// Every operation.
pub static OPERATIONS: &[Operation] = &[SEND, CANCEL, MESSAGE, HEALTH];

/// What it tells: the answer to the query `message`.
pub static INCOMING: &[Incoming] =
    &[Incoming { name: "message", members: &[Field::text("state").mandatory()] }];

/// `[adapters.notify]`, but for what every adapter has.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The token that Notify gave us.
    pub token: Secret,
}

/// The Notify at this address.
///
/// # Errors
/// When the address or the token is none.
pub fn adapter(client: &ClientSettings, own: &Settings) -> Result<TableAdapter, BadSettings> {
    TableAdapter::new(client, &TABLE, Credential::Bearer(&own.token))
}

static TABLE: Table = Table {
    operations: OPERATIONS,
    receipts: &[("messageId", "/message/id")],
    success: Success::Says("/ok", "true"),
    words: &["/error/text"],
    meanings: &[
        // "402: the account has no credit": nothing was done, and somebody will pay.
        (Shown::Status(402), Meaning::Fault(Fault::Unavailable)),
        // "409 KNOWN_REFERENCE: it was sent before", with the message that it was.
        (Shown::Says(409, "/error/code", "KNOWN_REFERENCE"), Meaning::Done),
    ],
    probe: "health",
    ..Table::BLANK
};

/// `POST /v1/messages`. A reference is sent once: a repeat is told what was sent before.
const SEND: Operation = Operation {
    name: "send",
    method: "POST",
    path: "/v1/messages",
    fields: &[
        Field::text("reference").mandatory(),
        Field::text("to").mandatory(),
        Field::text("text").mandatory(),
        Field::text("sender.name"),
        Field::number("days_kept"),
    ],
    gives: &["messageId"],
    repeat: Repeat::Safe,
    effect: Effect::Create,
};

/// `PUT /v1/messages/{messageId}/cancel`.
const CANCEL: Operation = Operation {
    name: "cancel",
    method: "PUT",
    path: "/v1/messages/{messageId}/cancel",
    fields: &[Field::text("messageId").mandatory().at(Place::Path), Field::text("reason")],
    gives: &[],
    repeat: Repeat::Safe,
    effect: Effect::Change,
};

/// `GET /v1/messages/{messageId}?details=…`.
const MESSAGE: Operation = Operation::query(
    "message",
    "/v1/messages/{messageId}",
    &[
        Field::text("messageId").mandatory().at(Place::Path),
        Field::flag("details").at(Place::Query),
    ],
);

/// `GET /v1/health`.
const HEALTH: Operation = Operation::query("health", "/v1/health", &[]);
