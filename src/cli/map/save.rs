//! `--save-case`: what comes out, as cases beside the mapping files.
//!
//! What a stored ticket says of its customer does not get into a file that others read: each letter
//! becomes `x`, each digit `0`, and what comes out is that of the ticket with these.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use omnihub_contract::{Event, Personal, Ticket};
use serde_json::{Map, Value};

use super::input::Input;
use super::{Desk, Failed, say};
use crate::cases::{Case, Given, Instead, Planned, Subject};
use crate::hub::CASES;
use crate::mapping::MapFailure;

pub(super) fn run(desk: &Desk<'_>, inputs: &[Input], name: &str) -> Result<(), Failed> {
    let [input] = inputs else {
        return Err(Failed::Misused("--save-case takes one file or number".to_owned()));
    };
    let is_name = |c: char| c.is_alphanumeric() || "-_. ".contains(c);
    if name.trim().is_empty() || name.starts_with('.') || !name.chars().all(is_name) {
        return Err(Failed::Misused(format!("`{name}` is no name for a file")));
    }
    let folder = &desk.config.mappings.dir;
    if !folder.is_dir() {
        let folder = folder.display();
        let why = format!("there is no folder of mapping files at {folder} to save it in");
        return Err(Failed::Wrong(why));
    }
    let disguised = (input.is_stored && !desk.args.reveal).then(|| disguised(input));
    let input = disguised.as_ref().unwrap_or(input);
    let cases = cases(desk, input)?;
    // None is written unless all can be.
    if let Some((taken, _)) = cases.iter().find(|(path, _)| path.exists()) {
        let taken = taken.display();
        return Err(Failed::Wrong(format!("{taken} is there already; choose another name")));
    }
    for (path, case) in cases {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&path, serde_json::to_string_pretty(&case)? + "\n")?;
        say(&path.display().to_string());
    }
    Ok(())
}

/// Each delivery as a case, with its file; that there is none where one adapter was asked for.
fn cases(desk: &Desk<'_>, input: &Input) -> Result<Vec<(PathBuf, Case)>, Failed> {
    let name = desk.args.save_case.as_deref().unwrap_or_default();
    let file = |adapter: &str, name: &str| {
        desk.config.mappings.dir.join(format!("{adapter}{CASES}")).join(format!("{name}.json"))
    };
    let mappings = desk.mappings_for(input)?;
    let planned = desk.planned(&mappings, input);
    let mut cases: Vec<(PathBuf, Case)> = Vec::new();
    for planned in &planned {
        let adapter = planned.adapter.as_str();
        let first = file(adapter, name);
        let is_taken = cases.iter().any(|(path, _)| *path == first);
        let path = match is_taken {
            false => first,
            true => file(adapter, &format!("{name}-{}", planned.rule.replace(['/', '\\'], "-"))),
        };
        cases.push((path, of_delivery(input, planned)?));
    }
    match &desk.args.adapter {
        Some(adapter) if cases.is_empty() => {
            let case = Case { instead: Some(Instead::NoDelivery), ..case(input) };
            Ok(vec![(file(adapter, name), case)])
        }
        None if cases.is_empty() => {
            let why = "no system would be told of it; with --adapter that is a case too";
            Err(Failed::Wrong(why.to_owned()))
        }
        _ => Ok(cases),
    }
}

fn case(input: &Input) -> Case {
    Case {
        about: None,
        given: input.given.clone(),
        rule: None,
        operation: None,
        inbound: None,
        payload: None,
        instead: None,
        reads: None,
    }
}

fn of_delivery(input: &Input, planned: &Planned) -> Result<Case, Failed> {
    let rule = Some(planned.rule.to_string());
    let case = Case { rule, ..case(input) };
    Ok(match &planned.explained.payload {
        Ok(payload) => Case { payload: Some(payload.clone()), ..case },
        Err(MapFailure::Waits(receipt)) => {
            Case { instead: Some(Instead::WaitsFor(receipt.clone())), ..case }
        }
        Err(failure) => {
            let field = planned.explained.refused.clone();
            let field = field.ok_or_else(|| Failed::from(failure))?;
            Case { instead: Some(Instead::Refuses(field)), ..case }
        }
    })
}

/// The same ticket with nothing in it that is a customer's.
fn disguised(input: &Input) -> Input {
    let ticket = disguised_ticket(&input.subject.ticket);
    let event = disguised_event(&input.subject.event);
    let given =
        Given { ticket: Some(ticket.clone()), event: Some(event.clone()), ..input.given.clone() };
    let (status, receipts) = (input.subject.status.clone(), input.subject.receipts.clone());
    let subject = Subject::stored(Arc::new(ticket), event, status, receipts);
    Input { name: input.name.clone(), given, is_stored: true, settings_of: None, subject }
}

fn disguised_ticket(ticket: &Ticket) -> Ticket {
    let mut ticket = ticket.clone();
    let customer = &mut ticket.customer;
    let claim = ticket.claim.as_mut();
    let phone = customer.phone.as_mut();
    let phones = phone.into_iter().flat_map(|phone| phone.e164.iter_mut().chain([&mut phone.raw]));
    let of_claim = claim.into_iter().flat_map(|claim| {
        [&mut claim.account_number, &mut claim.card, &mut claim.reason].into_iter().flatten()
    });
    let files = ticket.attachments.iter_mut();
    let of_files = files.flat_map(|file| file.description.iter_mut().chain([&mut file.filename]));
    [&mut customer.name, &mut ticket.title, &mut ticket.description]
        .into_iter()
        .chain([&mut customer.email, &mut customer.identifier].into_iter().flatten())
        .chain(phones)
        .chain(of_claim)
        .chain(of_files)
        .for_each(disguise);
    ticket.metadata = disguised_members(&ticket.metadata);
    ticket.webhook_url = ticket.webhook_url.map(|_| "https://partner.example/hook".to_owned());
    ticket
}

fn disguised_event(event: &Event) -> Event {
    let mut event = event.clone();
    let comment = event.comment.iter_mut();
    let of_comment = comment.flat_map(|comment| [&mut comment.content, &mut comment.author]);
    let files = event.attachments.iter_mut();
    let of_files = files.flat_map(|file| file.description.iter_mut().chain([&mut file.filename]));
    of_comment.chain(of_files).for_each(disguise);
    event
}

fn disguise(text: &mut Personal) {
    *text = disguised_text(text.reveal()).into();
}

/// A country's code stays, so that a phone number is still one.
fn disguised_text(text: &str) -> String {
    let (kept, rest) = text.strip_prefix("+62").map_or(("", text), |rest| ("+62", rest));
    let letter = |c: char| match c {
        c if c.is_uppercase() => 'X',
        c if c.is_alphabetic() => 'x',
        c if c.is_numeric() => '0',
        c => c,
    };
    rest.chars().map(letter).fold(kept.to_owned(), |mut text, c| {
        text.push(c);
        text
    })
}

fn disguised_members(members: &Map<String, Value>) -> Map<String, Value> {
    members.iter().map(|(key, value)| (key.clone(), disguised_value(value))).collect()
}

fn disguised_value(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(disguised_text(text)),
        Value::Array(items) => items.iter().map(disguised_value).collect(),
        Value::Object(members) => Value::Object(disguised_members(members)),
        // Amounts and flags are needed as they are, and say nothing of a customer by themselves.
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}
