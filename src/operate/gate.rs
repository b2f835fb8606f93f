//! Who may come in by the operators' listener: keys with `hub:operate`; the socket asks for none.
//!
//! It looks at keys, not at what is asked. An address that keeps failing to show one is not listened to for
//! a while, as at the door. Every request that a key makes is logged with the key's id,
//! which is also who a decision or a pause is kept to be of.

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, StatusCode};
use omnihub_contract::Secret;

use super::{Desk, Failed};
use crate::access::{self, Peer, Permission, Shut};

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
    let peer = request.extensions().get().copied().unwrap_or(Peer(None));
    let admitted = match desk.strangers.check(peer.0) {
        Ok(()) => admitted(&desk, request.headers()),
        Err(shut) => Err(Refused::Shut(shut)),
    };
    let id = match admitted {
        Ok(id) => id,
        Err(refused) => {
            let refused = counted(&desk, peer, refused).into_response();
            let status = refused.status().as_u16();
            tracing::warn!(%method, path, status, "an operator's request is refused");
            return refused;
        }
    };
    request.extensions_mut().insert(Actor(id.clone()));
    let answer = as_problem(next.run(request).await).await;
    let status = answer.status().as_u16();
    tracing::info!(key = id, %method, path, status, "an operator's request");
    answer
}

/// Why a request does not come in.
enum Refused {
    /// It shows no right key.
    Stranger,
    /// Its address failed too often to show one.
    Shut(Shut),
    /// Anything else.
    Failed(Failed),
}

/// The id of the request's key, if it may operate the hub.
fn admitted(desk: &Desk, headers: &HeaderMap) -> Result<String, Refused> {
    let presented = presented(headers).ok_or(Refused::Stranger)?;
    let key = access::verify(&*desk.store, &desk.keys, &presented, desk.clock.now());
    let key = key.map_err(|error| Refused::Failed(error.into()))?.ok_or(Refused::Stranger)?;
    let detail = "this key lacks the permission hub:operate".to_owned();
    match key.may(Permission::Operate) {
        true => Ok(key.id.clone()),
        false => Err(Refused::Failed(Failed { status: StatusCode::FORBIDDEN, detail })),
    }
}

/// The same, once it is counted: a stranger's address may be shut by that.
fn counted(desk: &Desk, peer: Peer, refused: Refused) -> Refused {
    match refused {
        Refused::Stranger => desk.strangers.note(peer.0).map_or(Refused::Stranger, Refused::Shut),
        refused => refused,
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::Failed(failed) => failed.into_response(),
            Self::Stranger => {
                let detail = "a key is needed: Authorization: Bearer KEY, or X-API-Key".to_owned();
                Failed { status: StatusCode::UNAUTHORIZED, detail }.into_response()
            }
            Self::Shut(shut) => {
                let seconds = shut.seconds();
                let detail = format!(
                    "too many requests from this address had no right key: come again in {seconds} s"
                );
                let failed = Failed { status: StatusCode::TOO_MANY_REQUESTS, detail };
                let mut response = failed.into_response();
                response.headers_mut().insert(RETRY_AFTER, seconds.into());
                response
            }
        }
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
