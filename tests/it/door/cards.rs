//! A full card number goes nowhere: not to a system, not back to the client, not to the disk (contract
//! trap 35; PCI DSS 3.5.1).

use std::fs;
use std::path::Path;

use omnihub_sandbox::System;
use serde_json::{Value, json};

use crate::hub::TestHub;
use crate::hub::samples::{claim, ticket, with};

/// Test numbers of card issuers, as people write them.
const CARDS: [&str; 4] =
    ["4111111111111111", "5500 0000 0000 0004", "4012-8888-8888-1881", "6011000990139424"];

fn claim_with_cards() -> Value {
    let claim = with(claim(), "nomorKartu", CARDS[0]);
    let claim = with(claim, "claimReason", format!("Kartu {} ditolak", CARDS[2]));
    with(claim, "description", format!("Saya bayar dengan kartu {}.", CARDS[1]))
}

fn ticket_with_cards(hub: &TestHub) -> Value {
    let ticket = with(ticket(), "ticket.title", format!("Kartu {}", CARDS[0]));
    let ticket = with(ticket, "ticket.description", format!("Nomor {} hilang", CARDS[1]));
    let number: u64 = CARDS[3].parse().unwrap();
    let metadata = json!({ "note": CARDS[2], "pan": number, "deep": { "list": [CARDS[0]] } });
    let ticket = with(ticket, "ticket.metadata", metadata);
    let ticket = with(ticket, "channel", "PHONE");
    with(ticket, "integration.webhookUrl", hub.receiver())
}

/// Checks that none of the card numbers is in the text, in no way of writing it.
#[track_caller]
fn check_no_card(place: &str, text: &str) {
    let digits_only = |text: &str| text.replace([' ', '-'], "");
    let written = digits_only(text);
    for card in CARDS {
        assert!(!written.contains(&digits_only(card)), "{card} is in {place}");
    }
}

/// Every byte under a folder, as text.
fn everything_in(folder: &Path) -> String {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let texts = entries.map(|path| match path.is_dir() {
        true => everything_in(&path),
        false => {
            fs::read(&path).map_or(String::new(), |b| String::from_utf8_lossy(&b).into_owned())
        }
    });
    texts.collect()
}

#[tokio::test]
async fn a_card_number_is_masked_in_what_is_told_shown_and_kept() {
    let mut hub = TestHub::start().await;
    let claim = hub.client().post_claim(&claim_with_cards(), 201).await.number();
    let ticket = hub.client().post_ticket(&ticket_with_cards(&hub), 201).await.number();
    hub.settled(&[]).await;
    for system in System::ALL {
        let told: String = hub.posts(system).iter().map(|call| call.text().into_owned()).collect();
        check_no_card(system.as_str(), &told);
    }
    // What is left of them arrived.
    let posts = hub.posts(System::Helpdesk);
    let claim_body = posts.iter().find(|call| call.path().ends_with("/claims")).unwrap().json();
    assert_eq!(claim_body.unwrap()["nomorKartu"], "****1111");
    let ticket_body = posts.iter().find(|call| call.path().ends_with("/tickets")).unwrap().json();
    let metadata = ticket_body.unwrap()["ticket"]["metadata"].clone();
    assert_eq!(metadata["note"], "4012-88**-****-1881");
    assert_eq!(metadata["pan"], "601100******9424");
    for number in [claim, ticket] {
        let shown = hub.client().show(&number, 200).await;
        check_no_card("GET", &String::from_utf8_lossy(&shown.bytes));
    }
    hub.stop().await;
    let kept = everything_in(&hub.data_folder());
    assert!(kept.contains("411111******1111"), "the search looks where tickets are kept");
    check_no_card("the store's folder", &kept);
}
