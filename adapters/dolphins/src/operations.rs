//! What 3Dolphins can be asked to do, and what it tells.

use omnihub_contract::{Effect, Field, Incoming, Operation, Place, Repeat};

pub(crate) const TICKET: &str = "ticket";
pub(crate) const SEND_MESSAGE: &str = "send_message";

pub(crate) const TICKET_PATH: &str = "/dolphin/apiv1/graph/tickets/{ticketNumber}";
pub(crate) const SEND_MESSAGE_PATH: &str = "/dolphin/apiv1/graph/tickets/sendMessage";

/// Every operation.
pub static OPERATIONS: &[Operation] = &[TICKET_ROW, SEND_MESSAGE_ROW];

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

/// Printed as "Get List of Closed Tickets"; it gives one ticket in any state (contract trap 57). As a
/// delivery it links our ticket to theirs, or finds that there is none.
const TICKET_ROW: Operation = Operation {
    name: TICKET,
    method: "GET",
    path: TICKET_PATH,
    fields: &[Field::text("ticketNumber").mandatory().at(Place::Path)],
    gives: &["ticketNumber"],
    repeat: Repeat::Safe,
    effect: Effect::Read,
};

/// "Send Message": goes to the customer, who would get a repeated one twice.
const SEND_MESSAGE_ROW: Operation = Operation {
    name: SEND_MESSAGE,
    method: "POST",
    path: SEND_MESSAGE_PATH,
    fields: &[
        Field::text("ticketNumber").mandatory(),
        Field::text("channelType").mandatory(),
        Field::text("replyAgent"),
        Field::text("message").mandatory(),
    ],
    gives: &[],
    repeat: Repeat::Unsafe,
    effect: Effect::Change,
};
