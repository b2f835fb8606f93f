#![doc = include_str!("../README.md")]

use std::sync::Arc;

mod answer;
mod calling;
mod control;
mod desk;
mod dolphins;
mod fault;
mod helpdesk;
mod ids;
mod journal;
mod ring;
mod server;
mod settings;
mod sociomile;
mod system;
mod webhook;

pub use dolphins::{DolphinsMessage, DolphinsTicket};
pub use fault::{BadRule, FaultRule, What};
pub use helpdesk::{Comment, Door, Filed, HelpdeskTicket};
pub use journal::Received;
pub use settings::{Clock, Credentials, Settings};
pub use sociomile::SociomileTicket;
pub use system::{System, UnknownSystem};

use desk::{Desk, Upstream};
use dolphins::Dolphins;
use helpdesk::Helpdesk;
use sociomile::Sociomile;

/// The running stand-ins; dropping it stops them too, but without waiting.
pub struct Sandbox {
    helpdesk: Arc<Helpdesk>,
    sociomile: Arc<Sociomile>,
    dolphins: Arc<Dolphins>,
    desks: Desks,
}

struct Desks {
    helpdesk: Desk,
    sociomile: Desk,
    dolphins: Desk,
    webhook: Desk,
}

impl Sandbox {
    /// Starts the four listeners; they answer when this returns.
    ///
    /// # Errors
    /// An address that cannot be listened on.
    pub async fn start(settings: Settings) -> std::io::Result<Self> {
        let helpdesk = Arc::new(Helpdesk::new(&settings));
        let sociomile = Arc::new(Sociomile::new(&settings));
        let dolphins = Arc::new(Dolphins::new(&settings));
        let desks = Desks {
            helpdesk: Desk::open(&settings, Upstream::Helpdesk(Arc::clone(&helpdesk))).await?,
            sociomile: Desk::open(&settings, Upstream::Sociomile(Arc::clone(&sociomile))).await?,
            dolphins: Desk::open(&settings, Upstream::Dolphins(Arc::clone(&dolphins))).await?,
            webhook: Desk::open(&settings, Upstream::Webhook).await?,
        };
        Ok(Self { helpdesk, sociomile, dolphins, desks })
    }

    /// What stands before the documented paths of a system: `http://127.0.0.1:PORT`.
    ///
    /// The receiver of webhooks takes what is posted to `/webhook/…` below it.
    pub fn base_url(&self, system: System) -> String {
        format!("http://{}", self.desk(system).address)
    }

    /// What the stand-ins accept.
    pub fn credentials(&self) -> &Credentials {
        &Credentials::SANDBOX
    }

    /// The calls that a system received and still remembers, in the order of arrival.
    pub fn received(&self, system: System) -> Vec<Received> {
        self.desk(system).journal.list()
    }

    /// How many calls a system ever received, those forgotten included.
    pub fn received_total(&self, system: System) -> u64 {
        self.desk(system).journal.total()
    }

    /// Forgets the received calls of a system; their count goes on.
    pub fn clear_received(&self, system: System) {
        self.desk(system).journal.clear();
    }

    /// Waits until so many calls of a system in all were answered, or met a fault.
    pub async fn settled(&self, system: System, count: u64) {
        self.desk(system).journal.until(count).await;
    }

    /// Replaces the fault rules of a system, and starts their counters anew.
    pub fn set_faults(&self, system: System, rules: Vec<FaultRule>) {
        self.desk(system).faults.replace(rules);
    }

    /// The helpdesk's tickets, oldest first.
    pub fn helpdesk_tickets(&self) -> Vec<HelpdeskTicket> {
        self.helpdesk.tickets()
    }

    /// Changes a helpdesk ticket as an agent at a screen would: any status, and a comment.
    ///
    /// Gives `false` when there is no such ticket.
    pub fn act_in_helpdesk(
        &self,
        number: &str,
        status: Option<&str>,
        comment: Option<&str>,
    ) -> bool {
        self.helpdesk.act(number, status, comment)
    }

    /// Changes a Sociomile ticket as an agent at a screen would.
    ///
    /// Gives `false` when there is no such ticket.
    pub fn act_in_sociomile(&self, ticket_id: &str, status: &str) -> bool {
        self.sociomile.act(ticket_id, status).is_some()
    }

    /// Sociomile's tickets, oldest first.
    pub fn sociomile_tickets(&self) -> Vec<SociomileTicket> {
        self.sociomile.tickets()
    }

    /// 3Dolphins' tickets with their messages, oldest first.
    pub fn dolphins_tickets(&self) -> Vec<DolphinsTicket> {
        self.dolphins.tickets()
    }

    /// Changes a 3Dolphins ticket as an agent at a screen would: any status, and an answer.
    ///
    /// Gives `false` when there is no such ticket.
    pub fn act_in_dolphins(
        &self,
        number: &str,
        status: Option<&str>,
        message: Option<&str>,
    ) -> bool {
        self.dolphins.act(number, status, message)
    }

    /// Adds a customer's message to a 3Dolphins conversation; no event is sent.
    ///
    /// Gives `false` when there is no such ticket.
    pub fn say_in_dolphins(&self, number: &str, text: &str) -> bool {
        self.dolphins.hear_customer(number, text).is_some()
    }

    /// Makes every 3Dolphins token run out at once.
    pub fn revoke_dolphins_tokens(&self) {
        self.dolphins.revoke_tokens();
    }

    /// Closes the listeners and every connection, and returns when they are closed.
    pub async fn stop(self) {
        let Desks { helpdesk, sociomile, dolphins, webhook } = self.desks;
        for desk in [helpdesk, sociomile, dolphins, webhook] {
            desk.close().await;
        }
    }

    fn desk(&self, system: System) -> &Desk {
        match system {
            System::Helpdesk => &self.desks.helpdesk,
            System::Sociomile => &self.desks.sociomile,
            System::Dolphins => &self.desks.dolphins,
            System::Webhook => &self.desks.webhook,
        }
    }
}
