//! The `Retry-After` header, in both of its forms (RFC 9110, 10.2.3).
//!
//! It does not cap the wait: who schedules the retry knows how long it may be.

use std::time::Duration;

use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

/// The wait that an answer asks for. A date is counted from the answer's own `Date`, so that neither
/// our clock nor a skew between the two plays a part; without one it is not understood.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let sent = date(headers.get(DATE)?.to_str().ok()?)?;
    Some(Duration::try_from(date(text)?.duration_since(sent)).unwrap_or(Duration::ZERO))
}

fn date(text: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(text.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[track_caller]
    fn check_wait(text: &'static str, sent: Option<&'static str>, seconds: Option<u64>) {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_static(text));
        if let Some(sent) = sent {
            headers.insert(DATE, HeaderValue::from_static(sent));
        }
        assert_eq!(retry_after(&headers), seconds.map(Duration::from_secs));
    }

    #[test]
    fn a_wait_is_read_from_seconds_or_a_date() {
        let sent = Some("Wed, 21 Oct 2015 07:28:00 GMT");
        check_wait("120", None, Some(120));
        check_wait(" 0 ", None, Some(0));
        check_wait("Wed, 21 Oct 2015 07:29:30 GMT", sent, Some(90));
        check_wait("Wed, 21 Oct 2015 07:00:00 GMT", sent, Some(0));
    }

    #[test]
    fn a_wait_that_cannot_be_understood_is_none() {
        check_wait("soon", Some("Wed, 21 Oct 2015 07:28:00 GMT"), None);
        check_wait("-5", None, None);
        check_wait("1.5", None, None);
        check_wait("Wed, 21 Oct 2015 07:29:30 GMT", None, None);
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
