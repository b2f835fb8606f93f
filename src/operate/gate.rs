//! Who may come in by the operators' listener: keys with `hub:operate`; the socket asks for none.
//!
//! It looks at keys, not at what is asked. Every request that a key makes is logged with the key's id,
//! which is also who a decision or a pause is kept to be of.

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use omnihub_contract::Secret;

use super::{Desk, Failed};
use crate::access::{self, Permission};

/// Longest body of a request: the longest is a decision with its reason.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// Longest words of a refusal that is not ours.
const WORDS_BYTES_MAX: usize = 4096;

const PROBLEM: &str = "application/problem+json";

/// The id of the key that a request came with.
#[derive(Clone, Debug)]
pub(super) struct Actor(String);

impl Actor {
    /// Who is kept to have done it: the key, and the person that its holder names.
    pub(super) fn named(&self, by: &str) -> String {
        match by.trim() {
            "" => self.0.clone(),
            by => format!("{by} ({})", self.0),
        }
    }
}

/// The routes behind a key, with bounded bodies, and every refusal a problem.
pub(super) fn gated(routes: Router, desk: Desk) -> Router {
    let routes = routes.fallback(async || StatusCode::NOT_FOUND);
    routes.layer(DefaultBodyLimit::max(BODY_BYTES_MAX)).layer(from_fn_with_state(desk, gate))
}

async fn gate(State(desk): State<Desk>, mut request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let id = match admitted(&desk, request.headers()) {
        Ok(id) => id,
        Err(failed) => {
            let status = failed.status.as_u16();
            tracing::warn!(%method, path, status, "an operator's request is refused");
            return failed.into_response();
        }
    };
    request.extensions_mut().insert(Actor(id.clone()));
    let answer = as_problem(next.run(request).await).await;
    let status = answer.status().as_u16();
    tracing::info!(key = id, %method, path, status, "an operator's request");
    answer
}

/// The id of the request's key, if it may operate the hub.
fn admitted(desk: &Desk, headers: &HeaderMap) -> Result<String, Failed> {
    let refuse = |status, detail: &str| Failed { status, detail: detail.to_owned() };
    let now = desk.clock.now();
    let key = match presented(headers) {
        Some(presented) => access::verify(&*desk.store, &desk.keys, &presented, now)?,
        None => None,
    };
    let key = key.ok_or_else(|| {
        refuse(StatusCode::UNAUTHORIZED, "a key is needed: Authorization: Bearer KEY, or X-API-Key")
    })?;
    match key.may(Permission::Operate) {
        true => Ok(key.id.clone()),
        false => Err(refuse(StatusCode::FORBIDDEN, "this key lacks the permission hub:operate")),
    }
}

fn presented(headers: &HeaderMap) -> Option<Secret> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let bearer = text(AUTHORIZATION.as_str()).and_then(|value| {
        let (scheme, key) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
    });
    bearer.or_else(|| text("x-api-key")).filter(|key| !key.is_empty()).map(Secret::from)
}

/// A refusal that the framework made, in the form of ours.
async fn as_problem(answer: Response) -> Response {
    let is_ours = answer.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == PROBLEM);
    let status = answer.status();
    if is_ours || !(status.is_client_error() || status.is_server_error()) {
        return answer;
    }
    let words = to_bytes(answer.into_body(), WORDS_BYTES_MAX).await.unwrap_or_default();
    let words = String::from_utf8_lossy(&words).into_owned();
    let detail = match words.is_empty() {
        true => status.canonical_reason().unwrap_or("refused").to_owned(),
        false => words,
    };
    Failed { status, detail }.into_response()
}
