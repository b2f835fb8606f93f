//! Tickets and changes to post.

use jiff::Timestamp;
use omnihub::store::NewRequest;
use omnihub_contract::{
    Channel, Comment, Event, EventKind, Kind, Source, Status, StatusChange, StatusWord, Ticket,
    TicketId, TicketNumber,
};
use omnihub_kit::bare_ticket;

/// A ticket with nothing but what every ticket has.
pub(crate) fn ticket(number: TicketNumber, id: uuid::Uuid, title: &str, at: Timestamp) -> Ticket {
    Ticket {
        id: TicketId(id),
        request_id: Some(title.to_owned()),
        channel: Channel::Chat,
        title: title.into(),
        ..bare_ticket(number, at)
    }
}

/// The same as a claim, and with a reference of its channel.
pub(crate) fn of_kind(ticket: Ticket, is_claim: bool, has_reference: bool) -> Ticket {
    let kind = if is_claim { Kind::Claim } else { Kind::Ticket };
    let claim =
        is_claim.then(|| omnihub_contract::Claim { amount: Some(500_000), ..Default::default() });
    let channel_reference_id = has_reference.then(|| "a chat".to_owned());
    Ticket { kind, claim, channel_reference_id, ..ticket }
}

/// A request that a client may repeat.
pub(crate) fn request(client: u8, ticket: u64, change: u64) -> NewRequest {
    let mut key = [client; 32];
    key[1..9].copy_from_slice(&ticket.to_be_bytes());
    key[9..17].copy_from_slice(&change.to_be_bytes());
    NewRequest {
        key,
        fingerprint: key,
        status: 201,
        until: "2999-01-01T00:00:00Z".parse().unwrap(),
    }
}

/// A comment of these words.
pub(crate) fn commented(at: Timestamp, source: Source, words: &str) -> Event {
    let comment = Comment {
        id: words.to_owned(),
        content: words.into(),
        author: "a client".into(),
        is_from_support: false,
        at,
    };
    Event { comment: Some(comment), ..Event::new(EventKind::TicketCommented, at, source) }
}

/// A change to this status.
pub(crate) fn moved(at: Timestamp, source: Source, to: &str) -> Event {
    let to = Status { canonical: to.into(), raw: None };
    let change = Some(StatusChange::new(StatusWord::Open, to));
    Event { change, ..Event::new(EventKind::TicketStatusChanged, at, source) }
}
