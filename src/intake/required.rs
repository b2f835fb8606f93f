//! What each service type requires beyond the customer's name and the description
//! (Omnichannel payloads 1.0.0, "Field Requirements by Service Type").
//!
//! The helpdesk itself was seen to require more (domain 2.4). That is for its mapping: a client that
//! keeps to the documents is not refused here.

use omnihub_contract::ServiceType;
use serde_json::{Value, json};

use super::customer::{self, IDENTIFIER};
use super::fields::{Field, Members, Wrong, require};
use super::schema::has;
use super::transaction::{ATM_ID, CLAIM_AMOUNT, CLAIM_TYPE, TRANSACTION_ID};

/// Something that a service type requires.
enum Need {
    Customer(&'static Field),
    Metadata(&'static Field),
    EmailOrPhone,
}

const EMAIL: Field = customer::TICKET.email;
const PHONE: Field = customer::TICKET.phone;

fn needs(service: &ServiceType) -> &'static [Need] {
    use ServiceType as S;
    match service {
        S::Claim => {
            &[Need::Customer(&EMAIL), Need::Metadata(&CLAIM_TYPE), Need::Metadata(&CLAIM_AMOUNT)]
        }
        S::Dispute => &[Need::Customer(&IDENTIFIER), Need::Metadata(&TRANSACTION_ID)],
        S::AtmIssue => &[Need::Metadata(&ATM_ID)],
        S::AccountIssue => &[Need::Customer(&IDENTIFIER)],
        S::MobileBanking | S::InternetBanking => &[Need::EmailOrPhone],
        S::Reimbursement
        | S::Complaint
        | S::Inquiry
        | S::Feedback
        | S::TechnicalSupport
        | S::CardIssue
        | S::GeneralRequest
        | S::Other
        | S::Unlisted(_) => &[],
    }
}

/// Complains about what the service type requires and the body lacks. A part that is no object has
/// its complaint already, and is passed as `None`.
pub(super) fn check(
    service: &ServiceType,
    customer: Option<Members<'_>>,
    metadata: Option<Members<'_>>,
    wrong: &mut Wrong,
) {
    for need in needs(service) {
        match (need, customer, metadata) {
            (Need::Customer(field), Some(customer), _) => require(customer, field, wrong),
            (Need::Metadata(field), _, Some(metadata)) => require(metadata, field, wrong),
            (Need::EmailOrPhone, Some(customer), _) => email_or_phone(customer, wrong),
            (_, None, _) | (_, _, None) => {}
        }
    }
}

fn email_or_phone(customer: Members<'_>, wrong: &mut Wrong) {
    if customer.find(&EMAIL).is_none() && customer.find(&PHONE).is_none() {
        wrong.add(EMAIL.path, "Customer email or phone is required");
    }
}

/// What is said of it: the rule for bodies of this service type, if it has one.
pub(super) fn rules(service: &ServiceType) -> Option<Value> {
    let rules: Vec<Value> = needs(service).iter().map(rule).collect();
    (!rules.is_empty()).then(|| json!({ "allOf": rules }))
}

/// The same in words: `CLAIM: customer.email, …`.
pub(super) fn told(service: &ServiceType) -> Option<String> {
    let members: Vec<String> = needs(service).iter().map(member).collect();
    (!members.is_empty()).then(|| format!("{service}: {}", members.join(", ")))
}

fn member(need: &Need) -> String {
    match need {
        Need::Customer(field) | Need::Metadata(field) => format!("`{}`", field.path),
        Need::EmailOrPhone => format!("`{}` or `{}`", EMAIL.path, PHONE.path),
    }
}

fn rule(need: &Need) -> Value {
    match need {
        Need::Customer(field) | Need::Metadata(field) => has(field.path),
        Need::EmailOrPhone => json!({ "anyOf": [has(EMAIL.path), has(PHONE.path)] }),
    }
}
