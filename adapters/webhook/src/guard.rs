//! Which addresses may be called: clients name them, so they must not lead inside.
//!
//! Checks what can be seen in a URL, before anything is resolved; names are checked by the client on the
//! very address that is connected to, with [`is_public`]. It never resolves anything itself.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};
use omnihub_upstream::Address;

use crate::allow_hosts::AllowHosts;

/// Says why a webhook's URL cannot be taken, in words for the client that named it.
///
/// # Errors
/// It is no URL, not https, holds credentials, or is the number of an address that is not public.
/// Exempt hosts may be both unencrypted and private.
pub fn check_url(url: &str, allow_hosts: &AllowHosts) -> Result<(), String> {
    checked(url, allow_hosts).map(drop).map_err(str::to_owned)
}

/// The same, giving the address to call.
pub(crate) fn checked(url: &str, allow_hosts: &AllowHosts) -> Result<Address, &'static str> {
    let address = Address::parse(url).map_err(|_| "is not a URL")?;
    if address.has_credentials() {
        return Err("must not hold a user name or password");
    }
    if allow_hosts.contains(address.host(), address.port()) {
        return Ok(address);
    }
    if !address.is_https() {
        return Err("must begin with https://");
    }
    if is_inside(address.host()) {
        return Err("must not lead into a private network");
    }
    Ok(address)
}

/// Whether a host is seen to be inside without resolving it. URLs write every number in its usual form,
/// so `0x7f.1` and `2130706433` have become `127.0.0.1` here.
fn is_inside(host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(address) => !is_public(address),
        // RFC 6761, 6.3: these names are the loopback whatever a resolver says.
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

/// Whether an address is one of the public Internet.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !CLOSED_V4.iter().any(|net| net.contains(&address)),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(address) => is_public(IpAddr::V4(address)),
            None => {
                GLOBAL_V6.contains(&address) && !CLOSED_V6.iter().any(|net| net.contains(&address))
            }
        },
    }
}

/// IANA's IPv4 special-purpose registry, multicast, and the reserved rest.
const CLOSED_V4: &[Ipv4Net] = &[
    v4([0, 0, 0, 0], 8),       // this network
    v4([10, 0, 0, 0], 8),      // private
    v4([100, 64, 0, 0], 10),   // carriers' shared space
    v4([127, 0, 0, 0], 8),     // loopback
    v4([169, 254, 0, 0], 16),  // link-local, clouds' metadata
    v4([172, 16, 0, 0], 12),   // private
    v4([192, 0, 0, 0], 24),    // protocol assignments
    v4([192, 0, 2, 0], 24),    // documentation
    v4([192, 88, 99, 0], 24),  // 6to4 relays
    v4([192, 168, 0, 0], 16),  // private
    v4([198, 18, 0, 0], 15),   // benchmarks
    v4([198, 51, 100, 0], 24), // documentation
    v4([203, 0, 113, 0], 24),  // documentation
    v4([224, 0, 0, 0], 4),     // multicast
    v4([240, 0, 0, 0], 4),     // reserved, broadcast
];

/// All that is globally routed today; loopback, link-local, unique local and NAT64 lie outside.
const GLOBAL_V6: Ipv6Net = v6([0x2000, 0], 3);

const CLOSED_V6: &[Ipv6Net] = &[
    v6([0x2001, 0], 23),     // protocol assignments, Teredo
    v6([0x2001, 0xdb8], 32), // documentation
    v6([0x2002, 0], 16),     // 6to4: holds an IPv4 address
    v6([0x3fff, 0], 20),     // documentation
];

const fn v4([a, b, c, d]: [u8; 4], prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6([a, b]: [u16; 2], prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0), prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, allowed: &[&str], expected: Result<(), &str>) {
        let allowed: Vec<String> = allowed.iter().map(|host| (*host).to_owned()).collect();
        let allow_hosts = AllowHosts::new(&allowed).unwrap();
        assert_eq!(check_url(url, &allow_hosts), expected.map_err(str::to_owned), "{url}");
    }

    #[test]
    fn an_encrypted_public_address_may_be_called() {
        check("https://your-system.com/webhook", &[], Ok(()));
        check("https://your-system.com:8443/webhook?token=1", &[], Ok(()));
        check("https://8.8.8.8/", &[], Ok(()));
        check("https://[2606:4700::1111]/", &[], Ok(()));
    }

    #[test]
    fn what_is_no_address_or_not_encrypted_may_not() {
        for url in ["", "webhook", "ftp://x.com", "https://", "javascript:alert(1)", "//x.com/"] {
            check(url, &[], Err("is not a URL"));
        }
        check("http://your-system.com/webhook", &[], Err("must begin with https://"));
        check("https://u:p@x.com/", &[], Err("must not hold a user name or password"));
    }

    #[test]
    fn an_address_inside_may_not_however_it_is_written() {
        for host in [
            "127.0.0.1",
            "2130706433",
            "0x7f.1",
            "0177.0.0.1",
            "127.1",
            "10.0.0.1",
            "172.16.9.9",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "192.0.2.1",
            "[::1]",
            "[::]",
            "[fe80::1]",
            "[fc00::1]",
            "[::ffff:127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
            "[2001:db8::1]",
            "localhost",
            "LOCALHOST.",
            "x.localhost",
            "127.0.0.1.",
        ] {
            check(&format!("https://{host}/"), &[], Err("must not lead into a private network"));
        }
    }

    #[test]
    fn an_exempt_host_is_exempt_from_both() {
        check("http://127.0.0.1:9000/hook", &["127.0.0.1"], Ok(()));
        check("http://127.0.0.1:9000/hook", &["127.0.0.1:9000"], Ok(()));
        check("http://localhost/hook", &["localhost:80"], Ok(()));
        check(
            "https://localhost/hook",
            &["localhost:80"],
            Err("must not lead into a private network"),
        );
        check("http://127.0.0.1:9001/", &["127.0.0.1:9000"], Err("must begin with https://"));
        check("http://[::1]:9000/hook", &["::1"], Ok(()));
    }
}
