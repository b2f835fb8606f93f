//! The files that are shipped: what goes where, and that it always arrives in a form that is taken.

use omnihub_contract::{
    Attachment, Channel, Checksum, Claim, Phone, Priority, ServiceType, Ticket,
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::catalogs::{compiled, shipped, the_banks};
use super::faults::faults;
use super::samples::{bare_claim, bare_ticket, created, receipts, tickets, told, with_facts};
use crate::mapping::{MapFailure, Mappings, codes};

fn mappings() -> Mappings {
    compiled(&shipped(), true).unwrap_or_else(|findings| panic!("{findings}"))
}

/// Maps a ticket with every receipt there.
#[track_caller]
fn payload(ticket: &Ticket, adapter: &str, rule: &str) -> Value {
    let mapped =
        with_facts(ticket, &receipts("1446"), |facts| mappings().map(&adapter.into(), rule, facts));
    Value::Object(mapped.unwrap())
}

#[track_caller]
fn check_goes_to(ticket: &Ticket, expected: &[&str]) {
    let mappings = compiled(&the_banks(), false).unwrap();
    let routes: Vec<String> = mappings
        .route(ticket, &created())
        .iter()
        .map(|route| format!("{}.{}", route.adapter, route.operation.name))
        .collect();
    assert_eq!(routes, expected);
}

#[test]
fn the_shipped_files_have_no_findings() {
    for switched_off_rules in [false, true] {
        let mappings = compiled(&shipped(), switched_off_rules);
        let mappings = mappings.unwrap_or_else(|findings| panic!("{findings}"));
        assert_eq!(mappings.warnings().as_slice(), []);
    }
}

#[test]
fn everything_goes_to_the_helpdesk_and_disputes_with_an_amount_to_the_complaint_desk() {
    check_goes_to(&bare_claim(), &["helpdesk.create_claim", "sociomile.create_helpdesk"]);
    check_goes_to(&bare_ticket(), &["helpdesk.create_ticket"]);
    let dispute = Ticket { service_type: ServiceType::Dispute, ..bare_ticket() };
    check_goes_to(&dispute, &["helpdesk.create_ticket"]);
    let claim = Some(Claim { amount: Some(1), ..Claim::default() });
    let dispute = Ticket { claim, ..dispute };
    check_goes_to(&dispute, &["helpdesk.create_ticket", "sociomile.create_helpdesk"]);
}

#[test]
fn phone_calls_go_to_sociomile_and_linked_chats_to_3dolphins_and_clients_are_told() {
    let call = Ticket { channel: Channel::Phone, ..bare_ticket() };
    check_goes_to(&call, &["helpdesk.create_ticket", "sociomile.create_voice"]);
    let chat = Ticket { channel: Channel::Chat, ..bare_ticket() };
    check_goes_to(&chat, &["helpdesk.create_ticket"]);
    let chat = Ticket { channel_reference_id: Some("c0ffee".into()), ..chat };
    check_goes_to(&chat, &["helpdesk.create_ticket", "dolphins.ticket"]);
    let told = Ticket { webhook_url: Some("https://partner.example".into()), ..bare_ticket() };
    check_goes_to(&told, &["helpdesk.create_ticket", "webhook.send"]);
}

#[test]
fn a_bare_claim_reaches_the_complaint_desk_with_visible_placeholders() {
    let expected = json!({
        "ticketType": "helpdesk", "namaNasabah": "Budi Contoh", "content": "Keluhan\nRusak",
        "connectID": "omnihub", "mediaTransaksi": "QRIS", "nominal": 500_000,
        "branchCode": "000", "branchName": "Unknown Branch", "atmId": "N/A", "atmName": "N/A",
        "description": "Rusak", "nomorTicketHelpdesk": 1446, "noRegPengaduanCabang": 1446,
    });
    let rule = "disputed transaction to the complaint desk";
    assert_eq!(payload(&bare_claim(), "sociomile", rule), expected);
}

#[test]
fn a_masked_card_is_never_sent_as_a_number_and_an_account_never_changed() {
    let mut ticket = bare_claim();
    let claim = ticket.claim.as_mut().unwrap();
    claim.card = Some("411111******1111".into());
    claim.account_number = Some("0012345678".into());
    claim.occurred_at = Some("2024-12-19T16:30:00Z".parse().unwrap());
    let sent = payload(&ticket, "sociomile", "disputed transaction to the complaint desk");
    assert_eq!(sent.get("nomorKartu"), None);
    assert_eq!(sent.get("nomorRekening"), None);
    assert_eq!(sent["claimDate"], "2024-12-20 00:30:00");
    let sent = payload(&ticket, "helpdesk", "claim");
    assert_eq!(sent["nomorKartu"], "****1111");
    assert_eq!(sent["nomorRekening"], "0012345678");
    assert_eq!(sent["claimDate"], "2024-12-19T16:30:00Z");
    assert_eq!(sent["description"], "[omnihub 9000000042] Rusak");
}

#[test]
fn the_helpdesk_gets_our_references_and_never_the_clients_webhook() {
    let ticket = Ticket {
        webhook_url: Some("https://partner.example".into()),
        channel_reference_id: Some("wa_msg_1".into()),
        priority: Priority::Urgent,
        ..bare_ticket()
    };
    let ours = "omnihub:0193ddf0-7c00-7000-8000-00000000002a";
    let sent = payload(&ticket, "helpdesk", "ticket");
    assert_eq!(sent["channelReferenceId"], ours);
    let expected = json!({"requestId": ours, "partnerId": "wa-bot", "apiVersion": "1.0"});
    assert_eq!(sent["integration"], expected);
    assert_eq!(sent["ticket"]["priority"], "CRITICAL");
    assert_eq!(sent["ticket"]["description"], "Rusak (pesan singkat)");
    let expected = json!({"omnihubNumber": "9000000042", "channelReferenceId": "wa_msg_1"});
    assert_eq!(sent["ticket"]["metadata"], expected);
    assert_eq!(sent["customer"]["email"], "tanpa-email@omnihub.invalid");
}

#[test]
fn an_email_is_not_made_up_where_there_is_a_phone_number() {
    let mut ticket = bare_ticket();
    let e164 = Some("+628123456789".into());
    ticket.customer.phone = Some(Phone { e164, raw: "0812 3456 789".into() });
    let sent = payload(&ticket, "helpdesk", "ticket");
    assert_eq!(sent["customer"], json!({"name": "Budi Contoh", "phone": "+628123456789"}));
}

#[test]
fn a_webhook_tells_the_helpdesks_number_only_where_it_is_there() {
    let ticket = Ticket { webhook_url: Some("https://partner.example".into()), ..bare_ticket() };
    let expected = |numbers: Value| {
        json!({
            "url": "https://partner.example", "event": "TICKET_CREATED",
            "ticketNumber": "9000000042", "channelReferenceId": null,
            "timestamp": "2024-12-19T16:30:00.25Z",
            "data": {"status": "OPEN", "priority": "MEDIUM", "numbers": numbers},
        })
    };
    let numbers = json!({"hub": "9000000042", "helpdesk": "1446"});
    assert_eq!(payload(&ticket, "webhook", "ticket created"), expected(numbers));
    let early = with_facts(&ticket, &told(), |facts| {
        mappings().map(&"webhook".into(), "ticket created", facts)
    });
    assert_eq!(Value::Object(early.unwrap()), expected(json!({"hub": "9000000042"})));
}

#[test]
fn a_customer_is_told_in_their_language() {
    let mut ticket = bare_ticket();
    let rule = "tell the customer their number";
    let said = payload(&ticket, "dolphins", rule);
    assert_eq!(said["message"], "Laporan Anda sudah kami terima. Nomor tiket Anda: 1446");
    ticket.customer.language = Some("en".into());
    let said = payload(&ticket, "dolphins", rule);
    assert_eq!(said["message"], "We have received your report. Your ticket number is: 1446");
    assert_eq!(said["channelType"], "whatsapp");
}

#[test]
fn the_complaint_desk_waits_for_the_helpdesk_and_refuses_a_number_that_is_none() {
    let rule = "disputed transaction to the complaint desk";
    let map = |receipts| {
        with_facts(&bare_claim(), &receipts, |facts| {
            mappings().map(&"sociomile".into(), rule, facts)
        })
    };
    let waits = MapFailure::Waits("helpdesk.ticketNumber".parse().unwrap());
    assert_eq!(map(Default::default()), Err(waits));
    let Err(MapFailure::Refused { code, message }) = map(receipts("INC-2024-0001")) else {
        panic!("it should refuse");
    };
    assert_eq!(code, codes::UNFIT);
    let expected = "sociomile: rule `disputed transaction to the complaint desk`, field `nomorTicketHelpdesk` has a value that cannot be converted";
    assert_eq!(message, expected);
}

/// What the strictest helpdesk known refuses in a ticket (domain 2.4).
fn refused_by_the_helpdesk(payload: &Map<String, Value>) -> Vec<&'static str> {
    let payload = Value::Object(payload.clone());
    let text = |at: &str| payload.pointer(at).and_then(Value::as_str);
    let service = text("/serviceType").unwrap_or_default();
    let phone = text("/customer/phone");
    let has_contact = text("/customer/email").is_some() || phone.is_some();
    let is_phone = |c: char| c.is_ascii_digit() || "+ -()".contains(c);
    let amount = payload.pointer("/ticket/metadata/claimAmount").and_then(Value::as_u64);
    let is_one_of = |service: &str, services: &[&str]| services.contains(&service);
    [
        ("description", text("/ticket/description").unwrap_or_default().chars().count() >= 10),
        ("priority", text("/ticket/priority") != Some("URGENT")),
        (
            "category",
            !matches!(
                text("/ticket/category"),
                Some("COMPLAINT" | "SERVICE_QUALITY" | "INFORMATION_REQUEST")
            ),
        ),
        ("phone", phone.is_none_or(|phone| phone.chars().all(is_phone))),
        (
            "identifier",
            text("/customer/identifier").is_some()
                || !is_one_of(service, &["CARD_ISSUE", "MOBILE_BANKING", "INTERNET_BANKING"]),
        ),
        (
            "email",
            text("/customer/email").is_some() || !is_one_of(service, &["CLAIM", "REIMBURSEMENT"]),
        ),
        (
            "contact",
            has_contact
                || !is_one_of(service, &["COMPLAINT", "MOBILE_BANKING", "INTERNET_BANKING"]),
        ),
        (
            "amount",
            amount.is_some_and(|amount| amount > 0)
                || !is_one_of(service, &["CLAIM", "REIMBURSEMENT"]),
        ),
    ]
    .into_iter()
    .filter_map(|(what, is_taken)| (!is_taken).then_some(what))
    .collect()
}

