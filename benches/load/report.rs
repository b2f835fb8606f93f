//! The figures of a run, as tables for people and as JSON.

use std::path::{Path, PathBuf};

use comfy_table::Table;
use comfy_table::presets::ASCII_MARKDOWN;
use serde::Serialize;

use crate::figures::Spread;
use crate::site::Start;

/// Everything that was measured in one run.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    pub(crate) loads: Vec<Load>,
    pub(crate) paced: Vec<Paced>,
    pub(crate) hubs: Vec<Kept>,
}

/// A load as fast as answers came.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Load {
    pub(crate) name: &'static str,
    /// The program; none for the bare server.
    pub(crate) hub: Option<PathBuf>,
    pub(crate) connections: u32,
    /// While the load lasted.
    pub(crate) accepted_per_second: f64,
    /// From posting to the answer.
    pub(crate) accept: Spread,
    /// The hub's processor time, until the last claim arrived.
    pub(crate) cpu_ms_per_claim: Option<f64>,
    /// That of generator and sink, which share the processors with the hub.
    pub(crate) generator_cpu_ms_per_claim: Option<f64>,
    /// What other processes had of the machine meanwhile.
    pub(crate) others_percent: f64,
    pub(crate) delivered: Option<Delivered>,
    pub(crate) whole: Whole,
}

/// What reached the systems.
#[derive(Debug, Serialize)]
pub(crate) struct Delivered {
    /// From the first claim to the last arrival: a backlog counts against it.
    pub(crate) per_second: f64,
    pub(crate) systems: usize,
    pub(crate) cpu_ms_per_delivery: f64,
}

/// Whether each claim arrived once; all zero if so.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Whole {
    /// Acknowledged, but not at a system, counted for each.
    pub(crate) missing: usize,
    /// At a system more than once.
    pub(crate) repeated: u32,
    /// Calls of the hub that were no create.
    pub(crate) strange: u32,
}

/// A load at a fixed rate.
#[derive(Debug, Serialize)]
pub(crate) struct Paced {
    pub(crate) hub: PathBuf,
    pub(crate) per_second: u32,
    /// From when it should have been posted to the answer.
    pub(crate) accept: Spread,
    /// From the answer to arrival.
    pub(crate) arrival: Spread,
    pub(crate) cpu_ms_per_claim: f64,
    /// As [`Load::others_percent`].
    pub(crate) others_percent: f64,
    pub(crate) whole: Whole,
}

/// What a hub took for all its loads.
#[derive(Debug, Serialize)]
pub(crate) struct Kept {
    pub(crate) name: &'static str,
    pub(crate) hub: PathBuf,
    /// How many the store held in the end.
    pub(crate) claims: u32,
    pub(crate) start_empty: Start,
    pub(crate) start_left: Start,
    pub(crate) resident_mb: f64,
    pub(crate) resident_peak_mb: f64,
    pub(crate) folder_mb: f64,
}

impl Report {
    /// Whether every claim arrived once wherever it should: what was lost or repeated makes a run a
    /// failure.
    pub(crate) fn is_sound(&self) -> bool {
        let loads = self.loads.iter().map(|load| &load.whole);
        loads
            .chain(self.paced.iter().map(|paced| &paced.whole))
            .all(|whole| *whole == Whole::default())
    }

    /// As tables.
    pub(crate) fn text(&self) -> String {
        let tables = [
            (!self.loads.is_empty()).then(|| self.load_table()),
            (!self.paced.is_empty()).then(|| self.paced_table()),
            (!self.hubs.is_empty()).then(|| self.hub_table()),
        ];
        let mut text: Vec<String> = tables.iter().flatten().map(Table::to_string).collect();
        if self.hubs().len() > 1 {
            text.extend(
                self.hubs()
                    .iter()
                    .enumerate()
                    .map(|(at, hub)| format!("hub {}: {}", at + 1, hub.display())),
            );
        }
        text.join("\n\n")
    }

