//! `omnihub map`: what each system would be told of a claim or ticket, and why; and what changed
//! mapping files would tell differently.
//!
//! Nothing is sent, and nothing is kept but the case that `--save-case` writes. Personal data is shown
//! in its shape only, unless `--reveal` is given.

mod against;
mod input;
mod masked;
mod save;
mod shown;
mod told;

use std::path::PathBuf;
use std::sync::Arc;

use omnihub_contract::{AdapterName, EventKind, Kind};
use serde_json::{Value, json};

use super::check::NoSecrets;
use super::reach::Reach;
use super::{Failed, say, say_aside};
use crate::adapters::{self, Listed, Needs};
use crate::cases::deliveries;
use crate::config::Config;
use crate::hub::{self, Silent};
use crate::mapping::{self, Catalog, CompileOptions, MappingFile, Mappings};
use input::{Entrance, Input, Named};
use masked::Show;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// A file: a claim or ticket as an OMNI client sends it, a case, or a canonical ticket.
    /// Or the number of a stored ticket
    #[arg(value_name = "FILE|NUMBER", required_unless_present = "against")]
    what: Vec<String>,
    /// Only what this adapter would be told
    #[arg(long, value_name = "ADAPTER")]
    adapter: Option<String>,
    /// Beside every field, where it comes from: the line, what was read, each step
    #[arg(long)]
    explain: bool,
    /// A receipt that is taken to be there, as helpdesk.ticketNumber=1446
    #[arg(long = "receipt", value_name = "NAME=VALUE")]
    receipts: Vec<String>,
    /// What happened to a stored ticket: its newest event of this kind [default: ticket.created]
    #[arg(long, value_name = "EVENT")]
    event: Option<String>,
    /// The body of a PATCH of the ticket in FILE, to see what a comment, status or file makes
    #[arg(long, value_name = "FILE")]
    update: Option<PathBuf>,
    /// What FILE is the body of, where that does not show
    #[arg(long = "as", value_name = "KIND", value_parser = ["claim", "ticket"])]
    kind: Option<String>,
    /// The partner whose key would post it
    #[arg(long, value_name = "PARTNER")]
    partner: Option<String>,
    /// With the rules that are switched off too, as in the sandbox
    #[arg(long)]
    all_rules: bool,
    /// Say what the mapping files in this folder would tell differently: of the files or numbers given, or
    /// of every example and case. Exit 1 where something differs
    #[arg(long, value_name = "DIR", conflicts_with_all = ["explain", "save_case"])]
    against: Option<PathBuf>,
    /// With --against: of the newest so many stored tickets
    #[arg(
        long, value_name = "N", requires = "against", conflicts_with = "what",
        num_args = 0..=1, default_missing_value = "100"
    )]
    last: Option<usize>,
    /// Write what comes out as a case of this name into the folder of the mapping files. What a stored
    /// ticket says of its customer is replaced in it, unless --reveal is given
    #[arg(long, value_name = "NAME")]
    save_case: Option<String>,
    /// Show personal data as it is
    #[arg(long)]
    reveal: bool,
    /// As JSON
    #[arg(long)]
    json: bool,
}

impl Args {
    fn show(&self) -> Show {
        if self.reveal { Show::Revealed } else { Show::Masked }
    }

    fn kind(&self) -> Option<Kind> {
        self.kind.as_deref().map(|kind| if kind == "claim" { Kind::Claim } else { Kind::Ticket })
    }

    fn event(&self) -> Result<Option<EventKind>, Failed> {
        let Some(word) = &self.event else { return Ok(None) };
        match EventKind::ALL.iter().find(|kind| kind.as_str() == word) {
            Some(kind) => Ok(Some(*kind)),
            None => {
                let all: Vec<&str> = EventKind::ALL.iter().map(|kind| kind.as_str()).collect();
                let all = all.join(", ");
                Err(Failed::Misused(format!("`{word}` is no event; there are {all}")))
            }
        }
    }
}

/// What everything is tried with.
struct Desk<'a> {
    config: &'a Config,
    args: &'a Args,
    listed: Vec<Listed>,
    silent: Silent,
    files: Vec<MappingFile>,
    catalogs: Vec<Catalog>,
    mappings: Arc<Mappings>,
    entrance: Entrance,
}

