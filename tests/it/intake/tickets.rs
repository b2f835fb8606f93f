//! Every rule of `POST /tickets` (contract 1.3) and what becomes of a ticket.

use omnihub_contract::{Category, Kind, Priority, ServiceType};
use serde_json::{Value, json};

use super::{check_complaints, small_ticket, taken_ticket, with, without};

#[track_caller]
fn check_member(path: &str, value: Value, complaint: Option<&str>) {
    let body = with(small_ticket("OTHER"), path, value);
    match complaint {
        Some(complaint) => check_complaints(Kind::Ticket, &body, &[(path, complaint)]),
        None => check_complaints(Kind::Ticket, &body, &[]),
    }
}

/// Adds what a service type requires to a ticket, member by member: each of them is complained of
/// until it is there.
#[track_caller]
fn check_requirements(service_type: &str, members: &[(&str, Value, &str)]) {
    let mut body = small_ticket(service_type);
    for at in 0..=members.len() {
        let mut missing: Vec<_> =
            members[at..].iter().map(|(path, _, complaint)| (*path, *complaint)).collect();
        missing.sort_unstable();
        check_complaints(Kind::Ticket, &body, &missing);
        if let Some((path, value, _)) = members.get(at) {
            body = with(body, path, value.clone());
        }
    }
}

#[test]
fn the_base_members_of_a_ticket_are_required() {
    let base = [
        ("channel", "Channel is required"),
        ("customer.name", "Customer name is required"),
        ("serviceType", "Service type is required"),
        ("ticket.description", "Description is required"),
    ];
    check_complaints(Kind::Ticket, &json!({}), &base);
    for (path, complaint) in base {
        check_complaints(Kind::Ticket, &without(small_ticket("OTHER"), path), &[(path, complaint)]);
        check_member(path, json!(" "), Some(complaint));
    }
}

#[test]
fn each_service_type_requires_what_is_documented() {
    let identifier = ("customer.identifier", json!("CIF1"), "Customer identifier is required");
    let claim = [
        ("customer.email", json!("a@b.id"), "Customer email is required"),
        ("ticket.metadata.claimType", json!("ATM_CARD_RETAINED"), "Claim type is required"),
        ("ticket.metadata.claimAmount", json!(500_000), "Claim amount is required"),
    ];
    let transaction =
        ("ticket.metadata.transactionId", json!("TRX1"), "Transaction id is required");
    let atm = ("ticket.metadata.atmId", json!("ATM001"), "ATM id is required");
    let reachable = "Customer email or phone is required";
    check_requirements("CLAIM", &claim);
    check_requirements("DISPUTE", &[identifier.clone(), transaction]);
    check_requirements("ATM_ISSUE", &[atm]);
    check_requirements("ACCOUNT_ISSUE", &[identifier]);
    for service_type in ["MOBILE_BANKING", "INTERNET_BANKING"] {
        check_requirements(service_type, &[("customer.email", json!("a@b.id"), reachable)]);
        let phone = with(small_ticket(service_type), "customer.phone", json!("08123456789"));
        check_complaints(Kind::Ticket, &phone, &[]);
    }
    for service_type in [
        "REIMBURSEMENT",
        "COMPLAINT",
        "INQUIRY",
        "FEEDBACK",
        "TECHNICAL_SUPPORT",
        "CARD_ISSUE",
        "GENERAL_REQUEST",
        "OTHER",
    ] {
        check_requirements(service_type, &[]);
    }
}

#[test]
fn words_are_the_documented_ones() {
    for category in Category::WORDS {
        check_member("ticket.category", json!(category), None);
    }
    for priority in Priority::WORDS {
        check_member("ticket.priority", json!(priority), None);
    }
    for service_type in ["", "NONSENSE"] {
        let body = with(small_ticket("OTHER"), "serviceType", json!(service_type));
        let complaint = match service_type {
            "" => "Service type is required".to_owned(),
            _ => format!("Service type must be one of {}", ServiceType::WORDS.join(", ")),
        };
        check_complaints(Kind::Ticket, &body, &[("serviceType", &complaint)]);
    }
    check_member(
        "ticket.priority",
        json!("EMERGENCY"),
        Some("Priority must be one of LOW, MEDIUM, HIGH, URGENT, CRITICAL"),
    );
    check_member(
        "ticket.category",
        json!("KELUHAN"),
        Some(
            "Category must be one of INCIDENT, SERVICE_REQUEST, CHANGE_REQUEST, EVENT_REQUEST, \
             INFORMATION_REQUEST, COMPLAINT, SERVICE_QUALITY",
        ),
    );
    check_member(
        "channel",
        json!("Live Chat"),
        Some(
            "Channel must be one of WHATSAPP, EMAIL, CHAT, PHONE, SMS, FACEBOOK, INSTAGRAM, \
             TWITTER, TELEGRAM, WEB_PORTAL",
        ),
    );
}

