//! `POST /callbacks/{adapter}`: what systems send of their own accord.
//!
//! Whether it is authentic, and what it says, is for the system's adapter; here are its bounds, and who is
//! no longer listened to. Its address is never logged: some systems show their secret in it.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, StatusCode};
use omnihub_contract::{Callback, CallbackAnswer};

use super::Door;
use super::body;
use super::reply::{Problem, json};
use crate::access::Peer;
use crate::sync::notices::Taken;

/// Largest body of a callback: far more than a status, and a message of some pages.
const BYTES_MAX: usize = 64 << 10;

pub(crate) async fn plain(
    State(door): State<Arc<Door>>,
    Path(adapter): Path<String>,
    request: Request,
) -> Response {
    take(&door, &adapter, String::new(), request).await
}

pub(crate) async fn below(
    State(door): State<Arc<Door>>,
    Path((adapter, path)): Path<(String, String)>,
    request: Request,
) -> Response {
    take(&door, &adapter, path, request).await
}

async fn take(door: &Door, adapter: &str, path: String, request: Request) -> Response {
    let peer = request.extensions().get().copied().unwrap_or(Peer(None));
    if let Err(shut) = door.strangers.check(peer.0) {
        return body::refuse(&door.bodies, request, shut.into()).await;
    }
    let answer = match hear(door, adapter, path, request).await {
        Ok(Some(Taken { is_stranger: false, answer })) => Ok(answer),
        Ok(Some(Taken { answer, .. })) => {
            door.strangers.note(peer.0).map_or(Ok(answer), |shut| Err(shut.into()))
        }
        Ok(None) => Err(Problem::of(StatusCode::NOT_FOUND, "Not found")),
        Err(problem) => Err(problem),
    };
    match answer {
        Ok(answer) => written(&answer),
        Err(problem) => problem.into_response(),
    }
}

async fn hear(
    door: &Door,
    adapter: &str,
    path: String,
    request: Request,
) -> Result<Option<Taken>, Problem> {
    let (parts, body) = request.into_parts();
    let (bytes, _room) = body::read(&door.bodies, &parts.headers, body, BYTES_MAX).await?;
    let _place = door.place()?;
    let query = parts.uri.query().unwrap_or_default();
    let callback = Callback {
        path,
        query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        headers: texts(&parts.headers),
        body: bytes.to_vec(),
    };
    Ok(door.ears.take(adapter, &callback).await)
}

fn texts(headers: &HeaderMap) -> Vec<(String, String)> {
    let texts = headers.iter().filter_map(|(name, value)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    });
    texts.collect()
}

fn written(answer: &CallbackAnswer) -> Response {
    let status = StatusCode::from_u16(answer.status);
    json(status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), &answer.body)
}
