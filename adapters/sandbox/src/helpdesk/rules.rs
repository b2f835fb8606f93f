//! The helpdesk's validation, stricter than its documents (domain 2.4), and its priorities and
//! deadlines (domain 2.13).

use serde_json::Value;

use super::check::{Check, Need};

const MEDIA: &[&str] = &["ATM", "QRIS", "DEBIT", "TOUCH", "SMS"];
const TRANSACTIONS: &[&str] = &["PEMBELIAN", "PEMBAYARAN", "TRANSFER"];
const CHANNELS: &[&str] = &[
    "WHATSAPP",
    "EMAIL",
    "CHAT",
    "PHONE",
    "SMS",
    "FACEBOOK",
    "INSTAGRAM",
    "TWITTER",
    "TELEGRAM",
    "WEB_PORTAL",
];
const SERVICE_TYPES: &[&str] = &[
    "CLAIM",
    "REIMBURSEMENT",
    "DISPUTE",
    "COMPLAINT",
    "INQUIRY",
    "FEEDBACK",
    "TECHNICAL_SUPPORT",
    "ACCOUNT_ISSUE",
    "CARD_ISSUE",
    "ATM_ISSUE",
    "MOBILE_BANKING",
    "INTERNET_BANKING",
    "GENERAL_REQUEST",
    "OTHER",
];
// URGENT, and the categories of OMNI payloads 1.0.0, are refused.
const PRIORITIES: &[&str] = &["LOW", "MEDIUM", "HIGH", "CRITICAL"];
const CATEGORIES: &[&str] = &["INCIDENT", "SERVICE_REQUEST", "CHANGE_REQUEST", "EVENT_REQUEST"];

const DESCRIPTION_CHARS_MIN: usize = 10;
const ATTACHMENT_BYTES_MAX: f64 = 10.0 * 1024.0 * 1024.0;
const ATTACHMENTS_BYTES_MAX: f64 = 50.0 * 1024.0 * 1024.0;

/// What is wrong with a claim.
pub(super) fn claim(body: &Value) -> Result<(), Vec<String>> {
    let mut check = Check::new(body);
    check.text("namaNasabah", Need::Required);
    let medium = check.word("mediaTransaksi", MEDIA, Need::Required);
    let need = match medium {
        Some("ATM" | "TOUCH" | "SMS") => Need::Required,
        _ => Need::Optional,
    };
    check.word("jenisTransaksi", TRANSACTIONS, need);
    check.amount("nominal", "Nominal");
    check.form("nomorKartu", is_masked_card, "is no masked card number");
    for name in [
        "nomorRekening",
        "claimReason",
        "claimDate",
        "transactionId",
        "referenceNumber",
        "atmId",
        "description",
    ] {
        check.text(name, Need::Optional);
    }
    check.finish()
}

/// What is wrong with a ticket.
pub(super) fn ticket(body: &Value) -> Result<(), Vec<String>> {
    let mut check = Check::new(body);
    check.word("channel", CHANNELS, Need::Required);
    let service_type = check.word("serviceType", SERVICE_TYPES, Need::Required);
    check.text("customer.name", Need::Required);
    check.form("customer.email", is_email, "Invalid email format");
    check.form("customer.phone", is_phone, "is no phone number");
    check.word("ticket.priority", PRIORITIES, Need::Optional);
    check.word("ticket.category", CATEGORIES, Need::Optional);
    if let Some(text) = check.text("ticket.description", Need::Required)
        && text.chars().count() < DESCRIPTION_CHARS_MIN
    {
        check.refuse("ticket.description", "has fewer than 10 characters");
    }
    for path in [
        "channelReferenceId",
        "customer.identifier",
        "customer.branchCode",
        "customer.department",
        "customer.preferredLanguage",
        "ticket.title",
        "integration.webhookUrl",
        "integration.apiVersion",
        "integration.partnerId",
        "integration.requestId",
    ] {
        check.text(path, Need::Optional);
    }
    if check.at("ticket.metadata").is_some_and(|metadata| !metadata.is_object()) {
        check.refuse("ticket.metadata", "is no object");
    }
    by_service_type(&mut check, service_type.unwrap_or_default());
    if let Some(files) = check.at("attachments") {
        attachments(&mut check, files);
    }
    check.finish()
}

fn by_service_type(check: &mut Check<'_>, service_type: &str) {
    match service_type {
        "CLAIM" => {
            check.present("customer.email");
            check.present("ticket.metadata.claimType");
            check.amount("ticket.metadata.claimAmount", "Claim amount");
        }
        "REIMBURSEMENT" => {
            check.present("customer.email");
            check.present("ticket.metadata.claimAmount");
        }
        "DISPUTE" => {
            check.present("customer.identifier");
            check.present("ticket.metadata.transactionId");
        }
        "ATM_ISSUE" => check.present("ticket.metadata.atmId"),
        "ACCOUNT_ISSUE" | "CARD_ISSUE" | "MOBILE_BANKING" | "INTERNET_BANKING" => {
            check.present("customer.identifier");
        }
        "COMPLAINT" if check.at("customer.phone").is_none() => check.present("customer.email"),
        _ => {}
    }
}

