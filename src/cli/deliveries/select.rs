//! Which deliveries a command is about.

use crate::cli::Failed;
use crate::cli::adapters::handles;
use crate::cli::reach::Reach;
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, Span};
use crate::operate::deliveries::{self, DeliveryView, Filter};
use crate::operate::held;

/// Narrows down; without any of them, all that wait for a person.
#[derive(clap::Args, Clone, Default)]
pub(super) struct Selection {
    /// All of this ticket, by any number it has
    #[arg(long)]
    ticket: Option<String>,
    /// Only to this adapter
    #[arg(long)]
    adapter: Option<String>,
    /// Only of this operation, as `create_claim`
    #[arg(long)]
    operation: Option<String>,
    /// Only with this code, as `H0401`
    #[arg(long)]
    code: Option<String>,
    /// Only of this partner's tickets
    #[arg(long)]
    partner: Option<String>,
    /// Only those that have waited for a person so long, as `2h`
    #[arg(long, value_name = "TIME")]
    older_than: Option<Span>,
}

impl Selection {
    pub(super) fn filter(self, state: Option<String>) -> Filter {
        Filter {
            ticket: self.ticket,
            state,
            adapter: self.adapter,
            operation: self.operation,
            code: self.code,
            partner: self.partner,
            older_than_s: self.older_than.map(|span| span.0.as_secs()),
        }
    }

    /// Whether nothing is narrowed down.
    pub(super) fn is_everything(&self) -> bool {
        self.ticket.is_none()
            && self.adapter.is_none()
            && self.operation.is_none()
            && self.code.is_none()
            && self.partner.is_none()
            && self.older_than.is_none()
    }
}

pub(super) async fn list(config: &Config, filter: Filter) -> Result<Vec<DeliveryView>, Failed> {
    match Reach::find(config).await? {
        Reach::Running(desk) => desk.get("/hub/deliveries", &filter).await,
        Reach::Alone(store) => {
            let now = SystemClock.now();
            let views = deliveries::list(store.as_ref(), &filter, now);
            let handles = handles(config, &*store);
            store.close().await;
            let mut views = views?;
            held::say_why(&mut views, &handles?, now);
            Ok(views)
        }
    }
}
