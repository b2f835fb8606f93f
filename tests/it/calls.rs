//! Operations called by hand: what is drafted is what is sent, for every operation of every system.

use std::sync::Arc;

use jiff::Timestamp;
use omnihub::adapters::{self, Needs};
use omnihub::config;
use omnihub::hub::callables;
use omnihub::operate::calls::{Asked, CallError, Callable, Called, call};
use omnihub::stand_ins;
use omnihub_contract::{Arguments, Draft, Effect, FieldKind, Operation, PartnerId, Secret};
use omnihub_sandbox::{Received, Sandbox, Settings, System};
use serde_json::Value;

/// A number that every stand-in knows; 3Dolphins' begin so.
const NUMBER: &str = "CHAT-7";

struct OneSecret;

impl omnihub_contract::SigningSecrets for OneSecret {
    fn newest_first(&self, _: &PartnerId) -> Vec<Secret> {
        vec![Secret::from("whsec_bmV3")]
    }
}

async fn systems() -> (Sandbox, Vec<Callable>) {
    omnihub_upstream::install_tls();
    let sandbox = Sandbox::start(Settings::default()).await.unwrap();
    let mut config = config::read(std::path::Path::new("config.toml"), config::SHIPPED).unwrap();
    stand_ins::point_at(&mut config, &sandbox);
    let needs = Needs { secrets: Arc::new(OneSecret) };
    let systems = callables(&adapters::all(&config, &needs).unwrap());
    (sandbox, systems)
}

fn asked(adapter: &str, operation: &str, arguments: Arguments) -> Asked {
    Asked {
        adapter: adapter.to_owned(),
        operation: operation.to_owned(),
        arguments,
        partner: None,
        by: "siti".to_owned(),
        dry_run: false,
        confirmed: true,
    }
}

/// A value in every mandatory field, and no more.
fn mandatory(row: &Operation, sandbox: &Sandbox) -> Arguments {
    let value = |name: &str, kind: FieldKind| match (name, kind) {
        ("url", _) => format!("{}/webhook/client", sandbox.base_url(System::Webhook)),
        ("status", _) => "CANCELLED".to_owned(),
        ("ticketType", _) => row.name.trim_start_matches("create_").to_owned(),
        (_, FieldKind::Number) => "150000".to_owned(),
        (_, FieldKind::List) => "[]".to_owned(),
        _ => NUMBER.to_owned(),
    };
    let fields = row.fields.iter().filter(|field| field.mandatory);
    fields.map(|field| (field.name.to_owned(), value(field.name, field.kind))).collect()
}

async fn drafted(systems: &[Callable], asked: &Asked) -> Draft {
    let dry = Asked { dry_run: true, confirmed: false, ..asked.clone() };
    match call(systems, &dry, Timestamp::UNIX_EPOCH).await {
        Ok(Called::Draft(draft)) => draft,
        Ok(_) => panic!("{} {} was called", asked.adapter, asked.operation),
        Err(error) => panic!("{error}"),
    }
}

/// The calls that a stand-in received, but for logins.
fn received(sandbox: &Sandbox, system: System) -> Vec<Received> {
    let calls = sandbox.received(system).into_iter();
    calls.filter(|call| !call.path().ends_with("/auth")).collect()
}

async fn check_every_operation(adapter: &str, system: System) {
    let (sandbox, systems) = systems().await;
    let rows = systems.iter().find(|it| it.name.as_str() == adapter).unwrap().operations;
    for row in rows {
        let mut arguments = mandatory(row, &sandbox);
        if row.name == "tickets" && adapter == "helpdesk" {
            arguments.insert("ticketNumber".to_owned(), NUMBER.to_owned());
        }
        let asked = asked(adapter, row.name, arguments);
        let before = received(&sandbox, system).len();
        let draft = drafted(&systems, &asked).await;
        assert_eq!(received(&sandbox, system).len(), before, "{}: a draft is not sent", row.name);
        let outcome = call(&systems, &asked, Timestamp::UNIX_EPOCH).await;
        let calls = received(&sandbox, system);
        assert_eq!(calls.len(), before + 1, "{}", row.name);
        let sent = calls.last().unwrap();
        assert_eq!(draft.method, sent.method.as_str(), "{}", row.name);
        let address = draft.address.split('?').next().unwrap();
        assert!(address.ends_with(sent.path()), "{} {address}", row.name);
        assert_eq!(draft.body.as_deref().unwrap_or_default(), sent.text(), "{}", row.name);
        for secret in ["sandbox-key", "whsec_", "Bearer "] {
            let shown = format!("{}{:?}{:?}", draft.address, draft.headers, draft.body);
            assert!(!shown.contains(secret), "{}: {shown}", row.name);
        }
        if adapter == "dolphins" {
            let what = outcome.map(|called| matches!(called, Called::Found(_)));
            assert_eq!(what.unwrap(), row.effect == Effect::Read, "{}", row.name);
        }
    }
}

