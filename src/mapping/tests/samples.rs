//! Tickets to map: one of each kind, and any that the door could accept.

use omnihub_contract::{
    Attachment, Category, Channel, Checksum, Claim, Customer, Event, EventKind,
};
use omnihub_contract::{
    Kind, Medium, Personal, Phone, Priority, Receipts, ServiceType, Sla, Source,
};
use omnihub_contract::{Status, Ticket, TicketId, TicketNumber};
use omnihub_kit::{bare_customer, bare_ticket as bare};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::adapters::KNOWN;
use crate::mapping::Facts;

/// A ticket with nothing but what every ticket has.
pub(super) fn bare_ticket() -> Ticket {
    let created_at = "2024-12-19T16:30:00Z".parse().unwrap();
    Ticket {
        id: TicketId("0193ddf0-7c00-7000-8000-00000000002a".parse().unwrap()),
        service_type: ServiceType::Complaint,
        channel: Channel::Whatsapp,
        priority: Priority::Medium,
        title: "Keluhan".into(),
        description: "Rusak".into(),
        customer: bare_customer("Budi Contoh"),
        sla: Sla { hours: 24, response_due: created_at, resolution_due: created_at },
        ..bare(TicketNumber(9_000_000_042), created_at)
    }
}

/// A claim with nothing but what every claim has.
pub(super) fn bare_claim() -> Ticket {
    let (medium, amount) = (Some(Medium::Qris), Some(500_000));
    Ticket {
        kind: Kind::Claim,
        service_type: ServiceType::Claim,
        claim: Some(Claim { medium, amount, ..Claim::default() }),
        ..bare_ticket()
    }
}

/// The event that every ticket begins with.
pub(super) fn created() -> Event {
    let at = "2024-12-19T16:30:00.250Z".parse().unwrap();
    Event::new(EventKind::TicketCreated, at, Source::Client)
}

/// What a ticket is given whose client was told the hub's own number.
pub(super) fn told() -> Receipts {
    let mut receipts = Receipts::default();
    receipts.fix_public_number("9000000042");
    receipts
}

/// All receipts that the shipped rules can wait for.
pub(super) fn receipts(number: &str) -> Receipts {
    let mut receipts = told();
    for known in KNOWN {
        let names = known.operations.iter().flat_map(|row| row.gives);
        let values = names.map(|name| ((*name).to_owned(), number.to_owned()));
        receipts.add(&known.name.into(), values.collect());
    }
    receipts
}

