//! No card number passes the door; what only looks like one does.

use omnihub_contract::Kind;
use serde_json::{Value, json};

use super::{small_claim, small_ticket, taken, taken_ticket, with};

const CARD: &str = "4111111111111111";
const MASKED: &str = "411111******1111";

#[test]
fn the_card_of_a_claim_is_masked_in_any_form() {
    for (sent, kept) in [
        ("****1234", "****1234"),
        (CARD, MASKED),
        ("4111 1111 1111 1111", MASKED),
        ("4111 1111 1111 1112", "411111******1112"),
        ("XXXX-XXXX-XXXX-5678", "************5678"),
    ] {
        let ticket = taken_ticket(Kind::Claim, &with(small_claim(), "nomorKartu", json!(sent)));
        assert_eq!(ticket.claim.unwrap().card.unwrap().reveal(), kept);
    }
}

#[test]
fn cards_in_free_text_are_masked() {
    let text = json!(format!("kartu {CARD} tertelan"));
    let masked = format!("kartu {MASKED} tertelan");
    let body = with(small_claim(), "description", text.clone());
    let ticket = taken_ticket(Kind::Claim, &with(body, "claimReason", text.clone()));
    assert_eq!(ticket.description.reveal(), masked);
    assert_eq!(ticket.claim.unwrap().reason.unwrap().reveal(), masked);

    let attachment = json!([{
        "filename": format!("{CARD}.txt"), "mimeType": "text/plain", "content": "QQ==",
        "description": text
    }]);
    let body = with(small_ticket("OTHER"), "ticket.title", text.clone());
    let body = with(body, "ticket.description", text.clone());
    let body = with(body, "ticket.metadata.claimReason", text);
    let whole = taken(Kind::Ticket, &with(body, "attachments", attachment)).ticket;
    let whole = serde_json::to_string(&whole).unwrap();
    assert!(!whole.contains(CARD));
    assert_eq!(whole.matches(MASKED).count(), 6);
}

#[test]
fn a_generated_title_shows_no_card() {
    let body = with(small_ticket("OTHER"), "ticket.description", json!(format!("kartu {CARD}")));
    let ticket = taken_ticket(Kind::Ticket, &body);
    assert_eq!(ticket.title.reveal(), format!("Other: kartu {MASKED}"));
}

#[test]
fn identifiers_are_untouched() {
    let body = with(small_claim(), "nomorRekening", json!(CARD));
    let body = with(body, "transactionId", json!(CARD));
    let body = with(body, "referenceNumber", json!(CARD));
    let claim = taken_ticket(Kind::Claim, &body).claim.unwrap();
    assert_eq!(claim.account_number.unwrap().reveal(), CARD);
    assert_eq!(claim.transaction_id.as_deref(), Some(CARD));
    assert_eq!(claim.reference_number.as_deref(), Some(CARD));
    let body = with(small_ticket("OTHER"), "customer.identifier", json!(CARD));
    assert_eq!(taken_ticket(Kind::Ticket, &body).customer.identifier.unwrap().reveal(), CARD);
}

#[test]
fn cards_among_metadata_are_masked_wherever_they_stand() {
    let number: u64 = CARD.parse().unwrap();
    let sent = json!({
        "note": format!("a {CARD}"), "number": number, "small": 42, "flag": true, "none": null,
        "fraction": 1.5, "list": [CARD, { "deep": number }],
        "customFields": { "x": CARD, "segment": "Premium" },
        "cardNumber": "4111 1111 1111 1112", "nomor_kartu": 4_111_111_111_111_112_u64,
        "pan": "Panggilan kedua"
    });
    let kept = json!({
        "note": format!("a {MASKED}"), "number": MASKED, "small": 42, "flag": true, "none": null,
        "fraction": 1.5, "list": [MASKED, { "deep": MASKED }],
        "customFields": { "x": MASKED, "segment": "Premium" },
        "cardNumber": "411111******1112", "nomor_kartu": "411111******1112",
        "pan": "Panggilan kedua"
    });
    let ticket = taken_ticket(Kind::Ticket, &with(small_ticket("OTHER"), "ticket.metadata", sent));
    assert_eq!(Value::Object(ticket.metadata), kept);
}

#[test]
fn identifiers_among_metadata_are_known_by_name() {
    let number: u64 = CARD.parse().unwrap();
    let sent = json!({
        "transactionId": CARD, "referenceNumber": CARD, "account_number": number,
        "NoRekening": CARD, "phones": "6281234567890", "phone": [CARD],
        "customFields": { "nomor-rekening": CARD }
    });
    let body = with(small_ticket("OTHER"), "ticket.metadata", sent.clone());
    assert_eq!(Value::Object(taken_ticket(Kind::Ticket, &body).metadata), sent);
}
