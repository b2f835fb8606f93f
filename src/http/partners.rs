//! `[partners.P]` as the door uses it: what a partner's tickets have where the body says nothing,
//! what is valid for it, and from where its keys may be used.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;
use omnihub_contract::PartnerId;

use crate::intake::{PartnerDefaults, Policy};

/// One partner.
pub struct Partner {
    /// What a claim without a channel or branch gets.
    pub defaults: PartnerDefaults,
    /// What is valid, and how urgent it is.
    pub policy: Policy,
    /// From where its keys may be used; empty: from anywhere.
    pub sources: Vec<IpNet>,
}

impl Partner {
    /// Whether its keys may be used from this address. An unknown address is in no list.
    pub(crate) fn may_come_from(&self, address: Option<IpAddr>) -> bool {
        let address = address.map(|address| address.to_canonical());
        self.sources.is_empty()
            || address.is_some_and(|address| self.sources.iter().any(|net| net.contains(&address)))
    }
}

/// All partners: those that the settings name, and what holds for every other.
pub struct Partners {
    /// By name.
    pub named: BTreeMap<PartnerId, Partner>,
    /// Every other one.
    pub others: Partner,
}

impl Partners {
    /// What holds for this partner.
    pub fn of(&self, partner: &PartnerId) -> &Partner {
        self.named.get(partner).unwrap_or(&self.others)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sources: &[&str], address: Option<&str>, expected: bool) {
        let partner = Partner {
            defaults: PartnerDefaults::default(),
            policy: Policy::default(),
            sources: sources.iter().map(|net| net.parse().unwrap()).collect(),
        };
        let address = address.map(|address| address.parse().unwrap());
        assert_eq!(partner.may_come_from(address), expected, "{address:?} of {sources:?}");
    }

    #[test]
    fn a_key_may_be_used_from_its_partners_addresses_only() {
        check(&[], None, true);
        check(&[], Some("203.0.113.7"), true);
        let sources = &["10.1.0.0/16", "2001:db8::/32"];
        check(sources, Some("10.1.255.255"), true);
        check(sources, Some("::ffff:10.1.2.3"), true);
        check(sources, Some("2001:db8::7"), true);
        check(sources, Some("10.2.0.1"), false);
        check(sources, None, false);
    }
}
