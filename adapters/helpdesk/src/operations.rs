//! What the helpdesk can be asked to do.

use omnihub_contract::{Effect, Field, Operation, Repeat};

pub(crate) const CREATE_CLAIM: &str = "create_claim";
pub(crate) const CREATE_TICKET: &str = "create_ticket";

/// Every operation.
pub static OPERATIONS: &[Operation] = &[CLAIM, TICKET];

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
