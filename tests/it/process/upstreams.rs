//! The sandbox for hubs that come and go: it forgets nothing, and answers late at random.

use std::net::SocketAddr;

use omnihub_sandbox::{FaultRule, Sandbox, Settings, System, What};

/// More than any of these tests makes: one that is forgotten would be counted as lost.
const KEPT_MAX: usize = 1_000_000;

/// Attempts at once. The helpdesk's default is 1; more of them are cut by each kill this way.
pub(crate) const CONCURRENCY: usize = 8;

/// The sandbox, remembering everything; the helpdesk at this address.
pub(crate) async fn start(helpdesk: SocketAddr) -> Sandbox {
    let settings =
        Settings { helpdesk, received_max: KEPT_MAX, tickets_max: KEPT_MAX, ..Settings::default() };
    Sandbox::start(settings).await.unwrap()
}

/// Makes the helpdesk and Sociomile answer as late as real ones do, but quickly enough for a test.
pub(crate) fn delay(sandbox: &Sandbox, seed: u64) {
    for system in [System::Helpdesk, System::Sociomile] {
        let rules = [(2, 0.5), (10, 0.3), (40, 0.1), (150, 0.02)];
        let rules = rules
            .map(|(ms, chance)| FaultRule::new(What::Delay(ms)).probability(chance, seed + ms));
        sandbox.set_faults(system, rules.to_vec());
    }
}

/// The settings that point a hub at the helpdesk.
pub(crate) fn helpdesk(base_url: &str) -> String {
    let key = omnihub_sandbox::Credentials::SANDBOX.helpdesk_api_key;
    format!(
        "[adapters.helpdesk]\nbase_url = \"{base_url}\"\napi_key = \"{key}\"\nconcurrency = {CONCURRENCY}\n\
         limits.create_concurrency = {CONCURRENCY}\nlimits.create_per_minute = 1000000\n\
         limits.update_per_minute = 1000000\n"
    )
}

/// The settings that point a hub at Sociomile.
pub(crate) fn sociomile(base_url: &str) -> String {
    let secret = omnihub_sandbox::Credentials::SANDBOX.sociomile_client_secret_key;
    format!(
        "[adapters.sociomile]\nbase_url = \"{base_url}\"\nclient_secret_key = \"{secret}\"\n\
         claims_told_by = \"hub\"\nconcurrency = {CONCURRENCY}\n"
    )
}

/// The settings that point a hub at 3Dolphins.
pub(crate) fn dolphins(base_url: &str) -> String {
    let omnihub_sandbox::Credentials { dolphins_username, dolphins_password, .. } =
        omnihub_sandbox::Credentials::SANDBOX;
    format!(
        "[adapters.dolphins]\nbase_url = \"{base_url}\"\nusername = \"{dolphins_username}\"\n\
         password = \"{dolphins_password}\"\nlink_channels = [\"CHAT\"]\nconcurrency = {CONCURRENCY}\n"
    )
}

/// The settings that point a hub at both.
pub(crate) fn both(sandbox: &Sandbox) -> String {
    let base_url = |system| sandbox.base_url(system);
    helpdesk(&base_url(System::Helpdesk)) + &sociomile(&base_url(System::Sociomile))
}
