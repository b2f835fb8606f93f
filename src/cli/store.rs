//! `omnihub store`: what the store holds, and rewriting it smaller.

use std::fs;
use std::path::Path;

use comfy_table::Table;
use serde::Serialize;

use super::reach::Reach;
use super::{Failed, say, say_aside};
use crate::config::Config;
use crate::operate::store::{Page, page};
use crate::store::outbox::Phase;
use crate::store::{Survey, embedded};

/// Keys between two lines of progress.
const PROGRESS_KEYS: u64 = 200_000;

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Count tickets, deliveries, live data and files; a running hub goes on meanwhile
    Stats(Stats),
    /// Rewrite the store's file so that it holds what is live and no more; no hub may run
    Compact,
}

#[derive(clap::Args)]
pub(crate) struct Stats {
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// All that is told.
#[derive(Serialize)]
struct Told {
    #[serde(flatten)]
    survey: Survey,
    /// Bytes of the store's own files.
    file_bytes: u64,
    /// Attachments' contents.
    contents: u64,
    /// Bytes of them.
    contents_bytes: u64,
}

pub(crate) async fn run(config: &Config, command: Command) -> Result<(), Failed> {
    match command {
        Command::Stats(args) => stats(config, &args).await,
        Command::Compact => compact(config).await,
    }
}

async fn stats(config: &Config, args: &Stats) -> Result<(), Failed> {
    let folder = config.data_folder()?;
    if !folder.is_dir() {
        return Err(Failed::Wrong(format!("there is no store in {}", folder.display())));
    }
    let survey = survey(config).await?;
    let (contents, contents_bytes) = files(&folder.join("contents"));
    let (_, all_bytes) = files(&folder);
    let file_bytes = all_bytes.saturating_sub(contents_bytes);
    let told = Told { survey, file_bytes, contents, contents_bytes };
    match args.json {
        true => say(&serde_json::to_string_pretty(&told)?),
        false => say(&tables(&told)),
    }
    Ok(())
}

/// Counts page by page, so that no request takes long.
async fn survey(config: &Config) -> Result<Survey, Failed> {
    let reach = Reach::find(config).await?;
    let mut all = Survey::default();
    let mut told = PROGRESS_KEYS;
    let mut wanted = Page::default();
    loop {
        let found = match &reach {
            Reach::Running(desk) => desk.post("/hub/store/survey", &wanted).await?,
            Reach::Alone(store) => page(&**store, &wanted)?,
        };
        all.add(found);
        if all.keys >= told {
            say_aside(&format!("{} tickets so far", all.tickets));
            told = all.keys + PROGRESS_KEYS;
        }
        match all.next.take() {
            Some(next) => wanted.after = next,
            None => break,
        }
    }
    if let Reach::Alone(store) = reach {
        store.close().await;
    }
    Ok(all)
}

async fn compact(config: &Config) -> Result<(), Failed> {
    let folder = config.data_folder()?;
    let done = tokio::task::spawn_blocking(move || embedded::compact(&folder)).await??;
    say(&format!(
        "{} keys copied; the file had {} and has {}",
        done.pairs,
        size(done.before),
        size(done.after)
    ));
    Ok(())
}

fn tables(told: &Told) -> String {
    let Told { survey, file_bytes, contents, contents_bytes } = told;
    let mut sums = Table::new();
    sums.load_style(comfy_table::presets::UTF8_HORIZONTAL_ONLY);
    sums.add_row(["Tickets", &survey.tickets.to_string()]);
    sums.add_row([
        "of them without their texts, since their time was over",
        &survey.purged.to_string(),
    ]);
    sums.add_row(["Live data", &format!("{} in {} keys", size(survey.bytes), survey.keys)]);
    sums.add_row(["Store's files", &size(*file_bytes)]);
    sums.add_row(["Attachments", &format!("{} in {contents} files", size(*contents_bytes))]);
    if survey.damaged > 0 {
        sums.add_row(["Tickets that cannot be read", &survey.damaged.to_string()]);
    }
    format!("{sums}\n{}", deliveries(survey))
}

fn deliveries(survey: &Survey) -> Table {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::UTF8_HORIZONTAL_ONLY);
    let phases = [
        Phase::Waiting,
        Phase::Ready,
        Phase::InFlight,
        Phase::Held,
        Phase::Dead,
        Phase::Delivered,
        Phase::Discarded,
    ];
    let heads =
        ["Deliveries", "Waiting", "Due", "In flight", "Held", "Dead", "Delivered", "Discarded"];
    table.set_header(heads);
    for (adapter, counts) in &survey.deliveries {
        let counts = phases.iter().map(|phase| counts.get(phase).copied().unwrap_or(0).to_string());
        table.add_row(std::iter::once(adapter.clone()).chain(counts));
    }
    table
}

/// A size for people, rounded up.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} KB", bytes.div_ceil(1_000)),
        _ => format!("{} MB", bytes.div_ceil(1_000_000)),
    }
}

/// How many files are below a folder, and their bytes on disk; what vanishes meanwhile is not counted.
fn files(folder: &Path) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    let Ok(entries) = fs::read_dir(folder) else { return (0, 0) };
    let mut sums = (0, 0);
    for entry in entries.flatten() {
        let Ok(about) = entry.metadata() else { continue };
        let (count, bytes) = match about.is_dir() {
            true => files(&entry.path()),
            false => (1, about.blocks() * 512),
        };
        sums = (sums.0 + count, sums.1 + bytes);
    }
    sums
}
