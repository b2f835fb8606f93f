//! What the bank may decide otherwise: priorities by amount, hours and days to resolve, attachment limits.
//!
//! [`Policy::default`] has the documented values; the settings replace them.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use omnihub_contract::{Priority, ServiceType, Sla};

use super::metadata;
use super::regulatory::RegulatoryRules;

/// Decides whether a webhook may be sent to this URL; the error is what the client is told.
pub type WebhookUrlCheck = Box<dyn Fn(&str) -> Result<(), String> + Send + Sync>;

/// Thresholds, hours and limits at the door.
pub struct Policy {
    /// Hours to resolve a ticket.
    pub sla_hours: SlaHours,
    /// Hours to resolve what came by `POST /claims` (contract trap 25).
    pub claim_hours: u32,
    /// Working days that the regulator gives.
    pub regulatory: RegulatoryRules,
    /// Priority of what came by `POST /claims`.
    pub claim_levels: AmountLevels,
    /// Priority of a ticket whose client gave none and whose service type goes by amount.
    pub ticket_levels: AmountLevels,
    /// Limits of attachments.
    pub attachments: AttachmentLimits,
    /// Names of metadata members that hold identifiers, accounts, references or phones, where digits
    /// are no card number. Case, dashes and underscores do not matter.
    pub identifiers: Vec<String>,
    /// Whether a `webhookUrl` is one that the hub would call.
    pub webhook_url_ok: WebhookUrlCheck,
}

/// Hours to resolve a ticket, by its priority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlaHours {
    /// CRITICAL.
    pub critical: u32,
    /// URGENT.
    pub urgent: u32,
    /// HIGH.
    pub high: u32,
    /// MEDIUM, and any word that is none of the five.
    pub medium: u32,
    /// LOW.
    pub low: u32,
}

/// From which amount, in whole rupiah, each priority is given; below the last it is LOW.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AmountLevels {
    /// CRITICAL from here.
    pub critical: u64,
    /// URGENT from here; no document states a threshold (contract trap 6), so that by default
    /// there is none.
    pub urgent: Option<u64>,
    /// HIGH from here.
    pub high: u64,
    /// MEDIUM from here.
    pub medium: u64,
}

/// Limits of attachments. Sizes are those of the decoded contents (contract trap 26).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachmentLimits {
    /// How many a ticket may have.
    pub count_max: usize,
    /// Bytes of one.
    pub bytes_max: usize,
    /// Bytes of all of a ticket together.
    pub ticket_bytes_max: usize,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            sla_hours: SlaHours { critical: 4, urgent: 8, high: 24, medium: 48, low: 72 },
            claim_hours: 72,
            regulatory: RegulatoryRules::default(),
            // As the helpdesk itself ranks a claim (domain 2.7) and a ticket (domain 2.13), so that
            // it and the hub never disagree; CRITICAL is documented for both.
            claim_levels: AmountLevels {
                critical: 100_000_000,
                urgent: None,
                high: 10_000_000,
                medium: 0,
            },
            ticket_levels: AmountLevels {
                critical: 100_000_000,
                urgent: None,
                high: 50_000_000,
                medium: 10_000_000,
            },
            attachments: AttachmentLimits {
                count_max: 20,
                bytes_max: 10 * 1024 * 1024,
                ticket_bytes_max: 50 * 1024 * 1024,
            },
            identifiers: metadata::IDENTIFIERS.iter().map(|name| (*name).to_owned()).collect(),
            webhook_url_ok: Box::new(https_only),
        }
    }
}

fn https_only(url: &str) -> Result<(), String> {
    match url.strip_prefix("https://") {
        Some(rest) if !rest.is_empty() => Ok(()),
        _ => Err("Webhook URL must be an https address".to_owned()),
    }
}

impl Policy {
    /// A claim's priority.
    pub(super) fn claim_priority(&self, amount: u64) -> Priority {
        self.claim_levels.priority(amount)
    }

    /// The priority of a ticket whose client gave none (Omnichannel payloads 1.0.0, "Service Types"):
    /// an amount from URGENT upwards raises any service type, a smaller one decides only for those
    /// that go by amount.
    pub(super) fn ticket_priority(&self, service: &ServiceType, amount: Option<u64>) -> Priority {
        let by_amount = amount.map(|amount| self.ticket_levels.priority(amount));
        match (by_amount, by_service(service)) {
            (Some(raised @ (Priority::Critical | Priority::Urgent)), _) => raised,
            (_, Some(fixed)) => fixed,
            (Some(by_amount), None) => by_amount,
            // A reimbursement may lack the amount that it goes by.
            (None, None) => Priority::Medium,
        }
    }

    /// When a ticket that came at `now` is due.
    pub(super) fn ticket_sla(&self, now: Timestamp, priority: &Priority) -> Sla {
        sla(now, self.sla_hours.of(priority))
    }

    /// When a claim that came at `now` is due.
    pub(super) fn claim_sla(&self, now: Timestamp) -> Sla {
        sla(now, self.claim_hours)
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy")
            .field("sla_hours", &self.sla_hours)
            .field("claim_hours", &self.claim_hours)
            .finish_non_exhaustive()
    }
}

impl SlaHours {
    fn of(&self, priority: &Priority) -> u32 {
        match priority {
            Priority::Critical => self.critical,
            Priority::Urgent => self.urgent,
            Priority::High => self.high,
            Priority::Medium | Priority::Unlisted(_) => self.medium,
            Priority::Low => self.low,
        }
    }
}

impl AmountLevels {
    fn priority(&self, amount: u64) -> Priority {
        if amount >= self.critical {
            Priority::Critical
        } else if self.urgent.is_some_and(|urgent| amount >= urgent) {
            Priority::Urgent
        } else if amount >= self.high {
            Priority::High
        } else if amount >= self.medium {
            Priority::Medium
        } else {
            Priority::Low
        }
    }
}

/// The priority that a service type has whatever the amount; none where it goes by amount.
fn by_service(service: &ServiceType) -> Option<Priority> {
    use ServiceType as S;
    match service {
        S::Claim | S::Reimbursement => None,
        S::Dispute | S::AccountIssue | S::CardIssue | S::AtmIssue => Some(Priority::High),
        S::Inquiry | S::Feedback => Some(Priority::Low),
        S::Complaint
        | S::TechnicalSupport
        | S::MobileBanking
        | S::InternetBanking
        | S::GeneralRequest
        | S::Other
        | S::Unlisted(_) => Some(Priority::Medium),
    }
}

fn sla(now: Timestamp, hours: u32) -> Sla {
    const QUARTER_HOUR_S: i64 = 15 * 60;
    let due = |quarter_hours: i64| {
        let wait = SignedDuration::from_secs(quarter_hours * QUARTER_HOUR_S);
        now.checked_add(wait).unwrap_or(Timestamp::MAX)
    };
    let hours_wide = i64::from(hours);
    // A quarter of the hours for the first answer (domain 2.13).
    Sla { hours, response_due: due(hours_wide), resolution_due: due(4 * hours_wide) }
}
