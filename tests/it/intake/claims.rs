//! Every rule of `POST /claims` (contract 1.2) and what becomes of a claim.

use omnihub::intake::{AmountLevels, IntakeError, PartnerDefaults, Policy};
use omnihub_contract::{Channel, Kind, Priority};
use serde_json::{Value, json};

use super::{Bench, check_complaints, small_claim, taken_ticket, with, without};

#[track_caller]
fn check_member(path: &str, value: Value, complaint: Option<&str>) {
    let body = with(small_claim(), path, value);
    match complaint {
        Some(complaint) => check_complaints(Kind::Claim, &body, &[(path, complaint)]),
        None => check_complaints(Kind::Claim, &body, &[]),
    }
}

#[test]
fn the_required_members_of_a_claim_are_required() {
    for (path, complaint) in [
        ("namaNasabah", "Nama nasabah is required"),
        ("mediaTransaksi", "Media transaksi is required"),
        ("nominal", "Nominal is required"),
    ] {
        check_complaints(Kind::Claim, &without(small_claim(), path), &[(path, complaint)]);
        check_member(path, json!(""), Some(complaint));
        check_member(path, json!(" \n "), Some(complaint));
    }
}

#[test]
fn the_transaction_type_is_required_by_the_medium() {
    let required = "Jenis transaksi is required";
    let listed = "Jenis transaksi must be one of PEMBELIAN, PEMBAYARAN, TRANSFER";
    for (medium, is_required) in
        [("ATM", true), ("TOUCH", true), ("SMS", true), ("QRIS", false), ("DEBIT", false)]
    {
        let body = with(small_claim(), "mediaTransaksi", json!(medium));
        let missing = [("jenisTransaksi", required)];
        check_complaints(Kind::Claim, &body, if is_required { &missing } else { &[] });
        for word in ["PEMBELIAN", "PEMBAYARAN", "TRANSFER"] {
            let body = with(body.clone(), "jenisTransaksi", json!(word));
            check_complaints(Kind::Claim, &body, &[]);
            let claim = taken_ticket(Kind::Claim, &body).claim.unwrap();
            assert_eq!(claim.transaction_type.as_deref(), Some(word));
        }
        let unknown = with(body, "jenisTransaksi", json!("PENARIKAN"));
        check_complaints(Kind::Claim, &unknown, &[("jenisTransaksi", listed)]);
    }
}

#[test]
fn nominal_is_a_positive_whole_number_up_to_a_billion() {
    for (value, complaint) in [
        (json!(1), None),
        (json!(1_000_000_000), None),
        (json!(500_000.0), None),
        (json!(0), Some("Nominal must be positive")),
        (json!(-1), Some("Nominal must be positive")),
        (json!(1_000_000_001), Some("Nominal must be at most 1,000,000,000")),
        (json!(1.5), Some("Nominal must be whole rupiah, without decimals")),
        (json!("500000"), Some("Nominal must be a number")),
        (json!(true), Some("Nominal must be a number")),
        (json!([500_000]), Some("Nominal must be a number")),
    ] {
        check_member("nominal", value, complaint);
    }
}

#[test]
fn words_are_the_documented_ones_written_so() {
    let media = "Media transaksi must be one of ATM, QRIS, DEBIT, TOUCH, SMS";
    let channels = "Channel must be one of WHATSAPP, EMAIL, CHAT, PHONE, SMS, FACEBOOK, \
                    INSTAGRAM, TWITTER, TELEGRAM, WEB_PORTAL";
    check_member("mediaTransaksi", json!("qris"), Some(media));
    check_member("mediaTransaksi", json!("TELLER"), Some(media));
    check_member("channel", json!("FAX"), Some(channels));
    check_member("channel", json!("PHONE"), None);
}

