//! `[partners.P]` and `[catalogue]` at the door.

use omnihub::access::{Permission, Scope};
use omnihub::config::{self, Config};
use omnihub_contract::Channel;

use super::ELSEWHERE;
use crate::hub::TestHub;
use crate::hub::samples::{claim, ticket, with};

/// Settings as if these lines stood in the file.
fn add(config: &mut Config, lines: &str) {
    let read = config::read("config.toml".as_ref(), lines).unwrap();
    config.partners = read.partners;
    config.catalogue = read.catalogue;
}

#[tokio::test]
async fn a_partners_claims_have_its_channel_and_branch_where_they_name_none() {
    let hub = TestHub::start_with(|config| {
        add(
            config,
            "[partners.wa-bot]\nchannel = 'WHATSAPP'\nbranch_code = '012'\nbranch_name = 'Manado'",
        );
    })
    .await;
    let bot = hub.client_of("wa-bot", &Permission::ALL, Scope::Own).await;
    let plain = bot.post_claim(&claim(), 201).await.number();
    let ticket = hub.record(&plain).ticket;
    assert_eq!(ticket.channel, Channel::Whatsapp);
    assert_eq!(ticket.customer.branch_code.as_deref(), Some("012"));
    assert_eq!(bot.show(&plain, 200).await.json()["branch"]["name"], "Manado");
    let other = bot.post_claim(&with(claim(), "channel", "PHONE"), 201).await.number();
    assert_eq!(hub.record(&other).ticket.channel, Channel::Phone);
    let stranger = hub.client().post_claim(&claim(), 201).await.number();
    assert_eq!(hub.record(&stranger).ticket.channel, Channel::WebPortal);
    hub.done_early().await;
}

#[tokio::test]
async fn a_partners_own_hosts_are_exempt_for_its_webhooks_and_for_nobody_elses() {
    let hub = TestHub::start_with(|config| {
        config.webhooks.allow_hosts.clear();
        add(config, "[partners.wa-bot]\nwebhook_hosts = ['127.0.0.0/8', 'bot.bank.internal']");
    })
    .await;
    let bot = hub.client_of("wa-bot", &Permission::ALL, Scope::Own).await;
    let to = |url: &str| with(ticket(), "integration.webhookUrl", url);
    bot.post_ticket(&to(&hub.receiver()), 201).await;
    let refused = hub.client().post_ticket(&to(&hub.receiver()), 400).await;
    assert!(refused.json()["errors"]["integration.webhookUrl"].is_string());
    bot.post_ticket(&to("http://10.1.2.3/hook"), 400).await;
    bot.post_ticket(&to("http://localhost/hook"), 400).await;
    hub.settled(&[]).await;
    assert_eq!(hub.posts(omnihub_sandbox::System::Webhook).len(), 1, "and it is delivered there");
    hub.done(&[]).await;
}

#[tokio::test]
async fn a_partners_keys_are_refused_from_other_addresses_than_its_own() {
    let hub = TestHub::start_with(|config| {
        add(config, "[partners.wa-bot]\nsource_addresses = ['10.1.0.0/16', '127.0.0.2']");
    })
    .await;
    let bot = hub.client_of("wa-bot", &Permission::ALL, Scope::Own).await;
    let refused = bot.post_claim(&claim(), 403).await;
    assert_eq!(refused.json()["message"], "This key may not be used from this address");
    bot.clone().at_address(ELSEWHERE).post_claim(&claim(), 201).await;
    hub.client().post_claim(&claim(), 201).await;
    hub.done(&[]).await;
}

#[tokio::test]
async fn answers_carry_the_banks_own_names_where_the_catalogue_has_them() {
    let hub = TestHub::start_with(|config| {
        add(
            config,
            "[catalogue.services.INQUIRY]\nname = 'Informasi'\nassigned_to = 'Tim Informasi'\n\
             [catalogue.services.feedback]\nsupport_group = 'Mutu Layanan'\n\
             [catalogue.branches.001]\nname = 'Kantor Pusat'\nassigned_to = 'Tim Pusat'",
        );
    })
    .await;
    let client = hub.client();
    for (service, branch, assigned_to, group, name) in [
        ("INQUIRY", "001", "Tim Pusat", "Customer Service", "Informasi"),
        ("INQUIRY", "002", "Tim Informasi", "Customer Service", "Informasi"),
        ("FEEDBACK", "002", "Support Team", "Mutu Layanan", "FEEDBACK"),
    ] {
        let body = with(with(ticket(), "serviceType", service), "customer.branchCode", branch);
        let created = client.post_ticket(&body, 201).await;
        let metadata = &created.json()["metadata"];
        assert_eq!(metadata["assignedTo"], assigned_to, "{service} {branch}");
        assert_eq!(metadata["supportGroup"], group, "{service} {branch}");
        let shown = client.show(&created.number(), 200).await.json();
        assert_eq!(shown["service"]["name"], name);
        assert_eq!(shown["service"]["supportGroup"], group);
        let expected = (branch == "001").then_some("Kantor Pusat");
        assert_eq!(shown["branch"]["name"].as_str(), expected);
    }
    hub.done(&[]).await;
}

#[test]
fn what_the_settings_do_not_know_is_named_with_what_was_meant() {
    for (lines, said) in [
        ("[partners.wa-bot]\nsource_adresses = []", "did you mean `source_addresses`?"),
        ("[partners.wa-bot]\nsource_addresses = ['10.1']", "`10.1` is no address or range"),
        ("[partners.wa-bot]\nchannel = 'WHATSAP'", "did you mean `WHATSAPP`?"),
        ("[catalogue.services.INQUIRI]", "did you mean `INQUIRY`?"),
        ("[catalogue.services.INQUIRY]\nsupportGroup = 'x'", "did you mean `support_group`?"),
        ("[catalogue]\nbranch = {}", "there is no setting `catalogue.branch`"),
        ("[limits]\nfailed_auth = 1", "there is no setting `limits.failed_auth`"),
        ("[http]\nrequests_max = 0", "use a number of at least 1"),
        ("[adapters.sociomile]\ncallback_secret = 'short'", "at least 16 characters"),
        (
            "[adapters.helpdesk]\nwebhook_secret = 'short'",
            "adapters.helpdesk.webhook_secret: a secret",
        ),
    ] {
        let error = config::read("config.toml".as_ref(), lines).unwrap_err().to_string();
        assert!(error.contains(said), "{lines}: {error}");
    }
}

#[tokio::test]
async fn a_webhook_host_that_is_none_keeps_the_hub_from_starting() {
    let mut config = config::read("config.toml".as_ref(), config::SHIPPED).unwrap();
    add(&mut config, "[partners.wa-bot]\nwebhook_hosts = ['10.1.0.0/99']");
    let started = omnihub::hub::Hub::start(&config, omnihub::hub::StartOptions::default()).await;
    let error = started.err().unwrap().to_string();
    assert!(error.contains("`10.1.0.0/99` is neither a host"), "{error}");
}