    fn load_table(&self) -> Table {
        let mut table = table(&[
            "as fast as it goes",
            "connections",
            "accepted/s",
            "of bare",
            "p50 ms",
            "p99 ms",
            "delivered/s",
            "of bare",
            "CPU ms/claim",
            "CPU ms/delivery",
            "generator CPU ms/claim",
            "other processes",
            "missing, repeated, strange",
        ]);
        for load in &self.loads {
            let delivered = load.delivered.as_ref();
            let per_second = delivered.map(|delivered| delivered.per_second);
            table.add_row([
                self.named(load.name, load.hub.as_deref()),
                load.connections.to_string(),
                format!("{:.0}", load.accepted_per_second),
                self.of_bare(load.connections, Some(load.accepted_per_second)),
                format!("{:.2}", load.accept.p50_ms),
                format!("{:.2}", load.accept.p99_ms),
                per_second.map(|rate| format!("{rate:.0}")).unwrap_or_default(),
                self.of_bare(load.connections, per_second),
                fine(load.cpu_ms_per_claim),
                fine(delivered.map(|delivered| delivered.cpu_ms_per_delivery)),
                fine(load.generator_cpu_ms_per_claim),
                format!("{:.0} %", load.others_percent),
                load.whole.text(),
            ]);
        }
        table
    }

    fn paced_table(&self) -> Table {
        let mut table = table(&[
            "at a fixed rate",
            "accept p50 ms",
            "p99 ms",
            "max ms",
            "then arrival p50 ms",
            "p99 ms",
            "max ms",
            "CPU ms/claim",
            "other processes",
            "missing, repeated, strange",
        ]);
        for paced in &self.paced {
            let spread = |spread: Spread| {
                [spread.p50_ms, spread.p99_ms, spread.max_ms].map(|ms| format!("{ms:.2}"))
            };
            let mut row = vec![self.named(&format!("{}/s", paced.per_second), Some(&paced.hub))];
            row.extend(spread(paced.accept));
            row.extend(spread(paced.arrival));
            row.push(fine(Some(paced.cpu_ms_per_claim)));
            row.push(format!("{:.0} %", paced.others_percent));
            row.push(paced.whole.text());
            table.add_row(row);
        }
        table
    }

    fn hub_table(&self) -> Table {
        let mut table = table(&[
            "what it takes",
            "ready ms, empty store",
            "first claim ms",
            "resident MB",
            "at most",
            "claims kept",
            "data folder MB",
            "ready ms, that store",
            "first claim ms",
        ]);
        for kept in &self.hubs {
            table.add_row([
                self.named(kept.name, Some(&kept.hub)),
                format!("{:.0}", kept.start_empty.ready_ms),
                format!("{:.0}", kept.start_empty.first_claim_ms),
                format!("{:.0}", kept.resident_mb),
                format!("{:.0}", kept.resident_peak_mb),
                kept.claims.to_string(),
                format!("{:.0}", kept.folder_mb),
                format!("{:.0}", kept.start_left.ready_ms),
                format!("{:.0}", kept.start_left.first_claim_ms),
            ]);
        }
        table
    }

    /// A rate as a part of what the bare server reached at as many connections in this run.
    fn of_bare(&self, connections: u32, rate: Option<f64>) -> String {
        let is_bare = |load: &&Load| load.hub.is_none() && load.connections == connections;
        let bare = self.loads.iter().find(is_bare).map(|load| load.accepted_per_second);
        let percent = rate.zip(bare).map(|(rate, bare)| 100.0 * rate / bare);
        percent.map(|percent| format!("{percent:.1} %")).unwrap_or_default()
    }

    /// Says which hub where there are several.
    fn named(&self, name: &str, hub: Option<&Path>) -> String {
        let hubs = self.hubs();
        match hub.and_then(|hub| hubs.iter().position(|other| *other == hub)) {
            Some(at) if hubs.len() > 1 => format!("{name} (hub {})", at + 1),
            _ => name.to_owned(),
        }
    }

    fn hubs(&self) -> Vec<&Path> {
        let loads = self.loads.iter().filter_map(|load| load.hub.as_deref());
        let mut hubs = Vec::new();
        for hub in loads.chain(self.paced.iter().map(|paced| paced.hub.as_path())) {
            if !hubs.contains(&hub) {
                hubs.push(hub);
            }
        }
        hubs
    }
}

impl Whole {
    fn text(&self) -> String {
        format!("{}, {}, {}", self.missing, self.repeated, self.strange)
    }
}

fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN).set_header(header);
    table
}

fn fine(ms: Option<f64>) -> String {
    ms.map(|ms| format!("{ms:.3}")).unwrap_or_default()
}