#[test]
fn optional_members_of_a_claim_have_type_and_length() {
    for (path, label, chars_max) in [
        ("nomorRekening", "Nomor rekening", 64),
        ("nomorKartu", "Nomor kartu", 64),
        ("claimReason", "Claim reason", 2_000),
        ("claimDate", "Claim date", 40),
        ("transactionId", "Transaction id", 255),
        ("referenceNumber", "Reference number", 255),
        ("atmId", "ATM id", 64),
        ("description", "Description", 10_000),
        ("email", "Email", 254),
        ("phone", "Phone", 40),
        ("branchCode", "Branch code", 64),
        ("branchName", "Branch name", 200),
        ("atmName", "ATM name", 200),
        ("noRegPengaduanCabang", "No reg pengaduan cabang", 64),
        ("channelReferenceId", "Channel reference id", 255),
        ("integration.partnerId", "Partner id", 255),
        ("integration.webhookUrl", "Webhook URL", 2_048),
    ] {
        check_member(path, json!(12), Some(&format!("{label} must be text")));
        check_member(path, json!({ "a": 1 }), Some(&format!("{label} must be text")));
        check_member(path, json!(null), None);
        check_member(path, json!("  "), None);
        let long = json!("1".repeat(chars_max + 1));
        check_member(path, long, Some(&format!("{label} is longer than {chars_max} characters")));
    }
    check_member("namaNasabah", json!("é".repeat(200)), None);
    check_member("integration", json!("x"), Some("Integration must be an object"));
}

#[test]
fn optional_members_of_a_claim_have_a_form() {
    for (path, value, complaint) in [
        ("email", "john.doe", "Invalid email format"),
        (
            "claimDate",
            "kemarin",
            "Claim date must be an ISO 8601 date, such as 2024-12-19T10:30:00Z",
        ),
        ("nomorKartu", "hilang", "Nomor kartu must be a card number, such as ****1234"),
        ("atmId", "ATM\n001", "ATM id must be one line without control characters"),
        ("description", "a\u{0}b", "Description must not contain control characters"),
        ("integration.webhookUrl", "http://a.example", "Webhook URL must be an https address"),
    ] {
        check_member(path, json!(value), Some(complaint));
    }
    check_member("description", json!("two\r\n\tlines"), None);
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let body = json!({
        "namaNasabah": 5, "mediaTransaksi": "ATM", "nominal": -2, "claimDate": true,
        "email": "a@b", "integration": { "requestId": 1, "webhookUrl": "ftp://x" }
    });
    check_complaints(
        Kind::Claim,
        &body,
        &[
            ("claimDate", "Claim date must be text"),
            ("email", "Invalid email format"),
            ("integration.requestId", "Request id must be text"),
            ("integration.webhookUrl", "Webhook URL must be an https address"),
            ("jenisTransaksi", "Jenis transaksi is required"),
            ("namaNasabah", "Nama nasabah must be text"),
            ("nominal", "Nominal must be positive"),
        ],
    );
}

#[test]
fn a_complaint_never_repeats_what_was_sent() {
    let body = json!({
        "namaNasabah": "Rahasia\u{7}", "mediaTransaksi": "Rahasia", "jenisTransaksi": "Rahasia",
        "nominal": "Rahasia", "email": "Rahasia", "claimDate": "Rahasia", "nomorKartu": "Rahasia"
    });
    let error = Bench::default().take_value(Kind::Claim, &body).unwrap_err();
    assert!(matches!(&error, IntakeError::Fields(complaints) if complaints.len() == 7));
    assert!(!format!("{error:?} {error}").contains("Rahasia"));
}

#[test]
fn the_additions_for_sociomile_are_kept() {
    let body = json!({
        "namaNasabah": " John Doe ", "mediaTransaksi": "QRIS", "nominal": 500_000,
        "email": "john.doe@email.com", "phone": "0812 3456 789", "branchCode": "001",
        "branchName": "Cabang Utama", "atmName": "ATM Mall", "noRegPengaduanCabang": "0101892087",
        "channel": "WHATSAPP", "channelReferenceId": "wa_msg_1",
        "integration": { "partnerId": "PARTNER_001", "webhookUrl": "https://a.example/hook" },
        "unknown": { "is": "ignored" }
    });
    let ticket = taken_ticket(Kind::Claim, &body);
    assert_eq!(
        serde_json::to_value(&ticket.customer).unwrap(),
        json!({
            "name": "John Doe", "email": "john.doe@email.com", "branch_code": "001",
            "phone": { "e164": "+628123456789", "raw": "0812 3456 789" },
            "branch_name": "Cabang Utama"
        })
    );
    let claim = ticket.claim.unwrap();
    assert_eq!(claim.atm_name.as_deref(), Some("ATM Mall"));
    assert_eq!(claim.branch_register_number.as_deref(), Some("0101892087"));
    assert_eq!(ticket.channel, Channel::Whatsapp);
    assert_eq!(ticket.channel_reference_id.as_deref(), Some("wa_msg_1"));
    assert_eq!(ticket.partner_reference.as_deref(), Some("PARTNER_001"));
    assert_eq!(ticket.webhook_url.as_deref(), Some("https://a.example/hook"));
}

