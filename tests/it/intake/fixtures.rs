//! Every create among the documents' examples is taken, and becomes what it says.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use omnihub_contract::Kind;
use serde_json::{Value, json};

use super::{decoded, taken, unmeasured};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/omni").join(name)
}

pub(super) fn names(of: &str) -> BTreeSet<String> {
    let files = fs::read_dir(folder(of)).unwrap();
    files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
}

pub(super) fn fixture(of: &str, name: &str) -> Value {
    serde_json::from_slice(&fs::read(folder(of).join(name)).unwrap()).unwrap()
}

/// Takes every fixture of a folder, and checks what its body decides of the ticket. Metadata,
/// hours and days are left out of the tables: the first are as sent, the others go by the rest.
#[track_caller]
fn check_fixtures(of: &str, kind: Kind, expected: &[(&str, Value)]) {
    let tested: BTreeSet<String> = expected.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names(of), tested);
    for (name, expected) in expected {
        let body = fixture(of, name)["body"].take();
        let taken = taken(kind, &body);
        let mut ticket = serde_json::to_value(&taken.ticket).unwrap();
        let members = ticket.as_object_mut().unwrap();
        let metadata = members.remove("metadata");
        assert_eq!(metadata.as_ref(), body.pointer("/ticket/metadata"), "{name}");
        for given in ["id", "number", "kind", "partner", "sla", "created_at"] {
            members.remove(given).unwrap();
        }
        members.remove("regulatory");
        if let Some(attachments) = members.get_mut("attachments") {
            *attachments = unmeasured(attachments.take());
        }
        assert_eq!(&ticket, expected, "{name}");
        assert_eq!(taken.contents.len(), taken.ticket.attachments.len());
    }
}

#[test]
fn every_documented_claim_is_taken() {
    let expected = [
        (
            "atm_purchase.json",
            json!({
                "service_type": "CLAIM", "channel": "WEB_PORTAL", "priority": "MEDIUM",
                "title": "KLAIM - OMNI - ATM - PEMBELIAN",
                "description": "ATM transaction failed but money was debited from account",
                "customer": { "name": "John Doe" },
                "claim": {
                    "medium": "ATM", "transaction_type": "PEMBELIAN", "amount": 500_000,
                    "account_number": "1234567890", "card": "****1234",
                    "reason": "Transaction failed but amount was deducted",
                    "occurred_at": "2024-12-19T10:30:00Z", "transaction_id": "TXN123456789",
                    "reference_number": "REF987654321", "atm_id": "ATM001"
                }
            }),
        ),
        (
            "atm_payment_reported_by_whatsapp.json",
            json!({
                "service_type": "CLAIM", "channel": "WEB_PORTAL", "priority": "MEDIUM",
                "title": "KLAIM - OMNI - ATM - PEMBAYARAN",
                "description":
                    "Transaksi pembayaran di ATM gagal, uang tidak keluar tapi saldo berkurang",
                "customer": { "name": "Ahmad Suryanto" },
                "claim": {
                    "medium": "ATM", "transaction_type": "PEMBAYARAN", "amount": 150_000,
                    "card": "****5678", "atm_id": "ATM_JKT_001",
                    "reason": "ATM tidak mengeluarkan uang tetapi saldo terpotong"
                }
            }),
        ),
    ];
    check_fixtures("create_claim", Kind::Claim, &expected);
}

#[test]
fn every_documented_ticket_is_taken() {
    let expected = [technical_support(), atm_card_claim()];
    let expected: Vec<_> =
        expected.into_iter().chain(complaints_and_inquiry()).chain(mobile_banking()).collect();
    check_fixtures("create_ticket", Kind::Ticket, &expected);
}

fn technical_support() -> (&'static str, Value) {
    let ticket = json!({
        "service_type": "TECHNICAL_SUPPORT", "channel": "WHATSAPP",
        "channel_reference_id": "wa_msg_123456", "priority": "HIGH", "category": "INCIDENT",
        "title": "Mobile Banking Login Issue",
        "description": "Unable to login to mobile banking app. Getting error code 500.",
        "customer": {
            "name": "Jane Smith", "email": "jane.smith@email.com",
            "phone": { "e164": "+628123456789", "raw": "+628123456789" },
            "identifier": "CIF123456", "branch_code": "001", "department": "Personal Banking",
            "language": "id"
        },
        "attachments": [{
            "filename": "error_screenshot.png", "mime_type": "image/png", "size": 245_760,
            "description": "Screenshot of error message"
        }],
        "partner_reference": "PARTNER_001", "request_id": "req_123456789",
        "webhook_url": "https://your-system.com/webhook"
    });
    ("technical_support.json", ticket)
}

