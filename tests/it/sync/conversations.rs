//! Conversations of linked tickets: what is said there becomes comments, once, and what the hub said itself
//! does not come back.

use std::fs;
use std::time::Duration;

use omnihub::config::{Config, Span};
use omnihub::store::Heard;
use omnihub::sync::Saying;
use omnihub_sandbox::{Received, System, What};
use serde_json::{Value, json};

use super::circle::act;
use crate::hub::samples::{ticket, with};
use crate::hub::{TestHub, add_rules, answer, fault};

const CHAT: &str = "CHAT-77";
const SEND: &str = "/dolphin/apiv1/graph/tickets/sendMessage";
const TALK: &str = "/dolphin/apiv1/graph/tickets/conversations/";

fn poll(config: &mut Config) {
    let section = config.adapters.get_mut("dolphins").unwrap();
    section.poll = Span(Duration::from_millis(40));
}

/// A ticket that is linked to the chat, whose client has a webhook; gives its number.
async fn linked(hub: &TestHub) -> String {
    let body = with(with(ticket(), "channel", "CHAT"), "channelReferenceId", CHAT);
    let body = with(body, "integration.webhookUrl", hub.receiver());
    let number = hub.client().post_ticket(&body, 201).await.number();
    hub.settled(&[]).await;
    number
}

/// Questions for the conversation so far.
fn asked(hub: &TestHub) -> usize {
    let calls = hub.sandbox.received(System::Dolphins).into_iter();
    calls.filter(|call| call.path().starts_with(TALK) && call.status == Some(200)).count()
}

/// Waits until the conversation was read once more from its beginning to its end.
async fn read_again(hub: &TestHub) {
    let before = asked(hub);
    hub.until(|hub| asked(hub) >= before + 2).await;
    hub.settled(&[]).await;
}

/// What the client is shown of the ticket's comments: words, and whether they are support's.
async fn comments(hub: &TestHub, number: &str) -> Vec<(String, bool)> {
    let shown = hub.client().show(number, 200).await.json();
    let comments = shown["comments"].as_array().unwrap().iter();
    let pair = |it: &Value| {
        (it["content"].as_str().unwrap().to_owned(), it["isFromSupport"].as_bool().unwrap())
    };
    comments.map(pair).collect()
}

fn pairs(expected: &[(&str, bool)]) -> Vec<(String, bool)> {
    expected.iter().map(|(words, is_support)| ((*words).to_owned(), *is_support)).collect()
}

/// Messages in the chat that are not the customer's.
fn answers(hub: &TestHub) -> Vec<String> {
    let chat = hub.sandbox.dolphins_tickets().remove(0);
    chat.messages.into_iter().filter(|it| it.answer).map(|it| it.text).collect()
}

#[tokio::test]
async fn what_support_answers_in_a_chat_is_told_to_the_helpdesk_and_to_the_client_once() {
    let hub = TestHub::start_with(poll).await;
    let number = linked(&hub).await;
    assert!(hub.sandbox.act_in_dolphins(CHAT, Some("Pending"), Some("We look into it")));
    hub.until(|hub| hub.timeline(&number).len() == 3).await;
    read_again(&hub).await;
    read_again(&hub).await;
    assert_eq!(comments(&hub, &number).await, pairs(&[("We look into it", true)]));
    let there = hub.helpdesk_tickets().remove(0);
    assert_eq!(there.comments[0].content, "[Via Omnichannel] We look into it");
    assert_eq!(there.status, "PENDING");
    let told = hub.posts(System::Webhook).into_iter().map(|call| call.json().unwrap());
    let told: Vec<Value> = told.map(|body| body["event"].clone()).collect();
    assert_eq!(told, ["TICKET_CREATED", "COMMENT_ADDED", "STATUS_CHANGED"]);
    assert_eq!(answers(&hub), ["We look into it"], "and not to the chat");
    hub.done(&[]).await;
}

