//! 3Dolphins: a ticket is linked to one of its own, or not told there at all.

use omnihub_sandbox::System;
use serde_json::Value;

use crate::hub::TestHub;
use crate::hub::samples::{ticket, with};

fn chat(reference: &str) -> Value {
    with(with(ticket(), "channel", "CHAT"), "channelReferenceId", reference)
}

#[tokio::test]
async fn a_chat_that_is_known_is_linked_and_its_customer_told_the_helpdesks_number() {
    let hub = TestHub::start_with_every_rule().await;
    hub.client().post_ticket(&chat("CHAT-7"), 201).await;
    hub.settled(&[]).await;
    // A token that has run out is renewed without anybody noticing.
    hub.sandbox.revoke_dolphins_tokens();
    hub.client().post_ticket(&chat("CHAT-8"), 201).await;
    hub.settled(&[]).await;
    let tickets = hub.sandbox.dolphins_tickets();
    assert_eq!(tickets.len(), 2);
    for (ticket, helpdesk) in tickets.iter().zip(hub.helpdesk_tickets()) {
        // The first is the customer's own.
        let told: Vec<_> = ticket.messages.iter().filter(|message| message.answer).collect();
        assert_eq!(told.len(), 1);
        let text = &told[0].text;
        assert!(text.ends_with(&format!("Nomor tiket Anda: {}", helpdesk.number)), "{text}");
    }
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_chat_that_is_unknown_there_is_discarded_with_what_needed_it() {
    let hub = TestHub::start_with_every_rule().await;
    let number = hub.client().post_ticket(&chat("X-404"), 201).await.number();
    let discarded = ["dolphins discarded H0411"; 2];
    hub.settled(&discarded).await;
    for delivery in hub.deliveries(&number, "dolphins") {
        let words = delivery.words.unwrap();
        assert!(words.contains("knows no ticket of this number"), "{words}");
    }
    assert!(hub.sandbox.dolphins_tickets().is_empty());
    let told = hub.sandbox.received(System::Dolphins);
    assert_eq!(told.iter().filter(|call| call.method != "GET").count(), 1, "only the login");
    assert_eq!(hub.helpdesk_tickets().len(), 1);
    hub.done(&discarded).await;
}

#[tokio::test]
async fn a_ticket_of_another_channel_is_not_looked_for() {
    let hub = TestHub::start_with_every_rule().await;
    let whatsapp = with(chat("CHAT-7"), "channel", "WHATSAPP");
    let number = hub.client().post_ticket(&whatsapp, 201).await.number();
    hub.settled(&[]).await;
    assert!(hub.deliveries(&number, "dolphins").is_empty());
    assert!(hub.sandbox.received(System::Dolphins).is_empty());
    hub.done(&[]).await;
}
