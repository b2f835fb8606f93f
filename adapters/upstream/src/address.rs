//! Where a call goes: addresses that cannot be printed, and path templates.
//!
//! It does not decide whether an address may be called; that is the webhook adapter's guard.

use std::fmt;

use omnihub_contract::{Failure, Fault};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Url;

use crate::client::BadSettings;

/// What a path segment keeps as it is: RFC 3986's unreserved characters.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// An `http` or `https` address. It has no `Display`, and its `Debug` shows nothing, because
/// secrets and personal data stand in it.
#[derive(Clone)]
pub struct Address(Url);

impl Address {
    /// Reads an address.
    pub fn parse(text: &str) -> Result<Self, BadSettings> {
        let url = Url::parse(text).map_err(|_| BadSettings::Address("is not a URL"))?;
        match url.scheme() {
            "http" | "https" if url.has_host() => Ok(Self(url)),
            _ => Err(BadSettings::Address("must begin with http:// or https:// and a host")),
        }
    }

    /// Reads what stands before every path of an upstream. A trailing slash makes no difference.
    pub(crate) fn base(text: &str) -> Result<Self, BadSettings> {
        let address = Self::parse(text.trim_end_matches('/'))?;
        if address.0.query().is_some() || address.0.fragment().is_some() {
            return Err(BadSettings::Address("must not have a query or a fragment"));
        }
        if address.has_credentials() {
            return Err(BadSettings::Address("must not have a user name or password in it"));
        }
        Ok(address)
    }

    /// The address of a path under this base.
    pub(crate) fn join(&self, path: &str) -> Result<Self, BadSettings> {
        if !path.starts_with('/') {
            return Err(BadSettings::Path);
        }
        let base = self.0.as_str().trim_end_matches('/');
        Url::parse(&format!("{base}{path}")).map(Self).map_err(|_| BadSettings::Path)
    }

    /// The same address with one more query parameter, encoded.
    #[must_use]
    pub fn with_query(mut self, name: &str, value: &str) -> Self {
        self.0.query_pairs_mut().append_pair(name, value);
        self
    }

    /// Whether calls to it are encrypted.
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The host as it is connected to: lower case, a number in its usual form, IPv6 without brackets.
    pub fn host(&self) -> &str {
        let host = self.0.host_str().unwrap_or_default();
        host.trim_end_matches('.').trim_start_matches('[').trim_end_matches(']')
    }

    /// The port, also where the address does not name it.
    pub fn port(&self) -> Option<u16> {
        self.0.port_or_known_default()
    }

    /// Whether a user name or a password stands in it.
    pub fn has_credentials(&self) -> bool {
        self.0.username() != "" || self.0.password().is_some()
    }

    pub(crate) fn url(&self) -> Url {
        self.0.clone()
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(…)")
    }
}

/// Fills the `{name}` segments of a path template with percent-encoded values.
///
/// A value that is absent, or that a URL would take for a step (`.`, `..`, nothing), is refused: the
/// filled path would be another route.
pub fn fill<'v>(
    template: &str,
    value: impl Fn(&str) -> Option<&'v str>,
) -> Result<String, Failure> {
    let mut path = String::with_capacity(template.len() + 32);
    for segment in template.split('/').skip(1) {
        path.push('/');
        match segment.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            None => path.push_str(segment),
            Some(name) => match value(name) {
                None | Some("" | "." | "..") => {
                    let words = format!("`{name}` cannot stand in the path");
                    return Err(Failure::new(Fault::Refused, words));
                }
                Some(value) => path.extend(utf8_percent_encode(value, SEGMENT)),
            },
        }
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_filled(value: &'static str, path: Option<&str>) {
        let filled = fill("/tickets/{ticketNumber}", |_| Some(value));
        assert_eq!(filled.ok().as_deref(), path);
    }

    #[test]
    fn a_segment_is_encoded_whatever_it_holds() {
        check_filled("1446", Some("/tickets/1446"));
        check_filled("a/b c+d?e#f", Some("/tickets/a%2Fb%20c%2Bd%3Fe%23f"));
        check_filled("628-é", Some("/tickets/628-%C3%A9"));
        check_filled("%2e%2e", Some("/tickets/%252e%252e"));
    }

    #[test]
    fn a_segment_that_would_change_the_route_is_refused() {
        check_filled("", None);
        check_filled(".", None);
        check_filled("..", None);
        assert!(fill("/tickets/{ticketNumber}", |_| None).is_err());
    }

    #[test]
    fn a_base_keeps_its_own_path() {
        let joined =
            |base: &str| Address::base(base).unwrap().join("/api/x").unwrap().0.to_string();
        assert_eq!(joined("https://desk.example"), "https://desk.example/api/x");
        assert_eq!(joined("https://desk.example/"), "https://desk.example/api/x");
        assert_eq!(joined("http://127.0.0.1:1/a/b/"), "http://127.0.0.1:1/a/b/api/x");
    }

    #[test]
    fn a_base_that_is_none_is_refused() {
        for base in
            ["", "desk.example", "ftp://desk.example", "https://", "http://u:p@desk.example"]
        {
            assert!(Address::base(base).is_err(), "{base}");
        }
        assert!(Address::base("https://desk.example?x=1").is_err());
    }

    #[test]
    fn an_address_cannot_be_printed() {
        let address = Address::parse("https://desk.example/?client_secret_key=abc").unwrap();
        assert_eq!(format!("{address:?}"), "Address(…)");
    }
}
