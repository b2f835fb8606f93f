//! `omnihub keys` and `omnihub partners secret`, beside a running hub and alone.

use omnihub_sandbox::System;
use serde_json::{Value, json};

use super::{Ran, client, omnihub};
use crate::hub::samples::{claim, ticket, with};
use crate::hub::{PARTNER, TestHub};

/// The key's row in `keys list`.
async fn listed(hub: &TestHub, partner: &str) -> Vec<Value> {
    let list = omnihub(hub, &["keys", "list", "--partner", partner, "--json"]).await;
    list.json().as_array().unwrap().clone()
}

fn id(made: &Ran) -> String {
    made.aside.split_whitespace().next().unwrap().to_owned()
}

#[tokio::test]
async fn a_key_is_made_listed_and_revoked_while_the_hub_runs() {
    let hub = TestHub::start().await;
    let create = ["keys", "create", "--partner", "wa-bot", "--permissions", "omnichannel:create"];
    let made =
        omnihub(&hub, &[&create[..], &["--scope", "all", "--expires", "90d"]].concat()).await;
    let bot = client(&hub, made.line());
    bot.post_claim(&claim(), 201).await;
    bot.show("1", 403).await;
    let [row] = &listed(&hub, "wa-bot").await[..] else { panic!("one key") };
    let shown = json!({
        "id": id(&made), "partner": "wa-bot", "permissions": ["create"], "scope": "all",
        "per_minute": { "create": null, "read": null, "update": null },
        "created_at": row["created_at"], "expires_at": row["expires_at"],
        "state": "active", "replaced_by": null,
    });
    assert_eq!(*row, shown);
    let at = |name: &str| row[name].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert_eq!(at("expires_at").duration_since(at("created_at")).as_hours(), 90 * 24);
    let table = omnihub(&hub, &["keys", "list"]).await;
    for shown in [&*id(&made), "wa-bot", "create", "all", "active", PARTNER] {
        assert!(table.line().contains(shown), "{shown} in {}", table.out);
    }
    let secret = made.line().rsplit('_').next().unwrap();
    assert!(!table.out.contains(secret) && !made.aside.contains(secret));
    // With the answer it is over.
    assert_eq!(
        omnihub(&hub, &["keys", "revoke", &id(&made)]).await.refusal(0),
        format!("{} of wa-bot does not work any more\n", id(&made))
    );
    bot.post_claim(&claim(), 401).await;
    assert_eq!(listed(&hub, "wa-bot").await[0]["state"], "revoked");
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_rotated_key_works_on_for_the_overlap_and_not_at_all_without_one() {
    let hub = TestHub::start().await;
    let made = omnihub(&hub, &["keys", "create", "--partner", "wa-bot"]).await;
    let newer = omnihub(&hub, &["keys", "rotate", &id(&made)]).await;
    for key in [&made, &newer] {
        client(&hub, key.line()).show("1", 404).await;
    }
    let rows = listed(&hub, "wa-bot").await;
    assert_eq!(
        (&rows[0]["state"], &rows[0]["replaced_by"]),
        (&json!("replaced"), &json!(id(&newer)))
    );
    assert_eq!(rows[1]["state"], "active");
    let newest = omnihub(&hub, &["keys", "rotate", &id(&newer), "--overlap", "0s"]).await;
    client(&hub, newer.line()).show("1", 401).await;
    client(&hub, newest.line()).show("1", 404).await;
    assert_eq!(listed(&hub, "wa-bot").await[1]["state"], "expired");
    let refused = omnihub(&hub, &["keys", "rotate", &id(&newer)]).await;
    assert!(refused.refusal(1).contains("does not work any more"), "{}", refused.aside);
    hub.done(&[]).await;
}

#[tokio::test]
async fn the_same_commands_work_on_the_folder_of_a_hub_that_does_not_run() {
    let mut hub = TestHub::start().await;
    hub.stop().await;
    let made = omnihub(&hub, &["keys", "create", "--partner", "wa-bot"]).await;
    let newer = omnihub(&hub, &["keys", "rotate", &id(&made)]).await;
    omnihub(&hub, &["keys", "revoke", &id(&made)]).await.refusal(0);
    let states = listed(&hub, "wa-bot").await.into_iter().map(|row| row["state"].clone());
    assert_eq!(states.collect::<Vec<_>>(), ["revoked", "active"]);
    let shown = omnihub(&hub, &["partners", "secret", "show", "wa-bot"]).await;
    let rotated = omnihub(&hub, &["partners", "secret", "rotate", "wa-bot"]).await;
    assert_ne!(shown.line(), rotated.line());
    hub.start_again().await;
    client(&hub, made.line()).show("1", 401).await;
    client(&hub, newer.line()).show("1", 404).await;
    assert_eq!(hub.webhook_secrets("wa-bot"), [rotated.line(), shown.line()]);
    hub.done(&[]).await;
}

#[tokio::test]
async fn what_makes_no_sense_is_said_with_what_to_do() {
    let hub = TestHub::start().await;
    for (args, code, said) in [
        (&["keys", "revoke", "key_0a"][..], 1, "there is no key key_0a; `omnihub keys list`"),
        (&["keys", "rotate", "0a"], 1, "there is no key key_0a"),
        (&["keys", "create", "--partner", ""], 2, "--partner needs a name"),
        (&["keys", "create", "--partner", "x", "--permissions", "delete"], 2, "is no permission"),
        (&["keys", "create", "--partner", "x", "--expires", "soon"], 2, "write it as"),
        (&["keys", "create", "--partner", "x", "--expires", "0s"], 2, "--expires needs"),
        (&["partners", "secret", "show", "nobody"], 1, "there is no partner nobody"),
        (&["partners", "secret", "rotate", "nobody"], 1, "there is no partner nobody"),
    ] {
        let ran = omnihub(&hub, args).await;
        assert!(ran.refusal(code).contains(said), "{}", ran.aside);
    }
    hub.done(&[]).await;
}

#[tokio::test]
async fn after_a_rotation_webhooks_are_signed_with_the_old_and_the_new_secret() {
    let hub = TestHub::start().await;
    let old = omnihub(&hub, &["partners", "secret", "show", PARTNER]).await;
    let new = omnihub(&hub, &["partners", "secret", "rotate", PARTNER]).await;
    assert_eq!(hub.webhook_secrets(PARTNER), [new.line(), old.line()]);
    let shown = omnihub(&hub, &["partners", "secret", "show", PARTNER]).await;
    assert_eq!(shown.line(), new.line());
    assert!(shown.aside.contains("an older secret signs too, until"), "{}", shown.aside);
    hub.client().post_ticket(&with(ticket(), "integration.webhookUrl", hub.receiver()), 201).await;
    hub.settled(&[]).await;
    // Where the old one leaked it stops at once.
    omnihub(&hub, &["partners", "secret", "rotate", PARTNER, "--overlap", "0s"]).await.line();
    hub.client().post_ticket(&with(ticket(), "integration.webhookUrl", hub.receiver()), 201).await;
    hub.settled(&[]).await;
    let signatures = |call: &omnihub_sandbox::Received| {
        call.header("webhook-signature").unwrap().split(' ').count()
    };
    let calls = hub.posts(System::Webhook);
    assert_eq!(calls.iter().map(signatures).collect::<Vec<_>>(), [2, 1]);
    hub.done(&[]).await;
}