/// Facts about a ticket that was just created.
pub(super) fn with_facts<R>(
    ticket: &Ticket,
    receipts: &Receipts,
    use_them: impl FnOnce(&Facts<'_>) -> R,
) -> R {
    let attachments: Vec<Value> = ticket
        .attachments
        .iter()
        .map(|file| json!({"filename": file.filename, "mime_type": file.mime_type, "size": file.size, "content": "aGFsbw=="}))
        .collect();
    let (event, status) = (created(), Status::open());
    use_them(&Facts { ticket, event: &event, status: &status, receipts, attachments: &attachments })
}

fn words() -> impl Strategy<Value = String> {
    "[A-Za-z0-9é][A-Za-z0-9é .,*/-]{0,30}"
}

fn maybe_personal() -> impl Strategy<Value = Option<Personal>> {
    prop::option::of(words().prop_map(Personal::from))
}

fn maybe_words() -> impl Strategy<Value = Option<String>> {
    prop::option::of(words())
}

fn phone() -> impl Strategy<Value = Phone> {
    let number = "\\+628[0-9]{8,10}";
    prop_oneof![
        number.prop_map(|e164| Phone { e164: Some(e164.as_str().into()), raw: e164.into() }),
        words().prop_map(|raw| Phone { e164: None, raw: raw.into() }),
    ]
}

fn customer() -> impl Strategy<Value = Customer> {
    let email = prop::option::of("[a-z]{1,8}@contoh\\.example".prop_map(Personal::from));
    let language = prop::option::of(select(vec!["id".to_owned(), "en".to_owned()]));
    let texts = (maybe_words(), maybe_words(), maybe_words());
    (words(), email, prop::option::of(phone()), maybe_personal(), texts, language).prop_map(
        |(name, email, phone, identifier, (branch_code, branch_name, department), language)| {
            let name = name.into();
            Customer {
                name,
                email,
                phone,
                identifier,
                branch_code,
                branch_name,
                department,
                language,
            }
        },
    )
}

fn claim() -> impl Strategy<Value = Claim> {
    let medium = select(Medium::WORDS).prop_map(|word| Some(Medium::from(word)));
    let card = prop::option::of("[0-9]{0,6}\\*{4,8}[0-9*]{4}".prop_map(Personal::from));
    let account = prop::option::of("[0-9]{1,20}".prop_map(Personal::from));
    let texts = (maybe_words(), maybe_words(), maybe_words(), maybe_words(), maybe_words());
    let occurred_at = prop::option::of(
        (0..4_000_000_000_i64).prop_map(|second| jiff::Timestamp::from_second(second).unwrap()),
    );
    (medium, 1..=1_000_000_000_u64, account, card, texts, occurred_at, maybe_personal()).prop_map(
        |(medium, amount, account_number, card, texts, occurred_at, reason)| Claim {
            medium,
            amount: Some(amount),
            account_number,
            card,
            reason,
            occurred_at,
            transaction_type: texts.0,
            transaction_id: texts.1,
            atm_id: texts.2,
            atm_name: texts.3,
            branch_register_number: texts.4,
            reference_number: None,
        },
    )
}

/// What the door makes sure of for each service type (contract 1.3).
fn as_the_door_takes_it(mut ticket: Ticket) -> Ticket {
    let customer = &mut ticket.customer;
    match ticket.service_type {
        ServiceType::Claim => {
            customer.email.get_or_insert_with(|| "a@contoh.example".into());
            let amount = ticket.claim.as_ref().and_then(|claim| claim.amount).unwrap_or(1);
            ticket.metadata.insert("claimAmount".into(), amount.into());
            ticket.claim.get_or_insert_default().amount = Some(amount);
        }
        ServiceType::Dispute | ServiceType::AccountIssue => {
            customer.identifier.get_or_insert_with(|| "CIF123456".into());
        }
        ServiceType::MobileBanking | ServiceType::InternetBanking if customer.phone.is_none() => {
            customer.email.get_or_insert_with(|| "a@contoh.example".into());
        }
        _ => {}
    }
    ticket
}

/// Any ticket that the door could accept.
pub(super) fn tickets() -> impl Strategy<Value = Ticket> {
    let what = (select(ServiceType::WORDS), select(Channel::WORDS), select(Priority::WORDS));
    let texts = (words(), words(), maybe_words(), prop::option::of(select(Category::WORDS)));
    let metadata = prop::option::of((words(), 1..1_000_000_u64));
    (any::<bool>(), what, texts, customer(), prop::option::of(claim()), metadata).prop_map(
        |(is_claim, (service, channel, priority), texts, customer, claim, metadata)| {
            let (title, description, channel_reference_id, category) = texts;
            let of_metadata = |(text, number)| json!({"note": text, "claimAmount": number});
            let metadata = metadata.map(of_metadata).and_then(|value| value.as_object().cloned());
            let ticket = Ticket {
                service_type: service.into(),
                channel: channel.into(),
                priority: priority.into(),
                category: category.map(Category::from),
                title: title.into(),
                description: description.into(),
                channel_reference_id,
                customer,
                metadata: metadata.unwrap_or_default(),
                attachments: vec![Attachment {
                    filename: "bukti.jpg".into(),
                    mime_type: "image/jpeg".into(),
                    size: 4,
                    description: None,
                    bytes: 4,
                    sha256: Checksum([0; 32]),
                }],
                webhook_url: Some("https://partner.example/hook".to_owned()),
                ..bare_ticket()
            };
            if is_claim {
                let claim = claim.or_else(|| bare_claim().claim);
                return Ticket {
                    kind: Kind::Claim,
                    service_type: ServiceType::Claim,
                    claim,
                    ..ticket
                };
            }
            let claim = claim.map(|claim| Claim { medium: None, ..claim });
            as_the_door_takes_it(Ticket { claim, ..ticket })
        },
    )
}