/// What is wrong with attachments: the declared sizes count, not the contents' (domain 2.4).
pub(super) fn attachments(check: &mut Check<'_>, files: &Value) {
    let Some(files) = files.as_array() else {
        return check.refuse("attachments", "is no array");
    };
    let mut total = 0.0;
    for file in files {
        let is_text = |name| file.get(name).is_some_and(Value::is_string);
        if !["filename", "mimeType", "content"].into_iter().all(is_text) {
            check.refuse("attachments", "one lacks filename, mimeType or content");
        }
        match file.get("size").and_then(Value::as_f64) {
            Some(size) if size > ATTACHMENT_BYTES_MAX => {
                check.refuse("attachments", "one is over 10 MB");
            }
            Some(size) => total += size,
            None => check.refuse("attachments", "one lacks its size"),
        }
    }
    if total > ATTACHMENTS_BYTES_MAX {
        check.refuse("attachments", "together they are over 50 MB");
    }
}

/// The priority that a ticket gets: the given one, or by service type and amount.
pub(super) fn priority(body: &Value) -> &'static str {
    let text = |pointer| body.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let given = text("/ticket/priority");
    if let Some(given) = PRIORITIES.iter().find(|word| **word == given) {
        return given;
    }
    let amount = body.pointer("/ticket/metadata/claimAmount").and_then(Value::as_f64);
    let level = match (text("/serviceType"), amount.unwrap_or_default()) {
        ("CLAIM" | "REIMBURSEMENT", 100e6..) => 3,
        ("CLAIM" | "REIMBURSEMENT", 50e6..) => 2,
        ("CLAIM" | "REIMBURSEMENT", 10e6..) => 1,
        ("CLAIM" | "REIMBURSEMENT" | "INQUIRY" | "FEEDBACK", _) => 0,
        ("DISPUTE" | "ACCOUNT_ISSUE" | "CARD_ISSUE" | "ATM_ISSUE", _) => 2,
        _ => 1,
    };
    let is_set = |pointer| body.pointer(pointer) == Some(&Value::Bool(true));
    let raised = is_set("/ticket/metadata/urgent") || is_set("/ticket/metadata/escalated");
    PRIORITIES.get(level + usize::from(raised)).copied().unwrap_or("CRITICAL")
}

/// Hours to resolve a ticket that is no claim; no document lists them.
pub(super) fn sla_hours(priority: &str) -> i64 {
    match priority {
        "CRITICAL" => 4,
        "HIGH" => 8,
        "MEDIUM" => 24,
        _ => 48,
    }
}

/// Digits, white space, `-`, `(` and `)` after an optional `+`.
fn is_phone(text: &str) -> bool {
    let rest = text.strip_prefix('+').unwrap_or(text);
    let is_allowed =
        |c: char| c.is_ascii_digit() || c.is_whitespace() || matches!(c, '-' | '(' | ')');
    !rest.is_empty() && rest.chars().all(is_allowed)
}

/// Four to twelve of `*` or `X`, then four digits.
fn is_masked_card(text: &str) -> bool {
    let digits = text.trim_start_matches(['*', 'X']);
    let hidden = text.len() - digits.len();
    (4..=12).contains(&hidden) && digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit())
}

fn is_email(text: &str) -> bool {
    let is_plain = !text.contains(char::is_whitespace) && text.matches('@').count() == 1;
    let has_domain = |(name, domain): (&str, &str)| {
        let is_dotted = domain.contains('.') && !domain.starts_with('.') && !domain.ends_with('.');
        !name.is_empty() && is_dotted
    };
    is_plain && text.split_once('@').is_some_and(has_domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones_and_cards_have_the_servers_patterns() {
        let phones = ["+6281234567890", "0812 3456-7890", "(0431) 12345"];
        assert!(phones.into_iter().all(is_phone));
        assert!(!["", "+", "0812x", "++62"].into_iter().any(is_phone));
        assert!(["****1234", "XXXXXXXXXXXX1234"].into_iter().all(is_masked_card));
        let unmasked = ["***1234", "4111111111111111", "411111******1111", "****12345", "****123"];
        assert!(!unmasked.into_iter().any(is_masked_card));
        assert!(!["a", "a@b", "a b@c.d", "@c.d", "a@.d"].into_iter().any(is_email));
    }
}
