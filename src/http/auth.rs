//! Who asks, and what may be done: authenticate → permission → limit, before an endpoint sees the
//! request.
//!
//! `Authorization: Bearer K`, `Authorization: K` and `X-API-Key: K` all work; two that differ do not
//! (contract trap 1).

use std::sync::Arc;

use axum::extract::Request;
use http::header::AUTHORIZATION;
use http::{HeaderMap, StatusCode};
use omnihub_contract::{ExposeSecret, Secret};

use super::limits::Standing;
use super::reply::Problem;
use super::{Door, limits};
use crate::access::{self, Key, Peer, Permission};

const API_KEY: &str = "x-api-key";

/// Who asks, if it may come in; and where its key stands, if it showed one that is right: every request
/// with such a key counts.
pub(crate) fn admit(
    door: &Door,
    permission: Permission,
    request: &Request,
) -> (Result<Arc<Key>, Problem>, Option<Standing>) {
    let peer = request.extensions().get().copied().unwrap_or(Peer(None));
    match authenticate(door, request.headers(), peer) {
        Ok(key) => {
            let standing = limits::count(&door.limits, &key, permission);
            let may = authorize(door, &key, peer, permission).and_then(|()| standing.check());
            (may.map(|()| key), Some(standing))
        }
        Err(problem) => (Err(problem), None),
    }
}

/// The key of a request; from an address that failed too often it is not even looked at.
fn authenticate(door: &Door, headers: &HeaderMap, peer: Peer) -> Result<Arc<Key>, Problem> {
    door.strangers.check(peer.0)?;
    let key = match presented(headers) {
        Some(presented) => access::verify(&*door.store, &door.keys, &presented, door.clock.now())?,
        None => None,
    };
    key.ok_or_else(|| door.strangers.note(peer.0).map_or_else(Problem::unauthorized, Problem::from))
}

fn authorize(door: &Door, key: &Key, peer: Peer, permission: Permission) -> Result<(), Problem> {
    if !door.partners.of(&key.partner).may_come_from(peer.0) {
        let text = "This key may not be used from this address";
        return Err(Problem::of(StatusCode::FORBIDDEN, text));
    }
    if !key.may(permission) {
        return Err(Problem::of(StatusCode::FORBIDDEN, missing(permission)));
    }
    Ok(())
}

/// Whether the client presents its key as 001 says; 003's clients use `X-API-Key` only.
pub(crate) fn uses_authorization(headers: &HeaderMap) -> bool {
    headers.contains_key(AUTHORIZATION)
}

fn presented(headers: &HeaderMap) -> Option<Secret> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let first = text(AUTHORIZATION.as_str()).map(without_scheme);
    let second = text(API_KEY);
    match (first, second) {
        (Some(first), Some(second)) if first != second => None,
        (first, second) => first.or(second).filter(|key| !key.is_empty()).map(Secret::from),
    }
    .filter(|key| !key.expose_secret().is_empty())
}

fn without_scheme(value: &str) -> &str {
    match value.split_once(' ') {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => key.trim(),
        None if value.eq_ignore_ascii_case("bearer") => "",
        Some(_) | None => value,
    }
}

fn missing(permission: Permission) -> &'static str {
    match permission {
        Permission::Create => "Insufficient permissions to create omnichannel tickets",
        Permission::Read | Permission::Operate => "Insufficient permissions to read tickets",
        Permission::Update => "Insufficient permissions to update tickets",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_presented(headers: &[(&'static str, &'static str)], expected: Option<&str>) {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect();
        let presented = presented(&headers);
        assert_eq!(presented.as_ref().map(ExposeSecret::expose_secret), expected);
    }

    #[test]
    fn every_documented_way_to_present_a_key_works() {
        check_presented(&[("authorization", "Bearer K")], Some("K"));
        check_presented(&[("authorization", "bearer  K ")], Some("K"));
        check_presented(&[("authorization", "K")], Some("K"));
        check_presented(&[("x-api-key", "K")], Some("K"));
        check_presented(&[("authorization", "Bearer K"), ("x-api-key", "K")], Some("K"));
    }

    #[test]
    fn no_key_an_empty_key_and_two_that_differ_are_no_key() {
        check_presented(&[], None);
        check_presented(&[("authorization", "")], None);
        check_presented(&[("authorization", "Bearer ")], None);
        check_presented(&[("authorization", "Bearer K"), ("x-api-key", "L")], None);
    }
}
