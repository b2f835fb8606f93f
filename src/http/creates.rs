//! `POST /api/omnichannel/claims` and `/tickets`.

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use omnihub_contract::{
    AdapterName, DeliveryId, Event, EventKind, Kind, Source, Ticket, TicketId, TicketNumber,
};
use uuid::Uuid;

use super::posted::Posted;
use super::reply::{Problem, json};
use super::{Door, answers, auth, repeats};
use crate::access::Key;
use crate::intake::{self, Document, Taken};
use crate::metrics::Kept;
use crate::store::{Acceptance, Accepted, Contents, NewRequest, PriorRequest};

pub(crate) async fn claim(
    door: &Door,
    key: &Key,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    // OMNI API 1.0, "Create Simplified Claim": 201.
    create(door, key, (Kind::Claim, StatusCode::CREATED), headers, body).await
}

pub(crate) async fn ticket(
    door: &Door,
    key: &Key,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    // 001 says 201, 003 says 200; which of them a client follows shows in its header (trap 2).
    let created =
        if auth::uses_authorization(headers) { StatusCode::CREATED } else { StatusCode::OK };
    create(door, key, (Kind::Ticket, created), headers, body).await
}

async fn create(
    door: &Door,
    key: &Key,
    (kind, created): (Kind, StatusCode),
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let bytes_max = body_bytes_max(door, kind);
    let mut document = Posted::read(&door.bodies, headers, body, bytes_max).await?;
    let _place = door.place()?;
    let request_id = repeats::request_id(&document, headers)?;
    let what = repeats::Asked { method: "POST", path: path(kind), status: created };
    let id = request_id.as_deref();
    let request = document.aside(|document| repeats::request(door, key, document, id, what)).await;
    if let Some(request) = &request
        && let Some(prior) = repeats::prior(door, request)?
    {
        door.counts.repeated(counted(kind));
        return replay(door, prior).await;
    }
    let taken = document.aside(|document| take(door, kind, key, document, request_id)).await?;
    let likeness = repeats::likeness(door, key, &document, &taken.ticket, what.path);
    let contents = document.hand_over(taken.contents);
    let (ticket, mut acceptance) = acceptance(door, taken.ticket, contents, request.clone());
    acceptance.likeness = likeness;
    let due = acceptance.due.iter().map(|due| (&due.adapter, due.blocks));
    let numbering = numbering(door, ticket.number, due);
    let accepted = door.store.accept(acceptance).await?;
    match accepted {
        Accepted::Kept => door.counts.accepted(counted(kind)),
        Accepted::Repeated(_) | Accepted::Same(_) => door.counts.repeated(counted(kind)),
    }
    match accepted {
        Accepted::Repeated(prior) => match &request {
            Some(request) => replay(door, repeats::same(request, prior)?).await,
            None => replay(door, prior).await,
        },
        Accepted::Same(earlier) => replay_of(door, earlier, created).await,
        Accepted::Kept => {
            // Only the answer is still to come, perhaps for seconds.
            drop(document);
            let number = public_number(door, ticket.number, numbering).await?;
            Ok(answer(door, created, &ticket, &number))
        }
    }
}

/// Only tickets may have attachments.
fn body_bytes_max(door: &Door, kind: Kind) -> usize {
    match kind {
        Kind::Claim => door.bodies.bytes_max,
        Kind::Ticket => door.bodies.attachment_bytes_max,
    }
}

fn take(
    door: &Door,
    kind: Kind,
    key: &Key,
    document: &mut Document,
    request_id: Option<String>,
) -> Result<Taken, Problem> {
    let partner = door.partners.of(&key.partner);
    let intake_door = intake::Door {
        now: door.clock.now(),
        id: TicketId(Uuid::now_v7()),
        number: door.store.reserve_number(),
        partner: &key.partner,
        partner_defaults: &partner.defaults,
        policy: &partner.policy,
        request_id,
    };
    Ok(match kind {
        Kind::Claim => intake::claim(document, &intake_door)?,
        Kind::Ticket => intake::ticket(document, &intake_door)?,
    })
}

fn acceptance(
    door: &Door,
    ticket: Ticket,
    contents: Contents,
    request: Option<NewRequest>,
) -> (Arc<Ticket>, Acceptance) {
    let ticket = Arc::new(ticket);
    let event = Event::new(EventKind::TicketCreated, ticket.created_at, Source::Client);
    let due = (door.route)(&ticket, &event);
    let is_fixed = door.wait_for_numbering.is_zero();
    let public_number = is_fixed.then(|| ticket.number.to_string().into());
    let kept = Arc::clone(&ticket);
    (
        ticket,
        Acceptance { ticket: kept, event, due, contents, request, likeness: None, public_number },
    )
}

/// The delivery that gives the ticket its number at the numbering adapter.
fn numbering<'a>(
    door: &Door,
    ticket: TicketNumber,
    due: impl Iterator<Item = (&'a AdapterName, bool)>,
) -> Option<DeliveryId> {
    let mut places = (1..).zip(due);
    let (ordinal, _) =
        places.find(|(_, (adapter, blocks))| **adapter == door.numbering.adapter && *blocks)?;
    Some(DeliveryId { ticket, ordinal })
}

/// The number that the client is told: the numbering adapter's, if it comes in time. It is fixed once,
/// so that every later answer says the same.
async fn public_number(
    door: &Door,
    ticket: TicketNumber,
    numbering: Option<DeliveryId>,
) -> Result<String, Problem> {
    if door.wait_for_numbering.is_zero() {
        return Ok(ticket.to_string());
    }
    if let Some(delivery) = numbering {
        door.wait(delivery).await;
    }
    Ok(door.store.fix_number(ticket).await?)
}

/// The answer of the earlier request. It may still wait for its number, and then so does this one.
async fn replay(door: &Door, prior: PriorRequest) -> Result<Response, Problem> {
    let status = StatusCode::from_u16(prior.status).unwrap_or(StatusCode::OK);
    replay_of(door, prior.number, status).await
}

async fn replay_of(
    door: &Door,
    number: TicketNumber,
    status: StatusCode,
) -> Result<Response, Problem> {
    let record = door.store.find(&number.to_string())?;
    let record = record.ok_or_else(|| Problem::ours(&format!("ticket {number} is gone")))?;
    let public = match record.state.receipts.public_number() {
        Some(fixed) => fixed.to_owned(),
        None => {
            let create = numbering(
                door,
                number,
                record.state.deliveries.iter().map(|d| (&d.adapter, d.blocks)),
            );
            public_number(door, number, create).await?
        }
    };
    door.store.synced().await?;
    Ok(repeats::marked(answer(door, status, &record.ticket, &public)))
}

fn answer(door: &Door, status: StatusCode, ticket: &Ticket, number: &str) -> Response {
    let names = door.catalogue.names(ticket);
    json(status, &answers::Created::of(ticket, number, &door.tracking_url, &names))
}

fn counted(kind: Kind) -> Kept {
    match kind {
        Kind::Claim => Kept::Claim,
        Kind::Ticket => Kept::Ticket,
    }
}

fn path(kind: Kind) -> &'static str {
    match kind {
        Kind::Claim => "/api/omnichannel/claims",
        Kind::Ticket => "/api/omnichannel/tickets",
    }
}