#[test]
fn a_claim_without_words_gets_some() {
    #[track_caller]
    fn check_words(body: &Value, title: &str, description: &str) {
        let ticket = taken_ticket(Kind::Claim, body);
        assert_eq!((ticket.title.reveal(), ticket.description.reveal()), (title, description));
    }
    let body = small_claim();
    check_words(&body, "KLAIM - OMNI - QRIS", "Klaim transaksi QRIS sebesar Rp500000");
    let body = with(body, "jenisTransaksi", json!("TRANSFER"));
    let title = "KLAIM - OMNI - QRIS - TRANSFER";
    check_words(&body, title, "Klaim transaksi QRIS TRANSFER sebesar Rp500000");
    let body = with(body, "claimReason", json!("Saldo terpotong"));
    check_words(&body, title, "Saldo terpotong");
    check_words(&with(body, "description", json!("Gagal ")), title, "Gagal");
}

#[test]
fn a_claim_takes_channel_and_branch_from_its_partner_where_it_names_none() {
    let defaults = PartnerDefaults {
        channel: Some(Channel::Phone),
        branch_code: Some("001".to_owned()),
        branch_name: Some("Cabang Utama".to_owned()),
    };
    let bench = Bench { defaults, ..Bench::default() };
    let branch = |body: &Value| {
        let ticket = bench.take_value(Kind::Claim, body).unwrap().ticket;
        let customer = ticket.customer;
        (ticket.channel, customer.branch_code.unwrap(), customer.branch_name)
    };
    let utama = Some("Cabang Utama".to_owned());
    let plain = small_claim();
    let other = with(plain.clone(), "branchCode", json!("015"));
    let same = with(plain.clone(), "branchCode", json!("001"));
    let chat = with(plain.clone(), "channel", json!("CHAT"));
    assert_eq!(branch(&plain), (Channel::Phone, "001".to_owned(), utama.clone()));
    assert_eq!(branch(&same), (Channel::Phone, "001".to_owned(), utama.clone()));
    assert_eq!(branch(&other), (Channel::Phone, "015".to_owned(), None));
    assert_eq!(branch(&chat), (Channel::Chat, "001".to_owned(), utama));
    assert_eq!(taken_ticket(Kind::Claim, &plain).channel, Channel::WebPortal);
}

#[test]
fn a_claim_is_ranked_by_its_amount_and_due_in_72_hours() {
    for (nominal, priority) in [
        (1, Priority::Medium),
        (9_999_999, Priority::Medium),
        (10_000_000, Priority::High),
        (99_999_999, Priority::High),
        (100_000_000, Priority::Critical),
    ] {
        let ticket = taken_ticket(Kind::Claim, &with(small_claim(), "nominal", json!(nominal)));
        assert_eq!(ticket.priority, priority, "{nominal}");
        assert_eq!(ticket.sla.hours, 72);
        assert_eq!(ticket.sla.response_due.to_string(), "2024-12-20T04:30:00Z");
        assert_eq!(ticket.sla.resolution_due.to_string(), "2024-12-22T10:30:00Z");
    }
}

#[test]
fn thresholds_and_hours_may_be_set() {
    let levels = AmountLevels { critical: 100, urgent: Some(50), high: 20, medium: 10 };
    let policy = Policy { claim_hours: 24, claim_levels: levels, ..Policy::default() };
    let bench = Bench { policy, ..Bench::default() };
    for (nominal, priority) in [(9, Priority::Low), (49, Priority::High), (50, Priority::Urgent)] {
        let body = with(small_claim(), "nominal", json!(nominal));
        let ticket = bench.take_value(Kind::Claim, &body).unwrap().ticket;
        assert_eq!((ticket.priority, ticket.sla.hours), (priority, 24));
    }
}
