//! Nothing that is secret or personal is in the log or in what is kept of attempts, at the lowest level
//! and with everything failing.

use http::StatusCode;
use omnihub_kit::logs;
use omnihub_sandbox::{FaultRule, System, What};
use serde_json::{Value, json};

use super::{ALWAYS, CREATE_AT_SOCIOMILE, CREATE_CLAIM, CREATE_TICKET};
use crate::hub::samples::{claim, ticket, with};
use crate::hub::{PARTNER, TestHub, answer, fault};

const CARD: &str = "4111111111111111";

/// What clients send that is about a person.
const PERSONAL: [&str; 9] = [
    "Ratnawati Pusparini",
    "081298765431",
    "+6281298765431",
    "6281298765431",
    "ratna.pusparini@nasabah.example",
    "1029384756",
    "CIF77001122",
    "uang saya hilang",
    CARD,
];

fn personal_claim() -> Value {
    let claim = with(claim(), "namaNasabah", PERSONAL[0]);
    let claim = with(claim, "phone", PERSONAL[1]);
    let claim = with(claim, "email", PERSONAL[4]);
    let claim = with(claim, "nomorRekening", PERSONAL[5]);
    let claim = with(claim, "nomorKartu", CARD);
    with(claim, "description", format!("{} kartu {CARD}", PERSONAL[7]))
}

fn personal_ticket(hub: &TestHub, channel: &str) -> Value {
    let ticket = with(ticket(), "customer.name", PERSONAL[0]);
    let ticket = with(ticket, "customer.phone", PERSONAL[2]);
    let ticket = with(ticket, "customer.email", PERSONAL[4]);
    let ticket = with(ticket, "customer.identifier", PERSONAL[6]);
    let ticket = with(ticket, "ticket.description", format!("{} {CARD}", PERSONAL[7]));
    let ticket = with(ticket, "integration.webhookUrl", hub.receiver());
    let ticket = with(ticket, "channelReferenceId", "CHAT-9");
    with(ticket, "channel", channel)
}

/// Every system fails in every way that quotes what it was told, and then works.
fn fail_everywhere(hub: &TestHub) {
    let quoting = PERSONAL.join(" ");
    let secrets = "sandbox-helpdesk-key sandbox-sociomile-secret sandbox-password";
    let words = format!("{quoting} {secrets}");
    // What the helpdesk was told in a claim, as its complaints quote it.
    let told = format!("{} {} sandbox-helpdesk-key", PERSONAL[0], PERSONAL[5]);
    hub.fail(
        System::Helpdesk,
        [
            answer(CREATE_TICKET, 503, json!({ "error": words }), 1),
            answer(CREATE_TICKET, 500, json!({ "error": words }), 1),
            answer(CREATE_TICKET, 502, json!(words), 1),
            answer(CREATE_CLAIM, 400, json!({ "error": told, "errors": { "a": told } }), 1),
            fault(CREATE_TICKET, What::DropAfter, 1),
        ],
    );
    hub.fail(
        System::Sociomile,
        [
            answer(CREATE_AT_SOCIOMILE, 503, json!({ "message": words }), 1),
            answer(CREATE_AT_SOCIOMILE, 200, json!({ "type": "error", "message": words }), 1),
            answer(
                CREATE_AT_SOCIOMILE,
                200,
                json!({ "type": "error", "message": format!("{} required", PERSONAL[0]) }),
                1,
            ),
        ],
    );
    hub.fail(
        System::Dolphins,
        [
            answer("/dolphin/apiv1/graph/auth", 503, json!({ "message": words }), 1),
            answer(
                "GET /dolphin/apiv1/graph/tickets",
                500,
                json!({ "status": "failed", "message": words }),
                1,
            ),
            answer(
                "GET /dolphin/apiv1/graph/tickets",
                400,
                json!({ "status": "failed", "message": "CHAT-9 may not be seen" }),
                1,
            ),
        ],
    );
    let failing = What::status_with(StatusCode::INTERNAL_SERVER_ERROR, json!(words));
    hub.fail(System::Webhook, [FaultRule::new(failing).times(2.try_into().unwrap())]);
}

#[tokio::test]
async fn no_secret_and_nothing_personal_is_ever_logged_or_kept_of_attempts() {
    let captured = logs::capture();
    let mut hub = TestHub::start_with_every_rule().await;
    fail_everywhere(&hub);
    let client = hub.client();
    let number = client.post_claim(&personal_claim(), 201).await.number();
    for channel in ["PHONE", "CHAT", "PHONE"] {
        client.post_ticket(&personal_ticket(&hub, channel), 201).await;
    }
    client.show(&number, 200).await;
    client.post_claim(&with(personal_claim(), "nominal", PERSONAL[5]), 400).await;
    client.clone().bare().with("x-api-key", &format!("{}x", hub.key())).show(&number, 401).await;
    let is_over = |hub: &TestHub| {
        hub.undelivered()
            .iter()
            .all(|view| !view.ends_with(" due") && !view.ends_with(" in_flight"))
    };
    hub.until(is_over).await;
    hub.fail(System::Helpdesk, [answer("", 401, json!({ "error": PERSONAL[0] }), ALWAYS)]);
    let number = client.post_ticket(&personal_ticket(&hub, "EMAIL"), 201).await.number();
    hub.until(|hub| hub.delivery(&number, "helpdesk").code.is_some()).await;
    let mut hidden: Vec<String> = PERSONAL.map(str::to_owned).to_vec();
    hidden.extend(hub.webhook_secrets(PARTNER));
    hidden.push(hub.key().to_owned());
    hidden.extend(tokens(&hub));
    let credentials = *hub.sandbox.credentials();
    hidden.extend(
        [
            credentials.helpdesk_api_key,
            credentials.sociomile_client_secret_key,
            credentials.dolphins_password,
        ]
        .map(str::to_owned),
    );
    let kept = attempts(&hub);
    hub.stop().await;
    let log = captured.text();
    // It is the hub's log, and failures are in it.
    for told in ["capturing", "H0401", "H0402", "H0405", "H0406", "H0407", "delivered"] {
        assert!(log.contains(told), "{told} is not in the log");
    }
    for secret in hidden {
        assert!(!kept.contains(&secret), "{secret} is kept: {}", line_of(&kept, &secret));
        assert!(!log.contains(&secret), "{secret} is in the log: {}", line_of(&log, &secret));
    }
}

/// What is kept of attempts, one a line.
fn attempts(hub: &TestHub) -> String {
    let kept = hub.attempts().into_iter();
    let lines = kept.map(|(_, attempt)| serde_json::to_string(&attempt).unwrap());
    let text = lines.collect::<Vec<_>>().join("\n");
    for told in ["delivered", "unknown outcome", "refused", r#""sent":"{\"#, r#""answer":"200 {\"#]
    {
        assert!(text.contains(told), "{told} is in no attempt: {text}");
    }
    text
}

/// The tokens that 3Dolphins gave us.
fn tokens(hub: &TestHub) -> Vec<String> {
    let calls = hub.sandbox.received(System::Dolphins);
    let tokens = calls.iter().filter_map(|call| call.header("authorization"));
    let tokens: Vec<String> =
        tokens.map(|header| header.trim_start_matches("Bearer ").to_owned()).collect();
    assert!(!tokens.is_empty());
    tokens
}

fn line_of(log: &str, secret: &str) -> String {
    log.lines().find(|line| line.contains(secret)).unwrap_or_default().to_owned()
}