pub(crate) async fn run(config: &Config, args: Args) -> Result<(), Failed> {
    let desk = Desk::set(config, &args)?;
    if let Some(folder) = &args.against {
        return against::run(&desk, folder).await;
    }
    let inputs = desk.inputs().await?;
    if let Some(name) = &args.save_case {
        return save::run(&desk, &inputs, name);
    }
    let mut told = Vec::new();
    for input in &inputs {
        let mappings = desk.mappings_for(input)?;
        told.push(shown::Shown::of(&desk, &mappings, input));
    }
    match args.json {
        true => {
            let told: Vec<Value> = told.iter().map(|shown| json!(shown)).collect();
            say(&serde_json::to_string_pretty(&told)?);
        }
        false => told.iter().for_each(|shown| say(&told::text(shown, args.explain))),
    }
    desk.say_if_masked();
    Ok(())
}

impl<'a> Desk<'a> {
    fn set(config: &'a Config, args: &'a Args) -> Result<Self, Failed> {
        let listed = adapters::all(config, &Needs { secrets: Arc::new(NoSecrets) })?;
        if let Some(wanted) = &args.adapter
            && !listed.iter().any(|listed| listed.name.as_str() == wanted)
        {
            let names: Vec<&str> = listed.iter().map(|listed| listed.name.as_str()).collect();
            let names = names.join(", ");
            return Err(Failed::Misused(format!("`{wanted}` is no adapter; there are {names}")));
        }
        let (files, catalogs) = (hub::files_of(config)?, hub::catalogs(&listed));
        let mappings = Arc::new(mapping::compile(&files, &catalogs, options(args))?);
        let (silent, entrance) = (Silent::of(&listed), Entrance::of(config)?);
        Ok(Self { config, args, listed, silent, files, catalogs, mappings, entrance })
    }

    fn adapters(&self) -> impl Iterator<Item = &Listed> {
        let wanted = self.args.adapter.as_deref();
        let is_wanted =
            move |listed: &&Listed| wanted.is_none_or(|wanted| listed.name.as_str() == wanted);
        self.listed.iter().filter(is_wanted)
    }

    fn is_wanted(&self, adapter: &AdapterName) -> bool {
        self.args.adapter.as_ref().is_none_or(|wanted| adapter.as_str() == wanted)
    }

    /// What the arguments name.
    async fn inputs(&self) -> Result<Vec<Input>, Failed> {
        let mut inputs = Vec::new();
        let mut reach = None;
        for word in &self.args.what {
            match Named::of(word)? {
                Named::File(path) => inputs.push(input::of_file(&self.entrance, path, self.args)?),
                Named::Number(number) => {
                    if reach.is_none() {
                        reach = Some(Reach::find(self.config).await?);
                    }
                    let Some(reach) = &reach else { continue };
                    let facts = input::stored(reach, number).await?;
                    inputs.push(input::of_stored(&facts, self.args)?);
                }
            }
        }
        if let Some(Reach::Alone(store)) = reach {
            store.close().await;
        }
        Ok(inputs)
    }

    /// The mappings for an input: a case may change settings.
    fn mappings_for(&self, input: &Input) -> Result<Arc<Mappings>, Failed> {
        if input.given.settings.is_empty() {
            return Ok(Arc::clone(&self.mappings));
        }
        let named = self.args.adapter.as_deref().map(AdapterName::from);
        let Some(adapter) = input.settings_of.clone().or(named) else {
            let why = "the case changes settings: say with --adapter whose";
            return Err(Failed::Misused(why.to_owned()));
        };
        let mut catalogs = self.catalogs.clone();
        for catalog in catalogs.iter_mut().filter(|catalog| catalog.adapter == adapter) {
            catalog.settings.extend(input.given.settings.clone());
        }
        Ok(Arc::new(mapping::compile(&self.files, &catalogs, options(self.args))?))
    }

    fn say_if_masked(&self) {
        if !self.args.reveal {
            say_aside("Personal data is shown in its shape only; --reveal shows it.");
        }
    }

    /// Deliveries to the adapters that are wanted.
    fn planned(&self, mappings: &Mappings, input: &Input) -> Vec<crate::cases::Planned> {
        let planned = deliveries(mappings, &input.subject).into_iter();
        planned.filter(|planned| self.is_wanted(&planned.adapter)).collect()
    }
}

fn options(args: &Args) -> CompileOptions {
    CompileOptions { switched_off_rules: args.all_rules }
}
