//! `POST /api/omnichannel/claims` and `/tickets`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode};
use omnihub_contract::{Event, EventKind, Kind, Source, Ticket, TicketId};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::reply::{Problem, json};
use super::{Door, answers, auth, body};
use crate::access::{Key, Permission};
use crate::intake::{self, Document, Taken};
use crate::store::{Acceptance, Accepted, NewRequest, PriorRequest, RequestKey};

const IDEMPOTENCY_KEY: &str = "idempotency-key";

pub(crate) async fn claim(
    State(door): State<Arc<Door>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    // OMNI API 1.0, "Create Simplified Claim": 201.
    create(&door, Kind::Claim, StatusCode::CREATED, &headers, body).await
}

pub(crate) async fn ticket(
    State(door): State<Arc<Door>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    // 001 says 201, 003 says 200; which of them a client follows shows in its header (trap 2).
    let created =
        if auth::uses_authorization(&headers) { StatusCode::CREATED } else { StatusCode::OK };
    create(&door, Kind::Ticket, created, &headers, body).await
}

async fn create(
    door: &Door,
    kind: Kind,
    created: StatusCode,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let key = auth::admit(door, headers, Permission::Create)?;
    let bytes = body::read(body, door.body_bytes_max).await?;
    let document = Document::parse(&bytes)?;
    let header = headers.get(IDEMPOTENCY_KEY).map(HeaderValue::to_str);
    let header = header.transpose().map_err(|_| {
        Problem::of(StatusCode::BAD_REQUEST, "The Idempotency-Key header is not plain text")
    })?;
    let request_id = document.request_id(header)?;
    let request = request_id.as_deref().map(|id| NewRequest {
        key: scope(&key, &document, id),
        fingerprint: document.fingerprint("POST", path(kind)),
        status: created.as_u16(),
    });
    if let Some(request) = &request
        && let Some(prior) = door.store.find_request(&request.key)?
    {
        return replay(door, request, prior);
    }
    let taken = take(door, kind, &key, &document, request_id)?;
    let (ticket, acceptance) = acceptance(door, taken, request.clone());
    match (door.store.accept(acceptance).await?, request) {
        (Accepted::Repeated(prior), Some(request)) => replay(door, &request, prior),
        (Accepted::Kept | Accepted::Repeated(_), _) => Ok(answer(door, created, &ticket)),
    }
}

fn take(
    door: &Door,
    kind: Kind,
    key: &Key,
    document: &Document,
    request_id: Option<String>,
) -> Result<Taken, Problem> {
    let intake_door = intake::Door {
        now: door.clock.now(),
        id: TicketId(Uuid::now_v7()),
        number: door.store.reserve_number(),
        partner: &key.partner,
        partner_defaults: &door.partner_defaults,
        policy: &door.policy,
        request_id,
    };
    Ok(match kind {
        Kind::Claim => intake::claim(document, &intake_door)?,
        Kind::Ticket => intake::ticket(document, &intake_door)?,
    })
}

fn acceptance(door: &Door, taken: Taken, request: Option<NewRequest>) -> (Arc<Ticket>, Acceptance) {
    let ticket = Arc::new(taken.ticket);
    let event = Event::new(EventKind::TicketCreated, ticket.created_at, Source::Client);
    let due = (door.route)(&ticket, &event);
    let acceptance =
        Acceptance { ticket: Arc::clone(&ticket), event, due, contents: taken.contents, request };
    (ticket, acceptance)
}

/// Made from the ticket alone, so that a replay gives the same bytes.
fn answer(door: &Door, status: StatusCode, ticket: &Ticket) -> Response {
    let number = ticket.number.to_string();
    json(status, &answers::Created::of(ticket, &number, &door.tracking_url))
}

/// The stored answer of an earlier request with the same key, or a refusal when the body is another.
fn replay(door: &Door, request: &NewRequest, prior: PriorRequest) -> Result<Response, Problem> {
    if prior.fingerprint != request.fingerprint {
        let text = "This request id was used for another request";
        return Err(Problem::of(StatusCode::UNPROCESSABLE_ENTITY, text));
    }
    let number = prior.number;
    let record = door.store.find(&number.to_string())?;
    let record = record.ok_or_else(|| Problem::ours(&format!("ticket {number} is gone")))?;
    let status = StatusCode::from_u16(prior.status).unwrap_or(StatusCode::OK);
    let mut response = answer(door, status, &record.ticket);
    response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
    Ok(response)
}

/// The scope of a request id is the key's partner together with `integration.partnerId`.
fn scope(key: &Key, document: &Document, id: &str) -> RequestKey {
    let mut hash = Sha256::new();
    for part in [key.partner.as_str(), document.partner_reference().unwrap_or_default(), id] {
        hash.update(part.len().to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().into()
}

fn path(kind: Kind) -> &'static str {
    match kind {
        Kind::Claim => "/api/omnichannel/claims",
        Kind::Ticket => "/api/omnichannel/tickets",
    }
}
