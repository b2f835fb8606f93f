//! What Sociomile can be asked to do, and what it tells.
//!
//! Both creates have one address; `ticketType` tells them apart (contract trap 40). Types are those of
//! the document; how a number is written is the mapping's business.

use omnihub_contract::{Effect, Field, Incoming, Operation, Repeat};

pub(crate) const CREATE_HELPDESK: &str = "create_helpdesk";
pub(crate) const CREATE_VOICE: &str = "create_voice";
pub(crate) const UPDATE_STATUS: &str = "update_status";

/// Every operation.
pub static OPERATIONS: &[Operation] = &[HELPDESK, VOICE, STATUS];

/// What Sociomile tells: no document describes a call of its own, so its callback has the body of
/// "2. Update Ticket Helpdesk / omnyx/voice" (contract 2.4).
pub static INCOMING: &[Incoming] = &[Incoming {
    name: "update_status",
    members: &[
        Field::text("sociomile_ticket_id").mandatory(),
        Field::text("bsg_ticket_id").mandatory(),
        Field::text("status").mandatory(),
    ],
}];

/// "1. Create Ticket Helpdesk".
const HELPDESK: Operation = Operation {
    name: CREATE_HELPDESK,
    method: "POST",
    path: "/bank-sulut/create",
    fields: &[
        Field::text("namaNasabah").mandatory(),
        Field::text("ticketType").mandatory(),
        Field::text("content").mandatory(),
        Field::text("email"),
        Field::text("connectID").mandatory(),
        Field::text("mediaTransaksi").mandatory(),
        Field::text("jenisTransaksi"),
        Field::number("nominal").mandatory(),
        Field::number("nomorRekening"),
        // A whole card number in the document's example. The hub has none: leave it out (contract trap 35).
        Field::number("nomorKartu"),
        Field::text("transactionId"),
        Field::text("claimReason"),
        Field::text("claimDate"),
        Field::text("branchCode").mandatory(),
        Field::text("branchName").mandatory(),
        Field::text("atmName").mandatory(),
        Field::text("atmId").mandatory(),
        Field::text("description"),
        Field::number("nomorTicketHelpdesk").mandatory(),
        Field::number("noRegPengaduanCabang").mandatory(),
    ],
    gives: &["ticketId", "ticket_number"],
    repeat: Repeat::Unsafe,
    effect: Effect::Create,
};

/// "3. Create Ticket omnyx/voice".
const VOICE: Operation = Operation {
    name: CREATE_VOICE,
    method: "POST",
    path: "/bank-sulut/create",
    fields: &[
        Field::text("customer_hp").mandatory(),
        Field::text("ticketType").mandatory(),
        Field::text("content").mandatory(),
        Field::text("customer_email").mandatory(),
        Field::text("connectID").mandatory(),
        Field::text("customer_name").mandatory(),
        Field::text("ticketId_masking"),
        Field::text("ticket_id"),
        Field::text("subject"),
        Field::text("date_created_at"),
        Field::text("date_close"),
        Field::text("handlingTime"),
        // The document types it a date and shows words ("complain internal").
        Field::text("mainCategory"),
        Field::text("category_name"),
        Field::text("category_id"),
        Field::text("subCategory"),
        Field::text("detailSubCategory"),
        Field::text("detailSubCategory2"),
        Field::text("created_by_name"),
        Field::text("created_by_id"),
        Field::text("first_stream_text"),
    ],
    gives: &["ticketId", "ticket_number"],
    repeat: Repeat::Unsafe,
    effect: Effect::Create,
};

/// "2. Update Ticket Helpdesk / omnyx/voice". `sociomile_ticket_id` is what a create gave as `ticketId`
/// (contract trap 50), so that an update waits for it.
pub(crate) const STATUS: Operation = Operation {
    name: UPDATE_STATUS,
    method: "POST",
    path: "/bank-sulut/update-status",
    fields: &[
        Field::text("sociomile_ticket_id").mandatory(),
        Field::text("bsg_ticket_id").mandatory(),
        Field::text("status").mandatory(),
    ],
    gives: &[],
    repeat: Repeat::Safe,
    effect: Effect::Status,
};
