//! Tickets and deliveries to keep.

use std::io::{Cursor, Read};
use std::sync::Arc;

use omnihub::store::{Acceptance, Change, Contents, Due, Lease, NewRequest, Outcome, Store, Track};
use omnihub_contract::{
    Attachment, Checksum, Event, EventKind, Receipt, Source, Ticket, TicketId, TicketNumber,
};
use omnihub_kit::bare_ticket;
use sha2::{Digest, Sha256};

pub(crate) fn ticket(number: TicketNumber, description: &str) -> Arc<Ticket> {
    let now = "2024-12-19T10:30:00Z".parse().unwrap();
    let id = TicketId(uuid::Uuid::now_v7());
    Arc::new(Ticket { id, description: description.into(), ..bare_ticket(number, now) })
}

/// A delivery that waits for nothing, is not safe to repeat, and blocks.
pub(crate) fn create(adapter: &str) -> Due {
    Due {
        adapter: adapter.into(),
        operation: "create".into(),
        rule: "ticket".into(),
        needs: Vec::new(),
        unsafe_repeat: true,
        blocks: true,
        sets_status: false,
        track: Track::Creates,
    }
}

/// A delivery that is safe to repeat and blocks nothing.
pub(crate) fn tell(adapter: &str) -> Due {
    let track = Track::Changes;
    Due { operation: "tell".into(), unsafe_repeat: false, blocks: false, track, ..create(adapter) }
}

pub(crate) fn needing(due: Due, receipt: &str) -> Due {
    Due { needs: vec![receipt.parse().unwrap()], ..due }
}

pub(crate) fn acceptance(ticket: &Arc<Ticket>, due: Vec<Due>) -> Acceptance {
    Acceptance {
        ticket: Arc::clone(ticket),
        event: Event::new(EventKind::TicketCreated, ticket.created_at, Source::Client),
        due,
        contents: Vec::new(),
        request: None,
        likeness: None,
        public_number: None,
    }
}

/// A comment that makes these deliveries due.
pub(crate) fn comment(number: TicketNumber, due: Vec<Due>) -> Change {
    let at = "2024-12-19T11:30:00Z".parse().unwrap();
    let event = Event::new(EventKind::TicketCommented, at, Source::Client);
    Change { number, event, due, contents: Vec::new(), request: None }
}

/// A file of this content.
pub(crate) fn attachment(content: &[u8]) -> Attachment {
    Attachment {
        filename: "bukti.jpg".into(),
        mime_type: "image/jpeg".into(),
        size: 1,
        description: None,
        bytes: content.len().try_into().unwrap(),
        sha256: Checksum(Sha256::digest(content).into()),
    }
}

/// Contents as the store takes them.
pub(crate) fn given(contents: &[Vec<u8>]) -> Contents {
    let given =
        |content: &Vec<u8>| -> Box<dyn Read + Send> { Box::new(Cursor::new(content.clone())) };
    contents.iter().map(given).collect()
}

/// A ticket with these files, as it is to be accepted.
pub(crate) fn with_files(number: TicketNumber, contents: &[Vec<u8>]) -> (Arc<Ticket>, Acceptance) {
    let attachments = contents.iter().map(|content| attachment(content)).collect();
    let ticket = Ticket { attachments, ..(*ticket(number, "with files")).clone() };
    let ticket = Arc::new(ticket);
    let contents = given(contents);
    (Arc::clone(&ticket), Acceptance { contents, ..acceptance(&ticket, vec![]) })
}

/// Accepts a ticket with these deliveries.
pub(crate) async fn accept(store: &dyn Store, due: Vec<Due>) -> TicketNumber {
    let ticket = ticket(store.reserve_number(), "a question");
    store.accept(acceptance(&ticket, due)).await.unwrap();
    ticket.number
}

pub(crate) fn request(key: u8, body: u8) -> NewRequest {
    NewRequest {
        key: [key; 32],
        fingerprint: [body; 32],
        status: 201,
        until: "2999-01-01T00:00:00Z".parse().unwrap(),
    }
}

pub(crate) async fn lease(store: &dyn Store, adapter: &str) -> Vec<Lease> {
    store.lease(adapter.into(), 64).await.unwrap()
}

pub(crate) fn delivered(name: &str, value: &str) -> Outcome {
    Outcome::Delivered(Receipt::of([(name, value.to_owned())]))
}
