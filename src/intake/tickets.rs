//! `POST /api/omnichannel/tickets`: a ticket's body as a canonical ticket (OMNI API 1.0, "Create Full
//! Ticket"; Omnichannel payloads 1.0.0, "Create Ticket"; contract 1.3).

use omnihub_contract::{
    Attachment, Category, Channel, Claim, Customer, Kind, Personal, Priority, ServiceType, Ticket,
};
use serde_json::{Map, Value};

use super::attachments::Attached;
use super::fields::{Field, Members, Wrong, owned, prose, require, required_word, section, word};
use super::integration::Integration;
use super::limits::{
    DESCRIPTION_CHARS_MAX, REFERENCE_CHARS_MAX, TITLE_CHARS_MAX, TITLE_EXCERPT_CHARS,
};
use super::policy::AttachmentLimits;
use super::regulatory::About;
use super::schema::{Object, named, named_for};
use super::{
    Document, Door, IntakeError, Taken, attachments, customer, integration, metadata, required,
    transaction,
};

/// Members that claims may have too.
pub(super) const CHANNEL: Field = Field::word("channel", "Channel");
pub(super) const CHANNEL_REFERENCE: Field =
    Field::line("channelReferenceId", "Channel reference id", REFERENCE_CHARS_MAX);
const SERVICE_TYPE: Field = Field::word("serviceType", "Service type");
const CUSTOMER: Field = Field::member("customer", "Customer");
const TICKET: Field = Field::member("ticket", "Ticket");
const TITLE: Field = Field::line("ticket.title", "Title", TITLE_CHARS_MAX);
const DESCRIPTION: Field = Field::prose("ticket.description", "Description", DESCRIPTION_CHARS_MAX);
const PRIORITY: Field = Field::word("ticket.priority", "Priority");
const CATEGORY: Field = Field::word("ticket.category", "Category");

/// Turns the body of a ticket into a canonical ticket. The body loses the contents of its attachments.
///
/// # Errors
/// [`IntakeError::Fields`] with everything that is wrong.
pub fn ticket(document: &mut Document, door: &Door<'_>) -> Result<Taken, IntakeError> {
    let mut wrong = Wrong::default();
    match parts(document.members(), door, &mut wrong) {
        Some(parts) if wrong.is_empty() => {
            Ok(Taken { ticket: parts.ticket(door), contents: document.take_contents() })
        }
        _ => Err(wrong.into_error()),
    }
}

/// What a body says, read member by member.
struct Parts {
    channel: Channel,
    channel_reference_id: Option<String>,
    service_type: ServiceType,
    customer: Customer,
    words: Words,
    claim: Option<Claim>,
    metadata: Map<String, Value>,
    attachments: Vec<Attachment>,
    integration: Integration,
}

/// The `ticket` block but for its metadata.
struct Words {
    title: Option<Personal>,
    description: Personal,
    priority: Option<Priority>,
    category: Option<Category>,
}

/// Reads the whole body, whatever is wrong on the way; nothing where a required part is missing.
fn parts(body: Members<'_>, door: &Door<'_>, wrong: &mut Wrong) -> Option<Parts> {
    let channel = required_word(body, &CHANNEL, Channel::WORDS, wrong);
    let channel_reference_id = owned(body, &CHANNEL_REFERENCE, wrong);
    let service_type = required_word(body, &SERVICE_TYPE, ServiceType::WORDS, wrong);
    // Each block is `None` where it is no object: one complaint then stands for all its members.
    let person = section(body, &CUSTOMER, wrong);
    let block = section(body, &TICKET, wrong);
    let details = block.and_then(|block| section(block, &metadata::METADATA, wrong));
    let customer = person.and_then(|person| {
        customer::customer(person, &customer::TICKET, door.partner_defaults, wrong)
    });
    let words = block.and_then(|block| words(block, wrong));
    let claim = details.and_then(|details| transaction::of_metadata(details, wrong));
    let metadata =
        details.map(|details| metadata::metadata(details, &door.policy.identifiers, wrong));
    if let Some(service_type) = &service_type {
        required::check(service_type, person, details, wrong);
    }
    let attachments =
        attachments::attachments(body, &door.policy.attachments, Attached::default(), wrong);
    let integration = integration::integration(body, door.policy, wrong);
    Some(Parts {
        channel: channel?,
        channel_reference_id,
        service_type: service_type?,
        customer: customer?,
        words: words?,
        claim,
        metadata: metadata?,
        attachments,
        integration,
    })
}