proptest! {
    #[test]
    fn whatever_the_door_accepts_is_mapped_into_complete_payloads(ticket in tickets()) {
        let mappings = mappings();
        let routes = mappings.route(&ticket, &created());
        prop_assert!(routes.iter().any(|route| route.adapter.as_str() == "helpdesk"));
        for route in routes {
            let mapped = with_facts(&ticket, &receipts("1446"), |facts| {
                mappings.map(&route.adapter, &route.rule, facts)
            });
            let payload = mapped.map_err(|failure| TestCaseError::fail(failure.to_string()))?;
            prop_assert_eq!(faults(route.operation.fields, &payload), Vec::<String>::new());
            if route.operation.name == "create_ticket" {
                prop_assert_eq!(refused_by_the_helpdesk(&payload), Vec::<&str>::new());
            }
            if let Some(card) = payload.get("nomorKartu").and_then(Value::as_str) {
                let digits = card.trim_start_matches('*');
                prop_assert!((4..=12).contains(&(card.len() - digits.len())) && digits.len() == 4);
            }
        }
    }

    #[test]
    fn only_lines_that_say_refuse_do_so(ticket in tickets(), number in "[A-Z0-9-]{1,20}") {
        let mappings = mappings();
        for route in mappings.route(&ticket, &created()) {
            let mut rules = mappings.rules().filter(|rule| *rule.adapter == route.adapter);
            let summary = rules.find(|rule| *rule.name == route.rule).unwrap();
            let mapped = with_facts(&ticket, &receipts(&number), |facts| {
                mappings.map(&route.adapter, &route.rule, facts)
            });
            if let Err(MapFailure::Refused { code, message }) = mapped {
                prop_assert_ne!(code, codes::BROKEN_PROMISE);
                let is_declared = |field: &&str| message.contains(&format!("`{field}`"));
                prop_assert!(summary.may_refuse.iter().map(|line| &*line.field).any(|field| is_declared(&field)));
            }
        }
    }
}

#[test]
fn attachments_are_passed_on_as_they_were_prepared() {
    let file = Attachment {
        filename: "bukti.jpg".into(),
        mime_type: "image/jpeg".into(),
        size: 4,
        description: None,
        bytes: 4,
        sha256: Checksum([0; 32]),
    };
    let sent = payload(&Ticket { attachments: vec![file], ..bare_ticket() }, "helpdesk", "ticket");
    let expected = json!([{"filename": "bukti.jpg", "mime_type": "image/jpeg", "size": 4, "content": "aGFsbw=="}]);
    assert_eq!(sent["attachments"], expected);
}

#[test]
fn only_rules_that_send_files_on_read_them() {
    let readers: Vec<String> = mappings()
        .rules()
        .filter(|rule| mappings().reads_files(rule.adapter, rule.name))
        .map(|rule| format!("{} {}", rule.adapter, rule.name))
        .collect();
    assert_eq!(readers, ["helpdesk ticket", "helpdesk attachment"]);
    assert!(!mappings().reads_files(&"helpdesk".into(), "no such rule"));
}