#[tokio::test]
async fn every_operation_of_3dolphins_is_sent_as_it_was_drafted_and_done() {
    check_every_operation("dolphins", System::Dolphins).await;
}

#[tokio::test]
async fn every_operation_of_the_others_is_sent_as_it_was_drafted() {
    check_every_operation("helpdesk", System::Helpdesk).await;
    check_every_operation("sociomile", System::Sociomile).await;
    check_every_operation("webhook", System::Webhook).await;
}

#[tokio::test]
async fn a_secret_in_an_address_is_not_drafted() {
    let (sandbox, systems) = systems().await;
    let row = systems[1].operations.iter().find(|row| row.name == "create_voice").unwrap();
    let asked = asked("sociomile", row.name, mandatory(row, &sandbox));
    let draft = drafted(&systems, &asked).await;
    assert!(draft.address.ends_with("/bank-sulut/create?client_secret_key=…"), "{}", draft.address);
}

#[tokio::test]
async fn no_token_comes_back() {
    let (sandbox, systems) = systems().await;
    let upload = asked("dolphins", "upload_file", Arguments::new());
    assert!(call(&systems, &upload, Timestamp::UNIX_EPOCH).await.is_ok());
    let token = received(&sandbox, System::Dolphins)[0].header("authorization").unwrap().to_owned();
    let token = token.trim_start_matches("Bearer ").to_owned();
    let text = serde_json::json!(format!("lihat f?access_token=Bearer {token}"));
    let say =
        [("ticketNumber", NUMBER), ("channelType", "webchat"), ("message", text.as_str().unwrap())];
    let say = say.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    assert!(
        call(&systems, &asked("dolphins", "send_message", say), Timestamp::UNIX_EPOCH)
            .await
            .is_ok()
    );
    let talk = [("ticketNumber".to_owned(), NUMBER.to_owned())].into();
    let outcome =
        call(&systems, &asked("dolphins", "conversations", talk), Timestamp::UNIX_EPOCH).await;
    let Ok(Called::Found(Value::Array(messages))) = outcome else { panic!("no list") };
    let last = messages.last().unwrap()["message"].as_str().unwrap();
    assert_eq!(last, "lihat f?access_token=…");
}

#[tokio::test]
async fn what_changes_a_system_is_refused_unless_it_is_confirmed() {
    let (sandbox, systems) = systems().await;
    let close = asked("dolphins", "close", [("ticketNumber".to_owned(), NUMBER.to_owned())].into());
    let unconfirmed = Asked { confirmed: false, ..close.clone() };
    let refused = call(&systems, &unconfirmed, Timestamp::UNIX_EPOCH).await;
    assert!(matches!(refused, Err(CallError::Unconfirmed(..))));
    let nobody = Asked { by: " ".to_owned(), ..close };
    let refused = call(&systems, &nobody, Timestamp::UNIX_EPOCH).await;
    assert!(matches!(refused, Err(CallError::Who)));
    assert!(sandbox.received(System::Dolphins).is_empty());
}

#[track_caller]
fn check_words(outcome: Result<Called, CallError>, words: &str) {
    let error = outcome.err().unwrap().to_string();
    assert!(error.contains(words), "{error}");
}

#[tokio::test]
async fn what_there_is_not_is_answered_with_what_there_is() {
    let (_sandbox, systems) = systems().await;
    let at = Timestamp::UNIX_EPOCH;
    let outcome = call(&systems, &asked("notify", "send", Arguments::new()), at).await;
    check_words(outcome, "there are helpdesk, sociomile, dolphins, webhook");
    let outcome = call(&systems, &asked("sociomile", "send", Arguments::new()), at).await;
    check_words(outcome, "it has create_helpdesk, create_voice, update_status");
    let outcome = call(&systems, &asked("dolphins", "close", Arguments::new()), at).await;
    check_words(outcome, "`ticketNumber` is mandatory");
}
