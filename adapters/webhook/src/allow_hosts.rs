//! Hosts that may be called although they are not public or not encrypted.

use std::net::Ipv6Addr;

/// A list of exempt hosts. Empty by default.
#[derive(Clone, Debug, Default)]
pub struct AllowHosts(Vec<Entry>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    host: String,
    /// Absent: every port.
    port: Option<u16>,
}

/// An entry that names no host.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("allow_hosts: `{0}` is neither a host nor host:port")]
pub struct BadAllowHost(String);

impl AllowHosts {
    /// Reads entries: `host`, `host:port`, `[::1]:port`.
    pub fn new(entries: &[String]) -> Result<Self, BadAllowHost> {
        let read = |entry: &String| read(entry).ok_or_else(|| BadAllowHost(entry.clone()));
        entries.iter().map(read).collect::<Result<_, _>>().map(Self)
    }

    /// Whether this host and port are exempt. The host is in an [`Address`](omnihub_upstream::Address)'s form.
    pub(crate) fn contains(&self, host: &str, port: Option<u16>) -> bool {
        self.0
            .iter()
            .any(|entry| entry.host == host && (entry.port.is_none() || entry.port == port))
    }
}

fn read(entry: &str) -> Option<Entry> {
    let (host, port) = if entry.parse::<Ipv6Addr>().is_ok() {
        (entry, None)
    } else if let Some((host, rest)) = entry.strip_prefix('[').and_then(|rest| rest.split_once(']'))
    {
        (host, if rest.is_empty() { None } else { Some(rest.strip_prefix(':')?) })
    } else {
        entry.split_once(':').map_or((entry, None), |(host, port)| (host, Some(port)))
    };
    let is_host =
        !host.is_empty() && !host.contains(|c: char| c.is_whitespace() || "/@[]".contains(c));
    let port = port.map(str::parse).transpose().ok()?;
    is_host.then(|| Entry { host: host.trim_end_matches('.').to_ascii_lowercase(), port })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_contains(entry: &str, host: &str, port: u16, expected: bool) {
        let hosts = AllowHosts::new(&[entry.to_owned()]).unwrap();
        assert_eq!(hosts.contains(host, Some(port)), expected, "{entry} {host}:{port}");
    }

    #[test]
    fn a_host_without_a_port_means_all_ports() {
        check_contains("Receiver.Local", "receiver.local", 1, true);
        check_contains("receiver.local:8443", "receiver.local", 8443, true);
        check_contains("receiver.local:8443", "receiver.local", 443, false);
        check_contains("receiver.local", "other.local", 443, false);
        check_contains("127.0.0.1", "127.0.0.1", 9, true);
        check_contains("::1", "::1", 9, true);
        check_contains("[::1]:80", "::1", 80, true);
        check_contains("[::1]:80", "::1", 81, false);
    }

    #[test]
    fn an_entry_that_names_no_host_is_refused() {
        for entry in ["", ":80", "host:", "host:x", "host:99999", "http://host", "a b", "[::1]80"] {
            let error = AllowHosts::new(&[entry.to_owned()]).unwrap_err();
            assert_eq!(error, BadAllowHost(entry.to_owned()));
        }
    }
}
