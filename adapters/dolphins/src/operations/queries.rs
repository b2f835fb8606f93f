//! The reading routes. All but [`BY_FILTER`] are GETs (contract trap 58).

use omnihub_contract::{Field, Operation, Place};

use super::{CONVERSATION, TICKET, segment};

/// D1, printed as "Get List of Closed Tickets"; it gives one ticket in any state (contract trap 57). As
/// a delivery it links our ticket to theirs, or finds that there is none.
pub(super) const LINK: Operation = Operation {
    gives: &["ticketNumber"],
    ..Operation::query(
        TICKET,
        "/dolphin/apiv1/graph/tickets/{ticketNumber}",
        &[segment("ticketNumber")],
    )
};

/// D4, "Get List of Ticket".
pub(super) const LIST: Operation =
    Operation::query("tickets", "/dolphin/apiv1/graph/tickets", &[START, COUNT]);

/// D2, "Get Ticket Data by Filter".
pub(super) const BY_FIELD: Operation = Operation::query(
    "tickets_by_field",
    "/dolphin/apiv1/graph/tickets/data/{ticketNumber}/{fieldName}/{keyword}",
    &[segment("ticketNumber"), segment("fieldName"), segment("keyword")],
);

/// D3, "Get Ticket Data by Filter Query": the one read that has a body, and `channel_type` where every
/// other route says `channelType` (contract trap 77).
pub(super) const BY_FILTER: Operation = Operation {
    method: "POST",
    ..Operation::query(
        "tickets_by_filter",
        "/dolphin/apiv1/graph/tickets/data/{ticketNumber}",
        &[segment("ticketNumber"), START, COUNT, Field::text("channel_type").mandatory()],
    )
};

/// D6, "Get User Ticket Assignment". Its status words are in small letters (contract trap 73).
pub(super) const ASSIGNMENT: Operation = Operation::query(
    "assignment",
    "/dolphin/apiv1/graph/tickets/assignment",
    &[
        Field::text("status").at(Place::Query),
        Field::text("sort").at(Place::Query),
        Field::flag("isToday").at(Place::Query),
        START,
        COUNT,
    ],
);

/// D7, "Get Ticket Priority by User id": the user is the token's (contract trap 73).
pub(super) const PRIORITY: Operation =
    Operation::query("priority", "/dolphin/apiv1/graph/tickets/priority", &[START, COUNT]);

/// D8, "Get Ticket Conversation by Ticket Number".
pub(super) const CONVERSATIONS: Operation = Operation::query(
    CONVERSATION,
    "/dolphin/apiv1/graph/tickets/conversations/{ticketNumber}",
    &[segment("ticketNumber"), START, COUNT],
);

/// D20 and D23, which are one route: "… by Channel and Social Id".
pub(super) const HISTORY: Operation = Operation::query(
    "history",
    "/dolphin/apiv1/graph/tickets/conversations/{channel}/{socialId}/history",
    &[segment("channel"), segment("socialId"), COUNT],
);

/// D21, "… by Channel, Channel Key and Social Id".
pub(super) const HISTORY_BY_CHANNEL_KEY: Operation = Operation::query(
    "history_by_channel_key",
    "/dolphin/apiv1/graph/tickets/conversations/{channel}/{channelKey}/{socialId}",
    &[segment("channel"), segment("channelKey"), segment("socialId"), COUNT],
);

/// D22, "… by Channel Id and Social Id".
pub(super) const HISTORY_BY_CHANNEL_ID: Operation = Operation::query(
    "history_by_channel_id",
    "/dolphin/apiv1/graph/tickets/conversations/channelId/{channelId}/{socialId}",
    &[segment("channelId"), segment("socialId"), COUNT],
);

/// D17, "Get Queue Number From Account Id".
pub(super) const QUEUE_NUMBER: Operation = Operation::query(
    "queue_number",
    "/dolphin/apiv1/graph/tickets/queue/{accountId}",
    &[segment("accountId")],
);

/// The first of a page, counted from 0.
const START: Field = Field::number("start").at(Place::Query);

/// How many at most: see [`paging`](crate::paging).
const COUNT: Field = Field::number("count").at(Place::Query);
