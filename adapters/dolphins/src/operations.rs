//! What 3Dolphins can be asked to do, and what it tells.
//!
//! The page has 24 sections and 23 routes (contract trap 55); D numbers are those of contract §3. Its
//! header cells name parameters of the path; as headers they are never sent (contract trap 61).

mod commands;
mod queries;

use omnihub_contract::{Field, Incoming, Operation, Place, Poll};

use commands::{
    CLOSE, ESCALATE, REASSIGN, SEND_MESSAGE, TRANSFER, TRANSFER_TO_AGENT, TRANSFORM, UPDATE,
    UPDATE_BY_ID, UPDATE_BY_NUMBER, UPLOAD_FILE, UPLOAD_MEDIA,
};
use queries::{
    ASSIGNMENT, BY_FIELD, BY_FILTER, CONVERSATIONS, HISTORY, HISTORY_BY_CHANNEL_ID,
    HISTORY_BY_CHANNEL_KEY, LINK, LIST, PRIORITY, QUEUE_NUMBER,
};

pub(crate) const TICKET: &str = "ticket";

/// The one whose answer has no envelope (contract trap 65).
pub(crate) const TRANSFORM_BUTTON_MESSAGE: &str = "transform_button_message";

/// What an upload gives: where the file is, without the token that the answer puts there.
pub(crate) const FILE_LINK: &str = "fileLink";

/// Every operation.
pub static OPERATIONS: &[Operation] = &[
    LINK,
    LIST,
    BY_FIELD,
    BY_FILTER,
    ASSIGNMENT,
    PRIORITY,
    CONVERSATIONS,
    HISTORY,
    HISTORY_BY_CHANNEL_KEY,
    HISTORY_BY_CHANNEL_ID,
    QUEUE_NUMBER,
    SEND_MESSAGE,
    UPDATE,
    UPDATE_BY_NUMBER,
    UPDATE_BY_ID,
    REASSIGN,
    TRANSFER,
    ESCALATE,
    TRANSFER_TO_AGENT,
    CLOSE,
    UPLOAD_FILE,
    UPLOAD_MEDIA,
    TRANSFORM,
];

/// By what a linked ticket is polled.
pub static POLLS: &[Poll] =
    &[Poll { query: TICKET, argument: "ticketNumber", receipt: "ticketNumber" }];

/// What 3Dolphins tells: the answer to the query `ticket`, without its envelope, and the event of an
/// incoming message (domain 1.3), whose date has no zone.
pub static INCOMING: &[Incoming] = &[
    Incoming {
        name: TICKET,
        members: &[
            Field::text("id"),
            Field::text("ticketNumber").mandatory(),
            Field::text("status").mandatory(),
            Field::text("closureType"),
            Field::text("severity"),
            Field::text("message"),
            Field::number("createdDate"),
            Field::number("modifiedDate"),
        ],
    },
    Incoming {
        name: "incoming_message",
        members: &[
            Field::text("ticketNumber").mandatory(),
            Field::text("channel"),
            Field::text("messageType"),
            Field::text("message"),
            Field::text("mediaLink"),
            Field::text("customerName"),
            Field::text("createdDate"),
            Field::text("language"),
        ],
    },
];

/// A mandatory segment of the path.
const fn segment(name: &'static str) -> Field {
    Field::text(name).mandatory().at(Place::Path)
}
