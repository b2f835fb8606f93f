//! What operators do with a running hub, over a socket in its data folder.
//!
//! The command line is its only client for now; whoever can reach the socket (mode 0600) may do all
//! of it. It knows the store, not adapters.

pub mod deliveries;

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::StatusCode;
use omnihub_contract::ExposeSecret;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::net::UnixListener;

use crate::access::{self, NewKey};
use crate::clock::Clock;
use crate::store::Store;
use deliveries::{DeliveryView, Filter};

/// Longest path of a socket, in bytes: what `sockaddr_un` holds.
const SOCKET_PATH_MAX: usize = 107;

/// Makes the socket; a left-over one of a hub that was killed is replaced. The caller holds the
/// store's lock, so no other hub is using it.
///
/// # Errors
/// The path and why, when it cannot be made.
pub fn bind(path: &Path) -> Result<UnixListener, (String, io::Error)> {
    let fail = |error| (path.display().to_string(), error);
    if path.as_os_str().len() > SOCKET_PATH_MAX {
        let why = "its path is too long for a socket: set operate.socket to a shorter one";
        return Err(fail(io::Error::new(io::ErrorKind::InvalidInput, why)));
    }
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(fail(error)),
        _ => {}
    }
    let listener = UnixListener::bind(path).map_err(fail)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).map_err(fail)?;
    Ok(listener)
}

#[derive(Clone)]
struct Desk {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

/// The routes of the operators' socket.
pub fn router(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Router {
    Router::new()
        .route("/hub/keys", post(create_key))
        .route("/hub/deliveries", get(list_deliveries))
        .with_state(Desk { store, clock })
}

/// A key that was just made: shown once.
#[derive(Serialize, Deserialize)]
pub struct MadeKey {
    /// Its id.
    pub id: String,
    /// The key itself.
    pub key: String,
}

async fn create_key(
    State(desk): State<Desk>,
    Json(new): Json<NewKey>,
) -> Result<Json<MadeKey>, Failed> {
    let (id, key) =
        access::create(desk.store.as_ref(), new, desk.clock.now()).await.map_err(failed)?;
    Ok(Json(MadeKey { id, key: key.expose_secret().to_owned() }))
}

async fn list_deliveries(
    State(desk): State<Desk>,
    Query(filter): Query<Filter>,
) -> Result<Json<Vec<DeliveryView>>, Failed> {
    Ok(Json(deliveries::list(desk.store.as_ref(), &filter).map_err(failed)?))
}

/// An error as RFC 9457 has it.
struct Failed(String);

fn failed(error: impl std::fmt::Display) -> Failed {
    Failed(error.to_string())
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        let body = json!({ "title": "the hub could not do it", "status": status.as_u16(), "detail": self.0 });
        (status, [("content-type", "application/problem+json")], body.to_string()).into_response()
    }
}