#[test]
fn wrong_types_are_told_all_at_once() {
    let body = json!({
        "channel": 1, "channelReferenceId": [], "serviceType": {},
        "customer": {
            "name": 1, "email": 2, "phone": 628_123_456_789_u64, "identifier": 4,
            "branchCode": 1, "department": true, "preferredLanguage": 7
        },
        "ticket": {
            "title": 1, "description": 2, "priority": 3, "category": 4,
            "metadata": { "claimAmount": "500000", "claimDate": 5, "disputeAmount": [] }
        },
        "attachments": {},
        "integration": { "partnerId": 2, "webhookUrl": 1 }
    });
    check_complaints(
        Kind::Ticket,
        &body,
        &[
            ("attachments", "Attachments must be a list"),
            ("channel", "Channel must be text"),
            ("channelReferenceId", "Channel reference id must be text"),
            ("customer.branchCode", "Customer branch code must be text"),
            ("customer.department", "Customer department must be text"),
            ("customer.email", "Customer email must be text"),
            ("customer.identifier", "Customer identifier must be text"),
            ("customer.name", "Customer name must be text"),
            ("customer.phone", "Customer phone must be text"),
            ("customer.preferredLanguage", "Customer preferred language must be text"),
            ("integration.partnerId", "Partner id must be text"),
            ("integration.webhookUrl", "Webhook URL must be text"),
            ("serviceType", "Service type must be text"),
            ("ticket.category", "Category must be text"),
            ("ticket.description", "Description must be text"),
            ("ticket.metadata.claimAmount", "Claim amount must be a number"),
            ("ticket.metadata.claimDate", "Claim date must be text"),
            ("ticket.metadata.disputeAmount", "Dispute amount must be a number"),
            ("ticket.priority", "Priority must be text"),
            ("ticket.title", "Title must be text"),
        ],
    );
}

#[test]
fn a_block_that_is_no_object_is_told_once() {
    let body = json!({ "channel": "CHAT", "serviceType": "CLAIM", "customer": [], "ticket": "x" });
    check_complaints(
        Kind::Ticket,
        &body,
        &[("customer", "Customer must be an object"), ("ticket", "Ticket must be an object")],
    );
    check_member("ticket.metadata", json!([1]), Some("Metadata must be an object"));
}

#[test]
fn the_documented_example_of_a_refusal_is_refused_so() {
    let body = json!({
        "channel": "WHATSAPP", "serviceType": "CLAIM",
        "customer": { "name": "John Doe", "email": "john.doe" },
        "ticket": { "description": "x", "metadata": { "claimType": "ATM_CARD_RETAINED" } }
    });
    check_complaints(
        Kind::Ticket,
        &body,
        &[
            ("customer.email", "Invalid email format"),
            ("ticket.metadata.claimAmount", "Claim amount is required"),
        ],
    );
}

#[test]
fn metadata_is_bounded() {
    let deep = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!({ "a": inner }));
    let too_deep = "Metadata is nested deeper than 16 levels";
    check_member("ticket.metadata", deep(17), None);
    check_member("ticket.metadata", deep(18), Some(too_deep));
    let large = json!({ "log": "x".repeat(64 * 1024) });
    check_member("ticket.metadata", large, Some("Metadata is larger than 64 kB"));
    check_member("ticket.metadata", json!({ "log": "x".repeat(64_000) }), None);
}

