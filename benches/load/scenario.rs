//! The parts of a run: which systems are on, what load comes, what is noted.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::claims::Claims;
use crate::figures::{count, ms, spread};
use crate::generator::{Accepted, pace, saturate};
use crate::report::{Delivered, Kept, Load, Paced, Report, Whole};
use crate::sink::{Arrivals, Sink, System};
use crate::site::{Hub, Site};
use crate::usage::{Meter, memory_mb};
use crate::{Failed, echo, note};

/// Load that does not count, before a fixed rate: it opens the connections and fills the caches.
const WARM_UP: Duration = Duration::from_secs(1);

/// What every part of a run that measures a hub needs.
#[derive(Clone, Copy)]
pub(crate) struct Ground<'a> {
    /// The hub's program.
    pub(crate) program: &'a Path,
    /// What it delivers to.
    pub(crate) sink: &'a Sink,
    /// How long each load lasts.
    pub(crate) span: Duration,
}

/// Load on as many connections as there are, as fast as answers come.
pub(crate) struct Plan {
    name: &'static str,
    systems: &'static [System],
    connections: &'static [u32],
}

const BARE: Plan = Plan { name: "bare hyper", systems: &[], connections: &[1, 16, 64] };

/// Durable accepts alone.
pub(crate) const ACCEPT: Plan = Plan { name: "accepted", systems: &[], connections: &[1, 16, 64] };

/// The helpdesk only.
pub(crate) const ONE: Plan =
    Plan { name: "and to one system", systems: &[System::Helpdesk], connections: &[16, 64] };

/// Sociomile too, which waits for the helpdesk's number.
pub(crate) const TWO: Plan = Plan {
    name: "and to two systems",
    systems: &[System::Helpdesk, System::Sociomile],
    connections: &[16, 64],
};

/// The server that does nothing.
pub(crate) async fn bare(span: Duration, report: &mut Report) -> Result<(), Failed> {
    let (address, _running) = echo::start()?;
    let claims = Arc::new(Claims::new(address, "bench")?);
    for connections in BARE.connections {
        note(&format!("{}, {connections} connections", BARE.name));
        let meter = Meter::start(None)?;
        let accepted = saturate(address, &claims, *connections, span).await?;
        let (_, others_percent) = meter.read()?;
        report.loads.push(Load { others_percent, ..load(&BARE, *connections, &accepted) });
    }
    Ok(())
}

/// A hub with a plan's systems under its loads, and what the hub takes for it.
pub(crate) async fn sustained(
    plan: &Plan,
    ground: Ground<'_>,
    report: &mut Report,
) -> Result<(), Failed> {
    let Ground { program, sink, .. } = ground;
    let site = Site::new(program, plan.systems, sink.address)?;
    note(&format!("{}: starts on an empty store", plan.name));
    let start_empty = site.starts().await?;
    let hub = site.start().await?;
    for connections in plan.connections {
        note(&format!("{}, {connections} connections", plan.name));
        let row = loaded(plan, *connections, &site, &hub, ground).await?;
        report.loads.push(Load { hub: Some(program.to_owned()), ..row });
    }
    let (resident_mb, resident_peak_mb) = memory_mb(hub.pid())?;
    hub.stop().await?;
    let folder_mb = site.folder_mb()?;
    note(&format!("{}: starts on the store that is left", plan.name));
    report.hubs.push(Kept {
        name: plan.name,
        hub: program.to_owned(),
        claims: site.claims.used(),
        start_empty,
        start_left: site.starts().await?,
        resident_mb,
        resident_peak_mb,
        folder_mb,
    });
    Ok(())
}

