//! The client: builds connections with bounds, sends one call, reads one answer.
//!
//! It does not retry. The pool under it may send a call again only when the connection that it had
//! picked was closed before the first byte left, so an upstream sees every call at most once.

use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use omnihub_contract::{Failure, Fault};
use reqwest::redirect::Policy;
use reqwest::{Response, retry};

use crate::address::Address;
use crate::answer::Answer;
use crate::call::Call;
use crate::faults::transport_failure;
use crate::guard::{Guard, LookUp, Screen, by_the_system};
use crate::retry_after::retry_after;
use crate::tls::install_tls;

/// An address that does not take a connection in this time is down. Always below the whole timeout,
/// so that "nothing was sent" is told apart from "no answer".
const CONNECT_TIMEOUT_MAX: Duration = Duration::from_secs(5);

/// Node and Apache close idle connections after 5 s. A call that meets the closing is of unknown
/// outcome, so ours go first.
const POOL_IDLE: Duration = Duration::from_secs(4);

/// More idle connections than any adapter's concurrency only cost the upstream.
const POOL_IDLE_MAX: usize = 256;

/// Bytes of a body for which a call has a second more: lines are slow, and only an upstream that takes
/// in less than this has stopped.
const BYTES_A_SECOND: u64 = 1_000_000;

const USER_AGENT: &str = concat!("omnihub/", env!("CARGO_PKG_VERSION"));

/// What every adapter's client needs to know.
#[derive(Clone, Debug)]
pub struct ClientSettings {
    /// What stands before every documented path: scheme, host, port and perhaps a path.
    pub base_url: String,
    /// Longest time from the first byte sent to the last byte read, connecting included; a second more
    /// for each megabyte that is sent.
    pub timeout: Duration,
}

/// Settings that no client can be built from.
#[derive(Debug, thiserror::Error)]
pub enum BadSettings {
    /// `base_url`, or another address. The address itself is not shown.
    #[error("the address {0}")]
    Address(&'static str),
    /// A path setting.
    #[error("a path must begin with / and be a URL's path")]
    Path,
    /// A key, token or password.
    #[error("`{0}` has characters that no HTTP header can carry")]
    Secret(&'static str),
    /// A table of a system: a mistake in the program, not in the settings.
    #[error("the adapter's table is wrong: {0}")]
    Table(String),
    /// TLS, mostly a machine without certificates of authorities.
    #[error("no encrypted connections can be made here (are ca-certificates installed?)")]
    Tls(#[source] reqwest::Error),
}

/// One upstream's connections.
pub struct Client {
    base: Option<Address>,
    timeout: Duration,
    screen: Option<Screen>,
    look_up: LookUp,
    // Apart, because the one for https reads the machine's certificates, which takes time and fails
    // where there are none; neither may stop a hub that only speaks http to its stand-ins.
    plain: OnceLock<reqwest::Client>,
    encrypted: OnceLock<reqwest::Client>,
}

impl Client {
    /// Most bytes of an answer that are read: every documented answer has a few kilobytes.
    pub const BODY_BYTES_MAX: usize = 1024 * 1024;

    /// A client for one upstream.
    pub fn new(settings: &ClientSettings) -> Result<Self, BadSettings> {
        let base = Address::base(&settings.base_url)?;
        let client = Self { base: Some(base.clone()), ..Self::anywhere(settings.timeout, None) };
        client.connections(base.is_https())?;
        Ok(client)
    }

    /// A client for addresses that are not in the configuration. Names are resolved by us, and only
    /// addresses that `screen` lets through are connected to; without one, all are.
    pub fn anywhere(timeout: Duration, screen: Option<Screen>) -> Self {
        install_tls();
        let (plain, encrypted) = (OnceLock::new(), OnceLock::new());
        Self { base: None, timeout, screen, look_up: by_the_system, plain, encrypted }
    }

    /// The same, with names looked up in another way than the system's; for a client with a screen.
    #[must_use]
    pub fn looking_up(self, look_up: LookUp) -> Self {
        Self { look_up, ..self }
    }

    /// The address of a path of this upstream.
    pub fn address(&self, path: &str) -> Result<Address, BadSettings> {
        self.base.as_ref().ok_or(BadSettings::Path)?.join(path)
    }

    /// Makes the call and reads the answer, whatever its status.
    pub async fn send(&self, call: Call) -> Result<Answer, Failure> {
        let connections = self.connections(call.is_https()).map_err(unavailable)?;
        let request = within(self.timeout, call.into_inner());
        let response = connections.execute(request).await.map_err(transport_failure)?;
        let status = response.status().as_u16();
        let retry_after = retry_after(response.headers());
        let body = read(response).await.map_err(|error| {
            // The answer began, so the call arrived; without its end nobody knows what was done.
            Failure { fault: Fault::Unknown, ..transport_failure(error) }.with_status(status)
        })?;
        Ok(Answer { status, retry_after, body })
    }

    fn connections(&self, is_https: bool) -> Result<&reqwest::Client, BadSettings> {
        let slot = if is_https { &self.encrypted } else { &self.plain };
        if let Some(built) = slot.get() {
            return Ok(built);
        }
        let built = self.build(is_https).map_err(BadSettings::Tls)?;
        Ok(slot.get_or_init(|| built))
    }

    fn build(&self, is_https: bool) -> Result<reqwest::Client, reqwest::Error> {
        let mut builder = reqwest::Client::builder()
            .http1_only()
            .no_proxy()
            .redirect(Policy::none())
            // Not even a copy is kept for one.
            .retry(retry::never().max_retries_per_request(0))
            .user_agent(USER_AGENT)
            .connect_timeout(CONNECT_TIMEOUT_MAX.min(self.timeout / 2))
            .timeout(self.timeout)
            .pool_idle_timeout(POOL_IDLE)
            .pool_max_idle_per_host(POOL_IDLE_MAX);
        if let Some(screen) = self.screen {
            builder = builder.dns_resolver(Guard { screen, look_up: self.look_up });
        }
        if !is_https {
            builder = builder.tls_certs_only([]);
        }
        builder.build()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

/// Gives a large body the time that it takes to be sent.
fn within(timeout: Duration, mut request: reqwest::Request) -> reqwest::Request {
    let body = request.body().and_then(reqwest::Body::as_bytes);
    let bytes = body.map_or(0, |bytes| u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    if bytes >= BYTES_A_SECOND {
        *request.timeout_mut() = Some(timeout + Duration::from_secs(bytes / BYTES_A_SECOND));
    }
    request
}

#[expect(clippy::needless_pass_by_value, reason = "the argument of map_err")]
fn unavailable(settings: BadSettings) -> Failure {
    Failure::new(Fault::Unavailable, settings.to_string())
}

/// Reads the body piece by piece, and no further than the limit.
async fn read(mut response: Response) -> Result<Bytes, reqwest::Error> {
    // Nearly every answer is one piece, which needs no copy.
    let Some(mut first) = response.chunk().await? else { return Ok(Bytes::new()) };
    first.truncate(Client::BODY_BYTES_MAX);
    let mut whole: Option<BytesMut> = None;
    loop {
        let read = whole.as_ref().map_or(first.len(), BytesMut::len);
        let room = Client::BODY_BYTES_MAX.saturating_sub(read);
        if room == 0 {
            break;
        }
        let Some(mut piece) = response.chunk().await? else { break };
        piece.truncate(room);
        whole.get_or_insert_with(|| BytesMut::from(&*first)).extend_from_slice(&piece);
    }
    Ok(whole.map_or(first, BytesMut::freeze))
}
