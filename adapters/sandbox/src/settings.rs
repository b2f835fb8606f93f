//! What may be set on a sandbox before it starts.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

/// Tells the time to the stand-ins; tests give one that they can move.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Where the stand-ins listen, how they behave where the real ones are known to differ, and how
/// much they remember.
#[derive(Clone)]
pub struct Settings {
    /// Address of the helpdesk; port 0 takes a free one, as for the other three.
    pub helpdesk: SocketAddr,
    /// Address of Sociomile.
    pub sociomile: SocketAddr,
    /// Address of 3Dolphins.
    pub dolphins: SocketAddr,
    /// Address of the webhook receiver.
    pub webhook: SocketAddr,
    /// Whether the helpdesk puts its successes under `data`, as the server does (domain 2.2), or
    /// flat, as its documents show.
    pub nested_answers: bool,
    /// The number of the helpdesk's first ticket.
    pub first_ticket_number: u64,
    /// The HTTP status of Sociomile's error answers; no document gives one (contract trap 41).
    pub sociomile_error_status: u16,
    /// A 3Dolphins ticket number that begins with this is a known ticket, made at first sight;
    /// others are unknown.
    pub dolphins_known_prefix: String,
    /// How long a 3Dolphins token is good for.
    pub dolphins_token_life: Duration,
    /// How many received calls each system remembers; older ones are forgotten, and counted.
    pub received_max: usize,
    /// How many tickets each system holds; older ones are forgotten, and counted.
    pub tickets_max: usize,
    /// The clock of the stand-ins.
    pub clock: Clock,
}

// 3Dolphins' documents name no life; an hour outlasts a demo and is short enough to be seen.
const TOKEN_LIFE: Duration = Duration::from_secs(60 * 60);
// Ten thousand claims with their headers: about 30 MB a system when a load test fills it.
const RECEIVED_MAX: usize = 10_000;
// Enough for every test that counts, and about 40 MB when a load test fills it.
const TICKETS_MAX: usize = 10_000;
// The number in the helpdesk's own example of an update (OMNI API summary, "Update Ticket").
const FIRST_TICKET_NUMBER: u64 = 1446;

impl Default for Settings {
    fn default() -> Self {
        let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self {
            helpdesk: any_port,
            sociomile: any_port,
            dolphins: any_port,
            webhook: any_port,
            nested_answers: true,
            first_ticket_number: FIRST_TICKET_NUMBER,
            sociomile_error_status: 200,
            dolphins_known_prefix: "CHAT-".to_owned(),
            dolphins_token_life: TOKEN_LIFE,
            received_max: RECEIVED_MAX,
            tickets_max: TICKETS_MAX,
            clock: Arc::new(system_time),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the stand-ins are other systems than the hub and have a clock of their own"
)]
fn system_time() -> Timestamp {
    Timestamp::now()
}

/// What the stand-ins accept; fixed, and obviously not real.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The helpdesk's API key with every permission.
    pub helpdesk_api_key: &'static str,
    /// Sociomile's `client_secret_key`.
    pub sociomile_client_secret_key: &'static str,
    /// The user of 3Dolphins.
    pub dolphins_username: &'static str,
    /// That user's password.
    pub dolphins_password: &'static str,
    /// What the helpdesk signs its webhooks with.
    pub helpdesk_webhook_secret: &'static str,
    /// What Sociomile's callbacks show.
    pub sociomile_callback_secret: &'static str,
    /// What 3Dolphins' events show.
    pub dolphins_callback_secret: &'static str,
}

impl Credentials {
    /// The only ones there are.
    pub const SANDBOX: Self = Self {
        helpdesk_api_key: "sandbox-helpdesk-key",
        sociomile_client_secret_key: "sandbox-sociomile-secret",
        dolphins_username: "sandbox-user",
        dolphins_password: "sandbox-password",
        helpdesk_webhook_secret: "sandbox-helpdesk-webhook-secret",
        sociomile_callback_secret: "sandbox-sociomile-callback-secret",
        dolphins_callback_secret: "sandbox-dolphins-callback-secret",
    };
}
