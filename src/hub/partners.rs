//! From `[partners.<name>]`, `[catalogue]`, `[sla]` and `[regulatory]` to what the door holds of them.

use omnihub_webhook::AllowHosts;

use super::StartError;
use crate::adapters;
use crate::config::{Config, PartnerSection, RegulatorySection};
use crate::http::catalogue::{Branch, Catalogue, Service};
use crate::http::{Partner, Partners};
use crate::intake::{
    PartnerDefaults, Policy, RegulatoryDays, RegulatoryRules, SlaHours, SpecialDays,
};

/// All partners.
///
/// # Errors
/// When a host that their webhooks may go to is none.
pub fn partners(config: &Config) -> Result<Partners, StartError> {
    let named = config.partners.iter();
    let named = named.map(|(name, section)| Ok((name.as_str().into(), partner(config, section)?)));
    Ok(Partners {
        named: named.collect::<Result<_, StartError>>()?,
        others: partner(config, &PartnerSection::default())?,
    })
}

fn partner(config: &Config, section: &PartnerSection) -> Result<Partner, StartError> {
    Ok(Partner {
        defaults: PartnerDefaults {
            channel: section.channel.clone(),
            branch_code: section.branch_code.clone(),
            branch_name: section.branch_name.clone(),
        },
        policy: policy(config, adapters::allow_hosts(config, section)?),
        sources: section.source_addresses.iter().map(|net| net.0).collect(),
    })
}

fn policy(config: &Config, hosts: AllowHosts) -> Policy {
    let sla = &config.sla;
    Policy {
        sla_hours: SlaHours {
            critical: sla.critical_hours,
            urgent: sla.urgent_hours,
            high: sla.high_hours,
            medium: sla.medium_hours,
            low: sla.low_hours,
        },
        claim_hours: sla.claim_hours,
        regulatory: regulatory(&config.regulatory),
        webhook_url_ok: Box::new(move |url| omnihub_webhook::check_url(url, &hosts)),
        ..Policy::default()
    }
}

fn regulatory(section: &RegulatorySection) -> RegulatoryRules {
    let special = section.clocks.iter().map(|(name, clock)| SpecialDays {
        name: name.clone(),
        media: clock.media.clone(),
        categories: clock.categories.clone(),
        service_types: clock.service_types.clone(),
        days: RegulatoryDays {
            oral: clock.oral_days,
            written: clock.written_days,
            extension: clock.extension_days,
        },
    });
    RegulatoryRules {
        days: RegulatoryDays {
            oral: section.oral_days,
            written: section.written_days,
            extension: section.extension_days,
        },
        oral_channels: section.oral_channels.clone(),
        exempt: section.exempt_service_types.clone(),
        special: special.collect(),
    }
}

/// The names in answers.
pub(super) fn catalogue(config: &Config) -> Catalogue {
    let services = config.catalogue.services.iter().map(|(word, names)| {
        let service = Service {
            name: names.name.clone(),
            support_group: names.support_group.clone(),
            assigned_to: names.assigned_to.clone(),
        };
        (word.clone(), service)
    });
    let branches = config.catalogue.branches.iter().map(|(code, names)| {
        (code.clone(), Branch { name: names.name.clone(), assigned_to: names.assigned_to.clone() })
    });
    Catalogue { services: services.collect(), branches: branches.collect() }
}
