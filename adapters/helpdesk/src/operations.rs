//! What the helpdesk can be asked to do, and what it tells.

use omnihub_contract::{Effect, Field, Incoming, Operation, Place, Poll, Repeat};

pub(crate) const CREATE_CLAIM: &str = "create_claim";
pub(crate) const CREATE_TICKET: &str = "create_ticket";
pub(crate) const ADD_COMMENT: &str = "add_comment";
pub(crate) const UPDATE_STATUS: &str = "update_status";
pub(crate) const ADD_ATTACHMENT: &str = "add_attachment";
pub(crate) const FIND_TICKET: &str = "ticket";
pub(crate) const FIND_TICKETS: &str = "tickets";
pub(crate) const LINK_TWIN: &str = "link_twin";
pub(crate) const UPDATE_TWIN: &str = "update_twin";

/// One ticket: where it is shown, and where it is updated.
pub(crate) const TICKET_PATH: &str = "/api/omnichannel/tickets/{ticketNumber}";

/// What an answer to [`ADD_COMMENT`] gives.
pub(crate) const COMMENT_ID: &str = "commentId";

/// Every operation.
pub static OPERATIONS: &[Operation] =
    &[CLAIM, TICKET, COMMENT, STATUS, ATTACHMENT, BY_NUMBER, BY_PARAMETER, TWIN, STATUS_OF_TWIN];

/// By what a ticket's status is polled: it tells the rest of itself by its webhook only as a hint (domain 2.10).
pub static POLLS: &[Poll] =
    &[Poll { query: "ticket", argument: "ticketNumber", receipt: "ticketNumber", pages: None }];

/// What the helpdesk tells: the answer to "Get Ticket" (OMNI API 1.0, both the status and the detailed
/// one), and its webhook, which need not bring `data` (domain 2.10).
pub static INCOMING: &[Incoming] = &[
    Incoming {
        name: "ticket",
        members: &[
            Field::text("ticketNumber").mandatory(),
            Field::text("status").mandatory(),
            Field::text("priority"),
            Field::text("createdAt"),
            Field::text("updatedAt"),
            Field::text("resolvedAt"),
            Field::text("closedAt"),
            Field::text("currentAssignee"),
            Field::text("lastComment.content"),
            Field::text("lastComment.author"),
            Field::text("lastComment.timestamp"),
            Field::list("comments"),
            Field::text("comments[].id"),
            Field::text("comments[].content"),
            Field::text("comments[].author"),
            Field::text("comments[].timestamp"),
            Field::flag("comments[].isFromSupport"),
        ],
    },
    Incoming {
        name: "webhook",
        members: &[
            Field::text("event").mandatory(),
            Field::text("ticketNumber").mandatory(),
            Field::text("channelReferenceId"),
            Field::text("timestamp"),
            Field::text("data.oldStatus"),
            Field::text("data.newStatus"),
            Field::text("data.assignedTo"),
            Field::text("data.comment"),
            Field::text("data.comment.content"),
            Field::text("data.comment.author"),
            Field::text("data.comment.timestamp"),
            Field::flag("data.comment.isFromSupport"),
            Field::text("data.resolvedAt"),
            Field::text("data.closedAt"),
        ],
    },
];

/// `POST /api/omnichannel/claims`, OMNI API 1.0, "Create Simplified Claim". It knows no idempotency and
/// keeps no reference, so a repeat makes a second claim and nothing can be looked up.
const CLAIM: Operation = Operation {
    name: CREATE_CLAIM,
    method: "POST",
    path: "/api/omnichannel/claims",
    fields: &[
        Field::text("namaNasabah").mandatory(),
        Field::text("mediaTransaksi").mandatory(),
        Field::text("jenisTransaksi"),
        Field::number("nominal").mandatory(),
        Field::text("nomorRekening"),
        Field::text("nomorKartu"),
        Field::text("claimReason"),
        Field::text("claimDate"),
        Field::text("transactionId"),
        Field::text("referenceNumber"),
        Field::text("atmId"),
        Field::text("description"),
    ],
    gives: &["ticketNumber", "ticketId"],
    repeat: Repeat::Unsafe,
    effect: Effect::Create,
};

