//! `omnihub call`: operations of systems, called by hand.

use std::sync::Arc;

use comfy_table::Table;
use omnihub_contract::{Arguments, Draft, Effect, Field, Operation};

use super::reach::Reach;
use super::{Failed, say, say_aside, user};
use crate::adapters::{self, Needs};
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::hub::{LateSecrets, callables};
use crate::logging;
use crate::mapping::near::suggestion;
use crate::operate::calls::{self, Asked, Callable, Called};

#[derive(clap::Args)]
#[command(after_long_help = "\
A call by hand goes past the outbox: no mapping fills the fields, nothing is kept or repeated, pauses \
are not asked, and no ticket of the hub learns of it. Use it to look, to try a system out, and to mend \
there what a delivery cannot. What a rule does belongs into mappings/.\n\n\
Values: texts as they are; numbers, true and false as such; lists and objects as JSON. Dots nest: \
teamMember.id=7. Members beside the named ones, where an operation takes them, are texts, or JSON \
after name:=, as priority:=true.\n\n\
  omnihub call dolphins                                    what it can be asked\n  \
omnihub call dolphins ticket ticketNumber=a1             a question\n  \
omnihub call dolphins close ticketNumber=a1 --dry-run    the request, not sent\n  \
omnihub call dolphins close ticketNumber=a1 --yes        done there, now")]
pub(crate) struct Args {
    /// Which system
    adapter: String,
    /// What it is asked to do [default: list what it can be asked]
    operation: Option<String>,
    /// The operation's fields
    #[arg(value_name = "NAME=VALUE")]
    arguments: Vec<String>,
    /// Show the request, without secrets, and send nothing
    #[arg(long)]
    dry_run: bool,
    /// Yes, change something there: without this, an operation that does is refused
    #[arg(long)]
    yes: bool,
    /// As this partner, where it has a key or secrets of its own
    #[arg(long, value_name = "NAME")]
    partner: Option<String>,
    /// Who calls; it is logged [default: the user at this terminal]
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// As JSON, also what `--dry-run` shows
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(config: &Config, args: Args) -> Result<(), Failed> {
    let secrets = Arc::new(LateSecrets::new(SystemClock::shared()));
    let needs = Needs { secrets: Arc::<LateSecrets>::clone(&secrets) };
    let systems = callables(&adapters::all(config, &needs)?);
    let system = calls::named(&systems, &args.adapter)?;
    let Some(name) = &args.operation else {
        list(system);
        return Ok(());
    };
    let row = row(system, name)?;
    let asked = asked(&args, row)?;
    if row.effect != Effect::Read && !args.dry_run && !args.yes {
        return Err(Failed::Misused(format!(
            "{name} changes something at {}, past the outbox: say --yes if that is meant, or \
             --dry-run to see the request",
            args.adapter
        )));
    }
    let called = match Reach::find(config).await? {
        Reach::Running(desk) => desk.post("/hub/call", &asked).await?,
        Reach::Alone(store) => {
            // The one trace of it.
            logging::start(&config.log)?;
            secrets.set(Arc::clone(&store));
            let called = calls::call(&systems, &asked, SystemClock.now()).await;
            store.close().await;
            called?
        }
    };
    match called {
        Called::Draft(draft) if !args.json => show(&draft),
        Called::Draft(draft) => say(&serde_json::to_string_pretty(&draft)?),
        Called::Found(value) | Called::Done(value) => say(&serde_json::to_string_pretty(&value)?),
    }
    Ok(())
}

fn row(system: &Callable, name: &str) -> Result<&'static Operation, Failed> {
    let rows = system.operations;
    rows.iter().find(|row| row.name == name).ok_or_else(|| {
        let hint = suggestion(name, rows.iter().map(|row| row.name));
        let why = format!("{} has no operation `{name}`: {hint}", system.name);
        Failed::Misused(format!("{why}; `omnihub call {}` lists them", system.name))
    })
}

fn asked(args: &Args, row: &'static Operation) -> Result<Asked, Failed> {
    let mut arguments = Arguments::new();
    for argument in &args.arguments {
        let Some((name, value)) = argument.split_once('=') else {
            return Err(Failed::Misused(format!("`{argument}` is no NAME=VALUE")));
        };
        arguments.insert(name.to_owned(), value.to_owned());
    }
    if let Err(bad) = omnihub_contract::payload(row, &arguments) {
        return Err(Failed::Misused(misused(&bad, row)));
    }
    Ok(Asked {
        adapter: args.adapter.clone(),
        operation: row.name.to_owned(),
        arguments,
        partner: args.partner.clone(),
        by: args.by.clone().unwrap_or_else(user),
        dry_run: args.dry_run,
        confirmed: args.yes,
    })
}

fn misused(bad: &omnihub_contract::BadArgument, row: &'static Operation) -> String {
    let hint = match bad {
        omnihub_contract::BadArgument::Unknown(name) => {
            suggestion(name, row.named_fields().map(|field| field.name))
        }
        _ => format!("it takes {}", fields(row)),
    };
    format!("{}: {bad}; {hint}", row.name)
}

/// What a system can be asked, and with what.
fn list(system: &Callable) {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(["Operation", "", "Fields", "Gives"]);
    for row in system.operations {
        let effect = if row.effect == Effect::Read { "asks" } else { "changes" };
        table.add_row([row.name, effect, &fields(row), &row.gives.join(" ")]);
    }
    say(&table.to_string());
    say_aside("* is mandatory; … takes any further member");
}

fn fields(row: &Operation) -> String {
    let told = |field: &Field| {
        let kind = match field.kind {
            omnihub_contract::FieldKind::Text => String::new(),
            other => format!(" ({})", other.as_str()),
        };
        format!("{}{}{kind}", field.name, if field.mandatory { "*" } else { "" })
    };
    let mut told: Vec<String> = row.named_fields().map(told).collect();
    if row.takes_others() {
        told.push("…".to_owned());
    }
    told.join(" ")
}

/// As HTTP has it, but for the headers' values.
fn show(draft: &Draft) {
    say(&format!("{} {}", draft.method, draft.address));
    draft.headers.iter().for_each(|name| say(&format!("{name}: …")));
    if let Some(body) = &draft.body {
        say(&format!("\n{body}"));
    }
}
