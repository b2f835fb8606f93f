//! `POST /api/omnichannel/claims`: a claim's body as a canonical ticket (OMNI API 1.0, "Create
//! Simplified Claim"; contract 1.2).
//!
//! A claim has no title, priority, metadata or attachments of its own. Beside the documented members
//! it may carry `email`, `phone`, `branchCode`, `branchName`, `atmName`, `noRegPengaduanCabang`,
//! `channel`, `channelReferenceId` and an `integration` block.

use omnihub_contract::{Channel, Claim, Customer, Kind, Medium, Personal, ServiceType, Ticket};
use serde_json::{Map, Value};

use super::fields::{Field, Members, Wrong, owned, prose, word};
use super::integration::Integration;
use super::limits::DESCRIPTION_CHARS_MAX;
use super::regulatory::About;
use super::schema::{Object, named, named_for};
use super::tickets::{CHANNEL, CHANNEL_REFERENCE};
use super::{Document, Door, IntakeError, Taken, customer, integration, transaction};

const DESCRIPTION: Field = Field::prose("description", "Description", DESCRIPTION_CHARS_MAX);

/// Turns the body of a claim into a canonical ticket.
///
/// # Errors
/// [`IntakeError::Fields`] with everything that is wrong.
pub fn claim(document: &Document, door: &Door<'_>) -> Result<Taken, IntakeError> {
    let mut wrong = Wrong::default();
    match parts(document.members(), door, &mut wrong) {
        Some(parts) if wrong.is_empty() => {
            Ok(Taken { ticket: parts.ticket(door), contents: Vec::new() })
        }
        _ => Err(wrong.into_error()),
    }
}

/// What a body says, read member by member.
struct Parts {
    customer: Customer,
    claim: Claim,
    medium: Medium,
    amount: u64,
    description: Option<Personal>,
    channel: Option<Channel>,
    channel_reference_id: Option<String>,
    integration: Integration,
}

/// Reads the whole body, whatever is wrong on the way; nothing where a required part is missing.
fn parts(body: Members<'_>, door: &Door<'_>, wrong: &mut Wrong) -> Option<Parts> {
    let customer = customer::customer(body, &customer::CLAIM, door.partner_defaults, wrong);
    let transaction = transaction::of_claim(body, wrong);
    let description = prose(body, &DESCRIPTION, wrong);
    let channel = word(body, &CHANNEL, Channel::WORDS, wrong);
    let channel_reference_id = owned(body, &CHANNEL_REFERENCE, wrong);
    let integration = integration::integration(body, door.policy, wrong);
    let customer = customer?;
    let (claim, medium, amount) = transaction?;
    Some(Parts {
        customer,
        claim,
        medium,
        amount,
        description,
        channel,
        channel_reference_id,
        integration,
    })
}

impl Parts {
    fn ticket(self, door: &Door<'_>) -> Ticket {
        let channel = self.channel.or_else(|| door.partner_defaults.channel.clone());
        let channel = channel.unwrap_or(Channel::WebPortal);
        let service_type = ServiceType::Claim;
        let (medium, category) = (Some(&self.medium), None);
        let about = About { service_type: &service_type, channel: &channel, medium, category };
        Ticket {
            id: door.id,
            number: door.number,
            kind: Kind::Claim,
            partner: door.partner.clone(),
            partner_reference: self.integration.partner_reference,
            request_id: door.request_id.clone(),
            regulatory: door.policy.regulatory.of(&about),
            service_type,
            channel,
            channel_reference_id: self.channel_reference_id,
            priority: door.policy.claim_priority(self.amount),
            category: None,
            title: title(&self.claim, &self.medium),
            description: self
                .description
                .or_else(|| self.claim.reason.clone())
                .unwrap_or_else(|| composed(&self.claim, &self.medium, self.amount)),
            customer: self.customer,
            claim: Some(self.claim),
            metadata: Map::new(),
            attachments: Vec::new(),
            webhook_url: self.integration.webhook_url,
            sla: door.policy.claim_sla(door.now),
            created_at: door.now,
        }
    }
}

/// As the helpdesk names its own (domain 2.7).
fn title(claim: &Claim, medium: &Medium) -> Personal {
    match &claim.transaction_type {
        Some(transaction_type) => format!("KLAIM - OMNI - {medium} - {transaction_type}").into(),
        None => format!("KLAIM - OMNI - {medium}").into(),
    }
}

/// For a claim without a word of the customer, since every upstream asks for some.
fn composed(claim: &Claim, medium: &Medium, amount: u64) -> Personal {
    match &claim.transaction_type {
        Some(kind) => format!("Klaim transaksi {medium} {kind} sebesar Rp{amount}").into(),
        None => format!("Klaim transaksi {medium} sebesar Rp{amount}").into(),
    }
}

/// What is said of the body.
pub(super) fn schema() -> Value {
    let object = Object::of("A claim about a transaction.")
        .text(&DESCRIPTION, "What happened, in the customer's words.")
        .may(
            &CHANNEL,
            named_for("Channel", "Where the claim came in; the partner's, else WEB_PORTAL."),
        )
        .text(&CHANNEL_REFERENCE, "The channel's own name for the conversation.")
        .may(&integration::INTEGRATION, named("Integration"));
    transaction::described_of_claim(customer::described(&customer::CLAIM, object)).schema()
}
