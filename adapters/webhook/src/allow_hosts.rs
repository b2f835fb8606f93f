//! Hosts that may be called although they are not public or not encrypted.

use std::net::{IpAddr, Ipv6Addr};

use ipnet::IpNet;

/// A list of exempt hosts. Empty by default.
#[derive(Clone, Debug, Default)]
pub struct AllowHosts(Vec<Entry>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Entry {
    Host {
        host: String,
        /// Absent: every port.
        port: Option<u16>,
    },
    /// Addresses written as numbers, whatever the port. What a name resolves to is not looked at.
    Range(IpNet),
}

/// An entry that names no host.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither a host, nor host:port, nor a range as 10.1.0.0/16")]
pub struct BadAllowHost(String);

impl AllowHosts {
    /// Reads entries: `host`, `host:port`, `[::1]:port`, `10.1.0.0/16`.
    pub fn new(entries: &[String]) -> Result<Self, BadAllowHost> {
        let read = |entry: &String| read(entry).ok_or_else(|| BadAllowHost(entry.clone()));
        entries.iter().map(read).collect::<Result<_, _>>().map(Self)
    }

    /// Whether this host and port are exempt. The host is in an [`Address`](omnihub_upstream::Address)'s form.
    pub(crate) fn contains(&self, host: &str, port: Option<u16>) -> bool {
        let address = host.parse::<IpAddr>().ok().map(|address| address.to_canonical());
        self.0.iter().any(|entry| match entry {
            Entry::Host { host: exempt, port: only } => {
                exempt == host && (only.is_none() || *only == port)
            }
            Entry::Range(range) => address.is_some_and(|address| range.contains(&address)),
        })
    }
}

fn read(entry: &str) -> Option<Entry> {
    if entry.contains('/') {
        return entry.parse().ok().map(Entry::Range);
    }
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
    is_host.then(|| Entry::Host { host: host.trim_end_matches('.').to_ascii_lowercase(), port })
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
    fn a_range_means_its_addresses_and_no_name() {
        check_contains("10.1.0.0/16", "10.1.255.1", 8443, true);
        check_contains("10.1.0.0/16", "::ffff:10.1.0.1", 80, true);
        check_contains("10.1.0.0/16", "10.2.0.1", 8443, false);
        check_contains("10.1.0.0/16", "bot.bank.internal", 443, false);
        check_contains("fd00::/8", "fd12::1", 443, true);
    }

    #[test]
    fn an_entry_that_names_no_host_is_refused() {
        for entry in [
            "",
            ":80",
            "host:",
            "host:x",
            "host:99999",
            "http://host",
            "a b",
            "[::1]80",
            "10.1.0.0/33",
            "host/8",
        ] {
            let error = AllowHosts::new(&[entry.to_owned()]).unwrap_err();
            assert_eq!(error, BadAllowHost(entry.to_owned()));
        }
    }
}
