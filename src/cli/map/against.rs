//! `--against`: what changed mapping files would tell differently, before they go live.

use std::path::Path;

use serde_json::{Value, json};

use super::input::{self, Input};
use super::masked::Show;
use super::shown::{self, Outcome};
use super::{Desk, Failed, options, say, say_aside};
use crate::cases::{Change, Difference, Given, Omni, Planned, compare, guess};
use crate::cli::reach::Reach;
use crate::fixtures;
use crate::hub;
use crate::mapping::{self, Mappings};
use crate::operate::facts::{self, NEWEST_MAX, Newest};

pub(super) async fn run(desk: &Desk<'_>, folder: &Path) -> Result<(), Failed> {
    let changed = changed(desk, folder)?;
    let inputs = match desk.args.last {
        Some(last) => newest(desk, last).await?,
        None if desk.args.what.is_empty() => examples(desk, folder)?,
        None => desk.inputs().await?,
    };
    let told: Vec<(&Input, Vec<Change>)> = inputs
        .iter()
        .map(|input| (input, differing(desk, &changed, input)))
        .filter(|(_, changes)| !changes.is_empty())
        .collect();
    let show = desk.args.show();
    match desk.args.json {
        true => {
            let told = told.iter().map(|(input, changes)| as_json(show, input, changes));
            say(&serde_json::to_string_pretty(&told.collect::<Vec<_>>())?);
        }
        false => told.iter().for_each(|(input, changes)| say(&as_text(show, input, changes))),
    }
    let all = inputs.len();
    if told.is_empty() {
        say_aside(&format!("Of {all} events none would be told differently."));
        return Ok(());
    }
    desk.say_if_masked();
    Err(Failed::Wrong(format!("{} of {all} events would be told differently", told.len())))
}

/// The mappings in the folder, with the settings of now.
fn changed(desk: &Desk<'_>, folder: &Path) -> Result<Mappings, Failed> {
    let shown = folder.display();
    if !folder.is_dir() {
        return Err(Failed::Wrong(format!("{shown} is no folder")));
    }
    let files = hub::mapping_files(folder);
    let files = files.map_err(|error| Failed::Wrong(format!("{shown} cannot be read: {error}")))?;
    if files.is_empty() {
        return Err(Failed::Wrong(format!("there is no mapping file in {shown}")));
    }
    Ok(mapping::compile(&files, &desk.catalogs, options(desk.args))?)
}

fn differing(desk: &Desk<'_>, changed: &Mappings, input: &Input) -> Vec<Change> {
    let is_told = |change: &Change| {
        let operation = planned(change).operation.name;
        desk.is_wanted(change.adapter()) && !desk.silent.has(change.adapter(), operation)
    };
    compare(&desk.mappings, changed, &input.subject).into_iter().filter(is_told).collect()
}

/// The delivery as the changed files have it, or had it.
fn planned(change: &Change) -> &Planned {
    match change {
        Change::Added(planned) | Change::Removed(planned) => planned,
        Change::Changed { after, .. } => after,
    }
}

/// Every event of the newest stored tickets.
async fn newest(desk: &Desk<'_>, last: usize) -> Result<Vec<Input>, Failed> {
    if last == 0 || last > NEWEST_MAX {
        return Err(Failed::Misused(format!("--last takes 1 to {NEWEST_MAX}")));
    }
    let wanted = Newest { limit: last };
    let reach = Reach::find(desk.config).await?;
    let numbers = match &reach {
        Reach::Running(running) => running.get("/hub/facts/newest", &wanted).await?,
        Reach::Alone(store) => facts::newest(store.as_ref(), wanted)?,
    };
    let mut inputs = Vec::new();
    for number in &numbers {
        let facts = input::stored(&reach, number).await?;
        inputs.extend((0..facts.events.len()).map(|place| input::of_event(&facts, place)));
    }
    if let Reach::Alone(store) = reach {
        store.close().await;
    }
    Ok(inputs)
}