/// A fixed rate, delivered to the helpdesk: from posting to the answer, and from that to arrival.
pub(crate) async fn paced(
    per_second: u32,
    ground: Ground<'_>,
    report: &mut Report,
) -> Result<(), Failed> {
    let Ground { program, sink, span } = ground;
    note(&format!("at a fixed {per_second}/s"));
    let site = Site::new(program, ONE.systems, sink.address)?;
    let hub = site.start().await?;
    let warm = pace(hub.address, &site.claims, per_second, WARM_UP).await?;
    sink.arrivals(ONE.systems, &warm).await;
    sink.forget();
    let meter = Meter::start(Some(hub.pid()))?;
    let accepted = pace(hub.address, &site.claims, per_second, span).await?;
    let arrivals = sink.arrivals(ONE.systems, &accepted).await;
    let (spent, others_percent) = meter.read()?;
    hub.stop().await?;
    report.paced.push(Paced {
        hub: program.to_owned(),
        per_second,
        accept: spread(accepted.iter().map(|claim| claim.answered - claim.posted)),
        arrival: spread(accepted.iter().filter_map(|claim| {
            let arrived = arrivals.at(System::Helpdesk).get(&claim.number)?;
            // One that arrived before its answer was there did not keep anyone waiting.
            Some(arrived.saturating_duration_since(claim.answered))
        })),
        cpu_ms_per_claim: ms(spent.hub) / count(accepted.len()),
        others_percent,
        whole: whole(ONE.systems, &accepted, &arrivals),
    });
    Ok(())
}

/// One load on a running hub, until its last claim has arrived.
async fn loaded(
    plan: &Plan,
    connections: u32,
    site: &Site,
    hub: &Hub,
    ground: Ground<'_>,
) -> Result<Load, Failed> {
    let Ground { sink, span, .. } = ground;
    sink.forget();
    let meter = Meter::start(Some(hub.pid()))?;
    let accepted = saturate(hub.address, &site.claims, connections, span).await?;
    let arrivals = sink.arrivals(plan.systems, &accepted).await;
    let (spent, others_percent) = meter.read()?;
    let claims = count(accepted.len());
    let cpu_ms_per_claim = ms(spent.hub) / claims;
    let row = load(plan, connections, &accepted);
    Ok(Load {
        cpu_ms_per_claim: Some(cpu_ms_per_claim),
        generator_cpu_ms_per_claim: Some(ms(spent.own) / claims),
        others_percent,
        delivered: arrived(plan.systems, &accepted, &arrivals).max().map(|last| Delivered {
            per_second: claims / elapsed(&accepted, last),
            systems: plan.systems.len(),
            cpu_ms_per_delivery: cpu_ms_per_claim / count(plan.systems.len()),
        }),
        whole: whole(plan.systems, &accepted, &arrivals),
        ..row
    })
}

fn load(plan: &Plan, connections: u32, accepted: &[Accepted]) -> Load {
    let last = accepted.iter().map(|claim| claim.answered).max();
    Load {
        name: plan.name,
        connections,
        accepted_per_second: last
            .map(|last| count(accepted.len()) / elapsed(accepted, last))
            .unwrap_or_default(),
        accept: spread(accepted.iter().map(|claim| claim.answered - claim.posted)),
        ..Load::default()
    }
}

/// Seconds from the first claim to this moment.
fn elapsed(accepted: &[Accepted], until: Instant) -> f64 {
    let began = accepted.iter().map(|claim| claim.posted).min();
    began.map(|began| (until - began).as_secs_f64()).unwrap_or_default()
}

fn whole(systems: &[System], accepted: &[Accepted], arrivals: &Arrivals) -> Whole {
    let arrived = arrived(systems, accepted, arrivals).count();
    let missing = systems.len() * accepted.len() - arrived;
    Whole { missing, repeated: arrivals.repeated, strange: arrivals.strange }
}

/// When these claims arrived, at each of these systems.
fn arrived<'a>(
    systems: &'a [System],
    accepted: &'a [Accepted],
    arrivals: &'a Arrivals,
) -> impl Iterator<Item = Instant> + 'a {
    let at = move |system| accepted.iter().filter_map(move |c| arrivals.at(system).get(&c.number));
    systems.iter().flat_map(move |system| at(*system)).copied()
}
