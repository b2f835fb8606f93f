//! What 3Dolphins can be asked to do, and what it tells.
//!
//! The page has 24 sections and 23 routes (contract trap 55); D numbers are those of contract §3. Its
//! header cells name parameters of the path; as headers they are never sent (contract trap 61).

mod commands;
mod queries;

use omnihub_contract::{Field, Incoming, Operation, Pages, Place, Poll};

use commands::{
    CLOSE, ESCALATE, REASSIGN, SEND_MESSAGE, TRANSFER, TRANSFER_TO_AGENT, TRANSFORM, UPDATE,
    UPDATE_BY_ID, UPDATE_BY_NUMBER, UPLOAD_FILE, UPLOAD_MEDIA,
};
use queries::{
    ASSIGNMENT, BY_FIELD, BY_FILTER, CONVERSATIONS, HISTORY, HISTORY_BY_CHANNEL_ID,
    HISTORY_BY_CHANNEL_KEY, LINK, LIST, PRIORITY, QUEUE_NUMBER,
};

pub(crate) const TICKET: &str = "ticket";
pub(crate) const CONVERSATION: &str = "conversations";
pub(crate) const MESSAGE: &str = "send_message";

/// How every route names a ticket, and what a link gives.
pub(crate) const TICKET_NUMBER: &str = "ticketNumber";

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

/// By what a linked ticket is polled: its conversation first, since an agent answers and then closes.
pub static POLLS: &[Poll] = &[
    Poll {
        query: CONVERSATION,
        argument: TICKET_NUMBER,
        receipt: TICKET_NUMBER,
        pages: Some(Pages { start: "start", count: "count", list: "messages" }),
    },
    Poll { query: TICKET, argument: TICKET_NUMBER, receipt: TICKET_NUMBER, pages: None },
];

/// What 3Dolphins tells: the answers to the queries `ticket` and `conversations`, without their envelopes,
/// and the event of an incoming message (domain 1.3), whose date has no zone.
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
        name: CONVERSATION,
        members: &[
            Field::list("messages"),
            Field::text("messages[].id"),
            Field::text("messages[].messageId"),
            Field::text("messages[].message"),
            Field::flag("messages[].answer"),
            Field::text("messages[].replyAgent"),
            Field::text("messages[].agentName"),
            Field::text("messages[].accountName"),
            Field::number("messages[].createdDate"),
            Field::number("messages[].parent"),
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
