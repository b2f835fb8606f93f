//! `omnihub tickets adopt`: takes over tickets that the helpdesk has and the hub never saw.

use std::io::Read as _;
use std::path::PathBuf;

use crate::cli::reach::Reach;
use crate::cli::{Failed, say, say_aside};
use crate::config::Config;
use crate::operate::sync::{ADOPTED_MAX, Adopted, Adopting};

/// Longest list, in bytes: some millions of numbers.
const FILE_BYTES_MAX: u64 = 64 << 20;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Numbers at the helpdesk, one a line; blank lines and what follows a # do not count
    file: PathBuf,
    /// As JSON
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(config: &Config, args: &Args) -> Result<(), Failed> {
    let numbers = numbers(args)?;
    let desk = match Reach::find(config).await? {
        Reach::Running(desk) => desk,
        Reach::Alone(store) => {
            store.close().await;
            return Err(super::needs_a_hub());
        }
    };
    let mut all = Vec::new();
    for some in numbers.chunks(ADOPTED_MAX) {
        let asked = Adopting { numbers: some.to_vec() };
        let adopted: Vec<Adopted> = desk.post("/hub/tickets/adopt", &asked).await?;
        if !args.json {
            adopted.iter().for_each(tell);
        }
        all.extend(adopted);
    }
    if args.json {
        say(&serde_json::to_string_pretty(&all)?);
    }
    match all.iter().filter(|adopted| adopted.ticket.is_none()).count() {
        0 => Ok(()),
        missing => Err(Failed::Wrong(format!("{missing} of {} are not there", all.len()))),
    }
}

fn tell(Adopted { number, ticket }: &Adopted) {
    match ticket {
        Some(ticket) => say(&format!("{number} is {ticket}")),
        None => say_aside(&format!("{number}: the helpdesk has none, or cannot say so now")),
    }
}

fn numbers(args: &Args) -> Result<Vec<String>, Failed> {
    let unreadable = |error| Failed::Wrong(format!("{}: {error}", args.file.display()));
    let file = std::fs::File::open(&args.file).map_err(unreadable)?;
    let mut text = String::new();
    file.take(FILE_BYTES_MAX).read_to_string(&mut text).map_err(unreadable)?;
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    let numbers: Vec<_> = lines.filter(|line| !line.is_empty()).map(str::to_owned).collect();
    match numbers.is_empty() {
        true => Err(Failed::Wrong(format!("there is no number in {}", args.file.display()))),
        false => Ok(numbers),
    }
}
