//! Intake from outside: bodies in, canonical tickets or complaints out.

mod attachments;
mod claims;
mod fixtures;
mod idempotency;
mod masking;
mod properties;
mod regulatory;
mod tickets;
mod updates;

use std::collections::BTreeMap;
use std::io::Read;

use omnihub::intake::{
    Content, Document, Door, IntakeError, PartnerDefaults, Policy, Taken, claim, ticket,
};
use omnihub_contract::{Kind, PartnerId, Ticket, TicketNumber};
use serde_json::{Value, json};

/// Takes bodies as the partner `wa-bot`, which has these defaults and this policy.
#[derive(Default)]
struct Bench {
    defaults: PartnerDefaults,
    policy: Policy,
}

impl Bench {
    fn take(&self, kind: Kind, body: &[u8]) -> Result<Taken, IntakeError> {
        let mut document = Document::parse(body)?;
        let door = Door {
            now: "2024-12-19T10:30:00Z".parse().unwrap(),
            id: serde_json::from_value(json!("0193df2a-8a80-7000-8000-000000000001")).unwrap(),
            number: TicketNumber(9_000_000_001),
            partner: &PartnerId::from("wa-bot"),
            partner_defaults: &self.defaults,
            policy: &self.policy,
            // Validation tells a wrong key again, beside everything else.
            request_id: document.request_id(None).unwrap_or_default(),
        };
        match kind {
            Kind::Claim => claim(&document, &door),
            Kind::Ticket => ticket(&mut document, &door),
        }
    }

    fn take_value(&self, kind: Kind, body: &Value) -> Result<Taken, IntakeError> {
        self.take(kind, body.to_string().as_bytes())
    }
}

#[track_caller]
fn taken(kind: Kind, body: &Value) -> Taken {
    Bench::default().take_value(kind, body).unwrap()
}

#[track_caller]
fn taken_ticket(kind: Kind, body: &Value) -> Ticket {
    taken(kind, body).ticket
}

/// What contents decode to.
fn decoded(contents: Vec<Content>) -> Vec<Vec<u8>> {
    let whole = |content: Content| {
        let mut bytes = Vec::new();
        content.read().read_to_end(&mut bytes).unwrap();
        bytes
    };
    contents.into_iter().map(whole).collect()
}

/// What is kept of attachments, without the measures of their contents.
fn unmeasured(mut attachments: Value) -> Value {
    for attachment in attachments.as_array_mut().unwrap() {
        let members = attachment.as_object_mut().unwrap();
        assert!(members.remove("bytes").is_some() && members.remove("sha256").is_some());
    }
    attachments
}

/// Checks that a body is refused with exactly these complaints, or taken where there are none.
#[track_caller]
fn check_complaints(kind: Kind, body: &Value, expected: &[(&str, &str)]) {
    check_told(Bench::default().take_value(kind, body), expected, body);
}

#[track_caller]
fn check_told<T>(taken: Result<T, IntakeError>, expected: &[(&str, &str)], body: &Value) {
    let complaints = match taken {
        Ok(_) => BTreeMap::new(),
        Err(IntakeError::Fields(complaints)) => complaints,
        Err(error) => panic!("{error}"),
    };
    let complaints: Vec<_> = complaints.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
    assert_eq!(complaints, expected, "{body}");
}

/// The body with the member at a dotted path replaced.
fn with(mut body: Value, path: &str, value: Value) -> Value {
    let member = path.split('.').fold(&mut body, |body, name| &mut body[name]);
    *member = value;
    body
}

/// The body without the member at a dotted path.
fn without(body: Value, path: &str) -> Value {
    with(body, path, Value::Null)
}

/// A claim with no more than is required.
fn small_claim() -> Value {
    json!({ "namaNasabah": "John Doe", "mediaTransaksi": "QRIS", "nominal": 500_000 })
}

/// A ticket with no more than is required of one of this service type's neighbours.
fn small_ticket(service_type: &str) -> Value {
    json!({
        "channel": "CHAT",
        "serviceType": service_type,
        "customer": { "name": "Jane Smith" },
        "ticket": { "description": "Cannot log in" }
    })
}