/// `POST /api/omnichannel/tickets`, OMNI API 1.0, "Create Full Ticket".
const TICKET: Operation = Operation {
    name: CREATE_TICKET,
    method: "POST",
    path: "/api/omnichannel/tickets",
    fields: &[
        Field::text("channel").mandatory(),
        Field::text("channelReferenceId"),
        Field::text("serviceType").mandatory(),
        Field::text("customer.name").mandatory(),
        Field::text("customer.email"),
        Field::text("customer.phone"),
        Field::text("customer.identifier"),
        Field::text("customer.branchCode"),
        Field::text("customer.department"),
        Field::text("customer.preferredLanguage"),
        Field::text("ticket.title"),
        Field::text("ticket.description").mandatory(),
        Field::text("ticket.priority"),
        Field::text("ticket.category"),
        Field::object("ticket.metadata"),
        // Members: filename, mime_type, size, content (base64), description.
        Field::list("attachments"),
        Field::text("integration.webhookUrl"),
        Field::text("integration.apiVersion"),
        Field::text("integration.partnerId"),
        // Optional in the document; without it a repeat would not be recognised, and the row below
        // says that it is.
        Field::text("integration.requestId").mandatory(),
    ],
    gives: &["ticketNumber", "ticketId"],
    repeat: Repeat::Safe,
    effect: Effect::Create,
};

/// "Update Ticket", "Add Comment". A repeat makes a second comment.
///
/// It gives the id of the comment there, so that it is known again when the helpdesk shows it.
/// Receipts are kept by ticket and name: the next comment's id takes the place of this one.
const COMMENT: Operation = Operation {
    gives: &[COMMENT_ID],
    repeat: Repeat::Unsafe,
    ..update(ADD_COMMENT, &[NUMBER, Field::text("comment").mandatory()])
};

/// "Update Ticket", "Update Status": CANCELLED or PENDING. A repeat leaves the status as it is; the
/// comment that the helpdesk adds of its own (domain 2.9) only says the same once more.
const STATUS: Operation = Operation {
    effect: Effect::Status,
    ..update(UPDATE_STATUS, &[NUMBER, Field::text("status").mandatory()])
};

/// "Update Ticket", "Add Attachment"; members as those of a create. A repeat adds the files again.
const ATTACHMENT: Operation = Operation {
    repeat: Repeat::Unsafe,
    ..update(ADD_ATTACHMENT, &[NUMBER, Field::list("attachments").mandatory()])
};

const NUMBER: Field = Field::text("ticketNumber").mandatory().at(Place::Path);

/// `PATCH /api/omnichannel/tickets/{ticketNumber}`, OMNI API 1.0, "Update Ticket". The body's
/// `action` is the operation, so that no mapping has to give it.
const fn update(name: &'static str, fields: &'static [Field]) -> Operation {
    Operation {
        name,
        method: "PATCH",
        path: TICKET_PATH,
        fields,
        gives: &[],
        repeat: Repeat::Safe,
        effect: Effect::Change,
    }
}

/// "Get Detailed Ticket Information".
const BY_NUMBER: Operation = query(FIND_TICKET, TICKET_PATH, &[NUMBER]);

/// "Get Ticket Status": by one of the two. With both it is not said which counts (contract trap 12), so
/// that is refused.
const BY_PARAMETER: Operation = query(
    FIND_TICKETS,
    "/api/omnichannel/tickets",
    &[
        Field::text("ticketNumber").at(Place::Query),
        Field::text("channelReferenceId").at(Place::Query),
    ],
);

/// The second ticket that the helpdesk makes of one of type CLAIM, found by its reference (domain 2.7).
/// A helpdesk that makes none is no failure.
const TWIN: Operation = Operation {
    gives: &[TWIN_NUMBER, TWIN_ID],
    ..query(
        LINK_TWIN,
        "/api/omnichannel/tickets",
        &[Field::text("channelReferenceId").mandatory().at(Place::Query)],
    )
};

/// [`STATUS`] for that second ticket: a refusal of it says nothing about the ticket itself.
const STATUS_OF_TWIN: Operation = update(UPDATE_TWIN, &[NUMBER, Field::text("status").mandatory()]);

/// What [`TWIN`] gives: other names than those of the ticket itself.
pub(crate) const TWIN_NUMBER: &str = "twinNumber";
pub(crate) const TWIN_ID: &str = "twinId";

const fn query(name: &'static str, path: &'static str, fields: &'static [Field]) -> Operation {
    Operation { gives: &["ticketNumber", "ticketId"], ..Operation::query(name, path, fields) }
}
