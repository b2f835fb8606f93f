//! The load generator: what the real binary reaches beside a bare hyper server, in one run.
//!
//! `cargo bench --bench load` runs everything; `-- --help` tells how to run less. Claims go in as
//! OMNI clients post them, a sink that answers at once stands in for the upstreams, and every
//! figure stands beside that of a server that does nothing, since absolute ones differ from machine
//! to machine and from hour to hour.
//!
//! Generator and sink share one thread, so that they take as little as they can of the processors
//! they share with the hub. It measures; it judges nothing but that no claim was lost or sent twice.

mod claims;
mod echo;
mod figures;
mod generator;
mod report;
mod scenario;
mod sink;
mod site;
mod usage;
mod wire;

use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, ValueEnum};

use report::Report;
use scenario::Ground;
use sink::Sink;

/// The hub's own allocator, so that the bare server is at no disadvantage.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A program that only measures needs to tell failures, not to tell them apart.
type Failed = Box<dyn Error + Send + Sync>;

/// Measures the hub under load, beside a bare hyper server in the same run.
#[derive(Parser)]
struct Options {
    /// Seconds under load for each row
    #[arg(long, default_value_t = 5)]
    seconds: u32,
    /// Only these parts
    #[arg(long, value_enum, value_delimiter = ',', value_name = "PART")]
    only: Vec<Part>,
    /// Measure this program instead of the one just built; several are compared in one run. One with
    /// other settings than the shipped ones brings a `config.toml` beside it
    #[arg(long, value_name = "PATH")]
    hub: Vec<PathBuf>,
    /// Claims a second of the part `paced`
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rate: u32,
    /// Also write the figures to this file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// What cargo passes to every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

/// What can be measured.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// A bare hyper server that answers at once
    Bare,
    /// The hub with every system off: durable accepts alone
    Accept,
    /// Accepted, and delivered to the helpdesk
    One,
    /// Accepted, and delivered to the helpdesk and Sociomile
    Two,
    /// Accepted and delivered to the helpdesk at a fixed rate: how long each step takes
    Paced,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let mut report = Report::default();
    let measured = measure(&options, &mut report);
    // What was measured before something failed is worth telling too.
    match tell(&report, &options).and(measured) {
        Ok(()) if report.is_sound() => ExitCode::SUCCESS,
        Ok(()) => ExitCode::FAILURE,
        Err(error) => {
            note(&format!("the measurement failed: {error}"));
            ExitCode::from(2)
        }
    }
}

fn measure(options: &Options, report: &mut Report) -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(run(options, report))
}

async fn run(options: &Options, report: &mut Report) -> Result<(), Failed> {
    let span = Duration::from_secs(options.seconds.into());
    let is_wanted = |part| options.only.is_empty() || options.only.contains(&part);
    if is_wanted(Part::Bare) {
        scenario::bare(span, report).await?;
    }
    let sink = Sink::start().await?;
    let built = [PathBuf::from(env!("CARGO_BIN_EXE_omnihub"))];
    let hubs = if options.hub.is_empty() { &built[..] } else { &options.hub };
    for program in hubs {
        let ground = Ground { program, sink: &sink, span };
        for (part, plan) in [
            (Part::Accept, &scenario::ACCEPT),
            (Part::One, &scenario::ONE),
            (Part::Two, &scenario::TWO),
        ] {
            if is_wanted(part) {
                scenario::sustained(plan, ground, report).await?;
            }
        }
        if is_wanted(Part::Paced) {
            scenario::paced(options.rate, ground, report).await?;
        }
    }
    Ok(())
}

fn tell(report: &Report, options: &Options) -> Result<(), Failed> {
    writeln!(io::stdout(), "{}", report.text())?;
    if let Some(file) = &options.json {
        std::fs::write(file, serde_json::to_vec_pretty(report)?)?;
    }
    Ok(())
}

/// Progress and failures, for whoever waits. Where nobody can read them they are not missed.
fn note(text: &str) {
    drop(writeln!(io::stderr(), "{text}"));
}
