//! The routes that change something, or tell somebody.
//!
//! Eight of their bodies are in no document (contract trap 59). What is known of those is mandatory,
//! and every other member is the mapping's: nothing is guessed here.

use omnihub_contract::{Effect, Field, Operation, Repeat};

use super::{FILE_LINK, MESSAGE, TRANSFORM_BUTTON_MESSAGE, segment};

/// D5, "Send Message": goes to the customer, who would get a repeated one twice.
pub(super) const SEND_MESSAGE: Operation = Operation {
    method: "POST",
    repeat: Repeat::Unsafe,
    ..command(
        MESSAGE,
        "/dolphin/apiv1/graph/tickets/sendMessage",
        &[
            TICKET_NUMBER,
            Field::text("channelType").mandatory(),
            Field::text("replyAgent"),
            Field::text("message").mandatory(),
        ],
    )
};

/// D11, "Update Ticket", which names it in the body.
pub(super) const UPDATE: Operation = command(
    "update",
    "/dolphin/apiv1/graph/tickets/update",
    &[TICKET_NUMBER, Field::text("channelType"), Field::text("replyAgent"), Field::others()],
);

/// D9, "Update Ticket", which names it in the path.
pub(super) const UPDATE_BY_NUMBER: Operation = command(
    "update_by_number",
    "/dolphin/apiv1/graph/tickets/update/{ticketNumber}",
    &[segment("ticketNumber"), Field::others()],
);

/// D10, "Update Ticket by Doc Id": the page's placeholder says ticket number (contract trap 60).
pub(super) const UPDATE_BY_ID: Operation = command(
    "update_by_id",
    "/dolphin/apiv1/graph/tickets/update/id/{id}",
    &[segment("id"), Field::others()],
);

/// D12, "Reassigned Ticket".
pub(super) const REASSIGN: Operation = command(
    "reassign",
    "/dolphin/apiv1/graph/tickets/update/reassign",
    &[TICKET_NUMBER, Field::text("teamMember.id").mandatory()],
);

/// D13, "Transfered Ticket". A repeat would take it from whoever took it meanwhile.
pub(super) const TRANSFER: Operation = Operation {
    repeat: Repeat::Unsafe,
    ..command(
        "transfer",
        "/dolphin/apiv1/graph/tickets/update/transfer",
        &[TICKET_NUMBER, Field::others()],
    )
};

/// D14, "Escalated Ticket". A repeat calls the supervisor again.
pub(super) const ESCALATE: Operation = Operation {
    repeat: Repeat::Unsafe,
    ..command(
        "escalate",
        "/dolphin/apiv1/graph/tickets/update/escalate",
        &[TICKET_NUMBER, Field::text("supervisorId").mandatory()],
    )
};

/// D15, "Transfer Ticket From Bot To Agent"; as [`TRANSFER`].
pub(super) const TRANSFER_TO_AGENT: Operation = Operation {
    repeat: Repeat::Unsafe,
    ..command(
        "transfer_to_agent",
        "/dolphin/apiv1/graph/tickets/update/transferToAgent",
        &[TICKET_NUMBER, Field::others()],
    )
};

/// D16, "Close Ticket by Bot": whether it may close an agent's is not said (contract trap 78).
pub(super) const CLOSE: Operation = Operation {
    effect: Effect::Status,
    ..command(
        "close",
        "/dolphin/apiv1/graph/tickets/update/close",
        &[TICKET_NUMBER, Field::others()],
    )
};

/// D18, without a title. Its media type is JSON and its body is in no document; a repeat may keep a
/// second file.
pub(super) const UPLOAD_FILE: Operation =
    upload("upload_file", "/dolphin/apiv1/graph/tickets/files");

/// D19, "Get File Media", a POST (contract trap 58); as [`UPLOAD_FILE`].
pub(super) const UPLOAD_MEDIA: Operation =
    upload("upload_media", "/dolphin/apiv1/graph/tickets/files/media");

/// D24, "Do Transform Button Message".
pub(super) const TRANSFORM: Operation = Operation {
    method: "POST",
    repeat: Repeat::Unsafe,
    ..command(
        TRANSFORM_BUTTON_MESSAGE,
        "/dolphin/apiv1/graph/tickets/transformButtonMessage",
        ANYTHING,
    )
};

const TICKET_NUMBER: Field = Field::text("ticketNumber").mandatory();

/// A PUT, that leaves things as it left them before where it is repeated.
const fn command(name: &'static str, path: &'static str, fields: &'static [Field]) -> Operation {
    Operation {
        name,
        method: "PUT",
        path,
        fields,
        gives: &[],
        repeat: Repeat::Safe,
        effect: Effect::Change,
    }
}

const fn upload(name: &'static str, path: &'static str) -> Operation {
    Operation {
        method: "POST",
        gives: &[FILE_LINK],
        repeat: Repeat::Unsafe,
        ..command(name, path, ANYTHING)
    }
}

const ANYTHING: &[Field] = &[Field::others()];
