//! What transport errors and plain HTTP statuses mean, where no vendor says otherwise.
//!
//! It does not read bodies. An adapter looks at its own odd rows first and comes here for the rest.

use std::error::Error;
use std::io;

use omnihub_contract::{Failure, Fault};

use crate::guard::Screened;

/// The fault of an answer by its status alone, on a path that is fixed; `None` for 2xx.
pub fn fault_of(status: u16) -> Option<Fault> {
    Some(match status {
        200..=299 => return None,
        401 | 403 => Fault::Unauthorized,
        // Redirects are not followed: wherever they lead, it is not where we were told to go.
        300..=399 | 404 | 405 | 501 => Fault::Misconfigured,
        429 => Fault::Throttled,
        // RFC 9110, 15.5.9: the whole request never arrived. 503: turned away before anything was done.
        408 | 503 => Fault::Unavailable,
        400..=499 => Fault::Refused,
        // 500, 502, 504 and what nobody has defined: it may have been done.
        _ => Fault::Unknown,
    })
}

/// The failure of a call that got no answer.
#[expect(clippy::needless_pass_by_value, reason = "the argument of map_err")]
pub(crate) fn transport_failure(error: reqwest::Error) -> Failure {
    if has_cause::<Screened>(&error) {
        return Failure::new(Fault::Refused, Screened.to_string());
    }
    // A URL that the URL standard allows and HTTP does not.
    if error.is_builder() {
        return Failure::new(Fault::Refused, "the address cannot be called");
    }
    // First, because a timeout while connecting is both, and nothing was sent then.
    if error.is_connect() {
        return Failure::new(Fault::Unavailable, format!("no connection: {}", cause_of(&error)));
    }
    let words = if error.is_timeout() {
        "sent, but not answered in time".to_owned()
    } else {
        format!("sent, but not answered: {}", cause_of(&error))
    };
    Failure::new(Fault::Unknown, words)
}

/// The innermost cause, which never names the address as the outer ones do.
fn cause_of(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".to_owned();
    }
    let mut innermost: Option<&(dyn Error + 'static)> = None;
    let mut next = error.source();
    while let Some(cause) = next {
        innermost = Some(cause);
        next = cause.source();
    }
    match innermost {
        Some(cause) => match cause.downcast_ref::<io::Error>() {
            Some(cause) => cause.kind().to_string(),
            None => cause.to_string(),
        },
        None => "unknown cause".to_owned(),
    }
}

fn has_cause<E: Error + 'static>(error: &reqwest::Error) -> bool {
    let mut next = error.source();
    while let Some(cause) = next {
        if cause.is::<E>() {
            return true;
        }
        next = cause.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_fault(statuses: &[u16], fault: Option<Fault>) {
        for status in statuses {
            assert_eq!(fault_of(*status), fault, "{status}");
        }
    }

    #[test]
    fn a_status_has_one_meaning_where_no_vendor_says_otherwise() {
        check_fault(&[200, 201, 202, 204], None);
        check_fault(&[400, 409, 410, 413, 415, 422], Some(Fault::Refused));
        check_fault(&[401, 403], Some(Fault::Unauthorized));
        check_fault(&[301, 302, 307, 404, 405, 501], Some(Fault::Misconfigured));
        check_fault(&[429], Some(Fault::Throttled));
        check_fault(&[408, 503], Some(Fault::Unavailable));
        check_fault(&[500, 502, 504, 520, 599], Some(Fault::Unknown));
    }
}