fn words(block: Members<'_>, wrong: &mut Wrong) -> Option<Words> {
    let title = prose(block, &TITLE, wrong);
    require(block, &DESCRIPTION, wrong);
    let description = prose(block, &DESCRIPTION, wrong);
    let priority = word(block, &PRIORITY, Priority::WORDS, wrong);
    let category = word(block, &CATEGORY, Category::WORDS, wrong);
    Some(Words { title, description: description?, priority, category })
}

impl Parts {
    fn ticket(self, door: &Door<'_>) -> Ticket {
        let Words { title, description, priority, category } = self.words;
        let amount = self.claim.as_ref().and_then(|claim| claim.amount);
        let priority =
            priority.unwrap_or_else(|| door.policy.ticket_priority(&self.service_type, amount));
        let about = About {
            service_type: &self.service_type,
            channel: &self.channel,
            medium: self.claim.as_ref().and_then(|claim| claim.medium.as_ref()),
            category: category.as_ref(),
        };
        Ticket {
            id: door.id,
            number: door.number,
            regulatory: door.policy.regulatory.of(&about),
            kind: Kind::Ticket,
            partner: door.partner.clone(),
            partner_reference: self.integration.partner_reference,
            request_id: door.request_id.clone(),
            channel: self.channel,
            channel_reference_id: self.channel_reference_id,
            sla: door.policy.ticket_sla(door.now, &priority),
            priority,
            category,
            title: title.unwrap_or_else(|| generated_title(&self.service_type, &description)),
            description,
            service_type: self.service_type,
            customer: self.customer,
            claim: self.claim,
            metadata: self.metadata,
            attachments: self.attachments,
            webhook_url: self.integration.webhook_url,
            created_at: door.now,
        }
    }
}

/// The service type and the beginning of the description, so that a list of tickets tells them apart:
/// `Mobile banking: App crashes every time`. The description has its cards masked already.
fn generated_title(service: &ServiceType, description: &Personal) -> Personal {
    let mut title = service.as_str().replace('_', " ");
    if let Some(rest) = title.get_mut(1..) {
        rest.make_ascii_lowercase();
    }
    let line = description.reveal().lines().next().unwrap_or_default().trim();
    let one_line = line.chars().map(|c| if c.is_control() { ' ' } else { c });
    let excerpt: String = one_line.take(TITLE_EXCERPT_CHARS).collect();
    let cut = if excerpt.len() < line.len() { "…" } else { "" };
    format!("{title}: {excerpt}{cut}").into()
}

/// What is said of the body.
pub(super) fn schema(limits: &AttachmentLimits) -> Value {
    let services = || ServiceType::WORDS.iter().map(|word| ServiceType::from(*word));
    let told: Vec<String> = services().filter_map(|service| required::told(&service)).collect();
    let about = format!("A ticket. Required by service type: {}.", told.join("; "));
    let person = customer::described(&customer::TICKET, Object::of("Whose ticket it is."));
    let object = Object::of(about)
        .needs(&CHANNEL, named("Channel"))
        .text(&CHANNEL_REFERENCE, "The channel's own name for the conversation; always send it.")
        .needs(&SERVICE_TYPE, named("ServiceType"))
        .needs(&CUSTOMER, person.schema())
        .needs(&TICKET, named("TicketBlock"))
        .may(&attachments::ATTACHMENTS, attachments::list_schema(limits))
        .may(&integration::INTEGRATION, named("Integration"));
    let rules = services().filter_map(|service| Some((required::rules(&service)?, service)));
    rules
        .fold(object, |object, (rule, service)| {
            object.where_words(&SERVICE_TYPE, &[service.as_str()], &rule)
        })
        .schema()
}

/// What is said of the `ticket` block.
pub(super) fn block_schema() -> Value {
    let priority = "As given, else by service type and amount.";
    Object::of("What the ticket is about.")
        .text(&TITLE, "A line; made from service type and description where it is missing.")
        .needs_text(&DESCRIPTION, "What happened.")
        .may(&PRIORITY, named_for("Priority", priority))
        .may(&CATEGORY, named("Category"))
        .may(&metadata::METADATA, named("Metadata"))
        .schema()
}