#[test]
fn a_ticket_has_a_transaction_as_far_as_its_metadata_says() {
    #[track_caller]
    fn check_claim(metadata: &Value, expected: &Value) {
        let body = with(small_ticket("REIMBURSEMENT"), "ticket.metadata", metadata.clone());
        let ticket = taken_ticket(Kind::Ticket, &body);
        assert_eq!(serde_json::to_value(&ticket.claim).unwrap(), *expected);
        assert_eq!(Value::Object(ticket.metadata), *metadata);
    }
    check_claim(&json!({ "errorCode": "ERR_500", "claimCurrency": "IDR" }), &Value::Null);
    check_claim(&json!({ "atmId": "0126" }), &json!({ "atm_id": "0126" }));
    check_claim(
        &json!({ "disputeAmount": 750_000, "disputeReason": "Barang tidak sesuai" }),
        &json!({ "amount": 750_000, "reason": "Barang tidak sesuai" }),
    );
    check_claim(
        &json!({
            "claimType": "X", "claimAmount": 5e5, "claimDate": "2024-01-15", "claimReason": "r",
            "atmId": "a", "transactionId": "t", "referenceNumber": "n", "disputeAmount": 1
        }),
        &json!({
            "amount": 500_000, "occurred_at": "2024-01-14T16:00:00Z", "reason": "r",
            "atm_id": "a", "transaction_id": "t", "reference_number": "n"
        }),
    );
    let foreign = Some("Claim currency must be IDR");
    check_member("ticket.metadata.claimCurrency", json!("USD"), foreign);
}

#[test]
fn priority_is_as_given_or_by_service_type_and_amount() {
    use Priority::{Critical, High, Low, Medium, Urgent};
    for (service_type, amount, priority) in [
        ("REIMBURSEMENT", None, Medium),
        ("REIMBURSEMENT", Some(9_999_999), Low),
        ("REIMBURSEMENT", Some(10_000_000), Medium),
        ("REIMBURSEMENT", Some(50_000_000), High),
        ("REIMBURSEMENT", Some(100_000_000), Critical),
        ("CARD_ISSUE", None, High),
        ("COMPLAINT", None, Medium),
        ("TECHNICAL_SUPPORT", None, Medium),
        ("GENERAL_REQUEST", None, Medium),
        ("OTHER", Some(1), Medium),
        ("OTHER", Some(100_000_000), Critical),
        ("INQUIRY", None, Low),
        ("FEEDBACK", Some(60_000_000), Low),
    ] {
        let mut body = small_ticket(service_type);
        if let Some(amount) = amount {
            body = with(body, "ticket.metadata.claimAmount", json!(amount));
        }
        assert_eq!(taken_ticket(Kind::Ticket, &body).priority, priority, "{body}");
        let given = taken_ticket(Kind::Ticket, &with(body, "ticket.priority", json!("URGENT")));
        assert_eq!(given.priority, Urgent);
    }
}

#[test]
fn the_hours_of_a_ticket_go_by_its_priority() {
    for (priority, hours, response, resolution) in [
        ("CRITICAL", 4, "2024-12-19T11:30:00Z", "2024-12-19T14:30:00Z"),
        ("URGENT", 8, "2024-12-19T12:30:00Z", "2024-12-19T18:30:00Z"),
        ("HIGH", 24, "2024-12-19T16:30:00Z", "2024-12-20T10:30:00Z"),
        ("MEDIUM", 48, "2024-12-19T22:30:00Z", "2024-12-21T10:30:00Z"),
        ("LOW", 72, "2024-12-20T04:30:00Z", "2024-12-22T10:30:00Z"),
    ] {
        let body = with(small_ticket("OTHER"), "ticket.priority", json!(priority));
        let sla = taken_ticket(Kind::Ticket, &body).sla;
        assert_eq!(sla.hours, hours);
        assert_eq!(sla.response_due.to_string(), response);
        assert_eq!(sla.resolution_due.to_string(), resolution);
    }
}

#[test]
fn a_ticket_without_a_title_gets_one() {
    #[track_caller]
    fn check_title(description: &str, title: &str) {
        let body = small_ticket("MOBILE_BANKING");
        let body = with(body, "customer.phone", json!("08123456789"));
        let body = with(body, "ticket.description", json!(description));
        assert_eq!(taken_ticket(Kind::Ticket, &body).title.reveal(), title);
    }
    check_title("App\tcrashes\nevery time", "Mobile banking: App crashes");
    let long = "é".repeat(81);
    check_title(&long, &format!("Mobile banking: {}…", "é".repeat(80)));
}
