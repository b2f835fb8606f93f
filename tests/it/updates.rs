//! Updates of a ticket, by the helpdesk's adapter at the helpdesk's stand-in: whatever the form of its
//! answers, it is understood, and its refusals are told in its words.

use std::time::Duration;

use omnihub_contract::{Adapter, Delivery, Fault, LookUp};
use omnihub_helpdesk::{Auth, Helpdesk, OPERATIONS, Settings};
use omnihub_kit::delivery;
use omnihub_sandbox::{Credentials, Sandbox, System};
use omnihub_upstream::ClientSettings;
use serde_json::{Value, json};
use std::collections::BTreeMap;

async fn start(nested_answers: bool) -> (Sandbox, Helpdesk) {
    let settings = omnihub_sandbox::Settings { nested_answers, ..Default::default() };
    let sandbox = Sandbox::start(settings).await.unwrap();
    let base_url = sandbox.base_url(System::Helpdesk);
    let api_key = Credentials::SANDBOX.helpdesk_api_key.into();
    let (auth, partner_keys) = (Auth::Bearer, BTreeMap::new());
    let settings = Settings { api_key, webhook_secret: None, auth, partner_keys };
    let client = ClientSettings { base_url, timeout: Duration::from_secs(30) };
    let helpdesk = Helpdesk::new(&client, &settings).unwrap();
    (sandbox, helpdesk)
}

/// Makes a ticket there, and gives its number.
async fn create(helpdesk: &Helpdesk) -> String {
    let payload = json!({
        "channel": "CHAT", "serviceType": "INQUIRY", "customer": { "name": "Jane Smith" },
        "ticket": { "description": "How do I open a savings account?" },
        "integration": { "requestId": "omnihub:1" },
    });
    let receipt = helpdesk.deliver(&delivery(OPERATIONS, "create_ticket", payload)).await.unwrap();
    receipt.values["ticketNumber"].clone()
}

fn update(operation: &str, number: &str, member: &str, value: &Value) -> Delivery {
    delivery(OPERATIONS, operation, json!({ "ticketNumber": number, member: value }))
}

fn file() -> Value {
    json!([{ "filename": "log.txt", "mime_type": "text/plain", "size": 5, "content": "aGFsbw==" }])
}

#[tokio::test]
async fn comments_files_and_statuses_arrive_whatever_the_form_of_the_answers() {
    for nested_answers in [true, false] {
        let (sandbox, helpdesk) = start(nested_answers).await;
        let number = create(&helpdesk).await;
        let comment = update("add_comment", &number, "comment", &json!("Still no answer"));
        let receipt = helpdesk.deliver(&comment).await.unwrap();
        let file = update("add_attachment", &number, "attachments", &file());
        helpdesk.deliver(&file).await.unwrap();
        let status = update("update_status", &number, "status", &json!("PENDING"));
        helpdesk.deliver(&status).await.unwrap();
        let ticket = sandbox.helpdesk_tickets().remove(0);
        assert_eq!(ticket.status, "PENDING");
        assert_eq!(ticket.attachments[0].filename, "log.txt");
        let said: Vec<&str> = ticket.comments.iter().map(|c| c.content.as_str()).collect();
        let about_status = "[Omnichannel Update] Status changed to PENDING";
        assert_eq!(said, ["[Via Omnichannel] Still no answer", about_status]);
        assert_eq!(receipt.values["commentId"], ticket.comments[0].id);
        sandbox.stop().await;
    }
}

#[tokio::test]
async fn a_comment_is_found_again_among_those_that_the_ticket_shows() {
    for nested_answers in [true, false] {
        let (sandbox, helpdesk) = start(nested_answers).await;
        let number = create(&helpdesk).await;
        let comment = |words: &str| update("add_comment", &number, "comment", &json!(words));
        assert_eq!(helpdesk.look_up(&comment("One")).await, Ok(LookUp::Absent));
        helpdesk.deliver(&comment("One")).await.unwrap();
        let found = helpdesk.look_up(&comment("One")).await;
        assert!(matches!(found, Ok(LookUp::Found(_))), "{found:?}");
        assert_eq!(helpdesk.look_up(&comment("Two")).await, Ok(LookUp::Absent));
        for words in ["2", "3", "4", "5", "6"] {
            helpdesk.deliver(&comment(words)).await.unwrap();
        }
        assert_eq!(helpdesk.look_up(&comment("One")).await, Ok(LookUp::CannotSay));
        sandbox.stop().await;
    }
}

#[tokio::test]
async fn refusals_are_told_in_the_helpdesks_words() {
    let (sandbox, helpdesk) = start(true).await;
    let number = create(&helpdesk).await;
    for (delivery, words) in [
        (update("update_status", &number, "status", &json!("CLOSED")), "Invalid update data"),
        (update("add_comment", "999999", "comment", &json!("x")), "Ticket not found"),
        (update("add_comment", &number, "comment", &json!("")), "Comment content is required"),
        (update("add_attachment", &number, "attachments", &json!([])), "Attachments are required"),
    ] {
        let failure = helpdesk.deliver(&delivery).await.unwrap_err();
        assert_eq!((failure.fault, failure.message.as_str()), (Fault::Refused, words));
    }
    for status in ["CLOSED", "RESOLVED"] {
        assert!(sandbox.act_in_helpdesk(&number, Some(status), None));
        let failure =
            helpdesk.deliver(&update("add_comment", &number, "comment", &json!("closed"))).await;
        let expected = (Fault::Refused, "Cannot update closed or resolved tickets".to_owned());
        assert_eq!(failure.map_err(|it| (it.fault, it.message)).map(drop), Err(expected));
    }
    sandbox.stop().await;
}
