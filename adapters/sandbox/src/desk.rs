//! Puts a stand-in behind a listener: its own routes, the control routes, journal and faults.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::control::{self, Control};
use crate::dolphins::{self, Dolphins};
use crate::fault::Faults;
use crate::helpdesk::{self, Helpdesk};
use crate::journal::Journal;
use crate::server::{self, Stand};
use crate::settings::Settings;
use crate::sociomile::{self, Sociomile};
use crate::system::System;
use crate::webhook;

/// One of the four stand-ins.
#[derive(Clone)]
pub(crate) enum Upstream {
    Helpdesk(Arc<Helpdesk>),
    Sociomile(Arc<Sociomile>),
    Dolphins(Arc<Dolphins>),
    Webhook,
}

/// A stand-in that is listening; dropping it closes the listener and every connection.
pub(crate) struct Desk {
    pub(crate) address: SocketAddr,
    pub(crate) journal: Arc<Journal>,
    pub(crate) faults: Arc<Faults>,
    serving: JoinHandle<()>,
}

impl Desk {
    pub(crate) async fn open(settings: &Settings, upstream: Upstream) -> std::io::Result<Self> {
        let listener = TcpListener::bind(upstream.address(settings)).await?;
        let address = listener.local_addr()?;
        let journal = Arc::new(Journal::new(settings.received_max));
        let faults = Arc::new(Faults::default());
        let control = control::routes(Control {
            upstream: upstream.clone(),
            journal: Arc::clone(&journal),
            faults: Arc::clone(&faults),
        });
        let stand = Stand::new(
            upstream.routes(),
            control.merge(upstream.control_routes()),
            Arc::clone(&journal),
            Arc::clone(&faults),
            Arc::clone(&settings.clock),
        );
        let serving = tokio::spawn(server::serve(listener, Arc::new(stand)));
        Ok(Self { address, journal, faults, serving })
    }

    /// Closes the listener and every connection, and waits until they are closed.
    pub(crate) async fn close(mut self) {
        self.serving.abort();
        let ended = (&mut self.serving).await;
        debug_assert!(ended.is_err_and(|error| error.is_cancelled()));
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Upstream {
    pub(crate) fn system(&self) -> System {
        match self {
            Self::Helpdesk(_) => System::Helpdesk,
            Self::Sociomile(_) => System::Sociomile,
            Self::Dolphins(_) => System::Dolphins,
            Self::Webhook => System::Webhook,
        }
    }

    /// The newest so many tickets that it holds; a receiver of webhooks holds none.
    pub(crate) fn tickets(&self, limit: usize) -> Value {
        match self {
            Self::Helpdesk(helpdesk) => helpdesk.to_json(limit),
            Self::Sociomile(sociomile) => sociomile.to_json(limit),
            Self::Dolphins(dolphins) => dolphins.to_json(limit),
            Self::Webhook => json!({"total": 0, "tickets": []}),
        }
    }

    fn address(&self, settings: &Settings) -> SocketAddr {
        match self {
            Self::Helpdesk(_) => settings.helpdesk,
            Self::Sociomile(_) => settings.sociomile,
            Self::Dolphins(_) => settings.dolphins,
            Self::Webhook => settings.webhook,
        }
    }

    fn routes(&self) -> Router {
        match self {
            Self::Helpdesk(helpdesk) => helpdesk::routes(Arc::clone(helpdesk)),
            Self::Sociomile(sociomile) => sociomile::routes(Arc::clone(sociomile)),
            Self::Dolphins(dolphins) => dolphins::routes(Arc::clone(dolphins)),
            Self::Webhook => webhook::routes(),
        }
    }

    /// The control routes that only this one has.
    fn control_routes(&self) -> Router {
        match self {
            Self::Helpdesk(helpdesk) => helpdesk::control_routes(Arc::clone(helpdesk)),
            Self::Dolphins(dolphins) => dolphins::control_routes(Arc::clone(dolphins)),
            Self::Sociomile(sociomile) => sociomile::control_routes(Arc::clone(sociomile)),
            Self::Webhook => Router::new(),
        }
    }
}