#[tokio::test]
async fn what_a_customer_says_is_told_once_whether_the_event_or_the_poll_comes_first() {
    let hub = TestHub::start_with(poll).await;
    let number = linked(&hub).await;
    // The event comes before any poll, then the same words again.
    for _ in 0..2 {
        act(&hub, System::Dolphins, CHAT, json!({ "customer_message": "Any news?" })).await;
    }
    read_again(&hub).await;
    // The poll finds one of which no event comes, and then one comes with the same words.
    assert!(hub.sandbox.say_in_dolphins(CHAT, "Hello?"));
    hub.until(|hub| hub.timeline(&number).len() == 4).await;
    act(&hub, System::Dolphins, CHAT, json!({ "customer_message": "Hello?" })).await;
    hub.until(|hub| hub.timeline(&number).len() == 5).await;
    read_again(&hub).await;
    let said = [("Any news?", false), ("Any news?", false), ("Hello?", false), ("Hello?", false)];
    assert_eq!(comments(&hub, &number).await, pairs(&said));
    hub.done(&[]).await;
}

#[tokio::test]
async fn what_the_hub_tells_a_customer_is_no_news_to_it() {
    let mut hub = TestHub::start_with_every_rule().await;
    hub.reconfigure(poll).await;
    let number = linked(&hub).await;
    let there = hub.helpdesk_tickets().remove(0).number;
    act(&hub, System::Helpdesk, &there, json!({ "comment": "Your card is open again" })).await;
    hub.until(|hub| answers(hub).len() == 2).await;
    read_again(&hub).await;
    assert_eq!(comments(&hub, &number).await, pairs(&[("Your card is open again", true)]));
    let there = hub.helpdesk_tickets().remove(0);
    assert_eq!(there.comments.len(), 1, "{:?}", there.comments);
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_message_whose_answer_was_lost_is_found_in_the_chat_and_not_sent_twice() {
    let mut hub = TestHub::start_with_every_rule().await;
    hub.reconfigure(poll).await;
    hub.fail(System::Dolphins, [fault(SEND, What::DropAfter, 1)]);
    let number = linked(&hub).await;
    assert_eq!(answers(&hub).len(), 1);
    read_again(&hub).await;
    assert_eq!(comments(&hub, &number).await, pairs(&[]), "found by a poll, it is still ours");
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_message_that_the_chat_does_not_show_is_held_for_a_person() {
    let held = ["dolphins held H0407"];
    let hub = TestHub::start_with_every_rule().await;
    hub.fail(System::Dolphins, [answer(SEND, 502, json!("<html>Bad Gateway</html>"), 1)]);
    let body = with(with(ticket(), "channel", "CHAT"), "channelReferenceId", CHAT);
    hub.client().post_ticket(&body, 201).await;
    hub.settled(&held).await;
    assert_eq!(answers(&hub), Vec::<String>::new());
    hub.done(&held).await;
}

#[tokio::test]
async fn while_a_message_is_on_its_way_what_support_says_is_left_for_later() {
    let mut hub = TestHub::start_with_every_rule().await;
    hub.reconfigure(|config| {
        let section = config.adapters.get_mut("dolphins").unwrap();
        (section.poll, section.timeout) = (Span(Duration::ZERO), Span(Duration::from_secs(1)));
    })
    .await;
    hub.fail(System::Dolphins, [fault(SEND, What::Hang, 1)]);
    let body = with(with(ticket(), "channel", "CHAT"), "channelReferenceId", CHAT);
    let number = hub.client().post_ticket(&body, 201).await.number();
    let is_sent = |hub: &TestHub| {
        hub.sandbox.received(System::Dolphins).iter().any(|call| call.path() == SEND)
    };
    hub.until(is_sent).await;
    let said = async |id: &str, is_support: bool| {
        let ticket = hub.record(&number).ticket;
        let said = [json!({ "messages": [{
            "id": id, "message": format!("Message {id}"), "answer": is_support,
            "createdDate": ticket.created_at.as_millisecond() + 1000,
        }]})];
        let dolphins = "dolphins".into();
        let saying = Saying::new(&dolphins, "conversations", &Value::Null);
        let saying = Saying { said: &said, conversation: Some(0), ..saying };
        hub.ears().apply(ticket.number, saying).await.unwrap()
    };
    // It might be the hub's own, but for what a customer says.
    assert_eq!(said("1", true).await, Heard::Nothing);
    assert_eq!(said("2", false).await, Heard::Kept { events: 1 });
    let held = ["dolphins held H0407"];
    hub.settled(&held).await;
    assert_eq!(said("1", true).await, Heard::Kept { events: 1 });
    assert_eq!(said("1", true).await, Heard::Nothing);
    hub.settled(&held).await;
    hub.done(&held).await;
}

#[tokio::test]
async fn everything_in_a_conversation_is_told_once_however_long_it_gets_and_whoever_tells_first() {
    let hub = TestHub::start_with(|config| {
        config.adapters.get_mut("dolphins").unwrap().poll = Span(Duration::ZERO);
    })
    .await;
    let number = linked(&hub).await;
    let ticket = hub.record(&number).ticket;
    let began = ticket.created_at.as_millisecond();
    let dolphins = "dolphins".into();
    let mut talk: Vec<Value> = Vec::new();
    for at in 0..200 {
        let (words, time) = (format!("Message {at}"), began + 1000 * (at + 1));
        let is_support = at % 3 == 0;
        talk.push(json!({ "id": format!("id-{at}"), "message": words, "answer": is_support, "createdDate": time }));
        // Of some the event comes before they are asked for, of some after, of some none.
        let event = json!({ "message": words, "customerName": "Jane", "createdDate": time });
        let event = Saying::new(&dolphins, "incoming_message", &event);
        if at % 3 == 1 {
            hub.ears().apply(ticket.number, event).await.unwrap();
        }
        // For a while it cannot be asked for.
        if at % 5 != 0 && !(100..155).contains(&at) {
            let said = [json!({ "messages": talk[talk.len().saturating_sub(100)..] })];
            let saying = Saying::new(&dolphins, "conversations", &Value::Null);
            let saying = Saying { said: &said, conversation: Some(0), ..saying };
            hub.ears().apply(ticket.number, saying).await.unwrap();
        }
        if at % 6 == 2 {
            hub.ears().apply(ticket.number, event).await.unwrap();
        }
    }
    let told = comments(&hub, &number).await;
    let mut words: Vec<&str> = told.iter().map(|(words, _)| &**words).collect();
    words.sort_unstable();
    words.dedup();
    assert_eq!((told.len(), words.len()), (200, 200));
    hub.settled(&[]).await;
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_long_conversation_is_read_from_where_it_was_heard_and_its_past_is_no_news() {
    let hub = TestHub::start_with(poll).await;
    for at in 0..730 {
        assert!(hub.sandbox.say_in_dolphins(CHAT, &format!("An old story, part {at}")));
    }
    let number = linked(&hub).await;
    assert!(hub.sandbox.act_in_dolphins(CHAT, None, Some("We look into it")));
    hub.until(|hub| hub.timeline(&number).len() == 2).await;
    read_again(&hub).await;
    assert_eq!(comments(&hub, &number).await, pairs(&[("We look into it", true)]));
    let calls = hub.sandbox.received(System::Dolphins).into_iter();
    let talks = calls.filter(|call| call.path().starts_with(TALK));
    let starts: Vec<String> = talks
        .filter_map(|call| call.query().into_iter().find(|(name, _)| name == "start"))
        .map(|(_, start)| start)
        .collect();
    // At most five at once; those that hold nothing but the past are not asked for again.
    assert_eq!(starts[..8], ["0", "100", "200", "300", "400", "400", "500", "600"]);
    assert_eq!(starts[starts.len() - 2..], ["700", "700"]);
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_mapping_that_reads_no_conversation_asks_for_none() {
    let mut hub = TestHub::start().await;
    add_rules(hub.config(), "dolphins", "");
    let file = hub.config().mappings.dir.join("dolphins.toml");
    let rules = fs::read_to_string(&file).unwrap();
    let (before, section) = rules.split_once("[[inbound]]\nwhat = \"conversations\"").unwrap();
    let (_, after) = section.split_once("[[inbound]]").unwrap();
    fs::write(&file, format!("{before}[[inbound]]{after}")).unwrap();
    hub.reconfigure(poll).await;
    linked(&hub).await;
    let is_status = |call: &Received| call.path().ends_with(&format!("/tickets/{CHAT}"));
    let polls = |hub: &TestHub| {
        hub.sandbox.received(System::Dolphins).into_iter().filter(is_status).count()
    };
    hub.until(|hub| polls(hub) >= 3).await;
    assert_eq!(asked(&hub), 0);
    hub.done(&[]).await;
}
