//! Repeated requests: what makes one the same as an earlier one (contract trap 19).
//!
//! A client names a request by `integration.requestId` or the `Idempotency-Key` header. The name
//! counts within its key's partner and `integration.partnerId`. The same body gets the stored answer,
//! another body 422. Only answers of success are kept, so a corrected request may use the same name.
//!
//! A documented claim has no name. One that equals an earlier claim about the same transaction, within
//! minutes, is that claim; one that is only about the same transaction is taken, with a finding.

use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode};
use omnihub_contract::{Kind, Ticket};
use sha2::{Digest, Sha256};

use super::Door;
use super::reply::Problem;
use crate::access::Key;
use crate::intake::Document;
use crate::store::recent::{Likeness, half};
use crate::store::{NewRequest, PriorRequest, RequestKey};

const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// What is asked for, and how it is answered the first time.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) status: StatusCode,
}

/// The name that the client gave the request, in the body or the header.
pub(crate) fn request_id(
    document: &Document,
    headers: &HeaderMap,
) -> Result<Option<String>, Problem> {
    let header = headers.get(IDEMPOTENCY_KEY).map(HeaderValue::to_str);
    let header = header.transpose().map_err(|_| {
        Problem::of(StatusCode::BAD_REQUEST, "The Idempotency-Key header is not plain text")
    })?;
    Ok(document.request_id(header)?)
}

/// What the store keeps of the request, if it has a name.
pub(crate) fn request(
    door: &Door,
    key: &Key,
    document: &Document,
    request_id: Option<&str>,
    asked: Asked<'_>,
) -> Option<NewRequest> {
    let now = door.clock.now();
    request_id.map(|id| NewRequest {
        key: scope(key, document, id),
        fingerprint: document.fingerprint(asked.method, asked.path),
        status: asked.status.as_u16(),
        until: now.saturating_add(door.keep_requests).unwrap_or(now),
    })
}

/// The earlier request of the same name, if there was one; refused when it asked for something else.
pub(crate) fn prior(door: &Door, request: &NewRequest) -> Result<Option<PriorRequest>, Problem> {
    let prior = door.store.find_request(&request.key)?;
    prior.map(|prior| same(request, prior)).transpose()
}

/// The earlier request, if it asked for the same.
pub(crate) fn same(request: &NewRequest, prior: PriorRequest) -> Result<PriorRequest, Problem> {
    match prior.fingerprint == request.fingerprint {
        true => Ok(prior),
        false => Err(Problem::of(
            StatusCode::UNPROCESSABLE_ENTITY,
            "This request id was used for another request",
        )),
    }
}

/// An answer that was given before.
pub(crate) fn marked(mut response: Response) -> Response {
    response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
    response
}

/// What a claim without a name is told by: only one about a transaction that has a name of its own.
pub(crate) fn likeness(
    door: &Door,
    key: &Key,
    document: &Document,
    ticket: &Ticket,
    path: &str,
) -> Option<Likeness> {
    let claim = ticket.claim.as_ref().filter(|_| ticket.kind == Kind::Claim)?;
    if ticket.request_id.is_some() || door.same_claim_within.is_zero() {
        return None;
    }
    let transaction = claim.transaction_id.as_ref().or(claim.reference_number.as_ref())?;
    let subject = half(scope(key, document, transaction));
    let fingerprint = document.fingerprint("POST", path);
    let whole =
        half(Sha256::new().chain_update(subject).chain_update(fingerprint).finalize().into());
    let now = ticket.created_at;
    let until = now.saturating_add(door.same_claim_within).unwrap_or(now);
    Some(Likeness { whole, subject, until })
}

/// A name, within its key's partner and the partner's own.
fn scope(key: &Key, document: &Document, id: &str) -> RequestKey {
    let mut hash = Sha256::new();
    for part in [key.partner.as_str(), document.partner_reference().unwrap_or_default(), id] {
        hash.update(part.len().to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().into()
}