fn atm_card_claim() -> (&'static str, Value) {
    let ticket = json!({
        "service_type": "CLAIM", "channel": "WHATSAPP",
        "channel_reference_id": "WA-2024-001-XYZ", "priority": "HIGH",
        "category": "SERVICE_REQUEST", "title": "ATM Card Claim Request",
        "description": "Customer's ATM card was retained by ATM machine at Mall location",
        "customer": {
            "name": "John Doe", "email": "john.doe@email.com",
            "phone": { "e164": "+6281234567890", "raw": "+6281234567890" },
            "identifier": "CIF123456", "branch_code": "001", "department": "Retail Banking",
            "language": "id"
        },
        "claim": {
            "amount": 500_000, "reason": "Card retained by ATM", "atm_id": "ATM001",
            "occurred_at": "2024-01-15T10:30:00Z", "transaction_id": "TRX123456789",
            "reference_number": "REF-2024-001"
        },
        "attachments": [{
            "filename": "atm_receipt.jpg", "mime_type": "image/jpeg", "size": 102_400,
            "description": "ATM transaction receipt"
        }],
        "partner_reference": "PARTNER001", "request_id": "REQ-2024-001-UNIQUE",
        "webhook_url": "https://yourservice.com/webhook/ticket-updates"
    });
    ("atm_card_claim.json", ticket)
}

fn complaints_and_inquiry() -> [(&'static str, Value); 3] {
    [
        (
            "branch_complaint.json",
            json!({
                "service_type": "COMPLAINT", "channel": "WEB_PORTAL", "priority": "HIGH",
                "category": "SERVICE_REQUEST", "title": "Poor service at branch",
                "description": "Long waiting time and unprofessional staff behavior",
                "customer": {
                    "name": "Robert Kim", "email": "robert.kim@email.com", "branch_code": "015"
                }
            }),
        ),
        (
            "general_inquiry.json",
            json!({
                "service_type": "INQUIRY", "channel": "EMAIL",
                "channel_reference_id": "EMAIL-2024-002", "priority": "LOW",
                "title": "Account Balance Inquiry",
                "description":
                    "Customer wants to know about account balance and transaction history",
                "customer": { "name": "Jane Smith", "email": "jane.smith@email.com" }
            }),
        ),
        (
            "service_quality_complaint.json",
            json!({
                "service_type": "COMPLAINT", "channel": "FACEBOOK",
                "channel_reference_id": "FB-2024-004", "priority": "MEDIUM",
                "category": "SERVICE_QUALITY", "title": "Poor Service at Branch",
                "description":
                    "Customer complaining about long waiting time and unprofessional staff",
                "customer": {
                    "name": "Budi Santoso", "email": "budi@email.com",
                    "identifier": "CIF345678", "branch_code": "002"
                }
            }),
        ),
    ]
}

fn mobile_banking() -> [(&'static str, Value); 2] {
    [
        (
            "mobile_banking_crash.json",
            json!({
                "service_type": "MOBILE_BANKING", "channel": "EMAIL", "priority": "MEDIUM",
                "title": "Cannot access mobile banking",
                "description": "App crashes every time I try to check balance",
                "customer": {
                    "name": "Sarah Johnson", "email": "sarah.j@email.com",
                    "identifier": "CIF789123"
                }
            }),
        ),
        (
            "mobile_banking_login.json",
            json!({
                "service_type": "MOBILE_BANKING", "channel": "CHAT",
                "channel_reference_id": "CHAT-2024-003", "priority": "HIGH",
                "title": "Cannot Login to Mobile Banking",
                "description": "Customer experiencing login issues with mobile banking app",
                "customer": {
                    "name": "Ahmad Rahman", "email": "ahmad@email.com",
                    "phone": { "e164": "+6289876543210", "raw": "+6289876543210" },
                    "identifier": "CIF789012"
                }
            }),
        ),
    ]
}

#[test]
fn attachments_of_the_fixtures_are_real_files() {
    let content = |name: &str| {
        let body = fixture("create_ticket", name)["body"].take();
        decoded(taken(Kind::Ticket, &body).contents).remove(0)
    };
    assert!(content("technical_support.json").starts_with(b"\x89PNG\r\n"));
    assert!(content("atm_card_claim.json").starts_with(b"\xff\xd8\xff"));
}

#[test]
fn every_fixture_says_where_it_is_from_and_what_was_mended() {
    for of in ["create_claim", "create_ticket", "update_ticket", "answers"] {
        for name in names(of) {
            let fixture = fixture(of, &name);
            assert!(fixture["from"].as_str().is_some_and(
                |from| from.starts_with("OMNI ") || from.starts_with("Omnichannel payloads ")
            ));
            assert!(fixture["repaired"].is_string() || fixture["repaired"].is_null());
            let auth = fixture["headers"]["auth"].as_str();
            let has_auth = auth.is_some_and(|auth| ["bearer", "x-api-key", "bare"].contains(&auth));
            assert_eq!(has_auth, !name.starts_with("webhook_"), "{name}");
            assert!(fixture["body"].is_object(), "{name}");
        }
    }
}
