//! `[catalogue]`: the bank's own names of services, support groups, assignees and branches, as
//! answers show them.
//!
//! It decides nothing; a ticket is the same whatever its service is called.

use std::collections::BTreeMap;

use omnihub_contract::{ServiceType, Ticket};

/// Names by service type and branch code; what is not there has a default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue {
    /// By service type, in the documents' words.
    pub services: BTreeMap<String, Service>,
    /// By branch code.
    pub branches: BTreeMap<String, Branch>,
}

/// Names of a service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Service {
    /// `service.name`.
    pub name: Option<String>,
    /// `supportGroup`.
    pub support_group: Option<String>,
    /// `assignedTo` of a new ticket.
    pub assigned_to: Option<String>,
}

/// Names of a branch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Branch {
    /// `branch.name` of a ticket that brought none.
    pub name: Option<String>,
    /// `assignedTo` of a new ticket of the branch, before that of the service.
    pub assigned_to: Option<String>,
}

/// What one ticket's answers show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Names<'a> {
    pub(crate) service: &'a str,
    pub(crate) support_group: &'a str,
    pub(crate) assigned_to: &'a str,
    pub(crate) branch: Option<&'a str>,
}

impl Catalogue {
    /// The names for this ticket.
    pub(crate) fn names<'a>(&'a self, ticket: &'a Ticket) -> Names<'a> {
        let service = self.services.get(ticket.service_type.as_str());
        let branch = ticket.customer.branch_code.as_ref().and_then(|code| self.branches.get(code));
        let of_service =
            |name: fn(&Service) -> &Option<String>| service.and_then(|s| text(name(s)));
        let of_branch = |name: fn(&Branch) -> &Option<String>| branch.and_then(|b| text(name(b)));
        Names {
            service: of_service(|s| &s.name).unwrap_or(ticket.service_type.as_str()),
            support_group: of_service(|s| &s.support_group)
                .unwrap_or_else(|| support_group(&ticket.service_type)),
            assigned_to: of_branch(|b| &b.assigned_to)
                .or_else(|| of_service(|s| &s.assigned_to))
                .unwrap_or("Support Team"),
            branch: text(&ticket.customer.branch_name).or_else(|| of_branch(|b| &b.name)),
        }
    }
}

fn text(name: &Option<String>) -> Option<&str> {
    name.as_deref()
}

/// The group names that 003's examples show, by service type.
fn support_group(service_type: &ServiceType) -> &'static str {
    match service_type {
        ServiceType::Claim | ServiceType::Reimbursement | ServiceType::Dispute => {
            "Transaction Claims Support"
        }
        ServiceType::TechnicalSupport
        | ServiceType::AccountIssue
        | ServiceType::CardIssue
        | ServiceType::AtmIssue
        | ServiceType::MobileBanking
        | ServiceType::InternetBanking => "Technical Support",
        ServiceType::Complaint
        | ServiceType::Inquiry
        | ServiceType::Feedback
        | ServiceType::GeneralRequest
        | ServiceType::Other
        | ServiceType::Unlisted(_) => "Customer Service",
    }
}