/// The documents' examples, and the cases of both folders.
fn examples(desk: &Desk<'_>, folder: &Path) -> Result<Vec<Input>, Failed> {
    let mut given: Vec<(String, Given)> = Vec::new();
    let made = |omni| Given { omni: Some(omni), ..Given::default() };
    for fixture in fixtures::of("create_claim") {
        given.push((fixture.name, made(Omni::Claim(fixture.body))));
    }
    let mut ticket = None;
    for fixture in fixtures::of("create_ticket") {
        let create = made(Omni::Ticket(fixture.body));
        ticket.get_or_insert_with(|| create.clone());
        given.push((fixture.name, create));
    }
    for fixture in fixtures::of("update_ticket") {
        let update = Some(fixture.body);
        let of = ticket.clone().unwrap_or_default();
        given.push((fixture.name, Given { update, ..of }));
    }
    for folder in [&desk.config.mappings.dir, folder] {
        for case in hub::case_files(folder)? {
            match guess(&case.text, None) {
                // Both sets have the settings of now.
                Ok(of) if of.said.is_none() => {
                    given.push((case.path, Given { settings: Default::default(), ..of }));
                }
                Ok(_) => {}
                Err(why) => say_aside(&format!("warning: {} {why}", case.path)),
            }
        }
    }
    let mut inputs: Vec<Input> = Vec::new();
    for (name, given) in given {
        if inputs.iter().any(|input| input.given == given) {
            continue;
        }
        match desk.entrance.input(&name, given) {
            Ok(input) => inputs.push(input),
            Err(error) => say_aside(&format!("warning: {name} is left out: {error}")),
        }
    }
    Ok(inputs)
}

fn as_text(show: Show, input: &Input, changes: &[Change]) -> String {
    let event = input.subject.event.kind.as_str();
    let mut text = format!("{}, {event}\n", input.name);
    for change in changes {
        let Planned { adapter, operation, rule, .. } = planned(change);
        let heading = format!("  {adapter}: {} by the rule \"{rule}\"", operation.name);
        match change {
            Change::Added(planned) => {
                text += &format!("{heading} would be new: {}\n", in_words(show, planned));
            }
            Change::Removed(planned) => {
                text += &format!("{heading} would be gone: {}\n", in_words(show, planned));
            }
            Change::Changed { before, after, differences } => {
                text += &format!("{heading}\n");
                text += &changed_text(show, (before, after), differences);
            }
        }
    }
    text
}

fn changed_text(
    show: Show,
    (before, after): (&Planned, &Planned),
    differences: &[Difference],
) -> String {
    let mut text = String::new();
    if before.needs != after.needs {
        let needs = |planned: &Planned| {
            let names: Vec<String> = planned.needs.iter().map(ToString::to_string).collect();
            if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
        };
        text += &format!("    would wait for {}, not for {}\n", needs(after), needs(before));
    }
    let is_failure = |planned: &Planned| planned.explained.payload.is_err();
    if is_failure(before) || is_failure(after) {
        text += &format!("    - {}\n    + {}\n", in_words(show, before), in_words(show, after));
        return text;
    }
    for difference in differences {
        let (first, second) = values(show, (before, after), difference);
        text += &format!("    - {} = {}\n", difference.field, shown::value(first.as_ref()));
        text += &format!("    + {} = {}\n", difference.field, shown::value(second.as_ref()));
    }
    text
}

fn values(
    show: Show,
    (before, after): (&Planned, &Planned),
    of: &Difference,
) -> (Option<Value>, Option<Value>) {
    let shown = |planned: &Planned, value: &Option<Value>| {
        value.as_ref().map(|value| show.field(&planned.explained, &of.field, value))
    };
    (shown(before, &of.first), shown(after, &of.second))
}

fn in_words(show: Show, planned: &Planned) -> String {
    match shown::outcome(show, planned) {
        Outcome::Payload(payload) => payload.to_string(),
        Outcome::WaitsFor(receipt) => format!("waits for {receipt}"),
        Outcome::Refuses { why, code, .. } => format!("nothing is sent: {why} ({code})"),
    }
}

fn as_json(show: Show, input: &Input, changes: &[Change]) -> Value {
    let change = |change: &Change| {
        let Planned { adapter, operation, rule, .. } = planned(change);
        let mut told = json!({ "adapter": adapter, "operation": operation.name, "rule": rule });
        let (what, more) = match change {
            Change::Added(planned) => ("added", json!(shown::outcome(show, planned))),
            Change::Removed(planned) => ("removed", json!(shown::outcome(show, planned))),
            Change::Changed { before, after, differences } => {
                let fields = differences.iter().map(|of| {
                    let (before, after) = values(show, (before, after), of);
                    json!({ "field": of.field, "before": before, "after": after })
                });
                let more = json!({
                    "fields": fields.collect::<Vec<_>>(),
                    "needs": { "before": before.needs, "after": after.needs },
                });
                ("changed", more)
            }
        };
        if let Some(members) = told.as_object_mut() {
            members.insert("change".to_owned(), json!(what));
            members.extend(more.as_object().cloned().unwrap_or_default());
        }
        told
    };
    json!({
        "of": input.name,
        "ticket": input.subject.ticket.number,
        "event": input.subject.event.kind,
        "changes": changes.iter().map(change).collect::<Vec<_>>(),
    })
}
