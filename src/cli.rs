//! The command line: what each command is called, and what it says.
//!
//! Tables for people, `--json` for programs. Exit codes: 0 done, 1 found wrong, 2 misused. What a
//! command was asked for goes to standard output, everything else to standard error.

mod adapters;
mod call;
mod callbacks;
mod check;
mod deliveries;
mod demo;
mod explain;
mod keys;
mod map;
mod openapi;
mod partners;
mod reach;
mod said;
mod sandbox;
mod serve;
mod store;
mod tickets;

use std::fmt::Display;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{self, Config, ConfigError};

/// Bank SulutGo's integration hub: one door for claims and tickets, carried to every system that
/// they concern.
#[derive(Parser)]
#[command(
    version,
    max_term_width = 100,
    after_help = "\
Try it:   omnihub demo\n\
Run it:   omnihub keys create --partner web-portal   (prints a key, once), then omnihub serve\n\
Settings: config.toml, then OMNIHUB_… variables with __ between levels, as OMNIHUB_HTTP__LISTEN"
)]
struct Cli {
    /// The settings file [default: ./config.toml, or the shipped settings where there is none]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Show it at work: stand-ins, a hub, every example of the documents, and the life of one ticket
    Demo,
    /// Run the hub
    Serve(serve::Args),
    /// Run only the stand-ins for the upstream systems
    Sandbox,
    /// Check the settings, the mapping files and their cases without running anything
    Check(check::Args),
    /// Show what each system would be told of a claim or ticket, and why; or what changed mapping files
    /// would tell differently
    Map(map::Args),
    /// Keys of OMNI clients: make, list, revoke, rotate
    #[command(subcommand)]
    Keys(keys::Command),
    /// Partners, above all the secrets that their webhooks are signed with
    #[command(subcommand)]
    Partners(partners::Command),
    /// Where a ticket stands in every system, and what happened to it
    #[command(subcommand)]
    Tickets(tickets::Command),
    /// What systems said of tickets that the hub does not know
    #[command(subcommand)]
    Callbacks(callbacks::Command),
    /// The systems that deliveries go to: list, probe, pause, resume
    #[command(subcommand)]
    Adapters(adapters::Command),
    /// Call one operation of a system by hand: look something up there, or change it, past the outbox
    Call(call::Args),
    /// Deliveries, above all those that wait for a person
    #[command(subcommand)]
    Deliveries(deliveries::Command),
    /// What the store holds, and rewriting it smaller
    #[command(subcommand)]
    Store(store::Command),
    /// Print the API's description: the OpenAPI document that the hub serves at /openapi.json
    Openapi,
    /// Say what a code means and what to do
    Explain(explain::Args),
}

/// Why a command did not do it.
pub(crate) enum Failed {
    /// Something is wrong; the text says what and what to do.
    Wrong(String),
    /// It was called in a way that makes no sense.
    Misused(String),
}

impl<E: Display> From<E> for Failed {
    fn from(error: E) -> Self {
        Self::Wrong(error.to_string())
    }
}

/// Runs the program.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let done = match runtime {
        Ok(runtime) => runtime.block_on(run(cli)),
        Err(error) => Err(Failed::from(error)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failed::Wrong(text)) => fail(&text, 1),
        Err(Failed::Misused(text)) => fail(&text, 2),
    }
}

async fn run(cli: Cli) -> Result<(), Failed> {
    // Before anything opens a connection: the TLS library wants to be told what it computes with.
    omnihub_upstream::install_tls();
    let config = || settings(cli.config.as_deref());
    match cli.command {
        Command::Demo => demo::run(config()?).await,
        Command::Serve(args) => serve::run(config()?, &args).await,
        Command::Sandbox => sandbox::run().await,
        Command::Check(args) => check::run(&config()?, &args),
        Command::Map(args) => map::run(&config()?, args).await,
        Command::Keys(command) => keys::run(&config()?, command).await,
        Command::Partners(command) => partners::run(&config()?, command).await,
        Command::Tickets(command) => tickets::run(&config()?, command).await,
        Command::Callbacks(command) => callbacks::run(&config()?, command).await,
        Command::Adapters(command) => adapters::run(&config()?, command).await,
        Command::Call(args) => call::run(&config()?, args).await,
        Command::Deliveries(command) => deliveries::run(&config()?, command).await,
        Command::Store(command) => store::run(&config()?, command).await,
        Command::Openapi => openapi::run(&config()?),
        Command::Explain(args) => explain::run(&args),
    }
}

fn settings(file: Option<&Path>) -> Result<Config, ConfigError> {
    let beside = Path::new("config.toml");
    match file {
        Some(file) => config::load(file),
        None if beside.exists() => config::load(beside),
        None => config::read(beside, config::SHIPPED),
    }
}

fn fail(text: &str, code: u8) -> ExitCode {
    say_aside(&format!("omnihub: {text}"));
    ExitCode::from(code)
}

/// Who sits at this terminal.
pub(crate) fn user() -> String {
    let names = ["SUDO_USER", "USER", "LOGNAME"].into_iter();
    let mut names =
        names.filter_map(|name| std::env::var(name).ok()).filter(|name| !name.is_empty());
    names.next().unwrap_or_else(|| "unknown".to_owned())
}

/// Writes a line of what was asked for.
pub(crate) fn say(line: &str) {
    // A reader that has gone away, as `head` does, wants no more.
    drop(writeln!(io::stdout().lock(), "{line}"));
}

/// Writes a line beside it: progress, hints, errors.
pub(crate) fn say_aside(line: &str) {
    drop(writeln!(io::stderr().lock(), "{line}"));
}
