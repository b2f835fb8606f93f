//! Tickets for tests that care about little of them: what they care about they set themselves.

use jiff::Timestamp;
use omnihub_contract::{
    Channel, Customer, Kind, Priority, ServiceType, Sla, Ticket, TicketId, TicketNumber,
};
use uuid::Uuid;

/// A ticket with nothing but what every ticket has, taken and due at this time.
pub fn bare_ticket(number: TicketNumber, at: Timestamp) -> Ticket {
    Ticket {
        id: TicketId(Uuid::from_u128(u128::from(number.0))),
        number,
        kind: Kind::Ticket,
        partner: "wa-bot".into(),
        partner_reference: None,
        request_id: None,
        service_type: ServiceType::Inquiry,
        channel: Channel::Email,
        channel_reference_id: None,
        priority: Priority::Low,
        category: None,
        title: "Account Balance Inquiry".into(),
        description: "A question".into(),
        customer: bare_customer("Jane Smith"),
        claim: None,
        metadata: serde_json::Map::new(),
        attachments: Vec::new(),
        webhook_url: None,
        sla: Sla { hours: 72, response_due: at, resolution_due: at },
        regulatory: None,
        created_at: at,
    }
}

/// A customer of whom nothing but the name is known.
pub fn bare_customer(name: &str) -> Customer {
    Customer {
        name: name.into(),
        email: None,
        phone: None,
        identifier: None,
        branch_code: None,
        branch_name: None,
        department: None,
        language: None,
    }
}
