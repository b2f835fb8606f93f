//! What the settings say of connections, bodies and limits, for [`http`](crate::http).

use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use super::StartError;
use crate::config::Config;
use crate::http::openapi::Facts;
use crate::http::server::{self, Bounds};
use crate::http::tls::{Tls, TlsError};
use crate::http::{Bodies, PerMinute, Room};
use crate::intake::Policy;

/// Large bodies that are parsed and checked at once: each is in memory twice meanwhile, however many
/// cores there are.
const LARGE_AT_ONCE: usize = 2;

/// The certificate of the public listener, if the settings name one.
///
/// # Errors
/// When it cannot be served.
pub fn tls(config: &Config) -> Result<Option<Tls>, TlsError> {
    match (&config.http.tls_cert, &config.http.tls_key) {
        (Some(cert), Some(key)) => Tls::load(cert, key).map(Some),
        _ => Ok(None),
    }
}

/// The public listener, and the open files that its connections need.
pub(super) async fn listen(config: &Config) -> Result<TcpListener, StartError> {
    server::raise_open_files();
    let place = config.http.listen;
    let listener = server::bind(place, config.http.request_timeout.0).await;
    listener.map_err(|error| StartError::Listen { place: place.to_string(), error })
}

pub(super) fn bounds(config: &Config) -> Bounds {
    Bounds {
        connections_max: config.http.connections_max,
        header_timeout: config.http.header_timeout.0,
        stop_timeout: config.http.stop_timeout.0,
    }
}

/// What the settings say in the API's description.
pub fn facts(config: &Config) -> Facts {
    Facts {
        per_minute: per_minute(config),
        body_bytes_max: config.http.body_bytes_max.0,
        attachment_body_bytes_max: config.http.attachment_body_bytes_max.0,
        attachments: Policy::default().attachments,
        keep_requests: config.idempotency.keep.0,
        same_claim_within: config.idempotency.same_claim_within.0,
    }
}

pub(super) fn per_minute(config: &Config) -> PerMinute {
    PerMinute {
        create: config.limits.create_per_minute,
        read: config.limits.read_per_minute,
        update: config.limits.update_per_minute,
    }
}

pub(super) fn bodies(config: &Config) -> Bodies {
    Bodies {
        bytes_max: config.http.body_bytes_max.0,
        attachment_bytes_max: config.http.attachment_body_bytes_max.0,
        timeout: config.http.request_timeout.0,
        room: Room::of(
            config.http.body_bytes_in_flight_max.0,
            config.http.large_bodies_in_flight_max(),
        ),
        turns: Semaphore::new(LARGE_AT_ONCE),
    }
}
