//! Where the demo's tickets landed, as a table and as totals.

use std::time::Duration;

use comfy_table::{Table, presets};
use omnihub_sandbox::System;

use crate::operate::deliveries::views;
use crate::store::Record;
use crate::store::outbox::Phase;

/// Columns: an adapter, and the receipt that shows best that it has the ticket.
const COLUMNS: [(&str, &str, &str); 4] = [
    ("Helpdesk", "helpdesk", "ticketNumber"),
    ("Sociomile", "sociomile", "ticketId"),
    ("3Dolphins", "dolphins", "ticketNumber"),
    ("Webhook", "webhook", ""),
];

/// A row a ticket: its numbers everywhere, and how long it took.
pub(crate) fn table(names: &[&str], records: &[Record]) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    let columns = COLUMNS.iter().map(|(title, ..)| *title);
    table.set_header(["Ticket", "Hub number"].into_iter().chain(columns).chain(["Took"]));
    for (name, record) in names.iter().zip(records) {
        let cells = COLUMNS.iter().map(|(_, adapter, receipt)| cell(record, adapter, receipt));
        let number = record.ticket.number.to_string();
        let row = [(*name).to_owned(), number].into_iter().chain(cells).chain([took(record)]);
        table.add_row(row);
    }
    table.to_string()
}

fn cell(record: &Record, adapter: &str, receipt: &str) -> String {
    let own: Vec<_> = views(record).into_iter().filter(|view| view.adapter == adapter).collect();
    match own.iter().find(|view| view.state != "delivered") {
        _ if own.is_empty() => "–".to_owned(),
        Some(view) => format!("{} {}", view.state, view.code.clone().unwrap_or_default()),
        None => record.state.receipts.find(adapter, receipt).unwrap_or("delivered").to_owned(),
    }
}

/// From accepting to the last settle.
fn took(record: &Record) -> String {
    let last = record.state.deliveries.iter().filter_map(|delivery| delivery.at).max();
    let ms = last.map_or(0, |last| last.duration_since(record.ticket.created_at).as_millis());
    format!("{ms} ms")
}

/// Whether somebody answers here for this system.
pub(crate) fn has_stand_in(adapter: &str) -> bool {
    System::ALL.iter().any(|system| system.as_str() == adapter)
}

/// Deliveries by where they stand.
pub(crate) struct Totals {
    tickets: usize,
    /// To systems that have a stand-in, as all but the last.
    planned: usize,
    settled: usize,
    delivered: usize,
    /// To those that have none, which therefore wait.
    to_nobody: usize,
}

impl Totals {
    pub(crate) fn of(records: &[Record]) -> Self {
        let all = records.iter().flat_map(|record| &record.state.deliveries);
        let (told, waiting): (Vec<_>, Vec<_>) =
            all.partition(|delivery| has_stand_in(delivery.adapter.as_str()));
        let phases: Vec<Phase> = told.into_iter().map(|delivery| delivery.phase).collect();
        Self {
            tickets: records.len(),
            to_nobody: waiting.len(),
            planned: phases.len(),
            settled: phases.iter().filter(|phase| phase.is_final()).count(),
            delivered: phases.iter().filter(|phase| **phase == Phase::Delivered).count(),
        }
    }

    /// Whether nothing will move any more.
    pub(crate) fn is_settled(&self) -> bool {
        self.settled == self.planned
    }

    /// Whether everything is where it should be.
    pub(crate) fn is_complete(&self) -> bool {
        self.delivered == self.planned && self.planned > 0
    }

    pub(crate) fn progress(&self) -> String {
        format!("{} of {} deliveries delivered", self.delivered, self.planned)
    }

    pub(crate) fn text(&self, took: Duration) -> String {
        let waiting = match self.to_nobody {
            0 => String::new(),
            some => format!("; {some} more wait for systems that have no stand-in"),
        };
        format!(
            "{} {}, {} deliveries planned, {} delivered, {} not; {} ms in all{waiting}",
            self.tickets,
            if self.tickets == 1 { "ticket" } else { "tickets" },
            self.planned,
            self.delivered,
            self.planned - self.delivered,
            took.as_millis()
        )
    }
}
