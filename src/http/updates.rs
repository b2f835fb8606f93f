//! `PATCH /api/omnichannel/tickets/{number}`: comments, status, attachments.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use omnihub_contract::{DeliveryId, Event, EventKind, Source, Status, StatusChange, TicketNumber};
use uuid::Uuid;

use super::posted::Posted;
use super::reply::{Problem, json};
use super::{Door, answers, repeats, tickets};
use crate::access::Key;
use crate::intake::{self, Attached, Content, Document, Update, UpdateDoor};
use crate::metrics::Kept;
use crate::store::outbox::Phase;
use crate::store::{Change, Changed, NewRequest, PriorRequest, Record};

pub(crate) async fn update(
    door: &Door,
    key: &Key,
    number: &str,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let bytes_max = door.bodies.attachment_bytes_max;
    let mut document = Posted::read(&door.bodies, headers, body, bytes_max).await?;
    let _place = door.place()?;
    let request_id = repeats::request_id(&document, headers)?;
    let record = tickets::record(door, key, number).await?;
    // The same words about another ticket are another request.
    let path = format!("/api/omnichannel/tickets/{}", record.ticket.number);
    let asked = repeats::Asked { method: "PATCH", path: &path, status: StatusCode::OK };
    let id = request_id.as_deref();
    let request = document.aside(|document| repeats::request(door, key, document, id, asked)).await;
    if let Some(request) = &request
        && let Some(prior) = repeats::prior(door, request)?
    {
        door.counts.repeated(Kept::Update);
        return replay(door, prior).await;
    }
    let update = document.aside(|document| update_of(door, &record, document)).await?;
    let (event, contents) = event(door, &record, update);
    let contents = document.hand_over(contents);
    let due = (door.route)(&record.ticket, &event);
    let number = record.ticket.number;
    let change = Change { number, event, due, contents, request: request.clone() };
    match door.store.change(change).await? {
        Changed::Kept { event, deliveries } => {
            door.counts.accepted(Kept::Update);
            // Only the answer is still to come, perhaps for seconds.
            drop(document);
            kept(door, number, event, &deliveries, request).await
        }
        Changed::Repeated(prior) => {
            door.counts.repeated(Kept::Update);
            match &request {
                Some(request) => replay(door, repeats::same(request, prior)?).await,
                None => replay(door, prior).await,
            }
        }
        Changed::Final => Err(Problem::of(StatusCode::BAD_REQUEST, FINAL)),
        Changed::Full => {
            Err(Problem::of(StatusCode::BAD_REQUEST, "The ticket takes no more updates"))
        }
        Changed::NoTicket => Err(Problem::of(StatusCode::NOT_FOUND, "Ticket not found")),
    }
}

/// OMNI API 1.0, "Business Logic Errors".
const FINAL: &str = "Cannot update closed or resolved tickets";

fn update_of(door: &Door, record: &Record, document: &mut Document) -> Result<Update, Problem> {
    Ok(intake::update(
        document,
        &UpdateDoor {
            now: door.clock.now(),
            id: Uuid::now_v7().to_string(),
            author: &record.ticket.customer.name,
            attached: attached(door, record)?,
            policy: &door.partners.of(&record.ticket.partner).policy,
        },
    )?)
}

fn event(door: &Door, record: &Record, update: Update) -> (Event, Vec<Content>) {
    let event = |kind| Event::new(kind, door.clock.now(), Source::Client);
    match update {
        Update::Comment(comment) => {
            (Event { comment: Some(comment), ..event(EventKind::TicketCommented) }, Vec::new())
        }
        Update::Status(word) => {
            let from = record.state.status.canonical.clone();
            let change = Some(StatusChange::new(from, Status { canonical: word, raw: None }));
            (Event { change, ..event(EventKind::TicketStatusChanged) }, Vec::new())
        }
        Update::Attachments { attachments, contents } => {
            (Event { attachments, ..event(EventKind::TicketAttachmentAdded) }, contents)
        }
    }
}

/// What the ticket has attached already.
fn attached(door: &Door, record: &Record) -> Result<Attached, Problem> {
    let timeline = door.store.timeline(record)?;
    let later = timeline.iter().flat_map(|event| &event.attachments);
    let all = record.ticket.attachments.iter().chain(later);
    Ok(all.fold(Attached::default(), |sum, attachment| Attached {
        count: sum.count + 1,
        bytes: sum.bytes.saturating_add(usize::try_from(attachment.bytes).unwrap_or(usize::MAX)),
    }))
}

/// The answer to a change that is kept: the numbering adapter's own yes or no, if it comes in time.
async fn kept(
    door: &Door,
    number: TicketNumber,
    event: u16,
    deliveries: &[DeliveryId],
    request: Option<NewRequest>,
) -> Result<Response, Problem> {
    let before = find(door, number)?;
    let own = deliveries.iter().find(|id| is_numbering(door, &before, **id));
    if let Some(delivery) = own {
        door.wait(*delivery).await;
        let after = find(door, number)?;
        if let Some(refusal) = refusal(&after, *delivery) {
            if let Some(request) = request {
                door.store.forget_request(request.key).await?;
            }
            return Err(Problem::of(StatusCode::BAD_REQUEST, refusal));
        }
    }
    answer(door, &before, event)
}

fn is_numbering(door: &Door, record: &Record, id: DeliveryId) -> bool {
    let index = usize::from(id.ordinal).saturating_sub(1);
    let delivery = record.state.deliveries.get(index);
    delivery.is_some_and(|delivery| delivery.adapter == door.numbering.adapter)
}

/// The documented text of a refusal, if the delivery was refused.
fn refusal(record: &Record, id: DeliveryId) -> Option<String> {
    let delivery = record.state.deliveries.get(usize::from(id.ordinal).saturating_sub(1))?;
    let note = delivery.note.as_ref().filter(|_| delivery.phase == Phase::Dead)?;
    let is_final = note.words.to_lowercase().contains("closed or resolved");
    Some(if is_final { FINAL.to_owned() } else { "Invalid update data".to_owned() })
}

async fn replay(door: &Door, prior: PriorRequest) -> Result<Response, Problem> {
    let record = find(door, prior.number)?;
    let answer = answer(door, &record, prior.event)?;
    door.store.synced().await?;
    Ok(repeats::marked(answer))
}

fn answer(door: &Door, record: &Record, place: u16) -> Result<Response, Problem> {
    let timeline = door.store.timeline(record)?;
    let event = timeline.get(usize::from(place));
    let event = event.ok_or_else(|| Problem::ours(&format!("event {place} is gone")))?;
    Ok(json(StatusCode::OK, &answers::updated(record, event)))
}

fn find(door: &Door, number: TicketNumber) -> Result<Record, Problem> {
    let record = door.store.find(&number.to_string())?;
    record.ok_or_else(|| Problem::ours(&format!("ticket {number} is gone")))
}
