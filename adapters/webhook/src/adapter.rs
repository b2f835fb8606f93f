//! The trait: one signed call a delivery, if its address may be called at all.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderName, HeaderValue, Method};
use omnihub_contract::{
    Adapter, BoxFuture, Delivery, Draft, Failure, Fault, Operation, PartnerId, Receipt,
    SigningSecrets, Ticket,
};
use omnihub_upstream::{Address, Call, Client, LookUp};

use crate::allow_hosts::{AllowHosts, BadAllowHost};
use crate::operations::{OPERATIONS, SEND};
use crate::settings::Settings;
use crate::{body, faults, guard, sign};

const X_WEBHOOK_SIGNATURE: HeaderName = HeaderName::from_static("x-webhook-signature");
const WEBHOOK_ID: HeaderName = HeaderName::from_static("webhook-id");
const WEBHOOK_TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const WEBHOOK_SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// Longest name of a host (RFC 1035, 2.3.4).
const HOST_CHARS_MAX: usize = 255;

/// Clients' webhooks.
pub struct Webhook {
    // Two, because a resolver sees names without ports: an exemption of one port must not open the others.
    guarded: Client,
    exempt: Client,
    allow_hosts: AllowHosts,
    partner_hosts: BTreeMap<PartnerId, AllowHosts>,
    secrets: Arc<dyn SigningSecrets>,
}

impl Webhook {
    /// Sends within this time, signed with each partner's secrets.
    pub fn new(
        timeout: Duration,
        settings: &Settings,
        secrets: Arc<dyn SigningSecrets>,
    ) -> Result<Self, BadAllowHost> {
        Ok(Self {
            guarded: Client::anywhere(timeout, Some(guard::is_public)),
            exempt: Client::anywhere(timeout, None),
            allow_hosts: AllowHosts::new(&settings.allow_hosts)?,
            partner_hosts: partner_hosts(settings)?,
            secrets,
        })
    }

    /// The same, with names of strangers' hosts looked up in another way than the system's.
    #[must_use]
    pub fn looking_up(self, look_up: LookUp) -> Self {
        Self { guarded: self.guarded.looking_up(look_up), ..self }
    }

    async fn send(&self, delivery: &Delivery) -> Result<Receipt, Failure> {
        let (to, is_exempt) = self.checked(delivery)?;
        let client = if is_exempt { &self.exempt } else { &self.guarded };
        let answer = client.send(self.call(&to, delivery)?).await?;
        if answer.is_success() {
            return Ok(answer.receipt(Receipt::default()));
        }
        Err(faults::failure(&answer))
    }

    /// The delivery's address, if it may be called at all, and whether it is exempt from the guard.
    fn checked(&self, delivery: &Delivery) -> Result<(Address, bool), Failure> {
        if delivery.operation.name != SEND {
            return Err(refused("a webhook has no such operation"));
        }
        let allow_hosts = self.partner_hosts.get(&delivery.partner).unwrap_or(&self.allow_hosts);
        let to = guard::checked(delivery.text("url").unwrap_or_default(), allow_hosts)
            .map_err(refused)?;
        let is_exempt = allow_hosts.contains(to.host(), to.port());
        Ok((to, is_exempt))
    }

    /// A store that is away for a moment is no reason to give a delivery up.
    fn without_secrets(&self, partner: &PartnerId) -> Failure {
        match self.secrets.are_readable(partner) {
            true => refused("the partner has no webhook secret"),
            false => Failure::new(Fault::Unavailable, "our own store cannot be read just now"),
        }
    }

    fn call(&self, to: &Address, delivery: &Delivery) -> Result<Call, Failure> {
        let secrets = self.secrets.newest_first(&delivery.partner);
        let newest = secrets.first().ok_or_else(|| self.without_secrets(&delivery.partner))?;
        let id = format!("msg_{}", delivery.id);
        let timestamp = delivery.at.as_second().to_string();
        let body = body::bytes(&delivery.payload);
        let standard = sign::standard(&secrets, &id, &timestamp, &body);
        Ok(Call::new(Method::POST, to)
            .header(X_WEBHOOK_SIGNATURE, value(&sign::documented(newest, &body))?)
            .header(WEBHOOK_ID, value(&id)?)
            .header(WEBHOOK_TIMESTAMP, value(&timestamp)?)
            .header(WEBHOOK_SIGNATURE, value(&standard)?)
            .json(body))
    }
}

impl Adapter for Webhook {
    fn operations(&self) -> &'static [Operation] {
        OPERATIONS
    }

    fn deliver<'a>(&'a self, delivery: &'a Delivery) -> BoxFuture<'a, Result<Receipt, Failure>> {
        Box::pin(self.send(delivery))
    }

    fn draft(&self, delivery: &Delivery) -> Result<Draft, Failure> {
        let (to, _) = self.checked(delivery)?;
        let secrets = self.secrets.newest_first(&delivery.partner);
        Ok(self.call(&to, delivery)?.draft(&secrets.iter().collect::<Vec<_>>()))
    }

    /// The host and port that the ticket brings. A host that no name may be that long is refused anyway.
    fn destination(&self, ticket: &Ticket) -> Option<Box<str>> {
        let address = Address::parse(ticket.webhook_url.as_deref()?).ok()?;
        let (host, port) = (address.host(), address.port()?);
        (host.len() <= HOST_CHARS_MAX).then(|| format!("{host}:{port}").into())
    }

    /// There is no one receiver to ask: brakes hang on each host, and this adapter is never paused.
    fn probe(&self) -> BoxFuture<'_, Result<(), Failure>> {
        Box::pin(std::future::ready(Ok(())))
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook").field("allow_hosts", &self.allow_hosts).finish_non_exhaustive()
    }
}

/// Each partner's own list, with everybody's.
fn partner_hosts(settings: &Settings) -> Result<BTreeMap<PartnerId, AllowHosts>, BadAllowHost> {
    let all = |own: &[String]| AllowHosts::new(&[&settings.allow_hosts, own].concat());
    let each = settings.partner_hosts.iter();
    each.map(|(partner, own)| Ok((partner.clone(), all(own)?))).collect()
}

fn value(text: &str) -> Result<HeaderValue, Failure> {
    HeaderValue::from_str(text).map_err(|_| refused("a header that HTTP cannot carry"))
}

fn refused(words: impl AsRef<str>) -> Failure {
    Failure::new(Fault::Refused, words)
}
